"""What the code asks of its runtime."""

from __future__ import annotations

import pytest

from tests.support import CONFIG, findings
from upsun_rules.finding import Severity
from upsun_rules.frameworks.version_ranges import may_satisfy


@pytest.mark.parametrize(
    ("constraint", "version", "expected"),
    [
        ("^8.2", "8.3", True),
        ("^8.2", "8.1", False),
        (">=8.1 <8.4", "8.4", False),
        (">=8.1,<8.4", "8.3", True),
        ("~8.2.0", "8.3", False),
        ("~8.2", "8.3", True),
        ("7.4.*|8.0.*", "8.0", True),
        ("7.4.* || 8.0.*", "8.1", False),
        ("8.2", "8.2", True),
        (">8.2.1", "8.2", True),
        ("<8.2.1", "8.2", True),
        ("<8.2", "8.2", False),
        ("<=8.1", "8.1", True),
        (">=3.12,<3.14", "3.14", False),
        ("~=3.12", "3.14", True),
        ("==3.12.*", "3.13", False),
        ("!=3.9.0", "3.9", True),
        ("~> 3.3.0", "3.4", False),
        ("~> 3.3", "3.4", True),
        ("3.3.6", "3.4", False),
        ("3.3.6", "3.3", True),
        ("^8.0@dev", "8.1", True),
        ("file: '.ruby-version'", "3.4", True),
        ("", "8.1", True),
        ("^8.2", "nightly", True),
        ("9" * 5_000, "8.1", True),
    ],
)
def test_constraints(constraint: str, version: str, expected: bool) -> None:
    assert may_satisfy(constraint, version) is expected


@pytest.mark.parametrize(
    ("constraint", "version", "expected"),
    [
        ("20.x", "22", False),
        (">=20.11.0", "20", True),
        ("^18 || ^20", "22", False),
        ("18 - 20", "22", False),
        ("18 - 20", "20", True),
        ("~20.1", "20", True),
        ("^0.2", "0.3", False),
        ("*", "20", True),
        ("lts/*", "20", True),
    ],
)
def test_constraints_of_npm(constraint: str, version: str, expected: bool) -> None:
    assert may_satisfy(constraint, version, is_npm=True) is expected


def application(kind: str, more: str = "") -> str:
    return f"applications:\n  app:\n    type: '{kind}'\n{more}"


@pytest.mark.parametrize(
    ("kind", "name", "text", "severity"),
    [
        ("php:8.3", "composer.json", '{"require": {"php": "^8.4"}}', Severity.WARNING),
        ("ruby:3.4", "Gemfile", 'ruby "3.3.0"\n', Severity.WARNING),
        ("ruby:3.4", "Gemfile", "ruby '~> 3.3.0', engine: 'ruby'\n", Severity.WARNING),
        ("python:3.11", "pyproject.toml", '[project]\nrequires-python = ">=3.12"\n', Severity.WARNING),
        ("nodejs:18", "package.json", '{"engines": {"node": ">=20"}}', Severity.INFO),
        ("nodejs:24", ".nvmrc", "v22.1.0", Severity.INFO),
        ("nodejs:24", ".node-version", "# for everyone\n22\n", Severity.INFO),
        ("python:3.14", ".python-version", "3.13.1\n", Severity.INFO),
        ("ruby:3.4", ".ruby-version", "ruby-3.3.0\n", Severity.INFO),
        ("golang:1.25", "go.mod", "module x\n\ngo 1.26\n", Severity.INFO),
    ],
)
def test_a_version_that_does_not_fit(kind: str, name: str, text: str, severity: Severity) -> None:
    (finding,) = findings({CONFIG: application(kind), name: text}, "runtime-version-mismatch")
    assert finding.region.text == f"'{kind}'"
    assert finding.severity is severity
    assert name in finding.message


@pytest.mark.parametrize(
    ("kind", "name", "text"),
    [
        ("php:8.4", "composer.json", '{"require": {"php": "^8.2"}}'),
        ("php:8.4", "composer.json", '{"require": {"php": 8}}'),
        ("php:8.4", "composer.json", '{"require": {}}'),
        ("ruby:3.4", "Gemfile", "ruby file: '.ruby-version'\n"),
        ("python:3.14", "pyproject.toml", "[project]\nrequires-python = 3\n"),
        ("python:3.14", "pyproject.toml", "requires-python = ["),
        ("nodejs:24", "package.json", '{"engines": {"node": ">=20"}}'),
        ("golang:1.25", "go.mod", "module x\n\ngo 1.25.3\n"),
        ("golang:1.25", "go.mod", "module x\n"),
        ("nodejs:24", ".nvmrc", "v24.1.0\n"),
        ("nodejs:24", ".nvmrc", "lts/*\n"),
        ("nodejs:24", ".nvmrc", "22 24\n"),
        ("python:3.14", ".python-version", "pypy3.10\n"),
        ("ruby:3.4", ".ruby-version", "ruby-3.4.7\n"),
        ("ruby:3.4", ".node-version", "18\n"),
    ],
)
def test_a_version_that_fits_or_is_unknown(kind: str, name: str, text: str) -> None:
    assert findings({CONFIG: application(kind), name: text}, "runtime-version-mismatch") == []


def test_one_version_is_reported_once() -> None:
    files = {CONFIG: application("nodejs:24"), "package.json": '{"engines": {"node": "22"}}', ".nvmrc": "22\n"}
    (finding,) = findings(files, "runtime-version-mismatch")
    assert "package.json" in finding.message


def test_a_version_file_that_bundler_reads_is_a_warning() -> None:
    files = {CONFIG: application("ruby:3.4"), "Gemfile": "ruby file: '.ruby-version'\n", ".ruby-version": "3.3.0\n"}
    (finding,) = findings(files, "runtime-version-mismatch")
    assert finding.severity is Severity.WARNING


def test_a_version_that_the_build_installs_is_not_reported() -> None:
    hook = "    hooks:\n      build: nvm install && npm ci\n"
    assert findings({CONFIG: application("nodejs:24", hook), ".nvmrc": "22\n"}, "runtime-version-mismatch") == []
