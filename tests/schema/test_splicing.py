"""An edit within one entry: nothing else is read again, and the result is what reading the whole text gives."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.schema.trees import dump, located
from upsun_schema.yaml.document import Document
from upsun_schema.yaml.nodes import Piece

TEXT = """\
# The shop
applications:
  shop:
    type: 'php:8.4'
    crons:
      nightly:
        spec: '0 3 * * *'

  # Its search
  search:
    type: "python:3.14"
services:
  db:
    type: mariadb:11.8
routes:
  https://{default}/:
    type: upstream
    upstream: shop:http
"""

WITHIN = {
    "a longer value": ("'php:8.4'", "'php:8.3-rc'"),
    "a shorter value": ("'php:8.4'", "php"),
    "a new line": ("type: 'php:8.4'\n", "type: 'php:8.4'\n    size: S\n"),
    "a line less": ("    crons:\n      nightly:\n        spec: '0 3 * * *'\n", ""),
    "a blank line": ("    crons:\n", "\n    crons:\n"),
    "the comment below": ("# Its search", "# The search"),
    "a key twice": ("    crons:", "    type: x\n    crons:"),
    "the last line": ("shop:http", "shop:https"),
    "the last line break": ("shop:http\n", "shop:http"),
    "more at the end": ("shop:http\n", "shop:http\n    redirects: {}\n"),
    "an anchor that nothing uses": ("crons:\n", "crons: &crons\n"),
    "Windows line breaks": ("    crons:\n", "    crons:\r\n"),
}
"""What changes one entry only, as a replacement."""

AROUND = {
    "nothing": ("", ""),
    "the name of an entry": ("  shop:", "  shops:"),
    "a name that is there": ("  search:", "  shop:"),
    "quotes around a name": ("  shop:", "  'shop':"),
    "another entry": ("    crons:", "  other:\n    crons:"),
    "an entry before": ("  shop:", "  new: {}\n  shop:"),
    "an entry less": ("  search:\n", "    search:\n"),
    "a section": ("    crons:", "tasks:\n    crons:"),
    "the indentation of the first entry": ("  shop:", "   shop:"),
    "the indentation of another entry": ("  search:", " search:"),
    "the end of a line": ('"python:3.14"\n', '"python:3.14"'),
    "an error": ("'php:8.4'", "'php:8.4"),
    "an error that the next entry ends": ("'php:8.4'", '"php:8.4'),
    "a word that is typed": ("    crons:", "    cro\n    crons:"),
    "an alias": ("type: mariadb:11.8", "type: *kind"),
    "an anchor": ("'php:8.4'", "&kind php:8.4"),
    "an explicit key": ("    crons:", "  ? other\n    crons:"),
    "an include": ("type: mariadb:11.8", "<<: !include db.yaml"),
    "the end of the document": ("    crons:", "...\n    crons:"),
    "another document": ("    crons:", "---\n    crons:"),
    "a line break that only libyaml knows": ("php:8.4", "php\u2028:8.4"),
    "half a line break": ("    crons:\n", "    crons:\r"),
    "a character that YAML cannot hold": ("php:8.4", "php\x01:8.4"),
    "a zero": ("php:8.4", "php\x00:8.4"),
    "a byte order mark": ("    crons:", "\ufeff    crons:"),
    "a tab": ("    crons:", "\tcrons:"),
    "an odd blank": ("    crons:", "\u00a0   crons:"),
    "the comment at the top": ("# The shop", "# A shop"),
    "a comment after a section": ("applications:\n", "applications:\n  # All\n"),
    "two entries": ("'php:8.4'\n    crons:\n      nightly:\n        spec: '0 3 * * *'\n\n  # Its", "php:8\n  # His"),
    "everything": (TEXT, ""),
    "all but a section": (TEXT.partition("services:")[0], ""),
}
"""What may change what surrounds an entry, too."""


def replaced(old: str, new: str) -> str:
    assert old in TEXT
    return TEXT.replace(old, new, 1)


def seen(document: Document) -> object:
    """All that there is to see of a document."""
    pieces = [(base, piece.text, piece.is_broken, piece.is_repaired) for base, piece in document.pieces]
    problems = [(one.rule, one.message, document.span(one.region)) for one in document.problems]
    lines = [document.lines.span(line) for line in range(len(document.lines))]
    return pieces, problems, lines, dump(document.root), located(document), document.outline


def pieces_of(document: Document) -> set[Piece]:
    return {piece for _, piece in document.pieces}


@pytest.mark.parametrize("edit", WITHIN)
def test_an_edit_within_an_entry_reads_this_entry(edit: str) -> None:
    after = replaced(*WITHIN[edit])
    before = Document("a.yaml", TEXT)
    found = Document("a.yaml", after, before)
    assert seen(found) == seen(Document("a.yaml", after))
    assert len(pieces_of(found) - pieces_of(before)) == 1
    assert seen(Document("a.yaml", TEXT, found)) == seen(before)


@pytest.mark.parametrize("edit", AROUND)
def test_an_edit_around_an_entry_gives_what_reading_everything_gives(edit: str) -> None:
    after = replaced(*AROUND[edit])
    before = Document("a.yaml", TEXT)
    found = Document("a.yaml", after, before)
    assert seen(found) == seen(Document("a.yaml", after))
    assert seen(Document("a.yaml", TEXT, found)) == seen(before)


PARTS = [
    "a",
    " ",
    "  ",
    "\n",
    "\n  b: 1",
    "\n    c: 2",
    ":",
    "'",
    '"',
    "#",
    "{",
    "- ",
    "\r",
    "\t",
    "&x",
    "*x",
    "\n---\n",
]


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 30), st.sampled_from(PARTS)), max_size=8))
@example([(60, 0, "\n"), (60, 1, "")])
def test_edit_after_edit_gives_what_reading_everything_gives(edits: list[tuple[int, int, str]]) -> None:
    document = Document("a.yaml", TEXT)
    for at, length, part in edits:
        text = document.text[:at] + part + document.text[at + length :]
        document = Document("a.yaml", text, document)
        assert seen(document) == seen(Document("a.yaml", text))
