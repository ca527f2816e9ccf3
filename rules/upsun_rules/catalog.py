"""Every rule there is: whatever the modules of `checks` define, and those of `change_checks`."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

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
    for module in iter_modules(package.__path__):
        defined = vars(import_module(f"{package.__name__}.{module.name}")).values()
        for one in (value for value in defined if isinstance(value, Rule)):
            if found.setdefault(one.slug, one) is not one:
                raise TypeError(f"two rules are called `{one.slug}`: in {found[one.slug].module} and in {one.module}")
    return found
