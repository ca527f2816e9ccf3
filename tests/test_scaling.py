"""No input takes long: each kind of `tests/benchmarks/hostile.py`, small, within CPU seconds that any machine has.

`tests/benchmarks/scaling.py` measures how the time grows; this only finds what explodes.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.hostile import INPUTS

if os.name == "nt":
    pytest.skip("CPU time is limited as POSIX does it", allow_module_level=True)

SIZE = 10_000
SECONDS = 20
"""How much CPU time one input may take: far more than it does, far less than what is not linear would."""

_SCRIPT = """
import resource, sys
from tests.benchmarks.hostile import INPUTS
from tests.benchmarks.scaling import seconds
for name in sys.argv[2:]:
    spent = int(sum(resource.getrusage(resource.RUSAGE_SELF)[:2]))
    resource.setrlimit(resource.RLIMIT_CPU, (spent + {seconds}, -1))
    print(name, file=sys.stderr, flush=True)
    seconds(INPUTS[name](int(sys.argv[1])))
"""

NAMES = sorted(INPUTS)


@pytest.mark.parametrize("names", [NAMES[start::6] for start in range(6)], ids=lambda names: names[0])
def test_nothing_takes_long(names: list[str]) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _SCRIPT.format(seconds=SECONDS), str(SIZE), *names],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[1],
    )
    assert ran.returncode == 0, f"this takes too long, or fails: {ran.stderr[-2000:]}"


_COUNT = """
import cProfile, pstats, sys
from tests.benchmarks.hostile import INPUTS
from upsun_rules.engine import lint
from upsun_rules.options import Options
from upsun_schema.configuration.project import Project
def calls(files):
    profile = cProfile.Profile()
    profile.enable()
    lint(Project("/nonexistent", {".upsun/config.yaml": files} if isinstance(files, str) else dict(files)), Options())
    profile.disable()
    return pstats.Stats(profile).total_calls
calls("applications: {}")
for name in sys.argv[1:]:
    print(calls(INPUTS[name](3_000)), calls(INPUTS[name](12_000)), name)
"""
_FEW = 300_000
"""With so few calls, a limit or another way of reading may be what makes the difference."""


@pytest.mark.parametrize("names", [NAMES[start::6] for start in range(6)], ids=lambda names: names[0])
def test_the_number_of_calls_grows_about_linearly(names: list[str]) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _COUNT, *names],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[1],
    )
    grown = []
    for line in ran.stdout.splitlines():
        small, large, name = line.split(" ", 2)
        if int(large) > _FEW and int(large) > int(small) * 4**1.4:
            grown.append(f"{name}: {small} calls, then {large}")
    assert grown == []
