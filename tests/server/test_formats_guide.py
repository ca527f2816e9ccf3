"""The guide to the formats shows what is really printed; UPDATE_GOLDEN=1 writes what is printed now."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from tests.server.command import upsun_lint, write
from upsun_lint.reports import FORMATS

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "formats.md"

_BLOCK = re.compile(r"^(?P<fence>`{3,})\w+ (?P<name>\w+)\n(?P<text>.*?)^(?P=fence)$", re.DOTALL | re.MULTILINE)


def printed(form: str) -> str:
    text = upsun_lint("--format", form).out
    if form == "sarif":
        return json.dumps(json.loads(text)["runs"][0]["results"], indent=2, ensure_ascii=False) + "\n"
    return text


def test_the_guide_shows_what_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    guide = GUIDE.read_text(encoding="utf-8")
    blocks = {match["name"]: match["text"] for match in _BLOCK.finditer(guide)}
    write(tmp_path, blocks.pop("project"))
    assert set(blocks) == set(FORMATS)

    def fresh(match: re.Match[str]) -> str:
        name = match["name"]
        return (
            match[0]
            if name == "project"
            else match[0].replace(f" {name}\n{match['text']}", f" {name}\n{printed(name)}")
        )

    current = _BLOCK.sub(fresh, guide)
    if os.environ.get("UPDATE_GOLDEN"):
        GUIDE.write_text(current, encoding="utf-8", newline="")
    assert current == GUIDE.read_text(encoding="utf-8")
