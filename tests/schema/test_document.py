"""A text becomes a tree with exact places, whichever parser reads it and however it is cut."""

from __future__ import annotations

import math
import re
import string
from datetime import date, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.schema.trees import dump, located, paths
from tests.support import corpus_files
from upsun_schema.configuration.project import decode
from upsun_schema.yaml import scalars
from upsun_schema.yaml.building import MAX_DEPTH
from upsun_schema.yaml.document import MAX_SIZE, Document
from upsun_schema.yaml.nodes import Include, Mapping, Scalar
from upsun_schema.yaml.scalars import value_of


def read(text: str, **how: bool) -> Document:
    return Document(".upsun/config.yaml", text, **how)


def at(document: Document, *path: str) -> Scalar:
    node = document.root
    for name in path:
        assert isinstance(node, Mapping), (path, node)
        node = node.value(name)
    assert isinstance(node, Scalar), path
    return node


CONFIG = """\
# ünïcode 😀 before everything
applications:
  app:
    type: 'php:8.4'   # the image
    workers:
      queue: &queue
        commands:
          start: |
            php artisan queue:work
            # not a comment

      mail: *queue
  other:
    type: php:8.4
services:
  db: {type: 'mariadb:11.8'}
"""


def test_a_value_is_where_it_is_written() -> None:
    document = read(CONFIG)
    for path, written in [
        (("applications", "app", "type"), "'php:8.4'"),
        (("applications", "other", "type"), "php:8.4"),
        (("services", "db", "type"), "'mariadb:11.8'"),
        (
            ("applications", "app", "workers", "mail", "commands", "start"),
            "|\n            php artisan queue:work\n            # not a comment",
        ),
    ]:
        span = document.span(at(document, *path).region)
        assert span is not None
        assert CONFIG[span.start : span.end] == written


def test_lines_break_only_where_the_protocol_says() -> None:
    document = read("a: 'x\u2028y\x85z'\r\nb: 1\rc: 2\n")
    assert len(document.lines) == 4
    span = document.span(at(document, "b").region)
    assert span is not None
    assert document.lines.position(span.start) == (1, 3)


def test_comments_and_text_are_distinguished() -> None:
    found = [comment.text for comment in read(CONFIG).comments]
    assert found == ["ünïcode 😀 before everything", "the image"]


def test_an_unchanged_entry_keeps_its_tree() -> None:
    before = read(CONFIG)
    after = Document(".upsun/config.yaml", CONFIG.replace("other:", "another:"), before)
    assert isinstance(before.root, Mapping) and isinstance(after.root, Mapping)
    assert at(after, "applications", "app", "type") is at(before, "applications", "app", "type")
    assert at(after, "services", "db", "type") is at(before, "services", "db", "type")
    assert dump(after.root) == dump(read(CONFIG.replace("other:", "another:")).root)


def test_two_entries_with_one_text_do_not_share_a_tree() -> None:
    text = "services:\n  a: {type: x}\nroutes:\n  a: {type: x}\n"
    document = read(text)
    first, second = at(document, "services", "a", "type"), at(document, "routes", "a", "type")
    assert document.span(first.region) != document.span(second.region)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", True),
        ("no", False),
        ("true", True),
        ("y", "y"),
        ("010", 8),
        ("0o10", "0o10"),
        ("1e3", "1e3"),
        ("1_000", 1000),
        ("0x1F", 31),
        ("22:00", 1320),
        ("12:30:45", 45045),
        ("3.10", 3.1),
        ("8", 8),
        ("+1.", 1.0),
        ("-.inf", -math.inf),
        ("1h", "1h"),
        ("1.2.3", "1.2.3"),
        ("2026-11-28", date(2026, 11, 28)),
        ("2026-11-28 09:30:00.5 Z", datetime(2026, 11, 28)),
        ("2026-11-2٨", "2026-11-2٨"),
        ("~", None),
        ("php:8.4", "php:8.4"),
        ("'010'", "010"),
        ("!!str 010", "010"),
    ],
)
def test_plain_scalars_are_read_as_the_platform_reads_them(text: str, value: object) -> None:
    scalar = at(read(f"a: {text}\n"), "a")
    assert scalar.value == value
    assert type(scalar.value) is type(value)


