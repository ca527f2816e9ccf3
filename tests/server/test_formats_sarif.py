"""SARIF: what is in it, and what Microsoft's validator says of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.server.command import upsun_lint, write
from tests.server.test_formats import FOLDER, MESSAGE, WRONG

URI = "a%2Cb%3Ac%25%F0%9F%99%82%20%5Bx%5D%3B%27%7C/.upsun/config.yaml"

SUPPRESSED = """\
applications:
  app:
    type: 'php:8.4'
    source: {root: /}
    workers:
      queue:
        commands: {start: php a.php}
        crons: {} # upsun-lint: ignore[crons-on-worker] it moves next week
        mount: {}
"""


def log(*arguments: str, **environment: str) -> Any:
    ran = upsun_lint("--format", "sarif", *arguments, environment=environment)
    assert ran.err == ""
    assert ran.out.isascii()
    found = json.loads(ran.out)
    assert found["version"] == "2.1.0"
    (run,) = found["runs"]
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    return run


@pytest.fixture
def hostile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / FOLDER, WRONG)
    return tmp_path


def test_a_result(hostile: Path) -> None:
    run = log(FOLDER)
    assert run["columnKind"] == "utf16CodeUnits"
    first, related, second, third = run["results"]
    assert first["message"] == {"text": MESSAGE}
    assert first["level"] == "error"
    assert related["level"] == "note"
    place = second["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": URI, "uriBaseId": "SRCROOT"}
    assert set(run["originalUriBaseIds"]) == {"SRCROOT"}
    # `é🙂` are three units.
    assert place["region"] == {"startLine": 10, "startColumn": 45, "endLine": 10, "endColumn": 48}
    (fix,) = third["fixes"]
    (change,) = fix["artifactChanges"]
    assert change["artifactLocation"] == place["artifactLocation"]
    assert change["replacements"] == [
        {
            "deletedRegion": {"startLine": 10, "startColumn": 53, "endLine": 10, "endColumn": 58},
            "insertedContent": {"text": "mounts"},
        }
    ]
    assert related["relatedLocations"][0]["physicalLocation"]["region"]["startLine"] == 10


def test_a_rule(hostile: Path) -> None:
    rules = {rule["id"]: rule for rule in log(FOLDER)["tool"]["driver"]["rules"]}
    assert set(rules) == {"unknown-key", "storage-not-shared-with-worker"}
    rule = rules["unknown-key"]
    assert rule["name"] == "UnknownKey"
    assert rule["helpUri"].startswith("https://")
    assert "```yaml" in rule["help"]["markdown"]
    assert rule["defaultConfiguration"] == {"level": "error"}


def test_fingerprints_stay_and_differ(hostile: Path) -> None:
    def marks() -> list[str]:
        return [result["partialFingerprints"]["upsunLint/v1"] for result in log(FOLDER)["results"]]

    before = marks()
    assert len(set(before)) == 4
    write(hostile / FOLDER, "# one\n# two\n" + WRONG)
    assert marks() == before


def test_paths_outside_are_absolute(hostile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (hostile / "elsewhere").mkdir()
    monkeypatch.chdir(hostile / "elsewhere")
    place = log(f"../{FOLDER}")["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place == {"uri": (hostile / FOLDER / ".upsun/config.yaml").as_uri()}
    place = log(f"../{FOLDER}", GITHUB_WORKSPACE=str(hostile))["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": URI, "uriBaseId": "SRCROOT"}


def test_what_comments_hide_is_marked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, SUPPRESSED)
    results = log()["results"]
    assert [(one["ruleId"], one["suppressions"]) for one in results] == [
        ("unknown-key", []),
        (
            "crons-on-worker",
            [{"kind": "inSource", "status": "accepted", "justification": "it moves next week"}],
        ),
    ]
    assert [one["ruleId"] for one in log("--ignore", "crons-on-worker")["results"]] == ["unknown-key"]
    # Its code scanning would show what is suppressed as an open alert.
    assert [one["ruleId"] for one in log(GITHUB_ACTIONS="true")["results"]] == ["unknown-key"]


def test_after_fixes_it_is_about_what_is_there_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, SUPPRESSED)
    assert [one["ruleId"] for one in log("--fix")["results"]] == ["crons-on-worker"]


def test_nothing_found_is_a_log_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "applications:\n  app:\n    type: 'php:8.4'\n    source: {root: /}\n")
    assert log()["results"] == []


# -- the validator and the types --------------------------------------------------------------------------------------

MULTITOOL = "@microsoft/sarif-multitool-linux"
PACKAGES = (f"{MULTITOOL}@5.7.0", "typescript@5.9", "@types/sarif@2.1")
HOME = Path(__file__).resolve().parents[2] / ".venv" / "sarif"


@pytest.fixture(scope="module")
def packages() -> Path:
    """The validator of Microsoft and the schema as types of TypeScript, 130 MB; fetched if SLOW_TESTS is set."""
    folder = HOME / "node_modules"
    names = (MULTITOOL, "typescript", "@types/sarif")
    if not all((folder / name).is_dir() for name in names):
        npm = shutil.which("npm")
        if npm is None or not os.environ.get("SLOW_TESTS"):
            pytest.skip("the validator of SARIF is not there; SLOW_TESTS=1 fetches it with npm")
        HOME.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [npm, "install", "--no-audit", "--no-fund", "--prefix", HOME, *PACKAGES], check=False, timeout=600
        )
        if not all((folder / name).is_dir() for name in names):
            pytest.skip("the validator of SARIF cannot be fetched with npm")
    return folder


def judged(packages: Path, file: Path) -> list[str]:
    """Return what the validator has against a log. It exits with 0 whatever it finds, so what it prints counts."""
    ran = subprocess.run(
        [packages / MULTITOOL / "Sarif.Multitool", "validate", file, "--rule-kind=Sarif;Ghas", "--level=Error;Warning"],
        env=os.environ | {"DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"},
        capture_output=True,
        timeout=120,
    )
    printed = ran.stdout.decode("utf-8", "replace")
    assert "1 files scanned" in printed
    # It tries to fetch the addresses it meets.
    lines = [line for line in printed.splitlines() if ": error " in line or ": warning " in line]
    return [line for line in lines if "SARIF2006" not in line]


def typed(packages: Path, file: Path) -> list[str]:
    """Return what the schema has against a log: names it does not know, values of a wrong kind, what is missing.

    The validator overlooks unknown names.
    """
    source = file.with_suffix(".ts")
    text = file.read_text(encoding="utf-8")
    source.write_text(f'import type {{ Log }} from "sarif";\nexport const log: Log = {text};\n', encoding="utf-8")
    config = {
        "compilerOptions": {
            "strict": True,
            "noEmit": True,
            "baseUrl": str(packages.parent),
            "paths": {"sarif": [str(packages / "@types/sarif/index.d.ts")]},
            "types": [],
        },
        "files": [source.name],
    }
    file.with_name("tsconfig.json").write_text(json.dumps(config), encoding="utf-8")
    ran = subprocess.run(
        ["node", packages / "typescript/bin/tsc", "-p", file.parent], capture_output=True, timeout=120, text=True
    )
    return ran.stdout.splitlines()


def test_readers_take_it(packages: Path, hostile: Path) -> None:
    write(hostile / "second", SUPPRESSED)
    upsun_lint("--format", "sarif", "--output-file", "x.sarif", FOLDER, "second")
    assert judged(packages, hostile / "x.sarif") == []
    assert typed(packages, hostile / "x.sarif") == []


def test_readers_would_not_take_anything(packages: Path, hostile: Path) -> None:
    upsun_lint("--format", "sarif", "--output-file", "x.sarif", FOLDER)
    good = (hostile / "x.sarif").read_text(encoding="utf-8")
    for right, wrong in (('"endColumn"', '"endCulumn"'), ('"level": "error"', '"level": "bad"')):
        (hostile / "x.sarif").write_text(good.replace(right, wrong), encoding="utf-8")
        assert typed(packages, hostile / "x.sarif")
    (hostile / "x.sarif").write_text(good.replace('"ruleIndex": 0', '"ruleIndex": 7'), encoding="utf-8")
    assert judged(packages, hostile / "x.sarif")
