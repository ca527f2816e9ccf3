"""Messages, help texts, docstrings and documents are in plain modern English.

The words below read like a translation, each with what to write instead. They are looked for in every string of the
packages and in every document.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

CHECKED = (
    "schema/upsun_schema",
    "rules/upsun_rules",
    "server/upsun_lint",
    "docs",
    "editors",
    "CONTRIBUTING.md",
    "README.md",
    "CHANGELOG.md",
)
"""Folders and documents that are checked."""

WORDS = {
    r"(?<!here )(?:is|are|was|were) none\b": "isn't a …, has no …, is missing",
    r"(?<!here )\bis no (?!longer|more|less|such|need)\w+": "isn't a …",
    r"\bmend(?:s|ed|ing)?\b": "fix",
    r"\b(?:tell|told|tells) (?:of|about)\b": "report, describe",
    r"\bis (?:told|heard)\b": "is reported, is enabled",
    r"\bkeeps? (?:\w+ )?quiet\b": "suppress",
    r"\bsilences?\b": "suppress",
    r"\bin vain\b": "never …",
    r"\banew\b": "again",
    r"\bfor ever\b": "forever",
    r"\bstands?\b": "is",
    r"\bstood\b": "was",
    r"\b(?:hereby|therein|thereof|whatsoever|lest|nay|thus)\b": "plain words",
    r"\bwithout a word\b": "silently",
    r"\ba slip of\b": "a typo",
    r"\bgets? round\b": "avoid",
    r"\bhold(?:s|ing)? against\b": "check against",
    r"\bheld against\b": "checked against",
    r"\bnought\b": "nothing",
    r"\bwhence\b": "from where",
    r"\bso that nobody\b": "so that no one",
    r"\bnow and then\b": "sometimes",
    r"\bby and by\b": "later",
    r"\bof its own\b": "its own",
    r"\bof their own\b": "their own",
    r"\bof one's own\b": "your own",
    r"\bother than before\b": "changed",
    r"^Return(?:s)? (?:whether|the|a|an|what|where|how|which|why)\b": "start with the noun",
}
"""Regular expressions, each with what to write instead."""

_SKIPPED = {"node_modules", ".venv", "__pycache__", "test", "tests"}


def files(name: str) -> list[Path]:
    """The Python files, data and documents of a folder, or the one file of that name."""
    if (ROOT / name).is_file():
        return [ROOT / name]
    found = [file for suffix in ("py", "json", "md") for file in (ROOT / name).rglob(f"*.{suffix}")]
    return sorted(file for file in found if not _SKIPPED & set(file.parts) and "lock" not in file.name)


def texts(file: Path) -> Iterator[tuple[int, str]]:
    """Each string of a Python file, and each line of any other, with its line (from 1)."""
    if file.suffix != ".py":
        yield from enumerate(file.read_text("utf-8").splitlines(), 1)
        return
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def unwanted(name: str) -> list[str]:
    """The words that should not be in a folder or file, each with its place and what to write instead."""
    return [
        f"{file.relative_to(ROOT)}:{line + text.count(chr(10), 0, match.start())}: {match[0]!r}: write {instead!r}"
        for file in files(name)
        for line, text in texts(file)
        for pattern, instead in WORDS.items()
        for match in re.finditer(pattern, text)
    ]


@pytest.mark.parametrize("name", CHECKED)
def test_the_words_are_plain_english(name: str) -> None:
    assert files(name)
    assert unwanted(name) == []


@pytest.mark.parametrize(
    "text", ["this key is none of them", "it stands here", "Return whether it is", "held against it"]
)
def test_such_words_are_found(text: str) -> None:
    assert any(re.search(pattern, text) for pattern in WORDS)


@pytest.mark.parametrize("text", ["it is no longer there", "a standard", "Returns nothing", "the amended text"])
def test_other_words_are_not(text: str) -> None:
    assert not any(re.search(pattern, text) for pattern in WORDS)
