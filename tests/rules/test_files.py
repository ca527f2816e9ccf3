"""The files of a project: defined twice, not found, not read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import findings, source
from upsun_rules.engine import lint
from upsun_rules.finding import Finding, Severity
from upsun_rules.options import Options
from upsun_schema.project import Project

APP = "applications:\n  app:\n    type: 'php:8.4'\n"


def on_disk(root: Path, files: dict[str, str]) -> list[Finding]:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return lint(Project(str(root)), Options())


# -- definitions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "place"),
    [
        (APP, APP, "app"),
        (f"{APP}services:\n  db: {{type: 'redis:8.0'}}\n", "services:\n  'db': {type: 'mariadb:11.8'}\n", "'db'"),
        (
            f"{APP}routes:\n  'https://{{default}}/': {{type: upstream, upstream: 'app:http'}}\n",
            "routes:\n  'https://{default}/': {type: upstream, upstream: 'app:http'}\n",
            "'https://{default}/'",
        ),
    ],
)
def test_one_name_in_two_files(first: str, second: str, place: str) -> None:
    files = {".upsun/a.yaml": first, ".upsun/b.yaml": second}
    (finding,) = findings(files, "duplicate-definition")
    assert (source(finding.region), finding.severity) == (place, Severity.ERROR)
    assert "`.upsun/a.yaml`" in finding.message
    assert [source(related.region).strip("'") for related in finding.related] == [place.strip("'")]


def test_different_names_and_one_file_are_no_duplicates() -> None:
    other = APP.replace("app:", "other:")
    assert findings({".upsun/a.yaml": APP, ".upsun/b.yaml": other}) == []
    assert [one.rule for one in findings(APP + "  app:\n    type: 'php:8.4'\n")] == ["duplicate-key"]
    merged = ".one: &one {app: {type: 'php:8.4'}}\napplications:\n  <<: *one\n"
    assert findings({".upsun/a.yaml": merged, ".upsun/b.yaml": merged}, "duplicate-definition") == []


# -- includes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["nowhere.yaml", "../../outside.yaml"])
def test_an_include_that_leads_nowhere(path: str) -> None:
    (finding,) = findings(f"applications:\n  app: !include {path}\n")
    assert (finding.rule, source(finding.region)) == ("include-not-found", path)
    assert finding.url.endswith("yaml/platform-yaml-tags")


def test_an_include_that_is_there(tmp_path: Path) -> None:
    files = {".upsun/config.yaml": "applications:\n  app: !include parts/app.yaml\n"}
    assert on_disk(tmp_path, files | {".upsun/parts/app.yaml": "type: 'php:8.4'\n"}) == []


# -- names of files --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["config.yml", "more.yml"])
def test_a_file_that_may_not_be_read(name: str) -> None:
    (finding,) = findings({f".upsun/{name}": f"# first\n{APP}"})
    assert (finding.rule, finding.severity) == ("yml-extension", Severity.WARNING)
    assert source(finding.region) == "applications"
    assert f"`{name[:-4]}.yaml`" in finding.message


@pytest.mark.parametrize("text", ["", "# nothing\n", "- a list\n"])
def test_a_file_without_keys_has_a_place_all_the_same(text: str) -> None:
    found = findings({".upsun/a.yaml": APP, ".upsun/b.yml": text}, "yml-extension")
    assert [finding.region.start for finding in found] == [0]


# -- applications ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["", "# soon\n", "services:\n  db: {type: 'redis:8.0'}\n", "applications:\n", "applications: {}\n", "routes:\n"],
)
def test_a_project_needs_an_application(text: str) -> None:
    (finding,) = findings(text, "no-applications")
    assert finding.severity is Severity.ERROR
    assert findings({".upsun/a.yaml": text, ".upsun/b.yaml": APP}, "no-applications") == []


@pytest.mark.parametrize(
    "text",
    [
        "applications: !include apps.yaml\n",
        "application:\n  app: {type: 'php:8.4'}\n",
        "applications:\n  app: {type: 'php:8.4'\n",
        "applications: *gone\n",
        "services:\n  applications:\n    app: {type: 'php:8.4'}\n",
    ],
)
def test_there_may_be_an_application(text: str) -> None:
    assert findings(text, "no-applications") == []


def test_no_file_is_no_project() -> None:
    assert findings({}) == []


# -- two products ----------------------------------------------------------------------------------------------------


def test_the_configuration_of_the_other_product(tmp_path: Path) -> None:
    assert on_disk(tmp_path, {".upsun/config.yaml": APP, ".platform/local/project.yaml": "id: x\n"}) == []
    (finding,) = on_disk(tmp_path, {".platform.app.yaml": "name: app\n"})
    assert (finding.rule, finding.severity) == ("both-formats", Severity.WARNING)
    (finding,) = on_disk(tmp_path, {".platform/routes.yaml": "{}\n"})
    assert (finding.rule, finding.severity) == ("both-formats", Severity.ERROR)
    assert "`.platform/routes.yaml`" in finding.message