@given(st.text("+-.0189_xbefEinfNTtZ: h", min_size=1, max_size=12).filter(lambda text: text[0] in "+-.0189"))
def test_a_look_at_a_text_excludes_no_number(text: str) -> None:
    is_number = bool(scalars._INT.match(text) or scalars._FLOAT.match(text))
    assert isinstance(value_of(text, plain=True, tag=None), int | float) == is_number


def test_merge_keys_are_followed_and_own_keys_win() -> None:
    document = read(".base: &base {a: 1, b: 2}\nx:\n  <<: *base\n  b: 3\n")
    assert at(document, "x", "a").text == "1"
    assert at(document, "x", "b").text == "3"


def test_an_alias_bomb_is_read_quickly() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 40)]
    assert not read("\n".join(lines)).problems


def test_includes_are_recognized_in_both_forms() -> None:
    document = read("a: !include x.yaml\nb: !include\n  type: string\n  path: y.sh\nc: !archive conf\n")
    assert isinstance(document.root, Mapping)
    found = [pair.value for pair in document.root.pairs]
    assert all(isinstance(node, Include) for node in found)
    assert [(node.form, node.path) for node in found if isinstance(node, Include)] == [
        ("yaml", "x.yaml"),
        ("string", "y.sh"),
        ("archive", "conf"),
    ]


def test_a_key_set_twice_is_found_with_its_first_place() -> None:
    for text in ("services:\n  a: {}\n  b: {}\n  a: {}\n", "x:\n  a: 1\n  b: 2\n  a: 3\n"):
        (problem,) = read(text).problems
        assert problem.rule == "duplicate-key"
        assert problem.region.text == "a"
        assert problem.related[0][0].text == "a"


# -- broken text -------------------------------------------------------------------------------------------------------

SMALL = """\
applications:
  app:
    type: 'php:8.4'
    relationships:
      database: 'db:mysql'
      cache: 'cache:redis'
    variables:
      env:
        APP_ENV: prod
    mounts:
      'var/cache':
        source: storage
        source_path: cache
    hooks:
      build: |
        set -eux
        ./build.sh --no-dev
      deploy: |
        ./bin/migrate --force
    web:
      commands:
        start: './bin/serve --port $PORT'
      locations:
        '/':
          root: public
          passthru: true
    crons:
      nightly:
        spec: 'H 3 * * *'
        commands:
          start: './bin/cron nightly'
    workers:
      queue:
        commands:
          start: |
            ./bin/consume queue
        variables:
          env:
            ROLE: worker
services:
  db:
    type: 'mariadb:11.8'
  cache:
    type: 'redis:8.0'
routes:
  'https://{default}/':
    type: upstream
    upstream: 'app:http'
"""
_LINES = SMALL.split("\n")
_WORKER = _LINES.index("      queue:")


def _inserted(line: str, index: int = _WORKER + 1) -> str:
    return "\n".join([*_LINES[:index], line, *_LINES[index:]])


def _replaced(line: str, index: int) -> str:
    return "\n".join([*_LINES[:index], line, *_LINES[index + 1 :]])


