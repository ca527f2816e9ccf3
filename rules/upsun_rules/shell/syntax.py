"""Whether a shell can read a text, and where it gives up if not."""

from __future__ import annotations

from functools import lru_cache

from upsun_rules.shell.plain import RESERVED
from upsun_schema.expression import expression

TYPE_CHECKING = False
if TYPE_CHECKING:
    from upsun_rules.shell.tokens import ShellFault

__all__ = ["syntax_fault"]

_LONGEST = 16_384
_PLAIN = expression(r"[\w./:=@%+,$*\[\]^~ \t\n-]*")


@lru_cache(maxsize=512)
def syntax_fault(text: str) -> ShellFault | None:
    """The first syntax error of a shell text; None where there is none, or none for sure."""
    if len(text) > _LONGEST or (_PLAIN.fullmatch(text) and RESERVED.isdisjoint(text.split())):
        return None
    from upsun_rules.shell.syntax_reader import fault_of  # Many projects do not need it.

    return fault_of(text)
