from __future__ import annotations

import json
import multiprocessing
import os
import re
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.patience import PATIENCE
from tests.server.command import process, upsun_lint, write
from upsun_lint.failure import Failure
from upsun_lint.reports import FORMATS
from upsun_lint.run import pool
from upsun_lint.run.check_request import CheckRequest
from upsun_lint.run.checker import Checker
from upsun_lint.run.result import Result
from upsun_lint.run.targets import Target
from upsun_rules.catalog import all_rules
from upsun_schema.configuration.project import Project
from upsun_schema.images.table import Images

FILES = """\
applications:
  app:
    type: 'php:8.4'
    source: {root: /}
    workers:
      text:
        commands:
          start: !include {type: string, path: text.sh}
      folded:
        commands:
          start: !include folded.sh
      bare:
        commands:
          start: !include
          type: string
          path: text.sh
"""
WRONG = "applications:\n  app:\n    type: 'php:8.4'\n    mount: {{}} # {}\n"


def make(folder: Path, number: int) -> None:
    for index in range(number):
        write(folder / f"p{index:03}", WRONG.format(index))


def test_more_processes_give_the_same_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    make(tmp_path, 50)
    write(tmp_path / "p007", "applications: {app: {type: 'php:8.4', workers: {w: {}}}}\n")
    write(tmp_path / "p008", "").write_text("a: !include nowhere.yaml\nb: [\n")
    for form in ("text", "json", "sarif", "github"):
        one, three = (upsun_lint("--jobs", jobs, "--format", form, ".") for jobs in ("1", "3"))
        assert one == three
        assert one.status == 1
    names = re.findall(r"^(p\d+)/", upsun_lint("--format", "concise", ".").out, re.MULTILINE)
    assert names == sorted(names)
    assert len(set(names)) == 50


