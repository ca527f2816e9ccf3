"""What tells mypyc about a class. It does nothing where nothing is compiled, and needs no package then."""

from __future__ import annotations

from typing import TYPE_CHECKING

__all__ = ["mypyc_attr"]

if TYPE_CHECKING:
    from mypy_extensions import mypyc_attr
else:

    def mypyc_attr(**attributes):
        """Attributes of a compiled class. A `serializable` one can be sent to another process."""
        return lambda kind: kind
