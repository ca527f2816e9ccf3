"""Commands that run a script of another application."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.server.command import write
from tests.support import said
from upsun_rules.engine import lint
from upsun_rules.finding import Finding
from upsun_rules.options import Options
from upsun_schema.configuration.project import Project

RULE = "command-of-another-application"

TWO = """\
applications:
  api:
    type: 'python:3.14'
    source: {{root: api}}
  site:
    type: 'nodejs:24'
    source: {{root: {root}}}
    hooks: {{build: {build}, deploy: {deploy}}}
    workers: {{w: {{commands: {{start: {command}}}}}}}
routes: {{'https://{{default}}/': {{type: upstream, upstream: 'site:http'}}}}
"""

FILES = ("api/scripts/fetch.py", "api/vendor/bin/fetch.py", "api/bin/tool", "api/bin/tool.py", "site/scripts/own.js")


def two(command: str, *, root: str = "site", build: str = "'true'", deploy: str = "'true'") -> str:
    """Applications `api` and `site`, and a worker of `site`."""
    return TWO.format(command=command, root=root, build=build, deploy=deploy)


def reported(folder: Path, text: str, files: Iterable[str] = FILES) -> list[Finding]:
    write(folder, text, ".upsun/config.yaml")
    for path in files:
        write(folder, "", path)
    return [one for one in lint(Project(str(folder)), Options()) if one.rule == RULE]


@pytest.mark.parametrize(
    ("command", "place"),
    [
        ("python scripts/fetch.py", "scripts/fetch.py"),
        ("./scripts/fetch.py", "./scripts/fetch.py"),
        ("cd scripts && python ./fetch.py", "./fetch.py"),
        ("python /app/scripts/fetch.py", "/app/scripts/fetch.py"),
        ("python $PLATFORM_APP_DIR/scripts/fetch.py", None),
        ("nohup python scripts/fetch.py", "scripts/fetch.py"),
        ("bin/tool.py", "bin/tool.py"),
        ("bin/tool", None),
        ("node scripts/own.js", None),
        ("python scripts/nowhere.py", None),
        ("python $FOLDER/fetch.py", None),
        ("vendor/bin/fetch.py", None),
        ("cd $FOLDER && python scripts/fetch.py", None),
        ("cd .. && python api/scripts/fetch.py", None),
        ("python ../api/scripts/fetch.py", None),
        ("fetch.py", None),
        ("'f() { python scripts/fetch.py; }; node own.js'", None),
    ],
)
def test_a_script_of_another_application(command: str, place: str | None, tmp_path: Path) -> None:
    found = reported(tmp_path, two(command))
    assert [(one.region.text, one.severity.label) for one in found] == ([] if place is None else [(place, "warning")])
    assert all("application `api`" in one.message for one in found)
    assert [(one.related[0].region.text, one.fixes) for one in found] == [("api", ())] * len(found)


def test_a_script_that_the_build_names_may_be_made_there(tmp_path: Path) -> None:
    assert reported(tmp_path, two("python scripts/fetch.py", build="cp -r ../api/fetch.py scripts")) == []


def test_hooks_run_in_the_container_too_but_the_build_is_not_looked_at(tmp_path: Path) -> None:
    run = "python scripts/fetch.py"
    assert len(reported(tmp_path, two("./w.sh", deploy=run))) == 1
    assert reported(tmp_path, two("./w.sh", build=run)) == []


def test_a_file_that_both_have_is_the_applications_own(tmp_path: Path) -> None:
    assert reported(tmp_path, two("python scripts/fetch.py"), [*FILES, "site/scripts/fetch.py"]) == []


def test_a_file_that_several_others_have_could_be_of_any(tmp_path: Path) -> None:
    text = two("python scripts/fetch.py").replace(
        "routes:", "  more:\n    type: 'python:3.14'\n    source: {root: more}\nroutes:"
    )
    assert reported(tmp_path, text, [*FILES, "more/scripts/fetch.py"]) == []


@pytest.mark.parametrize("root", ["api", "/api/", "./api", "elsewhere"])
def test_applications_of_one_folder_or_of_a_missing_one(root: str, tmp_path: Path) -> None:
    assert reported(tmp_path, two("python scripts/fetch.py", root=root)) == []


def test_an_application_at_the_root_has_the_files_of_all_folders(tmp_path: Path) -> None:
    text = two("python api/scripts/fetch.py", root="''")
    assert reported(tmp_path, text) == []
    assert len(reported(tmp_path, text.replace("api/scripts", "scripts"))) == 1


def test_without_the_files_nothing_is_reported() -> None:
    assert said(two("python scripts/fetch.py"), RULE) == []
