"""The module `inspect`, loaded late: click imports it and hardly uses it, and it is a twentieth of a small check."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

__all__ = ["defer_inspect"]

_NAME = "inspect"


class _LateInspect(ModuleType):
    """Takes the place of the module until something else than the help of an option is asked for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # The import system asks for these.
            raise AttributeError(name)
        if sys.modules.get(_NAME) is self:
            del sys.modules[_NAME]
        module = import_module(_NAME)
        vars(self).update(vars(module))
        return getattr(module, name)

    def cleandoc(self, doc: str) -> str:
        """What the real one does. Click calls it for each option that it defines."""
        return str(self.__getattr__("cleandoc")(doc)) if "\n" in doc else doc.expandtabs().lstrip()


def defer_inspect() -> None:
    """Load `inspect` only when it is used, unless it is loaded already."""
    sys.modules.setdefault(_NAME, _LateInspect(_NAME))
