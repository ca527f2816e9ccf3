"""What classes with cached properties have in common. It is not compiled, which gives their objects a dictionary."""

from __future__ import annotations

__all__ = ["Caching"]


class Caching:
    """The base of classes with cached properties, which are kept in the dictionary of the object.

    Without it the objects of a compiled class have none.
    """
