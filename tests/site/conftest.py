"""The site is built once for all tests, and served from a folder of a server, as it would be anywhere."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.site.serving import Served, served

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the built site, built once for all processes of a run: it is built within the repository."""
    if find_spec("zensical") is None:
        pytest.skip("zensical is not installed")
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    own = tmp_path_factory.getbasetemp()
    common = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    target, unfinished = common / "built-site", common / "unfinished-site"
    with (common / "site.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.exists():
            command = [sys.executable, "docs/site/build.py", "--into", str(unfinished)]
            built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
            assert built.returncode == 0, built.stdout + built.stderr
            unfinished.rename(target)
    return target


@pytest.fixture(scope="session")
def server(site: Path) -> Iterator[Served]:
    """The site below a folder of a server that compresses, as the usual hosts of static sites do."""
    with served(site, "/some/where") as found:
        yield found
