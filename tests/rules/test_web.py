"""Locations, their roots and patterns, and what starts the web process."""

from __future__ import annotations

import re
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import apply_fix, findings
from upsun_rules.lookups.patterns import fault_of


def web(lines: str, kind: str = "php:8.4") -> str:
    return f"applications:\n  app:\n    type: '{kind}'\n    web:\n      locations:\n{lines}"


def fixed(text: str, rule: str) -> str | None:
    (finding,) = findings(text, rule)
    safe = [fix for fix in finding.fixes if fix.safe]
    return apply_fix(text, safe[0]) if safe else None


@pytest.mark.parametrize("path", ["/", "/a", "/a/", "/a/b.php", "/.well-known", "/sites/default", "/<PATH>"])
def test_a_location_is_a_path(path: str) -> None:
    assert findings(web(f"        '{path}': {{root: public}}\n"), "location-path") == []


@pytest.mark.parametrize(
    "path",
    ["^/(api|auth)", "/a b", "/#a", "/a?b", "/{id}", "/a//b", "/a/../b", "/./a", "~ \\.php$", "", "../a", "/[a-z]"],
)
def test_a_location_is_not_a_path(path: str) -> None:
    (finding,) = findings(web(f"        '{path}': {{root: public}}\n"), "location-path")
    assert finding.severity.label == "error"
    assert finding.fixes == ()


def test_a_missing_slash_is_added_unless_that_location_is_there() -> None:
    text = web("        static: {root: public}\n")
    assert fixed(text, "location-path") == web("        /static: {root: public}\n")
    assert fixed(text + "        /static: {root: x}\n", "location-path") is None


@pytest.mark.parametrize(
    ("root", "better"),
    [
        ("/", '""'),
        ("'/'", "''"),
        ('"/"', '""'),
        ("/public", "public"),
        ("'/public' # served", "'public' # served"),
        ("//public/", "public/"),
        (".", '""'),
        ("./public", "public"),
        ("'./'", "''"),
        ("/..", None),
        ("../public", None),
        ("public/../web", None),
        ("a//b", None),
    ],
)
def test_a_root_is_inside_the_application(root: str, better: str | None) -> None:
    text = web(f"        /:\n          root: {root}\n")
    assert fixed(text, "location-root") == (None if better is None else web(f"        /:\n          root: {better}\n"))


@pytest.mark.parametrize("root", ["public", "''", "web/public", "public/", "", ".next", "a.b/c", "$ROOT", "..a", "5"])
def test_a_root_is_fine(root: str) -> None:
    assert findings(web(f"        /: {{root: {root}}}\n"), "location-root") == []


@pytest.mark.parametrize(
    "pattern",
    [
        "(unclosed", "a)", "[a-z", "*.css", "(*a)|(", "a|*b", "(?:a", "(+)", "\\", "?", "([)]", "[]", "(?<name>a", "((a)",
    ],
)  # fmt: skip
def test_a_pattern_is_invalid(pattern: str) -> None:
    if pattern.startswith("(*"):
        assert fault_of(pattern) is None  # A verb: not judged.
    else:
        assert fault_of(pattern) is not None


@pytest.mark.parametrize(
    "pattern",
    [
        r"\.(css|js)$", r"^/api/(?!v1)", r"(?i)\.JPG$", r"(?<year>\d{4})", r"[)(]", r"[]]", r"[^]]", r"[[:alpha:])]",
        r"a*+", r"a++?", r"\Q(\E", r"(?#()", r"\x{263a}", r"\p{L}+", r"(?x) ( # a )", r"\(", r"a{2,}", r"(?P<n>a)(?P=n)",
        r"(?>a*)", r"\\", "^*", r"(?|a|b)", r"[\]]", r"(?:)*", r"(?<=a)*", r"", r"(?-i:a)", r"a|", r"(|a)",
    ],
)  # fmt: skip
def test_a_pattern_may_be_valid(pattern: str) -> None:
    assert fault_of(pattern) is None


@given(st.text(alphabet="()[]|*+?\\^$.abQE:<>=!-{}1, #x", max_size=12))
def test_a_pattern_that_python_compiles_is_never_reported(pattern: str) -> None:
    # Python warns of brackets in brackets, and rejects what PCRE alone knows, such as `\Q` and `\E`.
    with warnings.catch_warnings(action="ignore"):
        try:
            re.compile(pattern)
        except (re.error, OverflowError):
            return
    assert fault_of(pattern) is None


def test_the_pattern_of_a_rule() -> None:
    text = web("        /:\n          rules:\n            '*.css': {expires: 1d}\n            '': {allow: false}\n")
    wildcard, empty = findings(text, "location-pattern")
    assert "nothing that `*` could repeat" in wildcard.message
    assert r"'\.css$': {expires" in apply_fix(text, wildcard)
    assert "is empty" in empty.message


@pytest.mark.parametrize(
    ("kind", "more", "count"),
    [
        ("php:8.4", "", 1),
        ("nodejs:24", "", 0),
        ("php:8.4", "      commands: {start: ./frankenphp run}\n", 0),
        ("php:8.4", "      upstream: {protocol: http}\n", 0),
    ],
)
def test_passthru_on_php(kind: str, more: str, count: int) -> None:
    text = web("        /: {root: public, passthru: true}\n" + more, kind)
    assert len(findings(text, "passthru-on-php")) == count


ROUTE = "routes:\n  'https://{default}/': {type: upstream, upstream: 'app:http'}\n"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("    type: 'nodejs:24'\n", 1),
        ("    type: 'nodejs:24'\n    web: {}\n", 1),
        ("    type: 'python:3.14'\n    web: {locations: {/: {passthru: true}}}\n", 1),
        ("    type: 'nodejs:24'\n    web: {locations: {/: {root: dist, passthru: /index.html}}}\n", 0),
        ("    type: 'nodejs:24'\n    web: {locations: {/: {root: dist, passthru: true}}}\n", 0),
        ("    type: 'nodejs:24'\n    web: {locations: {/: {passthru: false}}}\n", 0),
        ("    type: 'nodejs:24'\n    web: {commands: {start: node a.js}}\n", 0),
        ("    type: 'nodejs:24'\n    web: !include web.yaml\n", 0),
        ("    type: 'php:8.4'\n", 0),
        ("    type: 'composable:26.05'\n    stack: {runtimes: ['nodejs@24']}\n", 0),
        (
            "    type: 'nodejs:24'\n    mounts:\n      a: {source: tmp}\n      web:\n        commands: {start: node a.js}\n",
            0,
        ),
    ],
)
def test_something_starts_the_web_process(text: str, count: int) -> None:
    assert len(findings(f"applications:\n  app:\n{text}{ROUTE}", "missing-web-start-command")) == count
    assert findings(f"applications:\n  app:\n{text}", "missing-web-start-command") == []
