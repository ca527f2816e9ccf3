"""The lines of an edited text are those of the text, however often it was edited."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from upsun_schema.yaml.text import LineTable

TEXTS = st.text(st.sampled_from(["a", "b", "\n", "\r", "\u2028", "é", "😀"]), max_size=20)
EDITS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 6), TEXTS), max_size=6)


@given(TEXTS, EDITS)
def test_the_lines_of_an_edited_text(text: str, edits: list[tuple[int, int, str]]) -> None:
    lines = LineTable(text)
    for start, length, new in edits:
        start = min(start, len(text))
        end = min(start + length, len(text))
        text = f"{text[:start]}{new}{text[end:]}"
        lines = lines.edited(text, start, end, start + len(new))
        fresh = LineTable(text)
        offsets = list(range(len(text) + 1))
        assert lines.every_line() == fresh.every_line()
        assert len(lines) == len(fresh)
        assert [lines.span(line) for line in range(len(lines))] == [fresh.span(line) for line in range(len(fresh))]
        assert list(map(lines.position, offsets)) == list(map(fresh.position, offsets))
        assert lines.beginning_at(offsets) == fresh.beginning_at(offsets)
