"""Refuse a release whose tag, version and changelog differ, or that has no home: `python ci/release.py TAG`."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]


def mistakes(tag: str, project: Path = PROJECT) -> Iterator[str]:
    """What keeps a tag from being released."""
    source = (project / "server" / "upsun_lint" / "__init__.py").read_text("utf-8")
    version = re.findall(r'__version__ = "(.*)"', source)[0]
    if tag != f"v{version}":
        yield f"the tag is {tag}, and the version is {version}"
    if not re.search(rf"^## \[?{re.escape(version)}\b", (project / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE):
        yield f"CHANGELOG.md has no section for {version}"
    urls = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["project"]["urls"]
    if "//example.org/" in urls["Repository"]:
        yield "project.urls.Repository in pyproject.toml is still a placeholder"


def main() -> None:
    """Print the mistakes; exit with 1 if there are any."""
    found = list(mistakes(sys.argv[1]))
    sys.exit("\n".join(found) or None)


if __name__ == "__main__":
    main()
