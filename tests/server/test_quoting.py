"""What a user wrote stays text: Markdown, terminals and logs show it and do nothing else with it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from upsun_lint.writing.quoting import code_span, prose, visible

NASTY = st.text(
    st.sampled_from("ab `*_[]()!|\\#\n\t~<>&-😀\u2028\x1b\u202e\u200b\ud800") | st.characters(), max_size=20
)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("café 😀", "café 😀"),
        ("a\x1b[31m\x07\x7f", r"a\x1b[31m\x07\x7f"),
        ("\u202eabc\u2066", r"\u202eabc\u2066"),
        ("a\u200bb\ufeff", r"a\u200bb\ufeff"),
        ("a\nb\tc\r", r"a\nb\tc\r"),
        ("a\xa0b\u3000", r"a\xa0b\u3000"),
        ("\u3164\u2800", r"\u3164\u2800"),
        ("\U000e0041\U000e0100", r"\U000e0041\U000e0100"),
        ("\udc80", r"\udc80"),
        ("", ""),
    ],
)
def test_invisible_characters_are_escaped(text: str, seen: str) -> None:
    assert visible(text) == seen


def test_allowed_characters_are_kept() -> None:
    assert visible("a\n\tb\x1b", keep="\n\t") == "a\n\tb\\x1b"


@given(NASTY)
def test_no_control_character_is_left(text: str) -> None:
    kinds = {unicodedata.category(char) for char in visible(text)}
    assert not kinds & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@given(NASTY)
def test_a_code_span_is_nothing_but_code(text: str) -> None:
    (block,) = MarkdownIt("commonmark").parse(f"before {code_span(text)} after")[1:2]
    assert block.children is not None
    assert [child.type for child in block.children] == ["text", "code_inline", "text"]
    assert block.children[1].content == (visible(text) or " ")


@given(NASTY)
def test_prose_holds_no_mark(text: str) -> None:
    (block,) = MarkdownIt("commonmark").parse(f"before {prose(text)} after")[1:2]
    assert block.children is not None
    assert [child.type for child in block.children] == ["text"]
    assert block.children[0].content == f"before {visible(text)} after"
