"""Messages, help texts, docstrings, documents and names of tests are in plain modern English.

The words below read like a translation, each with what to write instead. They are looked for in every string of the
packages, in every document, in the programs of the editors, and in the names, docstrings and comments of tests.
"""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterator
from pathlib import Path
from tokenize import COMMENT, generate_tokens

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

IN_NAMES = WORDS | {
    r"\bsaid\b": "reported",
    r"\bsays?\b (?:of|about)\b": "reports",
    r"\bno(?:body|bodies)\b": "no one, not …",
    r"\bfor good\b": "permanently",
}
"""The words that should not be in names of tests, either."""

_SUFFIXES = ("py", "json", "md", "ts", "mjs", "js", "lua", "vim", "el", "toml")
_SKIPPED = {"node_modules", ".venv", "__pycache__", "out", "dist", "stand-ins"}
_TITLE = re.compile(r"^\s*(?:describe|it)\([\"`](.*?)[\"`],", re.MULTILINE)


def files(name: str) -> list[Path]:
    """The programs, data and documents of a folder, or the one file of that name."""
    if (ROOT / name).is_file():
        return [ROOT / name]
    found = [file for suffix in _SUFFIXES for file in (ROOT / name).rglob(f"*.{suffix}")]
    return sorted(file for file in found if not _SKIPPED & set(file.parts) and "lock" not in file.name)


def texts(file: Path) -> Iterator[tuple[int, str]]:
    """Each string of a Python file, and each line of any other, with its line (from 1)."""
    if file.suffix != ".py":
        yield from enumerate(file.read_text("utf-8").splitlines(), 1)
        return
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def names(file: Path) -> Iterator[tuple[int, str]]:
    """The name of each test of a file as words, with its line (from 1)."""
    written = file.read_text("utf-8")
    if file.suffix == ".py":
        for node in ast.walk(ast.parse(written)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                yield node.lineno, node.name.removeprefix("test_").replace("_", " ")
    for match in _TITLE.finditer(written) if file.suffix == ".ts" else ():
        yield written.count("\n", 0, match.start()) + 1, match[1]


def remarks(file: Path) -> Iterator[tuple[int, str]]:
    """The docstrings and comments of a Python file, with their lines (from 1)."""
    written = file.read_text("utf-8")
    for node in ast.walk(ast.parse(written)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                yield first.lineno, str(first.value.value)
    for token in generate_tokens(io.StringIO(written).readline):
        if token.type == COMMENT:
            yield token.start[0], token.string


def unwanted(file: Path, found: Iterator[tuple[int, str]], words: dict[str, str] = WORDS) -> list[str]:
    """The words of a file that should not be there, each with its place and what to write instead."""
    return [
        f"{file.relative_to(ROOT)}:{line + text.count(chr(10), 0, match.start())}: {match[0]!r}: write {instead!r}"
        for line, text in found
        for pattern, instead in words.items()
        for match in re.finditer(pattern, text)
    ]


@pytest.mark.parametrize("name", CHECKED)
def test_the_words_are_plain_english(name: str) -> None:
    assert files(name)
    assert [one for file in files(name) for one in unwanted(file, texts(file))] == []


@pytest.mark.parametrize("name", ["tests", "editors/vscode/test"])
def test_the_names_of_tests_are_plain_english(name: str) -> None:
    found = [file for file in files(name) if file.suffix in (".py", ".ts")]
    assert sum(1 for file in found for _ in names(file)) > 30
    assert [one for file in found for one in unwanted(file, names(file), IN_NAMES)] == []


def test_the_docstrings_and_comments_of_tests_are_plain_english() -> None:
    # This file lists the words.
    found = [file for file in files("tests") if file.suffix == ".py" and file != Path(__file__)]
    assert [one for file in found for one in unwanted(file, remarks(file))] == []


@pytest.mark.parametrize(
    "text", ["this key is none of them", "it stands here", "Return whether it is", "held against it"]
)
def test_such_words_are_found(text: str) -> None:
    assert any(re.search(pattern, text) for pattern in WORDS)


@pytest.mark.parametrize("text", ["it is no longer there", "a standard", "Returns nothing", "the amended text"])
def test_other_words_are_not(text: str) -> None:
    assert not any(re.search(pattern, text) for pattern in WORDS)
