"""Programs and schemas of others: packages from npm, fetched once and kept beside the environment."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.patience import PATIENCE

HOME = Path(__file__).resolve().parents[1] / ".venv" / "packages"


def package(name: str, version: str) -> Path:
    """The folder of a package; skip where there is no npm, or it cannot fetch."""
    home = _home(name, version)
    if not home.is_dir():
        _fetch(home, f"{name}@{version}")
    return home / "node_modules" / name


def program(name: str, version: str) -> Path:
    """The program of a package that bears its name; skip where there is no npm, or it cannot fetch."""
    package(name, version)
    return _home(name, version) / "node_modules" / ".bin" / name


def _home(name: str, version: str) -> Path:
    return HOME / f"{name.replace('/', '+')}@{version}"


def _fetch(home: Path, requirement: str) -> None:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip(f"there is no npm to fetch {requirement} with")
    options = ["--ignore-scripts", "--legacy-peer-deps", "--no-package-lock", "--no-audit", "--no-fund"]
    HOME.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=HOME) as folder:
        made = os.path.join(folder, "made")
        try:
            ran = subprocess.run(
                [npm, "install", *options, "--prefix", made, requirement],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired:
            pytest.skip(f"npm did not fetch {requirement} within {PATIENCE:.0f} seconds")
        if ran.returncode:
            reasons = [line for line in ran.stderr.splitlines() if not line.startswith("npm warn")]
            pytest.skip(f"npm cannot fetch {requirement}: {reasons[:2]}")
        # What another run has put there meanwhile is the same.
        with suppress(OSError):
            os.rename(made, home)
