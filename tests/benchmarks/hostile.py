"""Inputs that grow: for each kind of thing that a file can hold many of, a text or a set of files of a given size.

Nothing in them is random. Sizes are in code points.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

__all__ = ["CONFIG", "INPUTS", "Files", "Maker"]

CONFIG = ".upsun/config.yaml"

Files = dict[str, str]
"""The files of a project: paths relative to it, and their texts."""

Maker = Callable[[int], Files]
"""Makes the files of a project, of about a size in all."""

_APP = "applications:\n  app:\n    type: 'php:8.4'\n    source: {root: /}\n"
_WEB = "    web: {locations: {/: {root: public}}}\n"


def _fill(unit: str, size: int, head: str = "", tail: str = "") -> str:
    """`head`, a unit as often as there is room for, and `tail`. `#N` in a unit is its number."""
    parts = [head]
    room = size - len(head) - len(tail)
    for number in count():
        part = unit.replace("#N", str(number))
        room -= len(part)
        if room < 0 and number:
            break
        parts.append(part)
    return "".join([*parts, tail])


def _many(unit: str, head: str = "", tail: str = "") -> Maker:
    return lambda size: {CONFIG: _fill(unit, size, head, tail)}


def _circle(unit: str, length: int) -> Maker:
    """Make a configuration of units that each lead to the next, the last to the first: `#N` and `#M`."""

    def make(size: int) -> Files:
        many = max(size // length, 2)
        units = (unit.replace("#N", str(one)).replace("#M", str((one + 1) % many)) for one in range(many))
        return {CONFIG: "applications:\n" + "".join(units)}

    return make


def _complete(size: int) -> Files:
    """Make applications that each are related to all the others."""
    many = max(int((size / 25) ** 0.5), 2)
    parts = ["applications:\n"]
    for one in range(many):
        parts.append(f"  a{one}:\n    type: 'php:8.4'\n    relationships:\n")
        parts += [f"      r{other}: 'a{other}:http'\n" for other in range(many) if other != one]
    return {CONFIG: "".join(parts)}


def _halves(first: str, second: str, head: str = "", between: str = "") -> Maker:
    """Make one half of one unit, the other half of another."""

    def make(size: int) -> Files:
        return {CONFIG: _fill(first, size // 2, head) + _fill(second, size // 2, between)}

    return make


def _nested(start: str, end: str, head: str = "") -> Maker:
    return lambda size: {CONFIG: head + start * (size // len(start + end)) + end * (size // len(start + end)) + "\n"}


def _deeper(size: int) -> Files:
    """Make maps in maps, each on a new line and a space deeper."""
    depth = int((2 * size) ** 0.5)
    return {CONFIG: _APP + "".join(f"{' ' * (4 + level)}a:\n" for level in range(depth))}


def _deep_merges(size: int) -> Files:
    """Make workers that each merge the one before."""
    first = "    workers:\n      w0: &w0 {commands: {start: php x.php}}\n"
    parts = [_APP, first]
    for one in count(1):
        size -= len(parts[-1])
        if size < 0:
            break
        parts.append(f"      w{one}: &w{one}\n        <<: *w{one - 1}\n        k{one}: 1\n")
    return {CONFIG: "".join(parts)}


def _alias_lists(size: int) -> Files:
    """Make lists of aliases that each hold the one before ten times."""
    parts = [_APP, "    variables: {env: {A: &v0 [x]}}\n"]
    parts += [f"x{one}: &v{one} [{', '.join([f'*v{one - 1}'] * 10)}]\n" for one in range(1, max(size // 70, 2))]
    return {CONFIG: "".join(parts)}


def _shared_block(size: int) -> Files:
    """Make workers that all are one block, half the size of the file."""
    block = _fill("          V#N: 'http://localhost:80#N'\n", size // 2, "        variables:\n         env:\n")
    first = "    workers:\n      w: &w\n        commands: {start: php x.php}\n" + block
    return {CONFIG: _APP + first + _fill("      w#N: *w\n", size // 2)}


def _shared_merge(size: int) -> Files:
    """Make workers that all merge one block, half the size of the file."""
    block = _fill("          V#N: 'http://localhost:80#N'\n", size // 2, "        variables:\n         env:\n")
    first = "    workers:\n      w: &w\n        commands: {start: php x.php}\n" + block
    return {CONFIG: _APP + first + _fill("      w#N:\n        <<: *w\n        size: L\n", size // 2)}


def _include_tree(size: int) -> Files:
    """Make files that each include the next ten times."""
    depth = max(size // 300, 2)
    files = {
        f".upsun/i{one}.inc": "".join(f"a{name}: !include i{one + 1}.inc\n" for name in range(10))
        for one in range(depth)
    }
    files[f".upsun/i{depth}.inc"] = "x: 1\n"
    files[CONFIG] = _APP + "    variables: !include i0.inc\n"
    return files


def _include_chain(size: int) -> Files:
    """Make files that each include the next."""
    depth = max(size // 30, 2)
    files = {f".upsun/i{one}.inc": f"a: !include i{one + 1}.inc\n" for one in range(depth)}
    files[f".upsun/i{depth}.inc"] = "x: 1\n"
    files[CONFIG] = _APP + "    variables: !include i0.inc\n"
    return files


def _include_ring(size: int) -> Files:
    """Make files that each include every one of them."""
    many = max(int((size / 30) ** 0.5), 2)
    text = "".join(f"a{one}: !include i{one}.inc\n" for one in range(many))
    files = {f".upsun/i{one}.inc": text for one in range(many)}
    files[CONFIG] = _APP + "    variables: !include i0.inc\n"
    return files


def _included_often(size: int) -> Files:
    """Include one script of half the size in as many workers as there is room for."""
    unit = "      w#N:\n        commands:\n          start: !include {type: string, path: ../run.sh}\n"
    return {
        CONFIG: _fill(unit, size // 2, _APP + "    workers:\n"),
        "run.sh": _fill("php artisan queue:work --tries=#N &\n", size // 2),
    }


def _long_script(unit: str) -> Maker:
    return _many(unit, _APP + "    hooks:\n      build: |\n")


def _files(unit: str, path: str) -> Maker:
    """Make many small files."""

    def make(size: int) -> Files:
        many = max(size // len(unit), 1)
        return {CONFIG: _APP} | {path.replace("#N", str(one)): unit.replace("#N", str(one)) for one in range(many)}

    return make


_WORKER = "      w#N:\n        commands: {start: php w#N.php}\n"
_IGNORE = "# upsun-lint: ignore[unknown-key] x\n"

INPUTS: dict[str, Maker] = {
    # What is wrong in many places at once.
    "values not filled in": _many("    a#N: {{ b }}\n", _APP),
    "aliases of nothing": _many("*a#N, ", _APP + "    x: [", "]\n"),
    "merges of text": _many("    a#N: {<<: b}\n", _APP),
    "tags of nothing": _many("!!b c, ", _APP + "    x: [", "]\n"),
    # What a configuration holds many of.
    "applications": _many("  a#N:\n    type: 'php:8.4'\n    source: {root: /a#N}\n", "applications:\n"),
    "applications of one folder": _many("  a#N:\n    type: 'php:8.4'\n    source: {root: /}\n", "applications:\n"),
    "applications of one name": _many("  a:\n    type: 'php:8.4'\n", "applications:\n"),
    "applications with workers": _many(
        "  a#N:\n    type: 'php:8.4'\n    workers: {w: {commands: {start: php x.php}}}\n", "applications:\n"
    ),
    "workers": _many(_WORKER, _APP + "    workers:\n"),
    "workers alike": _many("      w#N: {commands: {start: php artisan queue:work}}\n", _APP + "    workers:\n"),
    "workers without a command": _many("      w#N: {size: L}\n", _APP + "    workers:\n"),
    "workers with mounts": _many(
        "      w#N: {commands: {start: php x.php}, mounts: {a: {source: storage, source_path: a}}}\n",
        _APP + "    mounts: {b: {source: storage, source_path: b}}\n    workers:\n",
    ),
    "workers with relationships": _many(
        "      w#N: {commands: {start: php x.php}, relationships: {db: 'db:mysql'}}\n",
        "services: {db: {type: 'mariadb:11.8'}}\n" + _APP + "    relationships: {a: 'db:mysql'}\n    workers:\n",
    ),
    "workers beside mounts": _halves(
        _WORKER, "      m#N: {source: storage}\n", _APP + "    workers:\n", "    mounts:\n"
    ),
    "workers beside variables": _halves(
        _WORKER, "        V#N: x\n", _APP + "    workers:\n", "    variables:\n      env:\n"
    ),
    "workers beside relationships": _halves(
        "      w#N: {commands: {start: php x.php}, relationships: {d: 'd:x'}}\n",
        "      r#N: 's#N:mysql'\n",
        _APP + "    workers:\n",
        "    relationships:\n",
    ),
    "crons": _many("      c#N: {spec: '*/5 * * * *', commands: {start: php c#N.php}}\n", _APP + "    crons:\n"),
    "crons alike": _many("      c#N: {spec: '0 3 * * *', commands: {start: php c.php}}\n", _APP + "    crons:\n"),
    "crons beside workers": _halves(
        "      c#N: {spec: '0 3 * * *', commands: {start: php artisan c#N}}\n",
        "      w#N: {commands: {start: php artisan c#N}}\n",
        _APP + "    crons:\n",
        "    workers:\n",
    ),
    "cron fields": _many("1,", _APP + "    crons:\n      c: {commands: {start: x}, spec: '", "1 * * * *'}\n"),
    "mounts": _many("      'm#N': {source: storage, source_path: m#N}\n", _APP + "    mounts:\n"),
    "mounts over another": _many("      'a/m#N': {source: tmp}\n", _APP + "    mounts:\n      a: {source: storage}\n"),
    "mounts of one place": _many("      'm#N': {source: storage, source_path: a}\n", _APP + "    mounts:\n"),
    "mounts in one another": lambda size: {
        CONFIG: _APP
        + "    mounts:\n"
        + "".join(f"      '{'a/' * one}a': {{source: tmp}}\n" for one in range(int(size**0.5)))
    },
    "services": _many("  s#N: {type: 'redis:8.0'}\n", _APP + "services:\n"),
    "services in use": _halves(
        "      r#N: 's#N:redis'\n", "  s#N: {type: 'redis:8.0'}\n", _APP + "    relationships:\n", "services:\n"
    ),
    "relationships": _many("      r#N: 'db:mysql'\n", _APP + "    relationships:\n"),
    "relationships to nothing": _many("      r#N: 'nothing#N:mysql'\n", _APP + "    relationships:\n"),
    "applications in a circle": _circle("  a#N:\n    type: 'php:8.4'\n    relationships: {b: 'a#M:http'}\n", 60),
    "applications each to all": _complete,
    "routes": _many("  'https://r#N.{default}/': {type: upstream, upstream: 'app:http'}\n", _APP + "routes:\n"),
    "routes to routes": _many("  'https://r#N.{default}/': {type: redirect, to: 'https://{default}/'}\n", "routes:\n"),
    "redirects of a route": _many(
        "        '/p#N': {to: '/q#N'}\n", _APP + "routes:\n  'https://{default}/':\n    redirects:\n      paths:\n"
    ),
    "variables": _many("        V#N: x\n", _APP + "    variables:\n      env:\n"),
    "prefixes of variables": _many("      p#N: {V: x}\n", _APP + "    variables:\n"),
    "locations": _many("        '/l#N': {root: public}\n", _APP + "    web:\n      locations:\n"),
    "rules of a location": _many(
        "            '\\.x#N$': {allow: false}\n", _APP + "    web:\n      locations:\n        /:\n          rules:\n"
    ),
    "dependencies": _many("        p#N: '*'\n", _APP + "    dependencies:\n      php:\n"),
    "extensions": _many("        - e#N\n", _APP + "    runtime:\n      extensions:\n"),
    "list items": _many("    - i#N\n", _APP + "    x:\n"),
    "firewall rules": _many(
        "        - {ips: ['10.0.0.#N/32'], ports: [443]}\n", _APP + "    firewall:\n      outbound:\n"
    ),
    "hooks": _many("      h#N: echo\n", _APP + "    hooks:\n"),
    # What is wrong with it.
    "unknown keys": _many("    k#N: x\n", _APP),
    "keys set twice": _many("    k: x\n", _APP),
    "misspelt keys": _many("    mount: x\n    relationship#N: x\n", _APP),
    "unknown sections": _many("section#N: {a: 1}\n", _APP),
    "wrong types": _many("      w#N: 1\n", _APP + "    workers:\n"),
    "wrong images": _many("  a#N:\n    type: 'phb:8.4'\n", "applications:\n"),
    "placeholders": _many("      <NAME#N>: '<SERVICE>:<ENDPOINT>'\n", _APP + "    relationships:\n"),
    # Anchors and merge keys.
    "workers by an alias": _many(
        "      w#N: *w\n", _APP + "    workers:\n      w: &w {commands: {start: php x.php &}, mount: {}}\n"
    ),
    "workers that merge": _many(
        "      w#N: {<<: *w, size: L}\n",
        _APP + "    workers:\n      w: &w {commands: {start: php x.php &}, mount: {}}\n",
    ),
    "workers that merge the one before": _deep_merges,
    "merge keys in one map": _many("    <<: *a\n", "x: &a {b: 1}\n" + _APP),
    "a list of merged maps": lambda size: {
        CONFIG: "x: &a {b: 1}\n" + _APP + "    <<: [" + ", ".join(["*a"] * (size // 4)) + "]\n"
    },
    "lists of aliases": _alias_lists,
    "a large block by an alias": _shared_block,
    "a large block merged": _shared_merge,
    "anchors": _many("    k#N: &a#N x\n", _APP),
    "unknown aliases": _many("    k#N: *a#N\n", _APP),
    # Comments.
    "comments": _many("# a comment\n", _APP),
    "suppressions of nothing": _many(_IGNORE, _APP),
    "suppressions in use": _many("    # upsun-lint: ignore[unknown-key] x\n    k#N: x\n", _APP),
    "findings beside suppressions": _halves(_IGNORE, "    k#N: x\n", _APP),
    "suppressions of the file": _halves("# upsun-lint: ignore-file[unknown-key] x\n", "    k#N: x\n", _APP),
    "suppressions behind values": _many("    k#N: x # upsun-lint: ignore[unknown-key] x\n", _APP),
    "rules in one suppression": _many("unknown-key,", _APP + "# upsun-lint: ignore[", "x] x\n"),
    "unknown rules in suppressions": _many("# upsun-lint: ignore[no-such-rule-#N] x\n", _APP),
    "malformed suppressions": _many("# upsun-lint ignore unknown-key\n", _APP),
    "a malformed suppression, long": _many("a", _APP + "# upsun-lint ignore ", "\n"),
    "a malformed suppression of dashes": _many("a-", _APP + "# upsun-lint ignore ", "\n"),
    "a malformed suppression of spaces": _many(" ", _APP + "# upsun-lint", "\n"),
    "suppressions in a script": _long_script("        # upsun-lint: ignore[unknown-key] x\n"),
    "an unclosed suppression": _many("# upsun-lint: ignore[unknown-key\n", _APP),
    "an unclosed suppression, long": _many("# upsun-lint: ignore[", _APP, "\n"),
    # Invalid YAML.
    "lines of garbage": _many("garbage #N here\n", _APP),
    "lines of garbage in an application": _many("    garbage #N here\n", _APP),
    "broken applications": _many("  a#N:\n    type: 'php:8.4\n", "applications:\n"),
    "stray brackets": _many("    k#N: ]\n", _APP),
    "unclosed quotes": _many("    k#N: 'x\n", _APP),
    "unclosed double quotes": _many('    k#N: "x\n', _APP),
    "unclosed brackets": _many("    k#N: [x\n", _APP),
    "unclosed braces": _many("    k#N: {x\n", _APP),
    "unclosed braces over lines": _many("    k#N: {\n     a: b\n", _APP),
    "colons in values": _many("    k#N: a: b\n", _APP),
    "stars": _many("    k#N: * * * * *\n", _APP),
    "tabs": _many("\tk#N: x\n", _APP),
    "tabs below keys": _many("    k#N:\n\t\tx: y\n", _APP),
    "tabs on a line": _many("\t", _APP, "k: x\n"),
    "uneven depths": _many("     k#N: x\n    l#N: x\n", _APP),
    "stairs": lambda size: {CONFIG: _APP + "".join(f"{' ' * (one % 90)}k{one}: x\n" for one in range(size // 55))},
    "deeper and deeper": _deeper,
    "dashes among keys": _many("    k#N: x\n    - x\n", _APP),
    "keys among dashes": _many("    - x\n    k#N: x\n", _APP + "    l:\n"),
    "dashes on a line": _many("- ", _APP, "x\n"),
    "left out lines": _many("    ...\n    k#N: x\n", _APP),
    "conflicts": _many("<<<<<<< a\n    k#N: x\n=======\n    k#N: y\n>>>>>>> b\n", _APP),
    "conflict markers": _many("<<<<<<<\n", _APP),
    "documents": _many("---\na#N: 1\n", _APP),
    "ends of documents": _many("...\n", _APP),
    "byte order marks": _many("\ufeff", _APP + "    k: x", "\n"),
    "texts not indented": _many("    k#N: |\n    text here\n", _APP),
    "texts that break off": _many("    k#N: |\n       a\n      b\n", _APP),
    "a text that breaks off often": _many("       a\n      b\n", _APP + "    k: |\n"),
    "dots on a line": _many("...\n    k#N: x\n", _APP),
    "no line breaks": _many("k#N: x ", _APP, "\n"),
    "carriage returns": _many("    k#N: x\r", _APP),
    "carriage returns and line feeds": _many("    k#N: x\r\n", _APP.replace("\n", "\r\n")),
    "empty lines": _many("\n", _APP),
    "lines of spaces": _many(" " * 100 + "\n", _APP),
    "question marks": _many("    ? k#N\n", _APP),
    "lines that begin with a percent sign": _many("%x\n", _APP),
    "tags": _many("    k#N: !x y\n", _APP),
    # Long lines.
    "a line of spaces": _many(" ", _APP + "a", "b\n"),
    "a line of spaces before a comment": _many(" ", _APP + "    a: b", "# c\n"),
    "a line of spaces behind a conflict": _many(" ", _APP + "<<<<<<<", "\n"),
    "a line of conflict marks": _many("<<<<<<< ", _APP, "\n"),
    "a line of letters": _many("a", _APP, "\n"),
    "a line of colons": _many(":", _APP, "\n"),
    "a line of colons and spaces": _many(": ", _APP, "\n"),
    "a line of words": _many("a ", _APP, "\n"),
    "a line of quotes": _many("'", _APP + "    k: ", "\n"),
    "a line of double quotes": _many('"', _APP + "    k: ", "\n"),
    "a line of backslashes": _many("\\", _APP + '    k: "', "\n"),
    "a line of anchors": _many("&a ", _APP + "    k: ", "\n"),
    "a line of exclamation marks": _many("!", _APP + "    k: ", "\n"),
    "a line of hashes": _many("#", _APP + "    k: x ", "\n"),
    "a line of hashes and spaces": _many(" #", _APP + "    k: x", "\n"),
    "a line of question marks": _many("? ", _APP, "\n"),
    "a line of stars": _many("* ", _APP + "    k: ", "\n"),
    "a line of commas": _many(",", _APP + "    k: [", "]\n"),
    "a long value": _many("x", _APP + "    type: ", "\n"),
    "a long key": _many("k", _APP + "    ", ": x\n"),
    "a long quoted key": _many("k", _APP + "    '", "': x\n"),
    "a long image": _many("p", _APP + "  b:\n    type: '", ":8.4'\n"),
    "a long image of dots": _many("p.", _APP + "  b:\n    type: '", "'\n"),
    "a long version": _many("8.", _APP + "  b:\n    type: 'php:", "'\n"),
    "a long relationship": _many("a:", _APP + "    relationships: {a: '", "'}\n"),
    "a long schedule": _many("* ", _APP + "    crons: {c: {commands: {start: x}, spec: '", "'}}\n"),
    "a long mount": _many("a/", _APP + "    mounts: {'", "': {source: tmp}}\n"),
    "a long mount of dots": _many("../", _APP + "    mounts: {'", "': {source: tmp}}\n"),
    "a long service": _many("a", _APP + "services:\n  ", ": {type: 'redis:8.0'}\n"),
    "a long number": _many("1", _APP + "    disk: ", "\n"),
    "a long number of underscores": _many("1_", _APP + "    disk: ", "\n"),
    "a long number in parts": _many("1:", _APP + "    disk: ", "1\n"),
    "a long number in parts, with a point": _many("1:", _APP + "    disk: ", "1.5\n"),
    "a long number with a point": _many("1", _APP + "    disk: 1.", "\n"),
    "a long hexadecimal number": _many("f", _APP + "    disk: 0x", "\n"),
    "a long octal number": _many("7", _APP + "    disk: 0", "\n"),
    "a long binary number": _many("1", _APP + "    disk: 0b", "\n"),
    "a long exponent": _many("9", _APP + "    disk: 1.0e+", "\n"),
    "a long date": _many("0", _APP + "    disk: 2026-01-01 00:00:00.", "\n"),
    "a date of spaces": _many(" ", _APP + "    disk: 2026-01-01", "00:00:0\n"),
    "a long route": _many("a.", _APP + "routes:\n  'https://", "{default}/': {type: upstream, upstream: 'app:http'}\n"),
    "a long size": _many("M", _APP + "    size: ", "\n"),
    "a long time zone": _many("a/", _APP + "    timezone: ", "\n"),
    "a long expiry": _many("1", _APP + "    web: {locations: {/: {expires: ", "h}}}\n"),
    "a long rule of a location": _many(
        "(a+)+", _APP + "    web: {locations: {/: {rules: {'", "$': {allow: true}}}}}\n"
    ),
    # Nesting.
    "brackets": _nested("[", "]", _APP + "    k: "),
    "braces": _nested("{a: ", "}", _APP + "    k: "),
    "brackets never closed": _nested("[", "", _APP + "    k: "),
    "braces never closed": _nested("{", "", _APP + "    k: "),
    "braces of stars": _nested("{a: * ", "}", _APP + "    k: "),
    "lists in a line": _many("[[[[[a]]]]], ", _APP + "    k: [", "]\n"),
    "words with colons in braces": _many("    k#N: {a: b:c, d: e?f}\n", _APP),
    "words with quotes in brackets": _many('x#N:"y, ', _APP + "    k: [", "]\n"),
    "lines of brackets never closed": _many("a: [\n"),
    "lines of escaped quotes": _many('"a: \\"x\n'),
    "maps in a line": _many("k#N: {a: b}, ", _APP + "    k: {", "}\n"),
    "items of braces over lines": _many("     k#N: v,\n", _APP + "    k: {\n", "    }\n"),
    "items of braces over lines, one broken": _many("     k#N: v,\n", _APP + "    k: {\n     x y: * * *,\n", "    }\n"),
    # Commands.
    "a script": _long_script("        echo #N\n"),
    "a script of workers": _long_script("        php artisan queue:work &\n"),
    "a script of pipes": _long_script("        cat a | sed -e 's/a/b/' > b#N && rm b#N || true\n"),
    "a script of quotes": _long_script("        echo 'a\n"),
    "a script of subshells": _many("$(", _APP + "    hooks: {build: 'echo ", "'}\n"),
    "a script of braces": _many("{ ", _APP + "    hooks: {build: '", "'}\n"),
    "a script of parentheses": _many("(", _APP + "    hooks: {build: '", "'}\n"),
    "a script of ifs": _long_script("        if true; then\n"),
    "a script of here documents": _long_script("        cat <<E#N\n"),
    "a script of backticks": _many("`", _APP + "    hooks: {build: 'echo ", "'}\n"),
    "a script of words": _many("a ", _APP + "    hooks: {build: 'echo ", "'}\n"),
    "a script of functions": _long_script("        f#N() { echo; }; f#N\n"),
    "a script of variables": _long_script("        A#N=$B#N\n"),
    "a script of paths": _long_script("        cat /app/var/log/x#N >> var/cache/y#N\n"),
    "a script of changed folders": _long_script("        cd a#N\n"),
    "a start command of ampersands": _many("sleep 1 & ", _APP + "    workers: {w: {commands: {start: '", "'}}}\n"),
    "a start command of semicolons": _many("php x.php; ", _APP + "    workers: {w: {commands: {start: '", "'}}}\n"),
    "a start command of options": _many(
        "--a#N=b ", _APP + "    workers: {w: {commands: {start: 'php artisan ", "'}}}\n"
    ),
    "a start command of prefixes": _many("exec env ", _APP + "    workers: {w: {commands: {start: '", "php x'}}}\n"),
    "a start command of shells": _many("sh -c ", _APP + "    workers: {w: {commands: {start: '", "php x'}}}\n"),
    "a script beside mounts": _halves(
        "        cat var/x#N\n",
        "      'var/x#N': {source: tmp}\n",
        _APP + "    hooks:\n      build: |\n",
        "    mounts:\n",
    ),
    "a script beside relationships": _halves(
        "        echo $R#N_HOST\n",
        "      r#N: 'db:mysql'\n",
        _APP + "    hooks:\n      build: |\n",
        "    relationships:\n",
    ),
    "a script beside workers": _halves(
        "        php w#N.php &\n", _WORKER, _APP + "    hooks:\n      build: |\n", "    workers:\n"
    ),
    # Files.
    "includes each ten times": _include_tree,
    "a chain of includes": _include_chain,
    "includes of one another": _include_ring,
    "missing includes": _many("        V#N: !include nothing#N\n", _APP + "    variables:\n      env:\n"),
    "includes without a file": _many("        V#N: !include\n", _APP + "    variables:\n      env:\n"),
    "one script in many workers": _included_often,
    "files of workers": _files(
        "applications:\n  a#N:\n    type: 'php:8.4'\n    source: {root: /a#N}\n", ".upsun/f#N.yaml"
    ),
    "files of sections": _files("services:\n  s#N: {type: 'redis:8.0'}\n", ".upsun/f#N.yaml"),
    "empty files": _files("\n\n\n\n", ".upsun/f#N.yaml"),
    "broken files": _files("applications:\n  a#N:\n    type: 'php\n", ".upsun/f#N.yaml"),
    "files in folders": _files("services:\n  s#N: {type: 'redis:8.0'}\n", ".upsun/d/f#N.yaml"),
    # Others.
    "nothing but comments": _many("# x\n"),
    "nothing but a key": _many("k#N:\n"),
    "nothing but words": _many("word "),
    "nothing but letters": _many("a"),
    "nothing but dashes": _many("- "),
    "nothing but brackets": _many("["),
    "nothing but braces": _many("{a: "),
    "nothing but quotes": _many("'"),
    "nothing but tabs": _many("\t"),
    "nothing but spaces": _many(" "),
    "nothing but colons": _many(":\n"),
    "nothing but stars": _many("*"),
    "nothing but anchors": _many("&a "),
    "nothing but question marks": _many("? "),
    "nothing but NUL": _many("a\x00 "),
    "nothing but hashes": _many("#"),
    "nothing but dots": _many("...\n"),
    "nothing but documents": _many("---\n"),
    "nothing but directives": _many("%YAML 1.1\n"),
}
"""The kinds by name."""