def test_whatever_is_found_comes_back_from_another_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One project for each wrong example of a rule, and one with includes of each kind."""
    monkeypatch.chdir(tmp_path)
    for slug, rule in all_rules().items():
        for index, example in enumerate(rule.examples):
            if example.wrong:
                for path, text in example.files.items():
                    write(tmp_path / f"{slug}-{index}", text, path)
    write(tmp_path / "files", FILES)
    for name in ("text.sh", "folded.sh"):
        (tmp_path / "files" / name).write_text("set -e\nphp queue.php &\n", encoding="utf-8")
    write(tmp_path / "files", "services:\n  db: {type: 'mariadb:11.8'}\n", ".upsun/more/services.yaml")
    baseline = tmp_path / "baseline.json"
    for form in FORMATS:
        one, three = (upsun_lint("--jobs", jobs, "--format", form, "--severity", "hint", ".") for jobs in ("1", "3"))
        assert three == one
        if form == "json":
            found = {finding["rule"] for finding in json.loads(one.out)["findings"]}
            assert found >= set(all_rules()) - {"shellcheck"}  # It runs only if it is enabled.
    listed = set()
    for jobs in ("1", "3"):
        upsun_lint("--jobs", jobs, "--baseline", str(baseline), "--update-baseline", ".")
        listed.add(baseline.read_text(encoding="utf-8"))
        baseline.unlink()
    assert len(listed) == 1
    one, three = (upsun_lint("--jobs", jobs, "--diff", ".") for jobs in ("1", "3"))
    assert three == one
    assert one.out


def test_nothing_is_sent_that_is_cheap_to_find_again(tmp_path: Path) -> None:
    """The schema is kept with each map that it was compared with: it is larger than all the rest of a project."""
    write(tmp_path, "applications:\n  app:\n    type: 'php:8.4'\n    source: {root: /}\n    mount: {}\n")
    checker = Checker(CheckRequest(fix=True), Images.embedded())
    result = checker.check(Target(str(tmp_path), None))
    packed = pool._packed_result(checker, result)
    assert b"upsun_schema.keys" not in packed
    assert b"upsun_schema.yaml.nodes" in packed
    light = Checker(CheckRequest(), Images.embedded())
    bare = pool._packed_result(light, light.check(Target(str(tmp_path), None)))
    assert len(bare) < len(packed) / 2
    assert b"Mapping" not in bare


def test_what_a_comment_hides_comes_back_from_another_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for index in range(4):
        write(tmp_path / f"p{index}", "applications:\n  app:\n    type: 'php:8.4'\n    source: {root: /}\n")
    hidden = "applications:\n  app:\n    type: 'php:8.4'\n    mount: {}  # upsun-lint: ignore[unknown-key]\n"
    write(tmp_path / "p2", hidden)
    for form in ("text", "sarif"):
        one, three = (upsun_lint("--jobs", jobs, "--format", form, ".") for jobs in ("1", "3"))
        assert three == one
        assert "suppress" in one.out


def test_a_project_without_such_a_comment_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for index in range(4):
        write(tmp_path / f"p{index}", "applications:\n  app:\n    type: 'php:8.4'\n    source: {root: /}\n")

    def whole(result: Result) -> Project:
        raise AssertionError(f"{result.project.root} is read again")

    monkeypatch.setattr(Result, "whole", property(whole))
    for form in ("text", "sarif"):
        assert upsun_lint("--jobs", "2", "--format", form, ".").status == 0


def test_what_is_new_since_a_revision_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    make(tmp_path, 4)
    for command in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=n", "-c", "user.email=n@localhost", "commit", "-qm", "all"],
    ):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    write(tmp_path / "p002", WRONG.format("2\n    workerss: {}"))
    one, three = (upsun_lint("--jobs", jobs, "--format", "json", "--since", "HEAD", ".") for jobs in ("1", "3"))
    assert three == one
    assert [finding["path"].partition("/")[0] for finding in json.loads(one.out)["findings"]] == ["p002"]


def test_a_project_is_drawn_as_it_was_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if it is another one by then."""
    monkeypatch.chdir(tmp_path)
    make(tmp_path, 4)
    write(tmp_path / "p002", WRONG.format("2\n    workers: !include workers.yaml"))
    write(tmp_path / "p002", "queue: {commands: {start: ./run.sh}}\n", "workers.yaml")
    one = upsun_lint("--jobs", "1", "--format", "markdown", ".")
    assert "queue" in one.out
    understand = pool._understood

    def changed_meanwhile(checker: Checker, target: Target, answer: pool._Answer) -> Result | Failure:
        write(Path(target.root), "services:\n  late: {type: 'redis:8.0'}\n", ".upsun/late.yaml")
        Path(target.root, "workers.yaml").unlink(missing_ok=True)
        return understand(checker, target, answer)

    monkeypatch.setattr(pool, "_understood", changed_meanwhile)
    assert upsun_lint("--jobs", "2", "--format", "markdown", ".") == one


