"""What a check of a small, sound project loads. These are counts, not times, so they are the same on every machine.

Whoever loads more changes the number, on purpose. Code that only some projects need is imported where it is used.
"""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.benchmarks.inputs import configuration

MODULES = 174
"""Modules of ours that are imported."""

SOURCE = 1_072_000
"""Bytes of their source, documentation of the rules included."""

TOLERANCE = 1.05

NEEDLESS = [
    *("upsun_schema.yaml.broken.slips", "upsun_schema.yaml.broken.recovery", "upsun_schema.configuration.references"),
    *("tree_sitter", "tree_sitter_bash", "secrets", "ipaddress", "difflib", "subprocess", "multiprocessing", "tomllib"),
    *("jsonschema", "pygls", "lsprotocol", "asyncio", "rich"),
]


REPORT = """
import os, sys
end = os._exit
os._exit = lambda status: (sys.stderr.write(" ".join(sys.modules)), sys.stderr.flush(), end(status))
from upsun_lint.__main__ import main
main()
"""
"""A check that says in the end what it has imported."""


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The modules that a check of one application with a worker imports."""
    folder = tmp_path_factory.mktemp("small") / ".upsun"
    folder.mkdir()
    (folder / "config.yaml").write_text(configuration(1), "utf-8")
    command = [sys.executable, "-c", REPORT, "check", str(folder.parent)]
    run = subprocess.run(command, capture_output=True, text=True, cwd=folder.parent, check=False)
    return set(run.stderr.split())


def test_the_number_of_modules(imported: set[str]) -> None:
    assert len(ours(imported)) <= MODULES * TOLERANCE


def test_the_bytes_of_their_source(imported: set[str]) -> None:
    assert sum(path.stat().st_size for path in ours(imported)) <= SOURCE * TOLERANCE


@pytest.mark.parametrize("module", NEEDLESS)
def test_what_is_not_needed_is_not_imported(imported: set[str], module: str) -> None:
    assert module not in imported


def ours(imported: set[str]) -> list[Path]:
    specs = [find_spec(name) for name in sorted(imported) if name.startswith("upsun_")]
    return [Path(spec.origin) for spec in specs if spec is not None and spec.origin is not None]
