"""What a keystroke in a large file costs: what did not change is not looked at again, and the old state is not kept."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from types import FrameType

import pytest

from tests.benchmarks.inputs import configuration
from tests.support import CONFIG, needs_pure
from upsun_rules.engine import lint
from upsun_rules.options import Options
from upsun_schema.configuration.project import Project

OPTIONS = Options()
TEXT = configuration(24)
SHARE = 0.08
"""How much of a whole check a keystroke may take."""
MORE = {"a tab": 0.17}
"""How much it may take beside a problem: a file with a tab is also read without it."""

EDITS = {
    "wrong number": ("shutdown_timeout: 20", "shutdown_timeout: 20x"),
    "unknown key": ("shutdown_timeout: 20", "shutdown_tim: 20"),
    "command": ("./bin/clean --older-than", "./bin/clean2 --older-than"),
    "blank line": ("        shutdown_timeout: 20\n", "        shutdown_timeout: 20\n\n"),
}


PROBLEMS = {
    "none": ("", ""),
    "a wrong type": ("passthru: true", "passthru: [true]"),
    "a tab": ("    mounts:\n", "\tmounts:\n"),
    "an unknown alias": ("passthru: true", "passthru: *nothing"),
    "a key twice": ("  app001:", "  app000:"),
    "a comment": ("passthru: true", "passthru: true  # upsun-lint: ignore[wrong-type]"),
}
"""What is wrong elsewhere in the file, as a replacement in it."""


def calls(do: Callable[[], object]) -> int:
    """The number of calls of Python functions."""
    count = 0

    def note(_: FrameType, event: str, __: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(note)
    try:
        do()
    finally:
        sys.setprofile(None)
    return count


def checked(text: str, previous: Project | None = None) -> Project:
    """A project with this text, after a check."""
    project = Project("/nonexistent", {CONFIG: text}, previous)
    lint(project, OPTIONS)
    return project


@needs_pure
@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("problem", PROBLEMS)
def test_a_keystroke_costs_a_fraction_of_a_check(edit: str, problem: str) -> None:
    text = TEXT.replace(*PROBLEMS[problem], 1)
    assert (text == TEXT) is (problem == "none")
    old, new = EDITS[edit]
    place = text.index(old, len(text) // 2)
    changed = f"{text[:place]}{new}{text[place + len(old) :]}"
    before = checked(changed, checked(text))
    most = MORE.get(problem, SHARE) * calls(lambda: checked(text))
    assert calls(lambda: checked(text, before)) < most
    assert calls(lambda: checked(changed, checked(text, before))) < 2 * most


def test_the_state_before_a_keystroke_is_freed_at_once() -> None:
    gc.collect()
    before = checked(TEXT)
    there = projects()
    gc.disable()  # It would find cycles in the end; until then, a large file is kept for each keystroke.
    try:
        after = checked(f"{TEXT}\n", before)
        assert projects() == there + 1
        del before
        assert projects() == there
        assert after.documents
    finally:
        gc.enable()


def projects() -> int:
    """How many projects are in memory. A compiled one must not have weak references."""
    return sum(type(one) is Project for one in gc.get_objects())
