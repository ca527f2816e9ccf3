"""PHP extensions: what there is, and what a database needs."""

from __future__ import annotations

import pytest

from tests.support import apply_fix, findings
from upsun_schema.images.php_extensions import ExtensionStatus, PhpExtensions


def php(extensions: str, kind: str = "php:8.4") -> str:
    return f"applications:\n  app:\n    type: '{kind}'\n    runtime:\n      extensions: {extensions}\n"


def test_the_table() -> None:
    table = PhpExtensions.embedded()
    assert table.knows("8.4") and not table.knows("9.0")
    assert table.status("pdo_mysql", "8.4") is ExtensionStatus.DEFAULT
    assert table.status("pdo_pgsql", "8.4") is ExtensionStatus.AVAILABLE
    assert table.status("opcache", "8.4") is ExtensionStatus.BUILT_IN
    assert table.status("openssl", "8.4") is None
    assert "redis" in table.names("8.4")
    assert table.core.isdisjoint(table.names("8.4"))


@pytest.mark.parametrize(
    ("name", "severity", "words"),
    [
        ("openssl", "error", "part of PHP"),
        ("OpenSSL", "error", "part of PHP"),
        ("zlib", "error", "part of PHP"),
        ("imagik", "error", "did you mean `imagick`"),
        ("pdo-pgsql", "error", "did you mean `pdo_pgsql`"),
        ("mcrypt", "warning", "PHP 7"),
        ("frobnicator", "warning", "in the table of"),
    ],
)
def test_an_unknown_extension(name: str, severity: str, words: str) -> None:
    (finding,) = findings(php(f"[redis, {name}]"), "php-extension")
    assert (finding.region.text, finding.severity.label) == (name, severity)
    assert words in finding.message


@pytest.mark.parametrize(
    "name", ["redis", "pdo_mysql", "opcache", "json", "<NAME>", "{name: blackfire, configuration: {}}", "''", "5"]
)
def test_a_known_extension(name: str) -> None:
    found = findings(php(f"[{name}]"), "php-extension")
    assert [one.severity.label for one in found if name not in ("''", "5")] == []


@pytest.mark.parametrize("kind", ["php:9.9", "composable:26.05", "nodejs:24"])
def test_other_images_have_other_extensions(kind: str) -> None:
    assert findings(php("[openssl]", kind), "php-extension") == []


@pytest.mark.parametrize(
    ("written", "fixed"),
    [
        ("[redis, openssl]", "[redis]"),
        ("[openssl, redis]", "[redis]"),
        ("[a, openssl , b]".replace("a", "redis").replace(", b", ", gd"), "[redis , gd]"),
        ("\n        - redis\n        - openssl # TLS\n        - gd", "\n        - redis\n        - gd"),
        ("\n        - 'openssl'\n        - redis", "\n        - redis"),
        ("[openssl]", None),
        ("\n        - openssl", None),
    ],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_what_is_part_of_php_is_removed(written: str, fixed: str | None, ending: str) -> None:
    text = php(written).replace("\n", ending)
    (finding,) = findings(text, "php-extension")
    if fixed is None:
        assert finding.fixes == ()
    else:
        assert finding.fixes[0].safe
        assert apply_fix(text, finding) == php(fixed).replace("\n", ending)


def test_what_is_built_in_cannot_be_disabled() -> None:
    text = "applications:\n  app:\n    type: 'php:8.4'\n    runtime: {disabled_extensions: [gd, opcache]}\n"
    (finding,) = findings(text, "php-extension")
    assert (finding.region.text, finding.severity.label) == ("opcache", "warning")


SERVICES = "services:\n  db: {type: 'postgresql:18'}\n  sql: {type: 'mariadb:11.8'}\n"


@pytest.mark.parametrize(
    ("lines", "places"),
    [
        ("    relationships: {d: 'db:postgresql'}\n", ["d"]),
        ("    relationships: {db: , other: 'db:postgresql'}\n", ["db"]),
        ("    workers: {w: {commands: {start: x}, relationships: {d: 'db:postgresql'}}}\n", ["d"]),
        ("    relationships: {d: 'sql:mysql'}\n", []),
        ("    runtime: {extensions: [pdo_pgsql]}\n    relationships: {d: 'db:postgresql'}\n", []),
        ("    runtime: {extensions: [{name: pgsql}]}\n    relationships: {d: 'db:postgresql'}\n", []),
        ("    runtime: !include x.yaml\n    relationships: {d: 'db:postgresql'}\n", []),
        ("    runtime: {extensions: [redis, <MORE>]}\n    relationships: {d: 'db:postgresql'}\n", []),
    ],
)
def test_postgresql_needs_a_driver(lines: str, places: list[str]) -> None:
    text = f"applications:\n  app:\n    type: 'php:8.4'\n{lines}{SERVICES}"
    assert [one.region.text for one in findings(text, "postgresql-without-driver")] == places
    assert findings(text.replace("php:8.4", "nodejs:24"), "postgresql-without-driver") == []
    assert findings(text.replace("php:8.4", "php:9.9"), "postgresql-without-driver") == []


@pytest.mark.parametrize(
    ("runtime", "fixed"),
    [
        ("", "    runtime:\n      extensions:\n        - pdo_pgsql\n"),
        ("    runtime:\n      extensions: [redis]\n", "    runtime:\n      extensions: [redis, pdo_pgsql]\n"),
        (
            "    runtime:\n      extensions:\n        - redis # cache\n",
            "    runtime:\n      extensions:\n        - redis # cache\n        - pdo_pgsql\n",
        ),
        (
            "    runtime:\n      xdebug: {idekey: X}\n",
            "    runtime:\n      xdebug: {idekey: X}\n      extensions:\n        - pdo_pgsql\n",
        ),
    ],
)
def test_the_driver_is_enabled(runtime: str, fixed: str) -> None:
    def text(lines: str) -> str:
        return (
            f"applications:\n  app:\n    type: 'php:8.4'\n{lines}    relationships: {{d: 'db:postgresql'}}\n{SERVICES}"
        )

    (finding,) = findings(text(runtime), "postgresql-without-driver")
    assert not finding.fixes[0].safe
    assert apply_fix(text(runtime), finding) == text(fixed)


@pytest.mark.parametrize(
    ("image", "is_reported"),
    [("python:3.14", True), ("nodejs:24", True), ("php:8.4", False), ("composable:26.05", False)],
)
@pytest.mark.parametrize("rest", ["variables: {php: {a: b}}", "workers: {q: {variables: {php: {a: b}}}}"])
def test_variables_of_php_need_php(image: str, is_reported: bool, rest: str) -> None:
    text = f"applications:\n  app:\n    type: '{image}'\n    {rest}\n"
    assert len(findings(text, "php-variable-without-php")) == is_reported
