"""Named tuples: the same as those of `typing`, and patterns compiled at their first use: the same as those of `re`."""

from __future__ import annotations

import copy
import pickle
import re
from collections.abc import Callable
from typing import NamedTuple as Typed

import pytest

from tests.test_house import modules
from upsun_schema.expression import expression
from upsun_schema.record import NamedTuple


class Ours(NamedTuple):
    """A record of ours."""

    start: int
    end: int
    text: str = "text"

    @property
    def length(self) -> int:
        return self.end - self.start


class Theirs(Typed):
    start: int
    end: int
    text: str = "text"


def test_a_record_is_a_tuple_with_names() -> None:
    one = Ours(1, 3)
    assert (one.start, one.end, one.text, one.length) == (*one, 2) == (1, 3, "text", 2)
    assert one == Theirs(1, 3) and hash(one) == hash(Theirs(1, 3))
    assert repr(one) == repr(Theirs(1, 3)).replace("Theirs", "Ours")
    assert one._fields == Theirs._fields and one._asdict() == Theirs(1, 3)._asdict()
    assert Ours.__doc__ == "A record of ours."


@pytest.mark.parametrize(
    "make",
    [
        lambda kind: kind(1, 2, "3"),
        lambda kind: kind(1, end=2),
        lambda kind: kind(text="3", end=2, start=1),
        lambda kind: kind(1, 2)._replace(text="3", start=0),
        lambda kind: copy.copy(kind(1, 2)),
        lambda kind: pickle.loads(pickle.dumps(kind(1, 2, "3"))),
    ],
)
def test_a_record_is_made_as_those_of_typing(make: Callable[[type], tuple[object, ...]]) -> None:
    ours = make(Ours)
    assert type(ours) is Ours and ours == make(Theirs)


@pytest.mark.parametrize(
    "make",
    [
        lambda kind: kind(1),
        lambda kind: kind(1, 2, "3", 4),
        lambda kind: kind(1, 2, start=3),
        lambda kind: kind(1, 2, other=3),
        lambda kind: kind(1, 2)._replace(other=3),
    ],
)
def test_wrong_fields_are_refused(make: Callable[[type], object]) -> None:
    for kind in (Ours, Theirs):
        with pytest.raises((TypeError, ValueError)):
            make(kind)


def test_a_record_does_not_change() -> None:
    one = Ours(1, 2)
    for name in ("start", "other"):
        with pytest.raises(AttributeError):
            setattr(one, name, 3)


def test_an_expression_is_what_re_compiles() -> None:
    ours, theirs = expression("(?P<word>[a-z]+)", re.IGNORECASE), re.compile("(?P<word>[a-z]+)", re.IGNORECASE)
    assert (ours.pattern, ours.flags, ours.groupindex) == (theirs.pattern, theirs.flags, theirs.groupindex)
    assert ours.findall("One two") == theirs.findall("One two") == ["One", "two"]
    assert ours.sub("x", "One two") == "x x"


def test_every_expression_compiles() -> None:
    """They are compiled at their first use, so a mistake would wait for a user."""
    kind = type(expression(""))
    found = 0
    for name in modules():
        if name.startswith(("upsun_schema.", "upsun_rules.", "upsun_lint.")) and not name.endswith("__main__"):
            values = list(vars(__import__(name, fromlist=["_"])).values())
            for value in values:
                for one in value if isinstance(value, tuple) else (value,):
                    for part in one if isinstance(one, tuple) else (one,):
                        if type(part) is kind:
                            found += 1
                            assert part.pattern is not None
    assert found > 80