def test_new_processes_give_the_same_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Elsewhere than on Linux they are no copies of this one: what they need is sent to them."""
    monkeypatch.chdir(tmp_path)
    make(tmp_path, 6)
    write(tmp_path / "p003", "severities = {unknown-key = 'warning'}\n", ".upsun-lint.toml")
    one = upsun_lint("--jobs", "1", "--ignore", "redundant-override", ".")
    monkeypatch.setattr(pool, "_context", lambda: multiprocessing.get_context("spawn"))
    assert upsun_lint("--jobs", "2", "--ignore", "redundant-override", ".") == one
    assert one.status == 1


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_project_that_cannot_be_read_does_not_stop_the_others(tmp_path: Path, jobs: str) -> None:
    make(tmp_path, 6)
    broken = tmp_path / "p002/.upsun/config.yaml"
    broken.unlink()
    broken.symlink_to("nowhere")
    write(tmp_path / "p004", "[", ".upsun-lint.toml")
    ran = process("--jobs", jobs, "--format", "concise", ".", cwd=tmp_path)
    assert ran.status == 2
    assert {line[:4] for line in ran.out.splitlines() if ": error[" in line} == {"p000", "p001", "p003", "p005"}
    lines = ran.err.splitlines()
    assert len(lines) == 2
    assert lines[0] == "upsun-lint: p002/.upsun/config.yaml: this symbolic link is broken"
    assert lines[1].startswith("upsun-lint: p004/.upsun-lint.toml:1:")


def test_trees_too_deep_to_be_packed_are_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    make(tmp_path, 2)
    deep = "".join(f"{'  ' * level}a:\n" for level in range(99))
    write(tmp_path / "diff", f"{WRONG.format('deep')}{deep}")
    write(tmp_path / "hidden", f"{WRONG.format('upsun-lint: ignore[unknown-key]')}{deep}")
    for options in (["--diff"], ["--format", "sarif"]):
        one, two = (upsun_lint("--jobs", jobs, *options, ".") for jobs in ("1", "2"))
        assert two == one
        assert one.status == 1


def test_settings_that_change_meanwhile_stop_one_project_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    make(tmp_path, 6)
    understand = pool._understood

    def broken_meanwhile(checker: Checker, target: Target, answer: pool._Answer) -> Result | Failure:
        if target.root.endswith("p002"):
            write(tmp_path / "p002", "[", ".upsun-lint.toml")
        return understand(checker, target, answer)

    monkeypatch.setattr(pool, "_understood", broken_meanwhile)
    ran = upsun_lint("--jobs", "2", "--format", "concise", ".")
    assert ran.status == 2
    assert {line[:4] for line in ran.out.splitlines() if ": error[" in line} == {"p000", "p001", "p003", "p004", "p005"}
    assert ran.err.startswith("upsun-lint: p002/.upsun-lint.toml:1:")


@pytest.mark.skipif(sys.platform != "linux", reason="a new process has nothing of this one")
def test_what_was_found_before_a_process_was_killed_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    make(tmp_path, 6)
    attempt = Checker.attempt

    def killed(checker: Checker, target: Target) -> Result | Failure:
        if target.root.endswith("p003"):
            os.kill(os.getpid(), signal.SIGKILL)
        return attempt(checker, target)

    monkeypatch.setattr(Checker, "attempt", killed)
    ran = upsun_lint("--jobs", "2", "--format", "concise", ".")
    assert ran.status == 2
    told = re.fullmatch(r"upsun-lint: (\d) of 6 projects were not checked: a process was killed .*\n", ran.err)
    assert told is not None
    names = {line[:4] for line in ran.out.splitlines() if ": error[" in line}
    assert names == {f"p{index:03}" for index in range(6 - int(told[1]))}


WAITING = """\
import os, signal, sys
from upsun_lint.cli import run
from upsun_lint.run.checker import Checker

def attempt(checker, target):
    os.write(1, b".")
    signal.pause()

Checker.attempt = attempt
run(sys.argv[1:])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="a new process has nothing of this one")
def test_no_process_is_left_when_the_first_one_is_killed(tmp_path: Path) -> None:
    make(tmp_path, 6)
    command = [sys.executable, "-c", WAITING, "--jobs", "2", "."]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE) as started:
        assert started.stdout is not None
        assert started.stdout.read(1) == b"."
        started.kill()
        # It ends only when no process is left that could write.
        started.communicate(timeout=PATIENCE)


def test_fixes_are_the_same(tmp_path: Path) -> None:
    for jobs in ("1", "2"):
        make(tmp_path / jobs, 8)
        assert process("--fix", "--jobs", jobs, ".", cwd=tmp_path / jobs).status == 0
    for index in range(8):
        texts = {(tmp_path / jobs / f"p{index:03}/.upsun/config.yaml").read_text() for jobs in ("1", "2")}
        assert texts == {WRONG.format(index).replace("mount:", "mounts:")}


def test_the_number_of_processes_is_a_number(tmp_path: Path) -> None:
    assert process("--jobs", "0", cwd=tmp_path).status == 2
    assert process("--jobs", "many", cwd=tmp_path).status == 2


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo terminal")
def test_progress_is_shown_on_a_terminal_and_removed(tmp_path: Path) -> None:
    import pty

    make(tmp_path, 60)
    main, terminal = pty.openpty()
    command = [sys.executable, "-m", "upsun_lint", "--jobs", "2", "--format", "concise", "."]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=terminal) as started:
        out, _ = started.communicate(timeout=PATIENCE)
    os.close(terminal)
    told = b""
    with suppress(OSError):  # There is nobody left to write.
        while part := os.read(main, 100_000):
            told += part
    os.close(main)
    assert re.match(rb"\rchecked \d+ of 60 projects", told)
    assert told.endswith(b"\r\x1b[K")
    assert b"checked" not in out
    assert process("--jobs", "2", ".", cwd=tmp_path).err == ""