MID_TYPING = {
    "bare key in a worker": (_inserted("        comm"), "`comm` is neither a key nor a value"),
    "bare key in an application": (_inserted("    wor", _WORKER - 1), "`wor` is neither a key"),
    "key without a value": (_inserted("        variables:", _WORKER + 1), None),
    "unclosed quote": (_inserted("        timezone: 'Eur"), "this single quote is never closed"),
    "unclosed double quote": (_inserted('        timezone: "Eur'), "this double quote is never closed"),
    "unclosed flow map": (_inserted("        mounts: {'/x': {source: tm"), "this brace is never closed"),
    "unclosed flow list": (_inserted("        x: [a, b"), "this bracket is never closed"),
    "odd indentation": (_replaced("     workers:", _WORKER - 1), "indented by 5 spaces"),
    "child too deep": (_replaced("          commands:", _WORKER + 1), "indented deeper than its sibling keys"),
    "tab": (_inserted("\t\tvariables:"), "a tab cannot indent YAML"),
    "colon in a value": (_inserted("        timezone: a: b"), "contains `: ` must be quoted"),
    "alias being typed": (_inserted("        <<: *"), "an alias needs a name"),
    "tag being typed": (_inserted("        mounts: !incl"), None),
    "stray dash": (_inserted("        -"), "a list item is not allowed among keys"),
    "merge conflict": (
        "\n".join(
            [
                *_LINES[:_WORKER],
                "<<<<<<< HEAD",
                *_LINES[_WORKER : _WORKER + 3],
                "=======",
                *_LINES[_WORKER : _WORKER + 3],
                ">>>>>>> theirs",
                *_LINES[_WORKER + 3 :],
            ]
        ),
        "an unresolved merge conflict begins here",
    ),
    "percent sign": (_inserted("        timezone: %x"), "cannot start with `%`"),
    "at sign": (_inserted("        timezone: @x"), "cannot start with `@`"),
    "lines left out": (_inserted("        ..."), "this `...` is a placeholder"),
    "end of the document": (_inserted("..."), "`...` ends the document"),
    "second document": (_inserted("---"), "a second document begins here"),
    "key without its colon": (_replaced("    workers", _WORKER - 1), "`workers` is neither a key"),
    "key without its space": (
        _replaced("          root:public", _LINES.index("          root: public")),
        "a space is missing",
    ),
    "tabs for spaces": (_replaced("\t\tworkers:", _WORKER - 1), "a tab cannot indent YAML"),
    "text too deep": (_replaced("          ./build.sh --no-dev", _LINES.index("        set -eux") + 1), None),
    "text not deep enough": (
        _replaced("       ./build.sh --no-dev", _LINES.index("        ./build.sh --no-dev")),
        "indented less than the text it belongs to",
    ),
    "unquoted schedule": (
        _replaced("        spec: */5 * * * *", _LINES.index("        spec: 'H 3 * * *'")),
        "a schedule that starts with `*` must be quoted",
    ),
}


@pytest.mark.parametrize("state", MID_TYPING)
def test_unfinished_text_costs_one_line(state: str) -> None:
    text, message = MID_TYPING[state]
    whole = paths(read(SMALL).root)
    document = read(text)
    assert len(paths(document.root) & whole) / len(whole) >= 0.95
    syntax = [problem.message for problem in document.problems if problem.rule == "syntax-error"]
    if message is None:
        assert syntax == []
    else:
        assert len(syntax) == 1
        assert message in syntax[0]


