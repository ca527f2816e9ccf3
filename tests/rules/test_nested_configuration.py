"""Configuration folders below the root, which the platform ignores."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.server.command import write
from upsun_rules.engine import lint
from upsun_rules.options import Options
from upsun_schema.configuration.project import Project

APP = "applications:\n  app:\n    type: 'php:8.4'\n"


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
