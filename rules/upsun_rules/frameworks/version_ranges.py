"""Version constraints of package managers, against an image version such as `8.4` whose last number is not known.

Sources: getcomposer.org/doc/articles/versions.md, docs.npmjs.com/about-semantic-versioning (node-semver),
guides.rubygems.org/patterns, packaging.python.org (version specifiers).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from upsun_schema.expression import expression

__all__ = ["may_satisfy"]

_Version = tuple[int, ...]
_Range = tuple[_Version, _Version]

_COMPARISON = expression(r"(\^|~>|~=|~|>=|<=|==|!=|=|>|<)? {0,4}v?(\d+(?:\.(?:\d+|[xX*]))*|[xX*])(?:[-+@][\w.+-]*)?")
_HYPHEN = expression(r"(\S{1,50}) {1,4}- {1,4}(\S{1,50})")
_LONGEST = 500
_END: _Version = (1 << 30,)


def may_satisfy(constraint: str, version: str, *, is_npm: bool = False) -> bool:
    """Whether some release of a version, such as 8.4.7 of `8.4`, satisfies a constraint.

    True, too, for a constraint that is not understood. With `is_npm`, `~1.2` and `^0.2` mean what they mean to npm.
    """
    numbers = _numbers(version)
    if not numbers:
        return True
    image = (numbers, _after(numbers))
    if len(constraint) > _LONGEST:
        return True
    for alternative in constraint.replace("||", "|").split("|"):
        ranges = list(_ranges(alternative.strip(), is_npm=is_npm))
        if None in ranges or not ranges:
            return True
        found = [one for one in ranges if one is not None]
        low = max(image[0], *(low for low, _ in found))
        high = min(image[1], *(high for _, high in found))
        if low < high:
            return True
    return False


def _numbers(text: str) -> _Version:
    parts = text.split(".")
    return tuple(int(part) for part in parts) if all(part.isdecimal() and len(part) < 6 for part in parts) else ()


def _after(numbers: _Version) -> _Version:
    """The first version that does not begin with these numbers."""
    return (*numbers[:-1], numbers[-1] + 1)


def _ranges(text: str, *, is_npm: bool) -> Iterator[_Range | None]:
    """Yield the ranges that a version must be in, all of them; None for what is not understood."""
    text = _HYPHEN.sub(r">=\1 <=\2", text)
    at = 0
    for match in _COMPARISON.finditer(text):
        if text[at : match.start()].strip(" ,"):
            yield None
        at = match.end()
        yield _range(match[1] or "", match[2], is_npm=is_npm)
    if text[at:].strip(" ,"):
        yield None


def _range(sign: str, version: str, *, is_npm: bool) -> _Range | None:
    parts = re.split(r"\.?[xX*]", version)[0]
    if not parts:
        return (0,), _END
    numbers = _numbers(parts)
    if not numbers:
        return None
    match sign:
        case ">=":
            return numbers, _END
        case ">":
            return _after(numbers), _END
        case "<":
            return (0,), numbers
        case "<=":
            return (0,), _after(numbers)
        case "!=":
            return (0,), _END
        case "^":
            first = next((at for at, number in enumerate(numbers) if number), len(numbers) - 1)
            return numbers, _after(numbers[: first + 1])
        case "~" if is_npm:
            return numbers, _after(numbers[:2])
        case "~" | "~>" | "~=":
            return numbers, _after(numbers[:-1] or numbers)
    return numbers, _after(numbers)
