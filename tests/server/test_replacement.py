"""Files are replaced in one step: what killed runs leave harms nothing, and what cannot be kept is said."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.server.command import upsun_lint, write
from upsun_lint.writing.replacement import replace

CONFIG = ".upsun/config.yaml"
WRONG = "applications:\n  app:\n    type: 'php:8.4'\n    mount: {'a': {source: storage}}\n"
RIGHT = WRONG.replace("mount:", "mounts:")


def dead_process() -> int:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


def leave(folder: Path, name: str, *, age: float = 120) -> Path:
    file = folder / name
    file.write_bytes(b"half")
    os.utime(file, (time.time() - age,) * 2)
    return file


def test_leftovers_of_a_killed_run_are_removed(tmp_path: Path) -> None:
    left = leave(tmp_path, f".out.json.{dead_process()}.0123abcd.upsun-lint")
    other = leave(tmp_path, f".baseline.json.{dead_process()}.ffffffff.upsun-lint")
    old_style = leave(tmp_path, f".out.json.{os.getpid()}")
    replace(str(tmp_path / "out.json"), b"new")
    assert (tmp_path / "out.json").read_bytes() == b"new"
    assert not left.exists() and not other.exists()
    assert old_style.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="there the age alone decides")
def test_files_in_use_and_files_of_others_are_kept(tmp_path: Path) -> None:
    ended = dead_process()
    kept = [
        leave(tmp_path, f".out.json.{os.getpid()}.0123abcd.upsun-lint"),
        leave(tmp_path, f".out.json.{ended}.0123abcd.upsun-lint", age=10),
        leave(tmp_path, f"out.json.{ended}.0123abcd.upsun-lint"),
        leave(tmp_path, f".out.json.{ended}.0123abc.upsun-lint"),
        leave(tmp_path, f".out.json.{ended}.0123abcd"),
    ]
    folder = tmp_path / f".out.json.{ended}.0123abce.upsun-lint"
    folder.mkdir()
    os.utime(folder, (0, 0))
    link = tmp_path / f".out.json.{ended}.0123abcf.upsun-lint"
    link.symlink_to(kept[0])
    replace(str(tmp_path / "out.json"), b"new")
    assert all(file.exists() for file in (*kept, folder, link))


def test_a_run_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> None:
        raise OSError(5, "no more")

    file = tmp_path / "out.json"
    file.write_bytes(b"old")
    with pytest.raises(OSError, match="no more"):
        replace(str(file), b"new", check=fail)
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.json"]
    assert file.read_bytes() == b"old"


@pytest.mark.skipif(sys.platform == "win32", reason="links of POSIX")
def test_a_broken_hard_link_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = write(tmp_path, WRONG)
    os.link(file, tmp_path / "twin.yaml")
    ran = upsun_lint("--fix", "--select", "unknown-key")
    assert ran.err == f"upsun-lint: {CONFIG}: it was a hard link; its text under another name is the old one\n"
    assert (file.read_text(), (tmp_path / "twin.yaml").read_text()) == (RIGHT, WRONG)
    os.link(tmp_path / "twin.yaml", tmp_path / "third.yaml")
    ran = upsun_lint("--format", "json=twin.yaml")
    assert "twin.yaml: it was a hard link; its text under another name is the old one\n" in ran.err


@pytest.mark.skipif(sys.platform != "linux", reason="extended attributes as Linux has them")
def test_extended_attributes_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = write(tmp_path, WRONG)
    try:
        os.setxattr(file, "user.note", b"mine")
    except OSError:
        pytest.skip("this file system has no extended attributes")
    ran = upsun_lint("--fix", "--select", "unknown-key")
    assert (ran.status, ran.err, file.read_text()) == (0, "", RIGHT)
    assert os.getxattr(file, "user.note") == b"mine"


@pytest.mark.skipif(sys.platform != "linux", reason="extended attributes as Linux has them")
def test_lost_attributes_are_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = write(tmp_path, WRONG)
    monkeypatch.setattr(os, "listxattr", lambda path: ["user.note"] if str(path).endswith(".yaml") else [])
    monkeypatch.setattr(os, "getxattr", lambda path, name: b"mine")

    def refuse(path: str, name: str, value: bytes) -> None:
        raise PermissionError(1, "not you")

    monkeypatch.setattr(os, "setxattr", refuse)
    ran = upsun_lint("--fix", "--select", "unknown-key")
    assert ran.err == f"upsun-lint: {CONFIG}: its extended attributes could not be kept\n"
    assert file.read_text() == RIGHT


def test_a_file_that_changes_while_it_is_fixed_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program wins the race at the last moment: after the fixes were found, before the file is replaced."""
    monkeypatch.chdir(tmp_path)
    file = write(tmp_path, WRONG)
    meanwhile = WRONG.replace("storage", "instance")
    write_out = os.fsync

    def late(handle: int) -> None:
        write_out(handle)
        file.write_text(meanwhile)

    monkeypatch.setattr(os, "fsync", late)
    ran = upsun_lint("--fix", "--select", "unknown-key")
    assert ran.status == 2
    changed = "this file was left alone, since it was changed by another program in the meantime"
    assert ran.err == f"upsun-lint: {CONFIG}: {changed}\n"
    assert file.read_text() == meanwhile
    assert [entry.name for entry in file.parent.iterdir()] == ["config.yaml"]


def test_runs_at_the_same_time_report_correctly(tmp_path: Path) -> None:
    file = write(tmp_path, WRONG)
    command = [sys.executable, "-m", "upsun_lint", "--fix", "--select", "unknown-key", "--no-config", str(tmp_path)]
    runs = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    for run in runs:
        error = run.communicate(timeout=300)[1]
        assert run.returncode in (0, 2), error
        assert error == "" or "changed by another program" in error
    assert file.read_text() == RIGHT
    assert [entry.name for entry in file.parent.iterdir()] == ["config.yaml"]
