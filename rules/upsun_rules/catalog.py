"""Every rule there is: whatever the modules of `checks` define."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from upsun_rules import checks
from upsun_rules.rule import Rule

__all__ = ["all_rules"]


@cache
def all_rules() -> dict[str, Rule]:
    """Every rule by its name, in order of topics and definitions. TypeError if two rules have the same name."""
    found: dict[str, Rule] = {}
    for module in iter_modules(checks.__path__):
        defined = vars(import_module(f"{checks.__name__}.{module.name}")).values()
        for one in (value for value in defined if isinstance(value, Rule)):
            if found.setdefault(one.slug, one) is not one:
                raise TypeError(f"two rules are called `{one.slug}`: in {found[one.slug].module} and in {one.module}")
    return found
