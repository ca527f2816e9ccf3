"""Every rule there is: whatever the modules of `checks` define, and those of `change_checks`."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import cache
from importlib import import_module

from upsun_rules.policy import Policy
from upsun_rules.rule import Rule

__all__ = ["all_rules", "change_rules", "every_rule"]


@cache
def all_rules() -> dict[str, Rule]:
    """Every rule about a project by its name, in order of topics and definitions.

    TypeError if two rules have the same name.
    """
    return _defined("checks")


@cache
def change_rules() -> dict[str, Rule]:
    """Every rule about a change by its name. They are imported when this is called for the first time."""
    return _defined("change_checks")


def every_rule(policies: Iterable[Policy] = ()) -> dict[str, Rule]:
    """Every rule by its name, and these policies."""
    return all_rules() | change_rules() | {policy.slug: policy.rule for policy in policies}


def _defined(shelf: str) -> dict[str, Rule]:
    found: dict[str, Rule] = {}
    package = import_module(f"upsun_rules.{shelf}")
    for name in _modules(package.__path__[0]):
        defined = vars(import_module(f"{package.__name__}.{name}")).values()
        for one in (value for value in defined if isinstance(value, Rule)):
            if found.setdefault(one.slug, one) is not one:
                raise TypeError(f"two rules are called `{one.slug}`: in {found[one.slug].module} and in {one.module}")
    return found


def _modules(folder: str) -> list[str]:
    """The names of the modules in the folder of a package, sorted."""
    try:
        names = sorted(name[:-3] for name in os.listdir(folder) if name.endswith(".py") and not name.startswith("_"))
    except OSError:
        names = []
    if not names:  # The package is in an archive, as in a frozen program.
        from pkgutil import iter_modules  # It loads `inspect`, which is a twentieth of a small check.

        names = [module.name for module in iter_modules([folder])]
    return names
