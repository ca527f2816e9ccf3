"""Configuration folders below the root, which the platform ignores."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.server.command import write
from tests.support import findings
from upsun_rules.engine import lint
from upsun_rules.finding import Finding
from upsun_rules.options import Options
from upsun_schema.configuration.project import Project

APP = "applications:\n  app:\n    type: 'php:8.4'\n"


def reported(root: Path) -> list[Finding]:
    return [one for one in lint(Project(str(root)), Options()) if one.rule == "nested-configuration"]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({".upsun/config.yaml": APP, "api/.upsun/config.yaml": APP}, True),
        ({".upsun/config.yaml": APP, "a/b/api/.upsun/config.yaml": APP}, True),
        ({".upsun/more.yaml": "", "api/.upsun/config.yaml": APP}, True),
        ({".upsun/config.yaml": APP, ".git/HEAD": "", "api/.upsun/config.yaml": APP}, True),
        ({".upsun/config.yaml": APP, ".git": "gitdir: x", "api/.upsun/config.yaml": APP}, True),
        ({".upsun/notes.txt": "", "api/.upsun/config.yaml": APP}, False),
        ({".upsun/config.yaml": APP, "api/.git/HEAD": "", "api/.upsun/config.yaml": APP}, False),
        ({".upsun/config.yaml": APP, "a/.git/HEAD": "", "a/api/.upsun/config.yaml": APP}, False),
        # A submodule has a file of that name.
        ({".upsun/config.yaml": APP, "api/.git": "gitdir: ../.git/modules/api", "api/.upsun/config.yaml": APP}, False),
        ({"api/.upsun/config.yaml": APP}, False),
        ({".upsun/config.yaml": APP, "api/.upsun/config.yaml": "{}"}, False),
        ({".upsun/config.yaml": APP, "api/.upsun/config.yaml": "# later"}, False),
        ({".upsun/config.yaml": APP, "api/.upsun/config.yaml": "- a"}, False),
    ],
)
def test_a_configuration_below_the_root(files: dict[str, str], expected: bool, tmp_path: Path) -> None:
    for path, text in files.items():
        write(tmp_path, text, path)
    root = next(tmp_path / path.split("/.upsun")[0] for path in files if "api/.upsun" in path)
    assert [(one.region.text, one.severity.label) for one in reported(root)] == (
        [("applications", "warning")] if expected else []
    )


def test_the_nearest_configuration_above_is_named(tmp_path: Path) -> None:
    for path in (".upsun/config.yaml", "a/.upsun/config.yaml", "a/b/c/.upsun/config.yaml"):
        write(tmp_path, APP, path)
    (finding,) = reported(tmp_path / "a/b/c")
    assert "it reads `../../.upsun`" in finding.message
    assert finding.fixes == ()
    assert reported(tmp_path) == []


def test_a_folder_of_several_files_is_one_finding(tmp_path: Path) -> None:
    write(tmp_path, APP, ".upsun/config.yaml")
    write(tmp_path, "", "api/.upsun/a.yaml")
    write(tmp_path, "routes: {}\n", "api/.upsun/b.yaml")
    write(tmp_path, APP, "api/.upsun/c.yaml")
    assert [one.region.text for one in reported(tmp_path / "api")] == ["routes"]


def test_the_search_above_ends(tmp_path: Path) -> None:
    write(tmp_path, APP, ".upsun/config.yaml")
    for levels, expected in ((20, 1), (21, 0)):
        folder = tmp_path.joinpath(*["d"] * levels)
        write(folder, APP, ".upsun/config.yaml")
        found = reported(folder)
        assert len(found) == expected
        (folder / ".upsun/config.yaml").unlink()
        (folder / ".upsun").rmdir()


def test_a_file_called_upsun_is_not_a_configuration(tmp_path: Path) -> None:
    write(tmp_path, APP, ".upsun/config.yaml")
    write(tmp_path, APP, "a/b/.upsun/config.yaml")
    write(tmp_path, "", "a/.upsun")
    (finding,) = reported(tmp_path / "a/b")
    assert "it reads `../../.upsun`" in finding.message


def test_a_project_in_memory_is_below_nothing() -> None:
    assert findings(APP, "nested-configuration") == []


@pytest.mark.parametrize(
    ("paths", "ignored"),
    [
        (["api/.upsun/config.yaml"], "`api/.upsun`"),
        (["b/.platform/routes.yaml", "a/.upsun/x.yaml", "a/.upsun/y.yaml"], "`a/.upsun` and `b/.platform`"),
        ([f"{one}/.upsun/x.yaml" for one in "abcde"], "`a/.upsun`, `b/.upsun` and `c/.upsun`, and 2 more"),
        (["vendor/x/.upsun/config.yaml", "api/.upsun/notes.txt", "api/.upsun/local/x.yaml"], None),
    ],
)
def test_at_the_root_the_tracked_folders_below_are_listed(
    tmp_path: Path, paths: list[str], ignored: str | None
) -> None:
    for path in [".upsun/config.yaml", *paths]:
        write(tmp_path, APP, path)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    (tmp_path / "untracked").mkdir()
    subprocess.run(["git", "add", "."], cwd=tmp_path, check=True)
    write(tmp_path, APP, "untracked/.upsun/config.yaml")
    found = [one for one in lint(Project(str(tmp_path)), Options()) if one.rule == "nested-configuration"]
    message = f"the platform reads only the `.upsun` folder at the root, and ignores {ignored}"
    assert [(one.severity.label, one.message) for one in found] == ([("info", message)] if ignored else [])


def test_a_tracked_folder_that_was_deleted_is_not_listed(tmp_path: Path) -> None:
    write(tmp_path, APP)
    moved = write(tmp_path, APP, "api/.upsun/config.yaml")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "."], cwd=tmp_path, check=True)
    moved.unlink()
    found = lint(Project(str(tmp_path)), Options())
    assert [one.message for one in found if one.rule == "nested-configuration"] == []
