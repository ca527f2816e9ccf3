"""Markdown texts as plain text and as lists: the same content without the marks."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from upsun_lint.lsp.session import markup
from upsun_lint.writing.markdown_text import plain
from upsun_lint.writing.quoting import visible

NASTY = st.text(st.sampled_from("ab `*_[]()|\\#\n\t~<>&!-😀\u2028\x1b") | st.characters(), max_size=20)


def shown(text: str) -> str:
    """What is left of a text in code: one line, nothing that acts on a screen."""
    return visible(re.sub("[ \\t\\r\\n]+", " ", text).strip(" ")) or " "


@given(NASTY)
def test_code_is_never_read_as_markdown(text: str) -> None:
    marked = markup.code(text)
    assert "\n" not in marked
    assert plain(f"before {marked} after") == f"before {shown(text)} after"


@given(NASTY)
def test_code_in_a_table_stays_in_its_cell(text: str) -> None:
    text = text[:6]  # Longer ones may be wrapped, since most characters are shown as an escape.
    lines = plain(markup.table(("Name", "Value"), [(markup.code(text), "b")])).split("\n")
    assert len(lines) == 2
    # A backslash right before a bar is the one thing a cell cannot hold.
    if "\\|" not in text and not text.rstrip().endswith("\\"):
        assert re.fullmatch(re.escape(shown(text).rstrip()) + " +b", lines[1])


def test_columns_fit_their_widest_cell() -> None:
    text = plain(markup.table(("A", "B"), [("😀", "x"), ("abc", "y")]))
    assert text == "A    B\n😀   x\nabc  y"


def test_only_links_to_the_web_show_their_targets() -> None:
    text = f"{markup.link('`a`', 'file:///p/a (1).yaml#L3')}, {markup.link('Documentation', 'https://upsun.com/')}"
    assert plain(text) == "a, Documentation (https://upsun.com/)"


def test_blocks_of_code_lose_their_fence() -> None:
    block = markup.fenced("a: `b`\n```\n| c |", "yaml")
    assert plain(f"**Before**\n\n{block}\n\nafter") == "Before\n\n  a: `b`\n  ```\n  | c |\n\nafter"


def test_lists_of_names() -> None:
    assert markup.listed([]) == ""
    assert markup.listed(["a"]) == "`a`"
    assert markup.listed(["a", "b", "c"], "or") == "`a`, `b` or `c`"
    assert markup.listed("abcdefghij") == "`a`, `b`, `c`, `d`, `e`, `f`, `g` and 3 more"


def test_long_texts_are_cut() -> None:
    assert markup.shortened("short") == "short"
    assert markup.shortened("first\nsecond") == "first …"
    assert markup.shortened("x" * 100) == "x" * 59 + "…"


@given(NASTY, NASTY)
def test_a_client_without_tables_gets_aligned_columns(name: str, value: str) -> None:
    table = markup.table(("A", "B", "C"), [(markup.code(name), markup.code(value), "[line 3](file:///p#L3)")])
    text_there = markup.content(f"before\n\n{table}\n\nafter", as_markdown=True, tables=False).value
    assert text_there.startswith("before\n\n```")
    assert text_there.endswith("```\n\nafter")
    assert "line 3" in text_there and "file:" not in text_there.replace(name, "").replace(value, "")


def test_columns_are_wrapped_at_words_and_a_code_block_is_kept() -> None:
    names = ", ".join(f"`name-{number}`" for number in range(20))
    rows = [("`mounts`", names, "own, line 3, replaces the application's"), ("`type`", "`php:8.4`", "shared")]
    block = markup.fenced("| a | b |\n| c | d |", "yaml")
    text = markup.content(f"{markup.table(('A', 'B', 'C'), rows)}\n\n{block}", as_markdown=True, tables=False).value
    columns, kept = text.split("\n\n")
    lines = columns.split("\n")
    assert lines[0] == "```text" and lines[-1] == "```" and kept == block
    assert max(map(len, lines)) <= 80
    assert all(line.startswith(("A ", "mounts ", "type ", " " * 8)) for line in lines[1:-1])
    assert all(f"name-{number}" in columns for number in range(20))
