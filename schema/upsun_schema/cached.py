"""A property that is found once, as `functools` has it, without the lock that Python 3.11 takes to find it.

Of a large project tens of thousands are found, and the lock was two thirds of what each took.
"""

from __future__ import annotations

from collections.abc import Callable

from upsun_schema.compiling import Caching

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    T = TypeVar("T")

__all__ = ["Caching", "cached_property"]


def cached_property(find: Callable[[Any], T]) -> T:
    """Make a method a property that calls it at the first access. Its class is one of `Caching`."""
    return _CachedProperty(find)  # type: ignore[return-value]


class _CachedProperty:
    """Calls a method at the first access, and keeps the result with the object."""

    def __init__(self, find: Callable[[Any], Any]) -> None:
        self.find = find
        self.name = find.__name__

    def __get__(self, holder: Caching | None, owner: type) -> Any:
        """Find the value. Later accesses see it in the object itself, and do not come here."""
        if holder is None:
            return self
        value = self.find(holder)
        object.__setattr__(holder, self.name, value)
        return value
