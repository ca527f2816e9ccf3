"""What a check of a small, sound project loads. These are counts, not times, so they are the same on every machine.

Whoever loads more changes the number, on purpose. Code that only some projects need is imported where it is used.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.benchmarks.inputs import configuration
from tests.support import needs_pure

MODULES = 202
"""Modules of ours that are imported."""

SOURCE = 1_203_000
"""Bytes of their source, documentation of the rules included."""

CALLS = 10_200
"""Calls of our functions, generators that go on included: other code has other numbers in each version of Python."""

TOLERANCE = 1.05

NEEDLESS = [
    *("upsun_rules.shell.walk", "upsun_rules.shell.tokens", "upsun_lint.fixing.fixes", "upsun_lint.reports.snippet"),
    *("upsun_schema.yaml.broken.slips", "upsun_schema.yaml.broken.recovery", "upsun_schema.configuration.references"),
    *(
        "tree_sitter",
        "tree_sitter_bash",
        "dis",
        "pkgutil",
        "secrets",
        "ipaddress",
        "difflib",
        "subprocess",
        "multiprocessing",
        "tomllib",
    ),
    *("jsonschema", "pygls", "lsprotocol", "asyncio", "rich"),
    *("json", "typing", "datetime", "shlex"),
    *("click", "inspect", "uuid", "ruamel.yaml.main", "ruamel.yaml.events", "ruamel.yaml.scanner"),
]


REPORT = """
import os, sys
end = os._exit
calls = 0

def count(frame, event, argument):
    global calls
    calls += event == "call" and "upsun_" in frame.f_code.co_filename

def report(status):
    sys.setprofile(None)
    modules = list(sys.modules)
    import json
    sys.stderr.write(json.dumps({"calls": calls, "modules": modules}))
    sys.stderr.flush()
    end(status)

os._exit = report
from upsun_lint.__main__ import main
sys.setprofile(count)
main()
"""
"""A check that says in the end what it has called and imported."""


class Load(NamedTuple):
    """What a check took."""

    calls: int
    modules: set[str]


@pytest.fixture(scope="module")
def load(tmp_path_factory: pytest.TempPathFactory) -> Load:
    """What a check of one application with a worker takes."""
    folder = tmp_path_factory.mktemp("small") / ".upsun"
    folder.mkdir()
    (folder / "config.yaml").write_text(configuration(1), "utf-8")
    command = [sys.executable, "-c", REPORT, "check", str(folder.parent)]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    for _ in range(2):  # The first one may parse data files that are kept in another form from then on.
        run = subprocess.run(command, capture_output=True, text=True, cwd=folder.parent, check=False, env=environment)
    found = json.loads(run.stderr)
    return Load(found["calls"], set(found["modules"]))


def test_the_number_of_modules(load: Load) -> None:
    assert len(ours(load.modules)) <= MODULES * TOLERANCE


@needs_pure
def test_the_bytes_of_their_source(load: Load) -> None:
    assert sum(path.stat().st_size for path in ours(load.modules)) <= SOURCE * TOLERANCE


@needs_pure
def test_the_number_of_calls(load: Load) -> None:
    assert CALLS / 2 < load.calls <= CALLS * TOLERANCE


@pytest.mark.parametrize("module", NEEDLESS)
def test_what_is_not_needed_is_not_imported(load: Load, module: str) -> None:
    assert module not in load.modules


def ours(imported: set[str]) -> list[Path]:
    specs = [find_spec(name) for name in sorted(imported) if name.startswith("upsun_")]
    return [Path(spec.origin) for spec in specs if spec is not None and spec.origin is not None]
