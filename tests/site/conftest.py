"""The site is built once for all tests, and served from a folder of a server, as it would be anywhere."""

from __future__ import annotations

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
    """The folder of the built site."""
    if find_spec("zensical") is None:
        pytest.skip("zensical is not installed")
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    target = tmp_path_factory.mktemp("site")
    built = subprocess.run(
        [sys.executable, "docs/site/build.py", "--into", str(target)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return target


@pytest.fixture(scope="session")
def server(site: Path) -> Iterator[Served]:
    """The site below a folder of a server that compresses, as the usual hosts of static sites do."""
    with served(site, "/some/where") as found:
        yield found
