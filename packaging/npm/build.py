"""Make the npm packages: a launcher, and for each platform one with the program that `make binary` makes.

    python packaging/npm/build.py OUTPUT TARGET=FOLDER… [--release]

TARGET is a platform as Node.js names it, such as `linux-x64`, and FOLDER the program for it. Without `--release`, the
launcher depends on the folders beside it, so that nothing is installed by a name that nobody has claimed yet.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[1]
NAME = "upsun-lint"
TARGETS = ("linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64", "win32-x64")


def main() -> None:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("output", type=Path)
    parser.add_argument("programs", nargs="+", metavar="TARGET=FOLDER")
    parser.add_argument("--release", action="store_true", help="depend on published packages, for every platform")
    arguments = parser.parse_args()
    programs = dict(one.split("=", 1) for one in arguments.programs)
    if unknown := set(programs) - set(TARGETS):
        parser.error(f"not a platform: {', '.join(sorted(unknown))}")
    if arguments.release and set(programs) != set(TARGETS):
        parser.error("a release has every platform")
    shutil.rmtree(arguments.output, ignore_errors=True)
    for target, folder in programs.items():
        _platform(arguments.output, target, Path(folder))
    _launcher(arguments.output, programs, release=arguments.release)


def _launcher(output: Path, programs: dict[str, str], *, release: bool) -> None:
    needed = {
        f"{NAME}-{target}": _common()["version"] if release else f"file:../{NAME}-{target}" for target in programs
    }
    manifest = _common() | {"name": NAME, "bin": {NAME: "launcher.js"}, "optionalDependencies": needed}
    folder = _package(output / NAME, manifest | {"engines": {"node": ">=18"}})
    shutil.copy(HERE / "launcher.js", folder)
    shutil.copy(PROJECT / "README.md", folder)


def _platform(output: Path, target: str, program: Path) -> None:
    system, processor = target.split("-")
    manifest = _common() | {"name": f"{NAME}-{target}", "os": [system], "cpu": [processor]}
    folder = _package(output / f"{NAME}-{target}", manifest | {"description": f"The program of {NAME} for {target}"})
    shutil.copytree(program, folder / "program", symlinks=False)


def _common() -> dict[str, object]:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    source = (PROJECT / "server" / "upsun_lint" / "__init__.py").read_text("utf-8")
    version = re.findall(r'__version__ = "(.*)"', source)[0]
    home = project["urls"]["Repository"]
    return {
        "version": version,
        "description": project["description"],
        "license": "MIT",
        "repository": f"git+{home}.git",
    }


def _package(folder: Path, manifest: dict[str, object]) -> Path:
    folder.mkdir(parents=True)
    (folder / "package.json").write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")
    shutil.copy(PROJECT / "LICENSE", folder)
    return folder


if __name__ == "__main__":
    main()
