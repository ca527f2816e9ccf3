from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upsun_lint.writing.terminal import Terminal, fit, printable, terminal, width, wrap

WORDS = st.lists(st.text("ab-`ü漢🙂e\u0301", min_size=1, max_size=30), max_size=20).map(" ".join)


class Tty(io.StringIO):
    encoding = "utf-8"  # type: ignore[assignment]

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("color", "environment", "is_tty", "expected"),
    [
        ("auto", {}, True, True),
        ("auto", {}, False, False),
        ("auto", {"NO_COLOR": "1"}, True, False),
        ("auto", {"NO_COLOR": ""}, True, True),
        ("auto", {"FORCE_COLOR": "1"}, False, True),
        ("auto", {"FORCE_COLOR": "0"}, True, False),
        ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ("auto", {"TERM": "dumb"}, True, False),
        ("always", {"NO_COLOR": "1", "TERM": "dumb"}, False, True),
        ("never", {"FORCE_COLOR": "1"}, True, False),
    ],
)
@pytest.mark.skipif("os.name == 'nt'", reason="the old Windows console is told by further variables")
def test_color_is_decided_by_option_then_environment_then_terminal(
    color: str, environment: dict[str, str], is_tty: bool, expected: bool
) -> None:
    stream = Tty() if is_tty else io.StringIO()
    assert terminal(stream, color, environment).color is expected


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, False),
        ({"TERM_PROGRAM": "WezTerm"}, True),
        ({"TERM": "xterm-kitty"}, True),
        ({"VTE_VERSION": "7200"}, True),
        ({"VTE_VERSION": "4800"}, False),
        ({"VTE_VERSION": "7200", "TMUX": "/tmp/tmux"}, False),
        ({"TERM_PROGRAM": "WezTerm", "TERM": "dumb"}, False),
        ({"FORCE_HYPERLINK": "1"}, True),
    ],
)
def test_links_are_for_terminals_known_to_show_them(environment: dict[str, str], expected: bool) -> None:
    assert terminal(Tty(), "auto", environment).links is expected
    assert not terminal(io.StringIO(), "auto", environment).links


def test_the_width_is_80_columns_without_a_terminal_and_can_be_set() -> None:
    assert terminal(io.StringIO(), "auto", {}).columns == 80
    assert terminal(io.StringIO(), "auto", {"COLUMNS": "100"}).columns == 100
    assert terminal(io.StringIO(), "auto", {"COLUMNS": "3"}).columns == 40
    assert terminal(io.StringIO(), "auto", {"COLUMNS": "many"}).columns == 80
    assert terminal(None, "auto", {}) == Terminal(encoding="ascii")


@pytest.mark.parametrize(
    ("text", "expected"), [("", 0), ("abc", 3), ("ü", 1), ("e\u0301", 1), ("漢字", 4), ("🙂", 2), ("\x1b[31m", 5)]
)
def test_width_counts_columns(text: str, expected: int) -> None:
    assert width(text) == expected


@given(st.text())
def test_nothing_that_acts_on_the_terminal_is_printable(text: str) -> None:
    shown = printable(text)
    assert not any(char < " " or "\x7f" <= char <= "\x9f" for char in shown)
    assert not set(shown) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2028\u2029\u200e\u200f")
    shown.encode()


@given(WORDS, st.integers(2, 40), st.none() | st.integers(2, 40))
def test_wrapped_lines_fit_and_lose_nothing(text: str, columns: int, first: int | None) -> None:
    lines = wrap(text, columns, first)
    rooms = [columns if first is None else first, *[columns] * len(lines)]
    assert all(width(line) <= room for line, room in zip(lines, rooms, strict=False))
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@given(
    st.text(max_size=120) | st.text("\u0301\u200da漢", min_size=300, max_size=900),
    st.integers(10, 80),
    st.integers(0, 900),
    st.integers(0, 10),
    st.sampled_from(["utf-8", "ascii", "latin-1", "shift_jis"]),
)
def test_a_fitted_line_fits_and_shows_its_focus(text: str, room: int, begin: int, length: int, encoding: str) -> None:
    begin = min(begin, len(text))
    end = min(begin + length, len(text))
    place = Terminal(encoding=encoding)
    fitted = fit(text, room, (begin, end), place)
    assert width(fitted.shown) <= room
    assert fitted.shown.encode(encoding).decode(encoding) == fitted.shown
    assert fitted.columns == sorted(fitted.columns)
    assert fitted.column(len(text)) <= room
    wanted = sum(taken for _, taken in place.cells(text[begin:end]))
    if "\t" not in text and wanted <= room - 6:
        assert fitted.column(end) - fitted.column(begin) == wanted


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("utf-8", r"日é… → \x00"),
        ("latin-1", r"?é... -> \x00"),
        ("ascii", r"??... -> \x00"),
        ("shift_jis", r"日?… → \x00"),
    ],
)
def test_signs_that_an_encoding_lacks_are_replaced(encoding: str, shown: str) -> None:
    place = Terminal(encoding=encoding)
    assert place.printable("日é… → \0") == shown
    assert place.cells("日")[0] == ((shown[0], 2) if shown[0] == "日" else ("?", 1))


def test_a_long_line_is_cut_far_from_its_focus() -> None:
    line = "start: " + "a" * 60 + " here " + "b" * 60
    assert fit(line, 40, (0, 5), Terminal()).shown == "start: " + "a" * 32 + "…"
    middle = fit(line, 40, (68, 72), Terminal())
    assert middle.shown == "…" + "a" * 12 + " here " + "b" * 20 + "…"
    assert middle.shown[middle.column(68) : middle.column(72)] == "here"
    assert fit(line, 40, (len(line) - 1, len(line)), Terminal(encoding="ascii")).shown.startswith("...bb")
