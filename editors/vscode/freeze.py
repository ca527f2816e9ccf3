"""Freeze upsun-lint into one folder that needs no Python: what `make binary`, the VSIX and the npm package consist of.

    python freeze.py OUTPUT [--work FOLDER]

OUTPUT receives the program `upsun-lint` (`upsun-lint.exe`) and the files it needs. All that the build itself needs is
installed into the work folder, a throw-away one unless it is given. What is made is for the operating system and the
processor it is made on.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
# Nuitka's program needs 0.9 of the time of PyInstaller's for a check of 60 lines, and 0.8 to 0.97 for one of 10,000.
# But it has 77 MB instead of 21, and takes 34 minutes of CPU time to build instead of half a minute.
PYINSTALLER = "pyinstaller==6.22.3"

ENTRY = """\
import sys

if sys.argv[1:3] == ["images", "update"]:
    sys.stderr.write("upsun-lint: this program cannot download; run `images update` where Python is\\n")
    sys.exit(2)

import multiprocessing
multiprocessing.freeze_support()

from upsun_lint.__main__ import main
main()
"""

LICENSES = """\
import pathlib
import sys
from importlib.metadata import distributions
texts = [("Python", path.read_text("utf-8")) for path in pathlib.Path(sys.base_prefix).glob("**/LICENSE.txt")][:1]
for distribution in sorted(distributions(), key=lambda found: found.name.lower()):
    if distribution.name.lower() not in sys.argv[2:]:
        for file in distribution.files or []:
            if any(word in file.name.lower() for word in ("licen", "copying", "notice")) and ".dist-info" in str(file):
                texts.append((f"{distribution.name} {distribution.version}", file.locate().read_text("utf-8")))
with open(sys.argv[1], "w", encoding="utf-8") as output:
    for name, text in texts:
        output.write(f"{name}\\n{'=' * len(name)}\\n\\n{text.strip()}\\n\\n\\n")
"""

WITH_DATA = ["cron_descriptor", "jsonschema_specifications", "upsun_lint", "upsun_rules", "upsun_schema"]

# What is needed to make the program, and is no part of it. PyInstaller's own part of it is free of conditions.
BUILDERS = ["altgraph", "macholib", "packaging", "pefile", "pip", "pyinstaller", "pyinstaller-hooks-contrib"]
BUILDERS += ["pywin32-ctypes", "setuptools"]

# What modules of the standard library could need but the program never asks for. TLS alone is a quarter of the size:
# the program cannot do `images update`, but it uses the table that an installed upsun-lint has downloaded.
UNUSED = [
    "_bz2",
    "_codecs_cn",
    "_codecs_hk",
    "_codecs_iso2022",
    "_codecs_jp",
    "_codecs_kr",
    "_codecs_tw",
    "_hashlib",
    "_lzma",
    "_multibytecodec",
    "_pydecimal",
    "_ssl",
    "bz2",
    "doctest",
    "lzma",
    "pdb",
    "pydoc",
    "ssl",
    "unittest",
    "xml",
]


def main() -> None:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("output", type=Path)
    parser.add_argument("--work", type=Path, help="a folder to build in, kept for the next time")
    arguments = parser.parse_args()
    if arguments.work is not None:
        freeze(arguments.output.resolve(), arguments.work.resolve())
    else:
        with tempfile.TemporaryDirectory() as work:
            freeze(arguments.output.resolve(), Path(work))


def freeze(output: Path, work: Path) -> None:
    """Build the program and put it into `output`, in place of what is there."""
    work.mkdir(parents=True, exist_ok=True)
    python = _environment(work)
    entry = work / "upsun_lint_entry.py"
    entry.write_text(ENTRY, "utf-8")
    _run(
        *(python, "-m", "PyInstaller", "--onedir", "--noconfirm", "--log-level", "WARN", "--name", "upsun-lint"),
        *("--distpath", work / "dist", "--workpath", work / "build", "--specpath", work),
        *([] if sys.platform == "win32" else ["--strip"]),
        *(word for name in ("upsun_lint", "upsun_rules") for word in ("--collect-submodules", name)),
        *(word for name in WITH_DATA for word in ("--collect-data", name)),
        *(word for name in UNUSED for word in ("--exclude-module", name)),
        *("--python-option", "X utf8_mode=1"),
        entry,
    )
    shutil.rmtree(output, ignore_errors=True)
    shutil.copytree(work / "dist" / "upsun-lint", output, symlinks=True)
    for metadata in (output / "_internal").glob("*.dist-info"):
        shutil.rmtree(metadata)
    shutil.copy(PROJECT / "LICENSE", output)
    _run(python, "-c", LICENSES, output / "THIRD-PARTY-LICENSES.txt", *BUILDERS)
    _report(output)


def _environment(work: Path) -> Path:
    """Install what the project needs, and PyInstaller; return the interpreter that has them."""
    folder = work / "environment"
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [PYINSTALLER, *project["dependencies"]]
    stamp = folder / "installed.txt"
    if not stamp.exists() or stamp.read_text("utf-8").splitlines() != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        _run(sys.executable, "-m", "venv", folder)
        _run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted)
        stamp.write_text("\n".join(wanted), "utf-8")
    return python


def _run(*command: str | Path) -> None:
    """Run a command that finds the project's packages where they are."""
    roots = os.pathsep.join(str(PROJECT / root) for root in ("schema", "rules", "server"))
    subprocess.run(list(map(str, command)), check=True, env={**os.environ, "PYTHONPATH": roots})


def _report(output: Path) -> None:
    files = [file for file in output.rglob("*") if file.is_file()]
    size = sum(file.stat().st_size for file in files)
    lines = [f"{output}: {len(files)} files, {size / 1_000_000:.1f} MB"]
    if sys.platform == "linux":
        lines.append(f"needs glibc {_glibc(files)} or later")
    sys.stdout.write("".join(f"{line}\n" for line in lines))


def _glibc(files: list[Path]) -> str:
    """The newest version of the C library that the programs among some files ask for."""
    versions = {
        tuple(map(int, found.split(b".")))
        for file in files
        if (data := file.read_bytes()).startswith(b"\x7fELF")
        for found in re.findall(rb"GLIBC_(2\.\d+)", data)
    }
    return ".".join(map(str, max(versions)))


if __name__ == "__main__":
    main()