# What is wrong with a text, and where: the line and what is underlined.
FAULTS = [
    ("name app\ntype nodejs\n# all\nweb\n", 1, "name app", "a colon missing after `name`?"),
    ("a:\n  type 'x'\n  b: 1\n", 2, "type 'x'", "a colon missing after `type`?"),
    ("a:\n  type:php:8.4\n  b: 1\n", 2, "type:php:8.4", "a space is missing after the colon of `type:`"),
    ("a:\n  - b\n  ?? c\n", 3, "?? c", "neither a `key: value` nor a list item"),
    ("b:\n  a: |\n    x\n  npm ci\n  c: 1\nd: 1\n", 4, "npm ci", "a colon missing after `npm`?"),
    (
        "b: 1\na:\n  c:\n    d: |\n      x\n    npm ci\n",
        6,
        "npm ci",
        "not indented enough to be part of the text",
    ),
    ("x:\n  a:\n    b: |\n    set -e\n    npm ci\n    c: 1\n", 4, "set -e", "indent it below `b: |`"),
    ("x:\n  a:\n    b:\n      c: >-\n    set -e\n      npm ci\nd: 1\n", 5, "set -e", "indent it below `c: >-`"),
    ("a: | npm ci\n", 1, "npm ci", "the text after `|` begins on the line below"),
    ("a: - b\n  - c\n", 1, "- b", "a list begins on the line below its key"),
    ("a:\n  - @b\n", 2, "@b", "cannot start with `@`"),
    ("a:\n  - 'b' c\n", 2, "c", "nothing may follow the closing quote"),
    ("a:\n  - |b\n", 2, "b", "only a comment may follow"),
    ("a: {b: 1\n  c: 2}\nd: 1\n", 2, ": 2}", "a comma or the closing brace is missing"),
    ("a: ['b'\n  'c']\nd: 1\n", 2, "'c']", "a comma or the closing bracket is missing"),
    ('{\n "a": {\n  "b": 1\n  "c": 2\n }\n}\n', 4, ": 2", "a comma or the closing brace is missing"),
    ('{\n "a": {\n  "b": 1\n }\n', 1, "{", "this brace is never closed"),
    ('a: "\\q"\n', 1, '\\q"', "not a valid escape"),
    ('a: "\\u12"\n', 1, '12"', "needs more hexadecimal digits"),
    ("a: &\nb: 1\n", 1, "&", "`&` and `*` begin names"),
    ("a: !<x\n", 1, "!<x", "quote a text that begins with `!`"),
    ("%x\n", 1, "%x", "a line that begins with `%`"),
    ("a: ]\nb: 1\n", 1, "]", "a value was expected"),
    ("a:\n  b: |\n\t\tx\n  c: 1\n", 3, "\t\t", "a tab cannot indent YAML"),
    ("a:\n  b: |\n    x\n\ty\n  c: 1\n", 4, "\t", "a tab cannot indent YAML"),
    ("a:\n  b: |\n      x\n    y\n    z\n", 3, "x", "deeper than the rest of the text"),
    ("a:\n  b: |\n    x\n   y\n    z\n", 4, "y", "less than the text it belongs to"),
    ("a:\n  b:\n   c: 1\n    d: 1\n", 3, "c: 1", "less than its sibling keys"),
    ("a:\n  b:\n    c: 1\n     d: 1\n", 4, "d: 1", "deeper than its sibling keys"),
    ("a:\n  b:\n      c: 1\n    d: 1\n    e: 1\n", 4, "d: 1", "indented by 4 spaces, which matches no line"),
    (
        "a:\n  b:\n    f:\n      g: 1\n    h:\n        c: 1\n      d: 1\n",
        6,
        "c: 1",
        "deeper than its sibling keys",
    ),
    ("a:\n  b:\n    c: 1\n   d: 1\n    e: 1\n", 4, "d: 1", "indented by 3 spaces, which matches no line"),
    (
        "a:\n  b:\n    c: 1\n    m:\n     x:\n        y: 1\n      z: 1\n",
        5,
        "x:",
        "indented by 5 spaces, which matches no line",
    ),
    ("a:\n  b: 1\n c: 1\n", 3, "c: 1", "less than its sibling keys"),
    ("[...]\na: 1\n", 1, "[...]", "is a placeholder"),
    ("a: 1\n=======\nb: 2\n", 2, "=======", "a merge conflict marker"),
]


@pytest.mark.parametrize(("text", "line", "place", "message"), FAULTS)
def test_a_fault_is_reported_once_in_plain_words_at_its_place(text: str, line: int, place: str, message: str) -> None:
    document = read(text)
    (problem,) = document.problems
    assert message in problem.message
    assert problem.region.text == place
    assert document.lines.position(document.span(problem.region).start).line + 1 == line  # type: ignore[union-attr]


RAW = re.compile(
    r"did not find|could not find|\bfound\b|\bwhile (?:parsing|scanning)|<[a-z]|but got|this context|scalar"
)


@settings(deadline=None, max_examples=400)
@given(
    st.lists(
        st.sampled_from(
            [
                "a",
                "b",
                "key:",
                "-\n",
                "-",
                "?",
                ":",
                "::",
                "&",
                "&a",
                "*",
                "*a",
                "!",
                "!x",
                "!<",
                "!%z",
                "|",
                ">",
                "|9",
                "|x",
                ">-x",
                "@",
                "`",
                "{",
                "}",
                "[",
                "]",
                ",",
                "#",
                "%",
                "%YAML",
                "%TAG",
                "---",
                "...",
                '"',
                "'",
                "\\",
                '"\\q',
                '"\\u1',
                "<<:",
                "~",
                "é",
            ]
        )
        | st.sampled_from(["\n", "\n  ", "\n\t", " ", "\r\n"]),
        max_size=14,
    ).map("".join),
    st.booleans(),
)
def test_no_problem_is_reported_in_the_words_of_a_parser(text: str, pure: bool) -> None:
    for problem in read(text, pure=pure).problems:
        assert RAW.search(re.sub(r"`[^`]*`", "", problem.message)) is None


