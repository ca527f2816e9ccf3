"""What names rules in settings and on the command line: a rule, a topic, a glob such as `mount*`, or a policy."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from upsun_lint.failure import Failure
from upsun_rules.catalog import all_rules, every_rule
from upsun_rules.policy import Policy
from upsun_rules.rule import POLICY
from upsun_schema.wording import nearest

__all__ = ["named", "named_policies", "topics"]

_POLICIES = "policies"
"""The topic of all policies."""


@cache
def topics() -> dict[str, frozenset[str]]:
    """The names of the rules of each topic."""
    found: dict[str, set[str]] = {}
    for slug, rule in every_rule().items():
        found.setdefault(rule.topic, set()).add(slug)
    return {topic: frozenset(slugs) for topic, slugs in found.items()}


def named(names: Iterable[str], source: str) -> frozenset[str]:
    """The rules that names mean; policies are left as they are, since only a project knows its own.

    Failure, beginning with `source` and with the closest match, for what names no rule.
    """
    return frozenset().union(*(_meant(name, source) for name in sorted(frozenset(names))))


def _meant(name: str, source: str) -> frozenset[str]:
    if name in all_rules() or name in every_rule():  # Most names need no rules about changes.
        return frozenset({name})
    if name in topics():
        return topics()[name]
    if name == _POLICIES or name.startswith(POLICY):
        return frozenset({name})
    if name == "*":
        return frozenset({*every_rule(), _POLICIES})
    if found := _matching(name, every_rule()):
        return found
    close = nearest(name, [*every_rule(), *topics(), _POLICIES])
    raise Failure(f"{source}: there is no rule `{name}`" + (f"; did you mean `{close[0]}`?" if close else ""))


def _matching(pattern: str, names: Iterable[str]) -> frozenset[str]:
    if not set(pattern) & set("*?"):
        return frozenset()
    from fnmatch import filter as matching

    return frozenset(matching(names, pattern.replace("[", "[[]")))


def named_policies(names: frozenset[str], policies: Iterable[Policy], source: str) -> frozenset[str]:
    """Names of rules with those of policies replaced by the policies of a project that they mean.

    Failure, beginning with `source`, for a policy that the project does not have.
    """
    wanted = [name for name in names if name == _POLICIES or name.startswith(POLICY)]
    if not wanted:
        return names
    known = [policy.slug for policy in policies]
    found = names.difference(wanted)
    for name in sorted(wanted):
        meant = frozenset(known) if name == _POLICIES else _matching(name, known) | ({name} & set(known))
        if not meant and name != _POLICIES:
            close = nearest(name, known)
            raise Failure(f"{source}: there is no policy `{name}`" + (f"; did you mean `{close[0]}`?" if close else ""))
        found |= meant
    return found
