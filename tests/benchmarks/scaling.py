"""How the time of `upsun-lint check` grows with what it is given, each input in a separate process.

    python tests/benchmarks/scaling.py [--sizes 20,100,500] [--limit SECONDS] [WORD]...

Prints CPU seconds by size (in 1,000 code points), less what an empty project takes, and the exponent between the
first and the last: 1 is linear. Inputs that miss a goal are marked: 2 s up to 100,000 code points, 10 s up to
1,000,000, an exponent of 1.2. With words, only inputs whose names contain one of them.
"""

from __future__ import annotations

import argparse
import gc
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.benchmarks.hostile import CONFIG, INPUTS, Files

__all__ = ["CPU_LIMIT", "measure", "seconds"]

GOALS = {100_000: 2.0, 1_000_000: 10.0}
"""The most CPU seconds up to each size."""

STEEPEST = 1.2
CPU_LIMIT = 30
_UNMEASURABLE = 0.15
"""CPU seconds below which an exponent says nothing."""


def seconds(files: Files) -> float:
    """The CPU seconds of checking files, in this process."""
    from upsun_lint.cli import run

    with tempfile.TemporaryDirectory() as folder:
        for path, text in files.items():
            full = Path(folder, path)
            full.parent.mkdir(parents=True, exist_ok=True)
            full.write_bytes(text.encode("utf-8", "surrogateescape"))
        started = time.process_time()
        run(["check", "--no-config", folder])
        sys.stdout.flush()
        return time.process_time() - started


def measure(name: str, size: int, limit: int = CPU_LIMIT) -> float:
    """The CPU seconds of checking an input in a separate process; infinity past a limit."""
    command = [sys.executable, __file__, "--one", name, str(size), "--limit", str(limit)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    found = ran.stderr.strip().rpartition("\n")[2]
    if ran.returncode < 0 or not found:
        return math.inf
    try:
        return float(found)
    except ValueError:
        raise RuntimeError(f"{name} of {size}: {ran.stderr}") from None


def _one(name: str, size: int, limit: int) -> None:
    """Measure an input here, and say how long it took on standard error."""
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
    gc.disable()  # As the program itself does.
    seconds({CONFIG: "applications:\n  app:\n    type: 'php:8.4'\n"})
    print(seconds(INPUTS[name](size)), file=sys.stderr)


def _exponent(small: float, large: float, ratio: float) -> float:
    if not math.isfinite(large):
        return math.inf
    return math.log(large / max(small, _UNMEASURABLE / 5)) / math.log(ratio) if large > _UNMEASURABLE else 0.0


def _is_missed(taken: dict[int, float], exponent: float) -> bool:
    return exponent > STEEPEST or any(
        taken[size] > next((goal for most, goal in GOALS.items() if size <= most), math.inf) for size in taken
    )


def main() -> int:
    """Measure and print; the exit status is 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", nargs="*")
    parser.add_argument("--sizes", default="20,100,500")
    parser.add_argument("--limit", type=int, default=CPU_LIMIT)
    parser.add_argument("--one", nargs=2, metavar=("NAME", "SIZE"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        _one(given.one[0], int(given.one[1]), given.limit)
        return 0
    sizes = [int(size) * 1_000 for size in given.sizes.split(",")]
    missed = 0
    print(f"{'':45}" + "".join(f"{size // 1000:>7}k" for size in sizes) + "  exponent")
    for name in INPUTS:
        if given.words and not any(word in name for word in given.words):
            continue
        taken = {}
        for size in sizes:
            taken[size] = measure(name, size, given.limit)
            if not math.isfinite(taken[size]):
                break
        last = max(taken)
        exponent = _exponent(taken[sizes[0]], taken[last], last / sizes[0]) if len(sizes) > 1 else 0.0
        is_missed = _is_missed(taken, exponent)
        missed += is_missed
        figures = "".join(f"{figure:8.2f}" for figure in taken.values())
        print(f"{name:45}{figures}  {exponent:5.2f}{'  !' * is_missed}", flush=True)
    print(f"{missed} of {len(INPUTS)} miss a goal" if not given.words else f"{missed} miss a goal")
    return int(bool(missed))


if __name__ == "__main__":
    os.environ.setdefault("COLUMNS", "100")
    sys.exit(main())
