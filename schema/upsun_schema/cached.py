"""A property that is found once, as `functools` has it, without the lock that Python 3.11 takes to find it.

Of a large project tens of thousands are found, and the lock was two thirds of what each took.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

from upsun_schema.compiling import Caching

__all__ = ["Caching", "cached_property"]

T = TypeVar("T")


class cached_property(Generic[T]):  # noqa: N801
    """Calls a method at the first access, and keeps the result with the object. Its class is one of `Caching`."""

    def __init__(self, find: Callable[[Any], T]) -> None:
        self.find = find
        self.name = find.__name__
        self.__doc__ = find.__doc__

    @overload
    def __get__(self, holder: None, owner: type) -> cached_property[T]: ...
    @overload
    def __get__(self, holder: Caching, owner: type) -> T: ...
    def __get__(self, holder: Caching | None, owner: type) -> cached_property[T] | T:
        """Find the value. Later accesses see it in the object itself, and do not come here."""
        if holder is None:
            return self
        value = self.find(holder)
        object.__setattr__(holder, self.name, value)
        return value
