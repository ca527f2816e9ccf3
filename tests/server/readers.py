"""Readers of what we write, as others made them: packages from npm, fetched once and kept beside the environment."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

HOME = Path(__file__).resolve().parents[2] / ".venv" / "readers"

LIMIT = 600
"""Seconds that fetching a package may take; the largest has 104 MB."""


def package(name: str, version: str) -> Path:
    """Return the folder of a package; skip where there is no npm, or it cannot fetch."""
    home = HOME / f"{name.replace('/', '+')}@{version}"
    if not home.is_dir():
        _fetch(home, f"{name}@{version}")
    return home / name


def _fetch(home: Path, requirement: str) -> None:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip(f"there is no npm to fetch {requirement} with")
    options = ["--ignore-scripts", "--legacy-peer-deps", "--no-package-lock", "--no-audit", "--no-fund"]
    HOME.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=HOME) as folder:
        try:
            ran = subprocess.run(
                [npm, "install", *options, "--prefix", folder, requirement],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=LIMIT,
                check=False,
            )
        except subprocess.TimeoutExpired:
            pytest.skip(f"npm did not fetch {requirement} within {LIMIT} seconds")
        if ran.returncode:
            reasons = [line for line in ran.stderr.splitlines() if not line.startswith("npm warn")]
            pytest.skip(f"npm cannot fetch {requirement}: {reasons[:2]}")
        # What another run has put there meanwhile is the same.
        with suppress(OSError):
            os.rename(Path(folder) / "node_modules", home)