def test_lines_of_any_depth_are_one_problem_at_most() -> None:
    text = "a:\n    b:\n        c: 1\n        ...\n        d:\n          e:\n            f: 1\n"
    document = read(text)
    assert [problem.message for problem in document.problems] == ["this `...` is a placeholder; remove it"]
    assert at(document, "a", "b", "d", "e", "f").text == "1"


def test_several_documents_are_read_as_one_where_they_can_be() -> None:
    document = read("a: 1\n---\nb: 2\n---\nc: 3\n")
    assert [document.span(problem.region).start for problem in document.problems] == [5, 14]  # type: ignore[union-attr]
    assert [at(document, name).text for name in "abc"] == ["1", "2", "3"]
    assert at(read("a: 1\n---\n- b\n"), "a").text == "1"


def test_a_list_as_deep_as_the_key_it_belongs_to() -> None:
    document = read("services:\n  a:\n  - x: 1\n  b:\n    c: 1\n")
    assert not document.problems
    assert at(document, "services", "b", "c").text == "1"


def test_an_unquoted_schedule_can_be_fixed() -> None:
    text = MID_TYPING["unquoted schedule"][0]
    (problem,) = read(text).problems
    assert problem.region.text == "*/5 * * * *"
    assert problem.replacement == "'*/5 * * * *'"
    assert problem.safe


def test_several_broken_lines_are_several_problems_each_at_its_place() -> None:
    text = "applications:\n  a:\n    type: 'x\n  b:\n    type: [x\n  c:\n    type: ok\n"
    document = read(text)
    lines = [document.lines.position(document.span(p.region).start).line for p in document.problems]  # type: ignore[union-attr]
    assert lines == [2, 4]
    assert at(document, "applications", "c", "type").text == "ok"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", None),
        ("# nothing but a comment\n", None),
        ("\ufeffa: 1\n", None),
        ("a: 1\r\nb:\r\n  c: 2\r\n", None),
        ("a:\tx\n", None),
        ("a: {start: php artisan queue:work, b: [http://x?y=z, w?]}\n", None),
        ("a: x\x00y\n", "NUL"),
        ("a: \udcff\n", "byte 0xFF is not valid UTF-8"),
        ("a: 1\n\ufeffb: 2\n", "byte order mark"),
        ("a: 1 \ufeffb # \ufeff\n", None),
        ("a: 'x\n\ufeff y'\n", None),
        ("a: 1\n---\nb: 2\n", "second document"),
        ("---\na: 1\n", None),
        ("\n--- # c\r\na: 1\r\n", None),
        ("\ufeff---\n\na: 1\n", None),
        ("  a:\n    b: 1\nc: 1\n", "deeper than its sibling keys"),
        ("a: {{ foo }}\n", "`{{ foo }}` looks like a placeholder"),
        ("a: {b: {{ foo }}}\n", "`{{ foo }}` looks like a placeholder"),
        ("{a: b}: c\n", "a key must be text, not a map"),
        ("a:\n  ? - b\n  : c\n", "a key must be text, not a list"),
        ("a: &x [b]\nc:\n  *x : d\n", "a key must be text, not a list"),
        ("a: *missing\n", "anchor `&missing` is not defined"),
        ("a: *late\nb: &late 1\n", "anchor `&late` is not defined above"),
        ("[" * 5000 + "]" * 5000, f"nested deeper than {MAX_DEPTH} levels"),
        ("x" * (MAX_SIZE + 1), "longer than"),
    ],
)
def test_odd_files_have_a_clear_answer(text: str, message: str | None) -> None:
    messages = [problem.message for problem in read(text).problems]
    if message is None:
        assert messages == []
    else:
        assert any(message in one for one in messages), messages


def test_a_placeholder_as_a_key_is_one_problem() -> None:
    (problem,) = read("{{ name }}:\n  a: 1\n").problems
    assert "`{{ name }}` looks like a placeholder" in problem.message


