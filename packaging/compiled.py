"""Compile the schema and the rules with mypyc, for the wheel that is made with UPSUN_LINT_COMPILED=1.

    python packaging/compiled.py OUTPUT

OUTPUT receives the compiled modules, which are installed beside the others: Python prefers them. It needs mypy,
setuptools and a C compiler.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]

FOLDERS = ("schema/upsun_schema", "rules/upsun_rules")

# The rules themselves are a tenth of the time. Uncompiled they stay free of what mypyc asks for, and `@rule` can read
# their signatures. The others define classes that mypyc cannot compile, or that compiled ones inherit from.
NOT_COMPILED = (
    "upsun_rules/change_checks/",
    "upsun_rules/checks/",
    "upsun_schema/caching.py",
    "upsun_schema/expression.py",
    "upsun_schema/record.py",
    "upsun_schema/wording.py",
    "upsun_schema/yaml/libyaml.py",
)

# What is not installed where it is compiled has no types: that costs nothing.
CONFIGURATION = """\
[mypy]
always_true = COMPILED
ignore_missing_imports = True
"""


def modules() -> list[Path]:
    """The files that are compiled, in their order. The `__init__` of a package has no code that is worth it."""
    files = sorted(file for folder in FOLDERS for file in (PROJECT / folder).rglob("*.py"))
    return [file for file in files if file.name != "__init__.py" and not _name(file).startswith(NOT_COMPILED)]


def _name(file: Path) -> str:
    """A file as it is installed, such as `upsun_schema/yaml/nodes.py`."""
    return "/".join(file.relative_to(PROJECT).parts[1:])


def build(output: Path) -> None:
    """Put the compiled modules into a folder, in place of what is there."""
    from mypyc.build import mypycify
    from setuptools import setup

    with tempfile.TemporaryDirectory() as folder:
        for package in FOLDERS:
            shutil.copytree(PROJECT / package, Path(folder, Path(package).name))
        os.chdir(folder)
        Path("mypy.ini").write_text(CONFIGURATION, "utf-8")
        names = [_name(file) for file in modules()]
        extensions = mypycify(
            ["--config-file", "mypy.ini", *names],
            opt_level="3",
            debug_level="0",
            multi_file=True,
            group_name="upsun_lint",
        )
        if sys.platform == "linux":
            for extension in extensions:
                extension.extra_link_args.append("-s")
        shutil.rmtree(output, ignore_errors=True)
        setup(
            ext_modules=extensions,
            script_args=["--quiet", "build_ext", "--build-lib", str(output), "--build-temp", "objects"],
        )
        os.chdir(PROJECT)


if __name__ == "__main__":
    build(Path(sys.argv[1]).resolve())
