"""The command run from the outside: in this process for speed, or in a separate one."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.patience import PATIENCE
from upsun_lint.cli import run

GOLDEN = Path(__file__).parent / "golden"

_IN_CI = ("GITHUB_", "GITLAB_", "CI_", "TF_BUILD", "BUILD_", "TEAMCITY_")

# Nothing of the machine the tests run on shall show.
CLEAN = {
    name: value
    for name, value in os.environ.items()
    if not name.startswith(("PYTHON", "LC_", "UPSUN", *_IN_CI))
    and name not in ("COLUMNS", "NO_COLOR", "FORCE_COLOR", "LANG")
}


class Ran(NamedTuple):
    """What came of a command."""

    status: int
    stdout: bytes
    stderr: bytes

    @property
    def out(self) -> str:
        return self.stdout.decode()

    @property
    def err(self) -> str:
        return self.stderr.decode()


def upsun_lint(*arguments: str, stdin: bytes = b"", environment: Mapping[str, str] | None = None) -> Ran:
    """Run the command in this process."""
    streams = [io.TextIOWrapper(io.BytesIO(text), encoding="utf-8", write_through=True) for text in (stdin, b"", b"")]
    with pytest.MonkeyPatch.context() as patch:
        for name, stream in zip(("stdin", "stdout", "stderr"), streams, strict=True):
            patch.setattr(sys, name, stream)
        for name in [name for name in os.environ if name.startswith(("COLUMNS", "NO_COLOR", "FORCE_COLOR", *_IN_CI))]:
            patch.delenv(name)
        for name, value in (environment or {}).items():
            patch.setenv(name, value)
        status = run(arguments)
    out, err = (stream.buffer.getvalue() for stream in streams[1:])  # type: ignore[attr-defined]
    return Ran(status, out, err)


def process(
    *arguments: str | bytes, cwd: Path, stdin: bytes = b"", environment: Mapping[str, str] | None = None
) -> Ran:
    """Run the command in a separate process."""
    found = subprocess.run(
        [sys.executable, "-m", "upsun_lint", *arguments],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        env=CLEAN | {"PYTHONUTF8": "0", "LANG": "C.UTF-8"} | dict(environment or {}),
        timeout=PATIENCE,
    )
    return Ran(found.returncode, found.stdout, found.stderr)


def modes_count() -> bool:
    """Whether the mode of a file decides what this process may do with it: not for root, not on Windows."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "file")
        file.touch(0o000)
        return not os.access(file, os.R_OK)


def write(root: Path, text: str | bytes, path: str = ".upsun/config.yaml") -> Path:
    """Write a file of a project and return where it is."""
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def check_golden(name: str, text: str) -> None:
    """Compare a text with the file that holds what it should be; UPDATE_GOLDEN=1 writes that file."""
    file = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_text(text, encoding="utf-8", newline="")
    assert text == file.read_text(encoding="utf-8"), f"{file} differs; UPDATE_GOLDEN=1 accepts what is printed now"
