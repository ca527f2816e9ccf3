"""The numbers in versions of images, and which version may be the next."""

from __future__ import annotations

from upsun_schema.images.table import Images

__all__ = ["is_newer", "is_next", "newer_than_table", "numbers_of"]


def numbers_of(version: str) -> tuple[int, ...] | None:
    """The numbers of a version such as `8.4`; None if it has other parts."""
    parts = version.split(".")
    return tuple(map(int, parts)) if all(part.isdecimal() and len(part) < 10 for part in parts) else None


def is_newer(version: str, known: tuple[str, ...]) -> bool:
    """Whether a version is above all known ones, so a newer table may have it."""
    number = numbers_of(version)
    others = [numbers for one in known if (numbers := numbers_of(one)) is not None]
    return number is not None and bool(others) and number[: len(max(others))] > max(others)


def is_next(version: str, known: tuple[str, ...]) -> bool:
    """Whether a version is above all known ones and near enough to be one of the next."""
    number, newest = numbers_of(version), max((one for one in map(numbers_of, known) if one), default=())
    if number is None or not is_newer(version, known):
        return False
    at, (new, old) = next((at, pair) for at, pair in enumerate(zip(number, newest, strict=False)) if len(set(pair)) > 1)
    return new - old <= max(6 if at else 2, old // 4)


def newer_than_table(what: str, images: Images) -> str:
    """The message about an image that our table may not have yet."""
    return f"`{what}` is newer than our list of {images.date}; run `upsun-lint images update`"
