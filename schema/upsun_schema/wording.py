"""How messages name things: lists, long texts cut short, and what a misspelled name was meant to be."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from upsun_schema.expression import expression

__all__ = ["Words", "is_placeholder", "listed", "nearest", "shortened"]


class Words(str):
    """Words for a value that has no key: messages do not mark them as a name."""

    __slots__ = ()


_CLOSE = 0.77
"""How alike two names are, of 1, of which one may be meant to be the other: see `difflib`."""


_MOST_CANDIDATES = 1_000
"""How many names a misspelled one is compared with. No configuration has as many of a kind."""

_MOST_COMPARED = 50
"""How many of them are compared letter by letter: those that have the largest share of letters in common with it."""


def nearest(name: str, candidates: Iterable[str], *, limit: int = 3) -> list[str]:
    """The candidates a name may have been meant to be, the likeliest first; empty where none is close."""
    lower = name.lower()
    letters = {letter: lower.count(letter) for letter in set(lower)}
    often = {letter: number for letter, number in letters.items() if number > 1}
    alike: dict[str, float] = {}
    by_lower: dict[str, str] = {}
    for candidate in islice(candidates, _MOST_CANDIDATES):
        # Comparing takes long: first what can be told from the lengths, then from the letters in common.
        least = _CLOSE * (len(lower) + len(candidate)) / 2
        if least <= len(lower) and least <= len(candidate):
            one = candidate.lower()
            common = sum(map(one.__contains__, letters))
            if often:
                common += sum([min(max(one.count(letter), 1), number) - 1 for letter, number in often.items()])
            if common >= least:
                alike[one] = common / least
                by_lower[one] = candidate
    if not by_lower:
        return []
    if len(by_lower) > _MOST_COMPARED:
        from heapq import nlargest

        by_lower = {one: by_lower[one] for one in nlargest(_MOST_COMPARED, by_lower, key=alike.__getitem__)}
    from difflib import get_close_matches

    close = get_close_matches(lower, by_lower, n=limit, cutoff=_CLOSE)
    # Two swapped letters are a typo in any word, though in a short one they are half of it.
    swapped = [one for one in by_lower if len(one) > 2 and _is_swapped(lower, one)]
    return [by_lower[one] for one in dict.fromkeys([*swapped, *close])][:limit]


def _is_swapped(name: str, other: str) -> bool:
    """Whether two neighboring letters of a name are swapped in the other one, and nothing else differs."""
    if len(name) != len(other) or name == other:
        return False
    at = next(index for index, (one, two) in enumerate(zip(name, other, strict=True)) if one != two)
    return name[at + 1 : at + 2] + name[at] + name[at + 2 :] == other[at:]


def listed(names: Iterable[str], last: str = "and", *, limit: int | None = None) -> str:
    """Names as people list them: '`a`, `b` and `c`'; those beyond a limit are counted."""
    marked = [f"`{name}`" for name in names]
    if limit is not None and len(marked) > limit:
        marked = [*marked[: limit - 1], f"{len(marked) - limit + 1} more"]
    return marked[0] if len(marked) == 1 else f"{', '.join(marked[:-1])} {last} {marked[-1]}"


def shortened(text: str, *, most: int = 40) -> str:
    """The first line of a text, cut to so many characters."""
    first = text.strip().split("\n", 1)[0].rstrip()
    return first if len(first) <= most else f"{first[: most - 1]}…"


_FILL_IN = expression(r"[<>{}$]")


def is_placeholder(text: str) -> bool:
    """Whether a text is a placeholder, still to be filled in: `<SERVICE_NAME>`, `{{ name }}`, `$NAME`."""
    return _FILL_IN.search(text) is not None
