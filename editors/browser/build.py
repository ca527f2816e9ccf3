"""Build the playground into a folder: `python editors/browser/build.py FOLDER`, after `npm ci`.

The packages are those of the Python that runs this, so that the page has the versions that were tested. The ones with
native code are left out: the bash grammar comes from its npm package, YAML has a parser in pure Python, and policies
are not in the playground.
"""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from upsun_rules.catalog import every_rule

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
NATIVE = frozenset({"jsonschema", "regex", "ruamel-yaml-clib", "tree-sitter", "tree-sitter-bash"})
"""The dependencies that have no pure Python, or need one that has none."""

OURS = ("schema/upsun_schema", "rules/upsun_rules", "server/upsun_lint")
# Pyodide's own environment: neither Windows nor an older Python.
ENVIRONMENT = {"sys_platform": "emscripten", "python_version": "3.14", "python_full_version": "3.14.0", "extra": ""}


def needed() -> set[str]:
    """The names of the distributions that the packages need in the page."""
    found: set[str] = set()
    waiting = ["upsun-lint"]
    while waiting:
        for line in distribution(waiting.pop()).requires or ():
            requirement = Requirement(line)
            name = canonicalize_name(requirement.name)
            applies = requirement.marker is None or requirement.marker.evaluate(ENVIRONMENT)
            if applies and name not in NATIVE and name not in found:
                found.add(name)
                waiting.append(name)
    return found


def packages() -> Iterator[tuple[str, bytes]]:
    """Yield each file that Python imports in the page, with its path there."""
    folders = [HERE / "python", *(ROOT / folder for folder in OURS)]
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix != ".pyi" and "__pycache__" not in path.parts:
                base = folder if folder.name == "python" else folder.parent
                yield path.relative_to(base).as_posix(), path.read_bytes()
    for name in sorted(needed()):
        for file in distribution(name).files or ():
            if file.suffix in (".py", ".json") and ".." not in file.parts and ".dist-info" not in file.parts[0]:
                yield file.as_posix(), Path(str(file.locate())).read_bytes()


def examples() -> dict[str, object]:
    """The projects that the page can open: those in `examples/`, and the wrong examples of each rule."""
    projects = {
        folder.name: {
            path.relative_to(folder).as_posix(): path.read_text("utf-8")
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        for folder in sorted((ROOT / "examples").iterdir())
        if folder.is_dir()
    }
    rules = {
        slug: [example.files for example in rule.examples if example.wrong]
        for slug, rule in sorted(every_rule().items())
        if rule.subject != "Change" and slug != "shellcheck"
    }
    return {"projects": projects, "rules": rules}


def main() -> int:
    """Write what the bundler needs, and let it write the playground."""
    target = Path(sys.argv[1]).resolve()
    target.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target / "packages.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in packages():
            archive.writestr(zipfile.ZipInfo(path), data, zipfile.ZIP_DEFLATED)
    (target / "examples.json").write_text(json.dumps(examples()), "utf-8")
    return subprocess.run(["node", "build.mjs", str(target)], cwd=HERE).returncode


if __name__ == "__main__":
    sys.exit(main())
