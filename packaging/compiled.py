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

# Where nearly all the time of a large check goes that is not in the rules themselves. Others gain nothing that can be
# measured, and each takes time to load. The rules stay as they are: whoever writes one need not think of mypyc.
COMPILED = {
    "schema/upsun_schema": ("cached", "files"),
    "schema/upsun_schema/configuration": (*("endpoints", "inheritance", "model"),),
    "schema/upsun_schema/images": ("table",),
    "schema/upsun_schema/keys": ("shape", "validation"),
    "schema/upsun_schema/yaml": (
        *("building", "cutting", "event", "events", "memory", "nodes", "parser", "scalars", "signs", "walking"),
    ),
    "rules/upsun_rules": ("consequences", "engine", "suppression"),
    "rules/upsun_rules/lookups": (
        *("command_text", "container_mounts", "folders", "levels", "placed_texts", "resolved_texts", "shell_sources"),
        "siblings",
    ),
    "rules/upsun_rules/resolution": ("candidates",),
    "rules/upsun_rules/shell": ("recognition", "syntax", "syntax_reader", "tokens", "tree", "walk", "words"),
}

# What is not installed where it is compiled has no types: that costs nothing.
CONFIGURATION = """\
[mypy]
always_true = COMPILED
ignore_missing_imports = True
"""


def modules() -> list[Path]:
    """The files that are compiled."""
    return [PROJECT / folder / f"{name}.py" for folder, names in COMPILED.items() for name in names]


def _name(file: Path) -> str:
    """A file as it is installed, such as `upsun_schema/yaml/nodes.py`."""
    return "/".join(file.relative_to(PROJECT).parts[1:])


def build(output: Path) -> None:
    """Put the compiled modules into a folder, in place of what is there."""
    from mypyc.build import mypycify
    from setuptools import setup

    with tempfile.TemporaryDirectory() as folder:
        for package in ("schema/upsun_schema", "rules/upsun_rules"):
            shutil.copytree(PROJECT / package, Path(folder, Path(package).name))
        os.chdir(folder)
        Path("mypy.ini").write_text(CONFIGURATION, "utf-8")
        names = [_name(file) for file in modules()]
        extensions = mypycify(
            ["--config-file", "mypy.ini", *names],
            opt_level="2",
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
