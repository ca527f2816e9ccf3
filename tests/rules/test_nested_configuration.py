"""Configuration folders below the root, which the platform ignores."""

from __future__ import annotations

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
