from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.server.command import upsun_lint, write
from tests.support import CORPORA

WRONG = """\
applications:
  🙂app:
    type: 'php:8.4'
    workers:
      queue: {commands: {start: php a.php}, é🙂: 1, mount: {}}
"""


@pytest.fixture(scope="module")
def schema() -> Any:
    found = json.loads(resources.files("upsun_lint.reports").joinpath("findings.schema.json").read_text("utf-8"))
    jsonschema.Draft7Validator.check_schema(found)
    return found


def report(schema: Any, *arguments: str) -> Any:
    ran = upsun_lint("--format", "json", *arguments)
    assert ran.err == ""
    assert ran.out.isascii()
    found = json.loads(ran.out)
    jsonschema.validate(found, schema, jsonschema.Draft7Validator)
    return found


def test_places_are_counted_from_one_in_code_points(
    schema: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "shop", WRONG)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    found = report(schema, "--select", "unknown-key", "../shop")
    first, second = found["findings"]
    assert first["path"] == "../shop/.upsun/config.yaml"
    assert first["range"] == {"start": {"line": 5, "column": 45}, "end": {"line": 5, "column": 47}}
    assert second["range"] == {"start": {"line": 5, "column": 52}, "end": {"line": 5, "column": 57}}
    assert second["severity"] == "error"
    assert second["rule"] == "unknown-key"
    assert second["url"].startswith("https://")
    (fix,) = second["fixes"]
    assert fix["safe"] is True
    assert fix["edits"] == [{"path": first["path"], "range": second["range"], "text": "mounts"}]
    assert found["version"] == 1
    assert found["summary"] == {
        "projects": 1,
        "files": 1,
        "error": 2,
        "warning": 0,
        "info": 0,
        "hint": 0,
        "fixable": 1,
        "fixed": 0,
        "rules": {"unknown-key": 2},
    }


def test_nothing_found_is_a_report_too(schema: Any, tmp_path: Path) -> None:
    write(tmp_path, WRONG)
    found = report(schema, "--select", "syntax-error", str(tmp_path))
    assert found["findings"] == []
    assert found["summary"]["projects"] == 1


def test_the_files_that_were_checked_are_counted(schema: Any, tmp_path: Path) -> None:
    write(tmp_path, "applications:\n  app: !include ../app.yaml\n")
    write(tmp_path, "type: 'php:8.4'\n", "app.yaml")
    write(tmp_path, "services:\n  db: {type: 'postgresql:18', mistake: 1}\n", ".upsun/services.yaml")
    assert report(schema, str(tmp_path))["summary"]["files"] == 3
    clean = report(schema, str(tmp_path / ".upsun/config.yaml"))
    assert (clean["findings"], clean["summary"]["files"]) == ([], 1)


def test_what_was_fixed_is_counted(schema: Any, tmp_path: Path) -> None:
    write(tmp_path, WRONG)
    found = report(schema, "--select", "unknown-key", "--fix", str(tmp_path))
    assert found["summary"]["fixed"] == 1
    assert [finding["range"]["start"]["column"] for finding in found["findings"]] == [45]


def test_related_places(schema: Any, tmp_path: Path) -> None:
    write(tmp_path, "applications:\n  app: {type: 'php:8.4'}\n  app: {type: 'php:8.4'}\n")
    found = report(schema, "--select", "duplicate-key", str(tmp_path))
    (finding,) = found["findings"]
    (related,) = finding["related"]
    assert related["range"]["start"]["line"] != finding["range"]["start"]["line"]
    assert related["message"]


def test_every_report_on_real_projects_is_as_described(schema: Any) -> None:
    found = report(schema, "--severity", "hint", *map(str, CORPORA))
    assert found["summary"]["projects"] >= 20
