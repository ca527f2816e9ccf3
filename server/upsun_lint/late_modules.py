"""Modules that are loaded late: click and the parser import them, and a check hardly uses them.

`inspect` is a twentieth of a small check, and the package of ruamel.yaml, of which only the parser in C is used, is a
thirtieth. The first access to something in one of them loads it, and from then on it behaves as usual.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

__all__ = ["defer"]

_MODULE = "inspect"
_PACKAGE = "ruamel.yaml"


class _LateInspect(ModuleType):
    """Takes the place of the module until something else than the help of an option is asked for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # The import system asks for these.
            raise AttributeError(name)
        if sys.modules.get(_MODULE) is self:
            del sys.modules[_MODULE]
        module = import_module(_MODULE)
        vars(self).update(vars(module))
        return getattr(module, name)

    def cleandoc(self, doc: str) -> str:
        """What the real one does. Click calls it for each option that it defines."""
        return str(self.__getattr__("cleandoc")(doc)) if "\n" in doc else doc.expandtabs().lstrip()


class _LatePackage(ModuleType):
    """Takes the place of a package, whose modules can be imported, until something in it is asked for."""

    def __getattr__(self, name: str) -> Any:
        specification = self.__spec__
        assert specification is not None and specification.loader is not None
        # From now on it is the package itself, with the modules that were imported from it.
        self.__class__ = ModuleType  # type: ignore[assignment]
        specification.loader.exec_module(self)
        return getattr(self, name)


def defer() -> None:
    """Load these modules only when they are used, unless they are loaded already."""
    sys.modules.setdefault(_MODULE, _LateInspect(_MODULE))
    if _PACKAGE not in sys.modules:
        _defer_package()


def _defer_package() -> None:
    from importlib.util import find_spec, module_from_spec

    specification = find_spec(_PACKAGE)
    if specification is not None and specification.loader is not None:
        package = module_from_spec(specification)
        package.__class__ = _LatePackage
        sys.modules[_PACKAGE] = package
        holder, _, name = _PACKAGE.rpartition(".")
        setattr(sys.modules[holder], name, package)
