"""What commands need, and what dependencies need."""

from __future__ import annotations

import json

import pytest

from tests.support import CONFIG, apply_fix, findings
from upsun_rules.frameworks.framework_table import Framework, frameworks
from upsun_rules.frameworks.packages import MANIFESTS
from upsun_rules.shell.parsing import parse
from upsun_rules.shell.recognition import recognize, rows

Files = dict[str, str]

TYPES = {"composer": "php:8.4", "node": "nodejs:24", "ruby": "ruby:3.4", "python": "python:3.14"}
LOCKS = {ecosystem: locks[0] for ecosystem, (_, locks) in MANIFESTS.items()}


def manifest(ecosystem: str, package: str) -> Files:
    """The manifest of an application that needs one package."""
    if ecosystem == "composer":
        return {"composer.json": json.dumps({"require": {package: "*"}})}
    if ecosystem == "node":
        return {"package.json": json.dumps({"dependencies": {package: "*"}})}
    if ecosystem == "ruby":
        return {"Gemfile": f"source 'https://rubygems.org'\ngem '{package}', '~> 1.0'\n"}
    return {"requirements.txt": f"# jobs\n{package}[extra]>=1.0 ; python_version > '3'\n"}


def application(ecosystem: str, command: str = "") -> str:
    text = f"applications:\n  app:\n    type: '{TYPES[ecosystem]}'\n"
    if command:
        text += f"    workers:\n      queue:\n        commands:\n          start: {command}\n"
    return text


def command_of(row: Framework) -> str:
    """A command that is recognized as one of a framework."""
    ids = {one.id: one for one in rows()}
    return next(example for name in sorted(row.commands) for example in ids[name].examples)


ROWS = pytest.mark.parametrize("row", frameworks(), ids=[row.label for row in frameworks()])


@ROWS
def test_a_row_is_about_commands_that_are_known(row: Framework) -> None:
    known = {one.id for one in rows()}
    assert row.commands <= known
    assert row.ecosystem in MANIFESTS
    assert row.why
    if row.start:
        (command,) = parse(row.start).commands
        found = recognize(command)
        assert found is not None
        assert found.row.id in row.commands


@ROWS
def test_a_command_without_its_package(row: Framework) -> None:
    command = command_of(row)
    files = {CONFIG: application(row.ecosystem, command), **manifest(row.ecosystem, "other"), LOCKS[row.ecosystem]: "x"}
    sure = recognize(parse(command).commands[-1])
    expected = 1 if sure is not None and sure.sure else 0
    shared = [other for other in frameworks() if row.commands & other.commands]
    assert len(findings(files, "command-not-installed")) == expected
    for package in (package for one in shared for package in one.packages):
        assert findings({**files, **manifest(row.ecosystem, package)}, "command-not-installed") == []
        assert findings({**files, LOCKS[row.ecosystem]: f'name = "{package}"'}, "command-not-installed") == []


@ROWS
def test_a_package_that_nothing_runs(row: Framework) -> None:
    for package in row.packages:
        files = {CONFIG: application(row.ecosystem), **manifest(row.ecosystem, package)}
        found = findings(files, "dependency-not-run")
        assert len(found) == (1 if row.start else 0)
        assert findings({**files, CONFIG: application(row.ecosystem, command_of(row))}, "dependency-not-run") == []


SIDEKIQ = {CONFIG: application("ruby", "bundle exec sidekiq"), **manifest("ruby", "rails"), "Gemfile.lock": "rails"}


@pytest.mark.parametrize(
    "change",
    [
        {"Gemfile.lock": None},
        {CONFIG: SIDEKIQ[CONFIG] + "    hooks:\n      build: gem install sidekiq\n"},
        {CONFIG: SIDEKIQ[CONFIG] + "    dependencies:\n      ruby: {sidekiq: '*'}\n"},
        {CONFIG: SIDEKIQ[CONFIG].replace("bundle exec sidekiq", "./start || bundle exec sidekiq &")},
        {"Gemfile": None},
    ],
    ids=["no lock file", "build hook", "dependencies", "alternative", "no manifest"],
)
def test_a_command_that_may_be_installed(change: dict[str, str | None]) -> None:
    assert len(findings(SIDEKIQ, "command-not-installed")) == 1
    files = {path: text for path, text in {**SIDEKIQ, **change}.items() if text is not None}
    assert findings(files, "command-not-installed") == []


HORIZON = manifest("composer", "laravel/horizon")


def test_the_missing_worker_is_added() -> None:
    files = {CONFIG: application("composer"), **HORIZON}
    (finding,) = findings(files, "dependency-not-run")
    assert finding.related[0].region.text == '"laravel/horizon"'
    assert "start: php artisan horizon\n" in apply_fix(files, finding)
    assert findings({**files, CONFIG: apply_fix(files, finding)}, "dependency-not-run") == []


@pytest.mark.parametrize(
    "text",
    [
        application("composer", "./start"),
        application("composer", "supervisord -n"),
        application("composer") + "    hooks:\n      deploy: php artisan horizon:publish\n",
        application("composer")
        + "    crons:\n      h:\n        spec: 'H * * * *'\n        commands: {start: ./queue}\n",
        application("composer") + "  other:\n    type: 'php:8.4'\n",
        application("composer") + "    source: {root: elsewhere}\n",
    ],
    ids=["unknown worker", "supervisor", "mentioned", "unknown cron", "another application", "another folder"],
)
def test_a_package_that_something_may_run(text: str) -> None:
    assert findings({CONFIG: text, **HORIZON}, "dependency-not-run") == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", '[project]\ndependencies = ["Celery[redis] >= 5"]\n'),
        ("pyproject.toml", '[project.optional-dependencies]\njobs = ["celery"]\n'),
        ("pyproject.toml", '[dependency-groups]\njobs = ["celery", {include-group = "x"}]\n'),
        ("pyproject.toml", '[tool.poetry.dependencies]\ncelery = "^5"\n'),
        ("pyproject.toml", '[tool.poetry.group.jobs.dependencies]\ncelery = {version = "^5"}\n'),
        ("Pipfile", '[packages]\ncelery = "*"\n'),
        ("requirements.txt", "-r base.txt\nCELERY==5.4\n"),
    ],
)
def test_the_manifests_of_python(name: str, text: str) -> None:
    assert len(findings({CONFIG: application("python"), name: text}, "dependency-not-run")) == 1


@pytest.mark.parametrize("text", ["[", "", "dependencies = 1", "[project]\ndependencies = {}", "[tool]\npoetry = []"])
def test_a_broken_manifest_says_nothing(text: str) -> None:
    for name in ("pyproject.toml", "composer.json", "Gemfile", "package.json", "requirements.txt", "Pipfile"):
        assert findings({CONFIG: application("python"), name: text}) == findings(application("python"))
