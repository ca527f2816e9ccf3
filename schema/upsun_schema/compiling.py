"""What mypyc has to know about a class. It is not compiled itself; where nothing is, it makes no difference."""

from __future__ import annotations

__all__ = ["Caching", "mypyc_attr"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mypy_extensions import mypyc_attr
else:

    def mypyc_attr(**attributes):
        """Attributes of a compiled class. With `allow_interpreted_subclasses` its objects can also be pickled."""
        return lambda kind: kind


class Caching:
    """The base of classes with cached properties, which are kept in the dictionary of the object.

    Without a base that is not compiled, the objects of a compiled class have none.
    """
