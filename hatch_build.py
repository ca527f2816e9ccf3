"""What the package has besides its files: its page, and with UPSUN_LINT_COMPILED=1 compiled modules.

Its page is the README, whose links and pictures have the address of the repository there.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

# What compiles: another version may compile other code, so it is tried first.
_COMPILER = ["mypy==2.4.1", "setuptools"]

_LINK = re.compile(r"(!?\[[^\]\n]*\]\()(?!https?:|#)([^)\s]+\))")


class PackagePage(MetadataHookInterface):
    """Sets the `readme` of the project."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Make every address in the README a whole one. Those of pictures lead to the picture itself."""
        home = metadata["urls"]["Repository"]

        def whole(link: re.Match[str]) -> str:
            kind = "raw" if link[1].startswith("!") else "blob"
            return f"{link[1]}{home}/{kind}/main/{link[2]}"

        text = Path(self.root, "README.md").read_text("utf-8")
        metadata["readme"] = {"content-type": "text/markdown", "text": _LINK.sub(whole, text)}


class CompiledModules(BuildHookInterface[Any]):
    """Adds the compiled modules to a wheel, which then is for one version of Python and one system."""

    def dependencies(self) -> list[str]:
        """What has to be installed for the build."""
        return _COMPILER if self._is_wanted else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile before the wheel is made."""
        if version == "editable" or not self._is_wanted:
            return
        output = Path(self.root, "build", "compiled")
        subprocess.run([sys.executable, Path(self.root, "packaging", "compiled.py"), output], check=True)
        files = [file for file in output.rglob("*") if file.is_file()]
        build_data["force_include"].update({str(file): str(file.relative_to(output)) for file in files})
        build_data["pure_python"] = False
        build_data["infer_tag"] = True

    @property
    def _is_wanted(self) -> bool:
        return os.environ.get("UPSUN_LINT_COMPILED") == "1"
