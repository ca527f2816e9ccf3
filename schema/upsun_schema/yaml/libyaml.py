"""libyaml, by way of ruamel.yaml.clib, without the rest of ruamel.yaml.

The parser in C imports most of the package, for tokens and for the errors of steps that come after parsing. No check
needs these modules, and importing them takes a tenth of the time of a small one. The first access to something in the
package itself loads it, and from then on it behaves as usual.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec, module_from_spec
from types import ModuleType

from upsun_schema.yaml.event import MAKERS

__all__ = ["CParser", "MarkedYAMLError", "YAMLError"]

_PACKAGE = "ruamel.yaml"
_NEEDLESS = [
    "composer",
    "constructor",
    "emitter",
    "events",
    "parser",
    "reader",
    "representer",
    "scanner",
    "serializer",
    "tokens",
]
"""The modules from which the parser in C only takes classes that it never makes, or errors that add only a name."""


class _LatePackage(ModuleType):
    """Takes the place of a package, whose modules can be imported, until something in it is asked for."""

    def __getattr__(self, name: str) -> Any:
        specification = self.__spec__
        assert specification is not None and specification.loader is not None
        # From now on it is the package itself, with the modules that were imported from it.
        self.__class__ = ModuleType  # type: ignore[assignment]
        specification.loader.exec_module(self)
        return getattr(self, name)


class _Names(ModuleType):
    """Takes the place of a module while the parser in C is imported: whatever is imported from it is an error."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # The import system asks for these.
            raise AttributeError(name)
        return type(name, (YAMLError if name == "ReaderError" else MarkedYAMLError,), {})


def _defer_package() -> None:
    specification = find_spec(_PACKAGE)
    if specification is not None and specification.loader is not None:
        package = module_from_spec(specification)
        package.__class__ = _LatePackage
        sys.modules[_PACKAGE] = package
        holder, _, name = _PACKAGE.rpartition(".")
        setattr(sys.modules[holder], name, package)


if _PACKAGE not in sys.modules:
    _defer_package()

from ruamel.yaml.error import MarkedYAMLError, YAMLError  # noqa: E402

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def _c_parser() -> Any:
    """The parser in C, whose events are ours; None where it is not installed, or makes its events in another way."""
    needless = [name for name in (f"{_PACKAGE}.{one}" for one in _NEEDLESS) if name not in sys.modules]
    sys.modules.update((name, _Names(name)) for name in needless)
    try:
        import _ruamel_yaml as module
    except ImportError:  # pragma: no cover - the pure parser is tested by asking for it
        return None
    finally:
        for name in needless:
            del sys.modules[name]
    # It looks for the class of an event by its name, each time.
    if not all(hasattr(module, name) for name in MAKERS):
        return None
    for name, make in MAKERS.items():
        setattr(module, name, make)
    return module.CParser


CParser = _c_parser()