_CONFIGURATION = "applications:\n  app:\n    type: 'php:8.4' # été, 日本\n"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (_CONFIGURATION.encode("utf-16-le"), "in UTF-16 without a byte order mark"),
        (_CONFIGURATION.encode("utf-16-be"), "in UTF-16 without a byte order mark"),
        (_CONFIGURATION.encode("utf-32-le"), "not a text file"),
        (b"\x7fELF" + bytes(range(256)) * 4, "not a text file"),
        (bytes(1000), "not a text file"),
        (_CONFIGURATION.encode("utf-16"), None),
        (_CONFIGURATION.encode() + b"# \0\n", "NUL"),
    ],
)
def test_a_file_that_is_not_utf_8_text_is_one_problem(data: bytes, message: str | None) -> None:
    document = read(decode(data))
    assert [message in problem.message for problem in document.problems if message] == ([True] if message else [])
    assert (document.root is None) is (message not in (None, "NUL"))
    assert all(document.span(problem.region) is not None for problem in document.problems)


def test_an_anchor_reaches_across_entries() -> None:
    text = ".common: &common\n  type: x\nservices:\n  a: *common\n  b:\n    <<: *common\n"
    document = read(text)
    assert not document.problems
    assert at(document, "services", "a", "type").text == "x"
    assert at(document, "services", "b", "type").text == "x"


# -- properties --------------------------------------------------------------------------------------------------------

_WORDS = st.sampled_from(
    ["a", "b", "app", "type", "on", "007", "'q'", '"d"', "x y", "é😀", "~", "*", "#", "- i", "a: b"]
)
_FRAGMENTS = st.sampled_from(
    [
        "applications:",
        "services:",
        "  app:",
        "  db:",
        "    type: x",
        "    workers:",
        "      queue:",
        "        commands:",
        "          start: |",
        "            run # it",
        "    key: 'open",
        "    key: close'",
        "    list: [a,",
        "  ]",
        "    - item",
        "  - item",
        "# comment",
        "    x: *anchor",
        "    y: &anchor z",
        "---",
        "\tkey: 1",
        "    <<: {a: 1}",
        "<<<<<<< HEAD",
        "=======",
        ">>>>>>> x",
        "",
        "   ",
        "    key: a: b",
        "? complex",
        "    z: >",
        "      folded",
    ]
)
_TEXTS = st.lists(_FRAGMENTS, max_size=14).flatmap(
    lambda lines: st.sampled_from(["\n", "\r\n"]).map(lambda end: end.join(lines) + end)
)


def _yaml(depth: int = 0) -> st.SearchStrategy[list[str]]:
    """Lines of a valid block mapping at some depth."""
    names = st.text(string.ascii_lowercase, min_size=1, max_size=4)
    scalars = st.sampled_from(
        ["x", "'it''s'", '"a\\n"', "[a, {b: c}]", "{}", "12", "", "!!str 5", "|\n{}text\n\n{}more", "# c"]
    )
    pad = "  " * depth

    def entry(name: str, value: str | list[str]) -> list[str]:
        if isinstance(value, list):
            return [f"{pad}{name}:", *value]
        return [f"{pad}{name}: {value.replace('{}t', pad + '  t').replace('{}m', pad + '  m')}"]

    values: st.SearchStrategy[str | list[str]] = scalars if depth >= 3 else st.one_of(scalars, _yaml(depth + 1))
    return st.dictionaries(names, values, min_size=1, max_size=3).map(
        lambda mapping: [line for name, value in mapping.items() for line in entry(name, value)]
    )


def everything(document: Document) -> object:
    """The tree of a document and what is wrong with its text, with all places."""
    problems = sorted((str(document.span(problem.region)), problem.message) for problem in document.problems)
    return dump(document.root), located(document), problems


