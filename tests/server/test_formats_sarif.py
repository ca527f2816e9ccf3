"""SARIF: what is in it, and what its official schema and Microsoft's validator say of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests import packages
from tests.patience import PATIENCE
from tests.server.command import upsun_lint, write
from tests.server.test_formats import FOLDER, MESSAGE, WRONG
from upsun_lint.reports import sarif

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


def test_after_fixes_the_log_is_about_the_new_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, SUPPRESSED)
    assert [one["ruleId"] for one in log("--fix")["results"]] == ["crons-on-worker"]


def test_nothing_found_is_a_log_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "applications:\n  app:\n    type: 'php:8.4'\n    source: {root: /}\n")
    assert log()["results"] == []


def test_of_too_many_findings_the_worst_are_kept(hostile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MOST_RESULTS", 3)
    run = log(FOLDER)
    assert [one["level"] for one in run["results"]] == ["error", "error", "error"]
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert note["message"]["text"].startswith("left out: 1 finding;")


# -- its readers -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def schema() -> jsonschema.Draft7Validator:
    """The schema that OASIS publishes with the standard: names it does not know are wrong, too."""
    file = packages.package("schemastore", "0.2.2") / "schemas/json/sarif-2.1.0.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    assert "/oasis-tcs/sarif-spec/" in content["$id"]
    return jsonschema.Draft7Validator(content)


@pytest.fixture(scope="module")
def multitool() -> Path:
    """The validator of Microsoft, which knows what code scanning wants besides."""
    if sys.platform != "linux":
        pytest.skip("this package of the validator is for Linux")
    program = packages.package("@microsoft/sarif-multitool-linux", "5.7.0") / "Sarif.Multitool"
    program.chmod(0o755)
    return program


def judged(multitool: Path, file: Path) -> list[str]:
    """What the validator has against a log. It exits with 0 whatever it finds, so what it prints counts."""
    ran = subprocess.run(
        [multitool, "validate", file, "--rule-kind=Sarif;Ghas", "--level=Error;Warning"],
        env=os.environ | {"DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"},
        capture_output=True,
        timeout=PATIENCE,
    )
    printed = ran.stdout.decode("utf-8", "replace")
    assert "1 files scanned" in printed
    # It tries to fetch the addresses it meets.
    lines = [line for line in printed.splitlines() if ": error " in line or ": warning " in line]
    return [line for line in lines if "SARIF2006" not in line]


BROKEN = "applications:\n  app: {type: 'php:8.4'\n  é🙂: [\n\tx\n"
CLEAN = "applications:\n  app:\n    type: 'php:8.4'\n    source: {root: /}\n"
UNREASONED = SUPPRESSED.replace(" it moves next week", "")
TEXTS = {"hostile": WRONG, "suppressed": SUPPRESSED, "unreasoned": UNREASONED, "broken": BROKEN, "clean": CLEAN}


@pytest.fixture
def file(hostile: Path) -> Path:
    """A log of everything that a log of ours can hold: fixes, related places, suppressions, paths outside."""
    for name, text in TEXTS.items():
        write(hostile / name, text)
    (hostile / "inside").mkdir()
    upsun_lint("--severity=hint", "--format=sarif=x.sarif", FOLDER, *TEXTS)
    results = json.loads((hostile / "x.sarif").read_text(encoding="utf-8"))["runs"][0]["results"]
    assert {key for result in results for key in result} >= {"fixes", "relatedLocations"}
    assert {len(one) for result in results for one in result["suppressions"]} == {2, 3}
    return hostile / "x.sarif"


@pytest.mark.parametrize("paths", [(FOLDER, *TEXTS), *((name,) for name in TEXTS)], ids=("all", *TEXTS))
def test_every_log_follows_the_schema(
    schema: jsonschema.Draft7Validator, file: Path, paths: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    def validate(*arguments: str, **environment: str) -> None:
        ran = upsun_lint("--format=sarif", "--severity=hint", *arguments, environment=environment)
        schema.validate(json.loads(ran.out))

    validate(*paths)
    validate(*paths, GITHUB_ACTIONS="true")
    monkeypatch.chdir("inside")
    validate(*(f"../{path}" for path in paths))


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('"endColumn"', '"endCulumn"'),
        ('"level": "error"', '"level": "bad"'),
        ('"startLine": 5', '"startLine": 0'),
        ('"startColumn": 5,', '"startColumn": "5",'),
        ('"kind": "inSource"', '"kind": "comment"'),
        ('"deletedRegion"', '"region"'),
        ('"message": {', '"massage": {'),
        ('"columnKind": "utf16CodeUnits"', '"columnKind": "bytes"'),
    ],
)
def test_an_invalid_log_does_not_follow_the_schema(
    schema: jsonschema.Draft7Validator, file: Path, right: str, wrong: str
) -> None:
    text = file.read_text(encoding="utf-8")
    assert right in text
    assert not schema.is_valid(json.loads(text.replace(right, wrong)))


def test_the_validator_accepts_it(multitool: Path, file: Path) -> None:
    assert judged(multitool, file) == []


@pytest.mark.parametrize(
    ("right", "wrong"), [('"ruleIndex": 0', '"ruleIndex": 700'), (f'"uri": "{URI}"', '"uri": "a b<c>/config.yaml"')]
)
def test_the_validator_rejects_invalid_logs(multitool: Path, file: Path, right: str, wrong: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert right in text
    file.write_text(text.replace(right, wrong), encoding="utf-8")
    assert judged(multitool, file)
