"""Time limits of cron jobs, time zones, build flavors, dependencies, folders that are ignored."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.server.command import write
from tests.support import apply_fix, findings
from upsun_rules.engine import lint
from upsun_rules.options import Options
from upsun_schema.configuration.project import Project
from upsun_schema.configuration.timezones import all_zones, usual_zones

APP = "applications:\n  app:\n    type: 'php:8.4'\n"


def cron(limits: str) -> str:
    return f"{APP}    crons:\n      c: {{spec: '0 3 * * *', commands: {{start: x}}, {limits}}}\n"


@pytest.mark.parametrize(
    ("limits", "places"),
    [
        ("timeout: 600", []),
        ("timeout: 1, shutdown_timeout: 0", []),
        ("shutdown_timeout: 900", []),
        ("timeout: 600, shutdown_timeout: 600", []),
        ("timeout: 0", ["0"]),
        ("timeout: -5", ["-5"]),
        ("shutdown_timeout: -1", ["-1"]),
        ("timeout: 10, shutdown_timeout: 30", ["30"]),
    ],
)
def test_the_time_limits_of_a_cron_job(limits: str, places: list[str]) -> None:
    assert [one.region.text for one in findings(cron(limits)) if one.rule == "cron-timeout"] == places


def test_the_names_of_time_zones() -> None:
    assert usual_zones()[0] == "UTC"
    assert len(usual_zones()) > 400
    assert set(usual_zones()) <= all_zones()
    assert {"Europe/Kyiv", "Europe/Kiev", "US/Eastern", "Etc/GMT+1", "GMT", "CET"} <= all_zones()


@pytest.mark.parametrize(
    ("zone", "severity"),
    [
        ("Europe/Paris", None),
        ("UTC", None),
        ("US/Pacific", None),
        ("<ZONE>", None),
        ("Europe/Pariss", "error"),
        ("europe/paris", "error"),
        ("Europe/Nowhere", "warning"),
        ("'+02:00'", "warning"),
    ],
)
def test_a_time_zone(zone: str, severity: str | None) -> None:
    found = findings(f"{APP}    timezone: {zone}\n", "unknown-time-zone")
    assert [one.severity.label for one in found] == ([severity] if severity else [])


@pytest.mark.parametrize(
    ("flavor", "count"),
    [
        ("none", 0),
        ("default", 0),
        ("composer", 0),
        ("", 0),
        ("<FLAVOR>", 0),
        ("symfony", 1),
        ("compser", 1),
        ("npm", 1),
    ],
)
def test_a_build_flavor(flavor: str, count: int) -> None:
    assert len(findings(f"{APP}    build: {{flavor: {flavor}}}\n", "build-flavor")) == count


def dependencies(lines: str) -> str:
    return f"{APP}    dependencies:\n{lines}"


@pytest.mark.parametrize("kind", ["nodejs", "php", "python", "python2", "python3", "ruby", "java", "<LANGUAGE>"])
def test_a_kind_of_dependency(kind: str) -> None:
    assert findings(dependencies(f"      {kind}: {{a: '*'}}\n")) == []


@pytest.mark.parametrize(
    ("kind", "words", "meant"),
    [
        ("apt", "composable image", None),
        ("node", "did you mean `nodejs`", "nodejs"),
        ("nodjs", "did you mean `nodejs`", "nodejs"),
        ("pip", "did you mean `python3`", "python3"),
        ("go", "expected `nodejs`", None),
    ],
)
def test_a_kind_that_does_not_exist(kind: str, words: str, meant: str | None) -> None:
    text = dependencies(f"      {kind}: {{a: '*'}}\n")
    (finding,) = findings(text)
    assert (finding.rule, finding.severity.label) == ("dependency-kind", "error")
    assert words in finding.message
    assert [apply_fix(text, fix) for fix in finding.fixes] == ([text.replace(kind, meant)] if meant else [])


@pytest.mark.parametrize(
    ("package", "severity", "fixed"),
    [
        ("pnpm: '*'", None, None),
        ("pnpm: 9", None, None),
        ("pnpm: 9.1", None, None),
        ("pnpm: ^9.10", None, None),
        ("pnpm: 9.10", "warning", "pnpm: '9.10'"),
        ("pnpm: 010", "warning", "pnpm: '010'"),
        ("pnpm: ''", "error", "pnpm: '*'"),
        ("pnpm:", "warning", None),
        ("'': '*'", "error", None),
    ],
)
def test_a_version(package: str, severity: str | None, fixed: str | None) -> None:
    text = dependencies(f"      nodejs:\n        {package}\n")
    found = findings(text, "dependency-version")
    assert [one.severity.label for one in found] == ([severity] if severity else [])
    assert [apply_fix(text, fix) for one in found for fix in one.fixes] == (
        [text.replace(package, fixed)] if fixed else []
    )


def test_composer_may_have_repositories() -> None:
    text = dependencies("      php:\n        require: {a/b: 2.10}\n        repositories: [{type: vcs, url: x}]\n")
    (finding,) = findings(text)
    assert finding.region.text == "2.10"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({".upsun/config.yaml": APP, "api/.upsun/config.yaml": APP}, True),
        ({".upsun/config.yaml": APP, "a/b/api/.upsun/config.yaml": APP}, True),
        ({".upsun/notes.txt": "", "api/.upsun/config.yaml": APP}, False),
        ({".upsun/config.yaml": APP, "api/.git/HEAD": "", "api/.upsun/config.yaml": APP}, False),
        ({".upsun/config.yaml": APP, "a/.git/HEAD": "", "a/api/.upsun/config.yaml": APP}, False),
        ({"api/.upsun/config.yaml": APP}, False),
    ],
)
def test_a_configuration_below_the_root(files: dict[str, str], expected: bool, tmp_path: Path) -> None:
    for path, text in files.items():
        write(tmp_path, text, path)
    root = next(tmp_path / path.split("/.upsun")[0] for path in files if "api/.upsun" in path)
    found = [one for one in lint(Project(str(root)), Options()) if one.rule == "nested-configuration"]
    assert [one.region.text for one in found] == (["applications"] if expected else [])