# Texts in which a line looks like the beginning of an entry or of a section but is not, or is one and looks odd.
LOOK_ALIKES = [
    'a:\n  b: {c: "one\n  d: two\n  e"}\nf:\n  g: 1\n',
    "a:\n  b: 'one\n  c: two'\n  d: 1\n",
    "a: 'one\nb: two'\nc: 1\n",
    "a:\n  b: {c: 1,\n  d: 2,\ne: 3}\n  f: 1\ng: 1\n",
    "a:\n  b:\n    c: 1\n  \u3000d: 2\n",
    "a:\n  b: 1\n  \u00a0c: 2\n\u3000d:\n  e: 1\n",
    "a:\n  b\n  c\nd: 1\n",
    "a:\n  b: 1\n  c\n  d\ne: 1\n",
    "a\nb: 1\n",
    "a:\n  ? b\n  : c\n  d: 1\n",
    "? a\n: b\nc: 1\n",
    "a:\n? b\n: c\nd:\n  e: 1\n",
    "a:\n- b\n- c\nd: 1\n",
    "a:\n  b: |\n   x\n\n  c: |+\n   y\n\n\nd: >-\n z\n",
    "a:\n  b: |1\n    x\n  c: 1\n",
    "a: |\n  b: 1\n  c: 2\nd: 1\n",
    "a: # x\u2028b: 1\nc: 1\n",
    "# x\u2028b: 1\nc: 1\n",
    "a:\n  b: x\x85  c: 1\nd: 1\n",
    "a:\n  b: 1\r  c: 2\r\nd: 1\n",
    "a:\n  b: &x 1\n  c: &x 2\nd:\n  e: *x\n",
    "a: 1\n\ufeffb: 2\nc: 3\n",
    "---\na: 1\n",
    "\n---\na:\n  b: 1\n",
    "# x\n--- # y\n# z\n\na:\n  b: 1\n",
    "---\r\na:\r\n  b: 1\r\n",
    "\ufeff---\na: 1\n",
    "---\n",
    "---\n---\na: 1\n",
    "a: 1\n---\n",
    "--- a: 1\nb: 2\n",
    "---#x\na: 1\n",
    "a:\n  b: 'x\n---\n  c'\n",
    "  a:\n    b: 1\nc: 1\n",
    f"a:\n  b: {'[' * 98}{']' * 98}\n",
    f"a:\n  b: {'[' * 99}{']' * 99}\n",
    f"{'a' * 2000}:\n  b: 1\n",
    "a:\n  b: {c:d:e, f?: g}\n  h: {i: j:k\n",
]


@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_text_that_looks_like_an_entry_is_read_correctly(text: str) -> None:
    found = everything(read(text))
    assert everything(read(text, whole=True)) == found
    for begin in range(0, len(text), 3 + len(text) // 20):
        before = read(text[:begin] + text[begin + 1 :])
        assert everything(Document(".upsun/config.yaml", text, before)) == found


@settings(deadline=None, max_examples=150)
@given(_yaml())
def test_a_valid_text_has_one_tree_however_it_is_read(lines: list[str]) -> None:
    text = "\n".join(lines) + "\n"
    found = everything(read(text))
    assert everything(read(text, whole=True)) == found
    assert everything(read(text, pure=True)) == found
    assert everything(read(text, whole=True, pure=True)) == found


@settings(deadline=None, max_examples=300)
@given(st.one_of(_TEXTS, st.sampled_from(LOOK_ALIKES), _yaml().map("\n".join)), st.data())
def test_any_text_has_one_tree_in_pieces_and_whole(text: str, data: st.DataObject) -> None:
    begin = data.draw(st.integers(0, len(text)))
    text = text[:begin] + data.draw(st.sampled_from(["", "'", '"', "{", "\n", "\n  ", "x: ", "\u2028"])) + text[begin:]
    assert everything(read(text, whole=True)) == everything(read(text))


@settings(deadline=None, max_examples=300)
@given(_TEXTS, _TEXTS)
@example("services:\n  a: {x: 'y\n  b: z'}\n", "")
@example('a:\n  b: "one\n  c: two\n', 'a:\n  b: "one\n  c: two\n  d: three"\n')
def test_reading_after_an_edit_equals_reading_again(before: str, after: str) -> None:
    edited = Document(".upsun/config.yaml", after, read(before))
    assert everything(edited) == everything(read(after))


@settings(deadline=None, max_examples=300)
@given(st.one_of(_TEXTS, st.text(max_size=80), st.lists(_WORDS, max_size=8).map("\n".join)))
def test_any_text_is_read_and_every_problem_has_a_place(text: str) -> None:
    document = read(text)
    for problem in document.problems:
        span = document.span(problem.region)
        assert span is not None
        assert 0 <= span.start <= span.end <= len(text)
    located(document)
    list(document.comments)


def test_the_corpus_is_read_the_same_in_every_way() -> None:
    for file in corpus_files():
        text = file.read_bytes().decode("utf-8", "surrogateescape")
        document = read(text)
        assert dump(document.root) == dump(read(text, pure=True).root), file
        assert located(document) == located(read(text, pure=True)), file
        assert everything(document) == everything(read(text, whole=True)), file
