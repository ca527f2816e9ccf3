"""A property that is found once, as `functools` has it, without the lock that Python 3.11 takes to find it.

Of a large project tens of thousands are found, and the lock was two thirds of what each took.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

__all__ = ["cached_property"]

# From 3.12 on, `functools` takes no lock either.
if TYPE_CHECKING or sys.version_info >= (3, 12):
    from functools import cached_property
else:

    class cached_property:  # noqa: N801
        """Calls a method at the first access, and keeps the result with the object."""

        def __init__(self, find):
            self.find = find
            self.__doc__ = find.__doc__

        def __set_name__(self, owner, name):
            self.name = name

        def __get__(self, holder, owner=None):
            """Find the value. Later accesses see it in the object itself, and do not come here."""
            if holder is None:
                return self
            value = holder.__dict__[self.name] = self.find(holder)
            return value
