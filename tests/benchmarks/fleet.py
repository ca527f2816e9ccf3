"""Many projects in one process: `upsun-lint check` beside check-jsonschema given the same files.

    python tests/benchmarks/fleet.py [--projects N] [--runs N]

The projects are those of the shared corpus, repeated; without it, the examples. Each tool is run in turn, A B A B …,
after a warm-up; the median of each is printed as projects a second and as a ratio to check-jsonschema's.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
from itertools import cycle, islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.benchmarks.check import BASELINE, OURS, install, run
from upsun_schema.configuration.project import find_projects

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT.parent / "shared" / "corpus"


def copy(folder: Path, number: int) -> list[str]:
    """Write that many projects below a folder and return the paths of their files."""
    source = CORPUS
    if not source.is_dir():
        print("the shared corpus is not here: the examples are measured instead")
        source = ROOT / "examples"
    roots = list(find_projects(str(source)))
    files: list[str] = []
    for index, root in enumerate(islice(cycle(roots), number)):
        target = folder / f"{index:05}" / ".upsun"
        shutil.copytree(Path(root) / ".upsun", target)
        files += (str(file) for file in sorted(target.glob("*.y*ml")))
    return files


def commands(folder: Path, schema: Path, files: list[str]) -> dict[str, list[str]]:
    """The command of each tool that is here."""
    ours = [str(Path(sys.executable).with_name(OURS)), "check", "--quiet", "--format", "concise", str(folder)]
    found = {OURS: ours, f"{OURS} -j1": [*ours, "--jobs", "1"]}
    if script := install(BASELINE):
        found[BASELINE] = [str(script), "--schemafile", str(schema), *files]
    else:
        print(f"{BASELINE} cannot be installed here and is left out")
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--projects", type=int, default=1000, help="how many projects (1000)")
    parser.add_argument("--runs", type=int, default=3, help="counted runs of each tool (3)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder, schema = Path(name) / "fleet", Path(name) / "upsun.schema.json"
        printed = subprocess.run([sys.executable, "-m", "upsun_lint", "schema"], capture_output=True, check=True)
        schema.write_bytes(printed.stdout)
        tools = commands(folder, schema, copy(folder, arguments.projects))
        walls: dict[str, list[float]] = {tool: [] for tool in tools}
        for turn in range(arguments.runs + 1):
            for tool, command in tools.items():
                sample = run(command, folder)
                if turn:
                    walls[tool].append(sample.wall)
    base = statistics.median(walls[BASELINE]) if BASELINE in walls else None
    print(f"{arguments.projects} projects  {'tool':18}{'projects a second':>18}{'ratio':>7}")
    for tool, found in walls.items():
        median = statistics.median(found)
        ratio = f"{median / base:.2f}" if base else "-"
        print(f"{'':15}{tool:18}{arguments.projects / median:18.0f}{ratio:>7}")


if __name__ == "__main__":
    main()
