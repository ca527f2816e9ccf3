"""A `source.root` that the repository does not have."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.server.command import write
from upsun_rules.engine import lint
from upsun_rules.finding import Finding
from upsun_rules.options import Options
from upsun_schema.configuration.project import Project


def said(root: Path, source: str, *paths: str) -> list[Finding]:
    write(root, f"applications:\n  app:\n    type: 'php:8.4'\n    source: {{root: {source}}}\n", ".upsun/config.yaml")
    for path in paths:
        write(root, "x", path)
    return [one for one in lint(Project(str(root)), Options()) if one.rule == "missing-source-root"]


@pytest.mark.parametrize(
    "source", ["backend", "/backend", "backend/", "'/'", "''", ".", "apps/api", "APP_ROOT", "<folder>", "../x"]
)
def test_a_folder_that_is_there_or_cannot_be_judged(tmp_path: Path, source: str) -> None:
    assert said(tmp_path, source, "backend/index.php", "apps/api/index.php") == [] or source == "APP_ROOT"


@pytest.mark.parametrize(
    ("source", "meant"),
    [("bakend", ["backend"]), ("/bakend/", ["backend"]), ("apps/apii", ["apps/api"]), ("frontend", [])],
)
def test_a_folder_that_is_missing(tmp_path: Path, source: str, meant: list[str]) -> None:
    (found,) = said(tmp_path, source, "backend/index.php", "apps/api/index.php")
    assert found.region.text == source
    assert [fix.edits[0].text for fix in found.fixes] == meant


def test_without_files_beside_the_configuration_nothing_is_known(tmp_path: Path) -> None:
    assert said(tmp_path, "backend", ".gitignore", ".github/workflows/x.yml") == []


def test_a_file_is_not_a_folder(tmp_path: Path) -> None:
    assert len(said(tmp_path, "backend", "backend")) == 1
