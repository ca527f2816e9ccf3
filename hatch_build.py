"""The page of the package: the README, whose links and pictures have the address of the repository there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

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
