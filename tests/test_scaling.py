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
