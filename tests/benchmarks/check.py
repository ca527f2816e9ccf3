"""Whole processes: `upsun-lint check` beside check-jsonschema, yamllint and upsunvalidator, in one run.

    python tests/benchmarks/check.py [--runs N]

Every tool checks the same files in turn, A B C D A B C D …, after a warm-up. Each turn gives a ratio to check-jsonschema;
their median is printed, which holds when the machine is busy. A peer that cannot be installed is left out, and named.
After `make test-compiled`, the compiled upsun-lint is one of them.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.benchmarks.inputs import write

PEERS = Path(__file__).resolve().parents[2] / ".venv" / "peers"
BASELINE = "check-jsonschema"
OURS = "upsun-lint"
COMPILED = "compiled upsun-lint"


class Sample(NamedTuple):
    """One finished process: seconds of wall time and the largest memory it held, in MiB."""

    wall: float
    memory: float


def run(command: list[str], folder: Path) -> Sample:
    """Run a command to its end and return what the operating system says of it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    started = time.perf_counter()
    with open(os.devnull, "w") as nowhere:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=nowhere, stderr=nowhere)
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
    return Sample(time.perf_counter() - started, usage.ru_maxrss / 1024)


def install(name: str, python: str = sys.executable) -> Path | None:
    """The script of a peer in its own environment; None if it cannot be installed."""
    home = PEERS / name
    script = home / "bin" / name
    if not script.exists():
        made = subprocess.run([python, "-m", "venv", str(home)], capture_output=True, check=False)
        if made.returncode == 0:
            pip = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", name]
            subprocess.run(pip, capture_output=True, check=False)
    return script if script.exists() else None


def newer_python() -> str | None:
    """A Python of at least 3.12, which upsunvalidator needs."""
    pyenv = sorted(Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")).glob("versions/3.1[2-9]*/bin/python"))
    for candidate in [sys.executable, "python3.12", "python3.13", "python3.14", *map(str, pyenv)]:
        path = shutil.which(candidate)
        probe = [path or "false", "-c", "import sys; sys.exit(sys.version_info < (3, 12))"]
        if path and subprocess.run(probe, capture_output=True, check=False).returncode == 0:
            return path
    return None


def commands(schema: Path) -> dict[str, list[str]]:
    """The command of each tool that is here; the file is added to it."""
    ours = Path(sys.executable).with_name("upsun-lint")
    found: dict[str, list[str]] = {OURS: [str(ours), "check"]}
    compiled = PEERS.parents[1] / ".compiled" / "bin" / "upsun-lint"
    if compiled.exists():
        found[COMPILED] = [str(compiled), "check"]
    if script := install(BASELINE):
        found[BASELINE] = [str(script), "--schemafile", str(schema)]
    if script := install("yamllint"):
        found["yamllint"] = [str(script), "-d", "relaxed"]
    python = newer_python()
    if python and (script := install("upsunvalidator", python)):
        found["upsunvalidator"] = [str(script), "validate", "--file"]
    for name in (BASELINE, "yamllint", "upsunvalidator"):
        if name not in found:
            print(f"{name} cannot be installed here and is left out")
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=7, help="counted runs of each tool (7)")
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        schema = home / "upsun.schema.json"
        printed = subprocess.run([sys.executable, "-m", "upsun_lint", "schema"], capture_output=True, check=True)
        schema.write_bytes(printed.stdout)
        tools = commands(schema)
        print(f"{'':17}{'tool':21}{'wall ms: median (min-max)':30}{'ratio':>7}{'MiB':>8}")
        for size, root in write(home).items():
            file = root / ".upsun" / "config.yaml"
            samples: dict[str, list[Sample]] = {name: [] for name in tools}
            for turn in range(runs + 1):
                for name, command in tools.items():
                    sample = run([*command, str(file)], root)
                    if turn:
                        samples[name].append(sample)
            report(size, samples)


def report(size: str, samples: dict[str, list[Sample]]) -> None:
    """Print a line for each tool."""
    base = samples.get(BASELINE)
    for name, found in samples.items():
        walls = [sample.wall * 1000 for sample in found]
        memory = max(sample.memory for sample in found)
        ratios = [sample.wall / other.wall for sample, other in zip(found, base or (), strict=False)]
        ratio = f"{statistics.median(ratios):.2f}" if ratios else "-"
        times = f"{statistics.median(walls):7.0f} ({min(walls):.0f}-{max(walls):.0f})"
        print(f"{size:17}{name:21}{times:30}{ratio:>7}{memory:8.0f}")


if __name__ == "__main__":
    main()
