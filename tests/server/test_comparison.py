from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upsun_lint.narrowing.comparison import changed_stretches

LINES = st.lists(st.sampled_from("abcdefgh") | st.sampled_from(["x\r", "", "one", "two"]), max_size=60).map("\n".join)


@given(LINES, LINES)
def test_lines_that_are_not_changed_come_in_the_same_order_in_both(old: str, new: str) -> None:
    before, after = ([line.removesuffix("\r") for line in text.split("\n")] for text in (old, new))
    stretches = changed_stretches(old, new)
    changed = {line for first, last in stretches for line in range(first, last + 1)}
    assert all(0 <= line < len(after) for line in changed)
    assert bool(stretches) == (before != after)
    rest = iter(before)
    assert all(line in rest for at, line in enumerate(after) if at not in changed)


@given(st.lists(st.integers(0, 10**9), unique=True, min_size=3, max_size=200), st.data())
def test_one_changed_line_is_one_stretch(numbers: list[int], data: st.DataObject) -> None:
    lines = [str(number) for number in numbers]
    at = data.draw(st.integers(0, len(lines) - 1))
    edited = [*lines[:at], "new", *lines[at + 1 :]]
    assert changed_stretches("\n".join(lines), "\n".join(edited)) == [(at, at)]
    assert changed_stretches("\n".join(lines), "\n".join([*lines[:at], "new", *lines[at:]])) == [(at, at)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a\n" * 200_000, "b\n" * 200_000),
        ("a\nb\n" * 100_000, "b\na\na\n" * 70_000),
        ("".join(f"{n}\n" for n in range(200_000)), "".join(f"{n}\n" for n in reversed(range(200_000)))),
        ("".join(f"{n}\na\n" for n in range(100_000)), "".join(f"a\n{n}\nb\n" for n in range(100_000))),
        ("".join(f"{n * n % 9973}\n" for n in range(100_000)), "".join(f"{n * n % 9949}\n" for n in range(100_000))),
    ],
    ids=["nothing in common", "few lines", "reversed", "between all lines", "mixed"],
)
def test_large_files_are_compared_quickly(old: str, new: str) -> None:
    began = time.process_time()
    assert changed_stretches(old, new)
    assert time.process_time() - began < 30
