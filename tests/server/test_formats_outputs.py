"""Several formats in one run, each where it is to go, and what happens where that cannot be."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.server.command import CLEAN, modes_count, upsun_lint, write

WRONG = """\
applications:
  app:
    type: 'php:8.4'
    source: {root: /}
    "##vso[task.setvariable variable=a]b": 1
"""


@pytest.fixture(autouse=True)
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write(tmp_path, WRONG)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_each_goes_to_its_file(inside: Path) -> None:
    arguments = ["--format", "json=a.json", "--format=gitlab=b.json"]
    ran = upsun_lint(*arguments, "--format", "concise", ".")
    assert ran.status == 1
    assert ran.err == ""
    assert ran.out == upsun_lint("--format", "concise").out
    assert (inside / "a.json").read_text() == upsun_lint("--format", "json").out
    assert json.loads((inside / "b.json").read_text())[0]["check_name"] == "unknown-key"
    assert sorted(path.name for path in inside.iterdir()) == [".upsun", "a.json", "b.json"]


def test_a_file_may_have_any_name(inside: Path) -> None:
    assert upsun_lint("--format", "checkstyle=a=b c").out == ""
    assert (inside / "a=b c").read_text() == upsun_lint("--format", "checkstyle").out


def test_text_goes_to_a_file_without_colors_and_annotations(inside: Path) -> None:
    assert upsun_lint("--format", "text=a", environment={"GITHUB_ACTIONS": "true"}).out == ""
    assert "unknown-key" in (inside / "a").read_text()
    assert "\x1b" not in (inside / "a").read_text()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--format", "json", "--format", "text"],
        ["--format", "json=-", "--format", "text"],
        ["--format", "json=a", "--format", "text=./a"],
        ["--format", "json=a", "--format", "json"] * 2,
        ["--format", "html"],
        ["--format", "html=a"],
        ["--format", "json="],
        ["--format", ""],
        ["--format"],
    ],
)
def test_contradictions_are_one_plain_line(inside: Path, arguments: list[str]) -> None:
    ran = upsun_lint(*arguments)
    assert (ran.status, ran.out) == (2, "")
    assert len(ran.err.splitlines()) == 1
    assert ran.err.startswith("upsun-lint: ")
    assert [path.name for path in inside.iterdir()] == [".upsun"]


@pytest.mark.parametrize("target", ["missing/a", "folder", "/dev/full"])
def test_a_file_that_cannot_be_written(inside: Path, target: str) -> None:
    if target == "/dev/full" and not os.path.exists(target):
        pytest.skip("there is no /dev/full here")
    (inside / "folder").mkdir()
    ran = upsun_lint(f"--format=json={target}", "--format", "concise")
    assert ran.status == 2
    assert "unknown-key" in ran.out
    assert ran.err.startswith(f"upsun-lint: {target}: this file cannot be written: ")
    assert len(ran.err.splitlines()) == 1
    assert not list((inside / "folder").iterdir())


def test_a_file_is_replaced_whole_or_not_at_all(inside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = inside / "a.json"
    file.write_text("before")
    file.chmod(0o640)

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", full)
        ran = upsun_lint("--format", "json=a.json")
    assert ran.status == 2
    assert ran.err == "upsun-lint: a.json: this file cannot be written: no space left on device\n"
    assert file.read_text() == "before"
    assert sorted(path.name for path in inside.iterdir()) == [".upsun", "a.json"]
    (inside / "link").symlink_to("a.json")
    assert upsun_lint("--format", "json=link").status == 1
    assert (inside / "link").is_symlink()
    assert json.loads(file.read_text())["version"] == 1
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_a_folder_that_may_not_be_written(inside: Path) -> None:
    if not modes_count():
        pytest.skip("this user may write anything")
    (inside / "closed").mkdir(0o500)
    ran = upsun_lint("--format", "json=closed/a")
    assert ran.status == 2
    assert "permission denied" in ran.err


def test_a_reader_that_stops_is_not_a_failure() -> None:
    command = [sys.executable, "-m", "upsun_lint", "--format", "sarif"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=CLEAN) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1


# -- known systems ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environment", "mark"),
    [
        ({"GITHUB_ACTIONS": "true"}, "::error "),
        ({"TF_BUILD": "True"}, "##vso[task.logissue type=error"),
        ({"TEAMCITY_VERSION": "2025.1"}, "##teamcity[inspection "),
    ],
)
def test_a_known_system_gets_text_and_annotations(environment: dict[str, str], mark: str) -> None:
    ran = upsun_lint(environment=environment)
    assert ran.status == 1
    assert "error[unknown-key]" in ran.out
    assert "Found 1 error in 1 file." in ran.out
    assert f"\n{mark}" in ran.out


def test_a_system_without_annotations_gets_text() -> None:
    assert upsun_lint(environment={"GITLAB_CI": "true", "CI_SERVER": "yes"}) == upsun_lint()


def test_a_choice_is_never_overridden() -> None:
    for form in ("text", "json", "concise"):
        text = upsun_lint("--format", form, environment={"GITHUB_ACTIONS": "true"}).out
        assert "::error " not in text
        assert "unknown-key" in text


def test_a_project_cannot_choose_the_output() -> None:
    for form in ("text", "concise"):
        assert "##vso[" in upsun_lint("--format", form).out
        for name in ("TF_BUILD", "GITHUB_ACTIONS", "TEAMCITY_VERSION"):
            assert "##vso[" not in upsun_lint("--format", form, environment={name: "1"}).out


def test_statistics_are_for_people(inside: Path) -> None:
    ran = upsun_lint("--statistics", "--format", "gitlab=a", "--format", "text")
    assert ran.out.startswith("1  error    unknown-key")
    assert json.loads((inside / "a").read_text())


@pytest.mark.skipif(os.name == "nt", reason="pipes of POSIX")
def test_a_pipe_without_a_reader_is_one_line_at_once() -> None:
    os.mkfifo("pipe")
    ran = upsun_lint("--format", "text=pipe")
    assert (ran.status, ran.err) == (2, "upsun-lint: pipe: this file cannot be written: this pipe has no reader\n")
    ran = upsun_lint("--format", "github", environment={"GITHUB_STEP_SUMMARY": "pipe"})
    assert (ran.status, ran.err) == (2, "upsun-lint: pipe: this file cannot be written: this pipe has no reader\n")
