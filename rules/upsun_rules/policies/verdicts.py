"""What the policies of a project say about its parts, as findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from upsun_rules.finding import Finding, Related
from upsun_rules.policies.policy_schema import TooMuchWork
from upsun_rules.policies.reasons import meant, reason
from upsun_rules.policies.subjects import Found, PolicySubject, in_entry, whole_project
from upsun_rules.policy import Policy
from upsun_schema.configuration.model import View
from upsun_schema.configuration.project import Project
from upsun_schema.yaml.data import TooLarge
from upsun_schema.yaml.nodes import Mapping, Region, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


__all__ = ["Verdicts"]

_MOST = 50
"""The most findings of a policy about one entry."""

_AT_THE_KEY = frozenset(
    {
        None,
        "required",
        "dependentRequired",
        "dependencies",
        "propertyNames",
        "minProperties",
        "maxProperties",
        "minItems",
        "maxItems",
        "contains",
    }
)
"""The keywords whose errors are about what names a value: something is missing in it, or it must not be there."""

_ABOUT_MISSING = frozenset({"required", "dependentRequired", "dependencies", "minProperties", "minItems", "contains"})


class Verdicts:
    """Applies policies to the parts of one project. One that takes too much work is reported once, and no more used."""

    def __init__(self, policies: Iterable[Policy]) -> None:
        self._policies = list(policies)
        self._too_slow: set[str] = set()

    def on_entry(self, entry: View) -> Iterator[Finding]:
        """The findings about an application, a service, a task or a route, and the parts of it."""
        for policy in self._policies:
            if policy.subject != "project":
                yield from self._together(policy, in_entry(entry, policy.subject))

    def on_project(self, project: Project) -> Iterator[Finding]:
        """The findings of policies about the whole project."""
        policies = [policy for policy in self._policies if policy.subject == "project"]
        subject = whole_project(project) if policies else None
        for policy in policies if subject is not None else ():
            yield from self._together(policy, [subject] if subject is not None else [])

    def _together(self, policy: Policy, subjects: Iterable[PolicySubject]) -> Iterator[Finding]:
        """The findings about subjects; what several inherit is one finding that names all of them."""
        found: dict[tuple[Region, str], Finding] = {}
        for subject in subjects:
            for finding in self._about(policy, subject):
                known = found.setdefault((finding.region, finding.message), finding)
                if known is not finding:
                    found[finding.region, finding.message] = known._replace(related=known.related + finding.related)
        yield from list(found.values())[:_MOST]

    def _about(self, policy: Policy, subject: PolicySubject) -> Iterator[Finding]:
        if policy.slug in self._too_slow:
            return
        try:
            for error in policy.schema.errors(subject.data):
                finding = _finding(policy, subject, meant(error))
                if finding is not None:
                    yield finding
        except TooLarge:
            yield _finding_at(policy, subject.key.region, f"{subject.words} is too large for this policy")
        except TooMuchWork as fault:
            self._too_slow.add(policy.slug)
            yield _finding_at(policy, subject.key.region, f"policy `{policy.name}` cannot be applied: {fault}")


def _finding(policy: Policy, subject: PolicySubject, error: Any) -> Finding | None:
    path = list(error.absolute_path)
    if "propertyNames" in error.absolute_schema_path:
        path.append(error.instance)
    found = subject.find(path)
    if not found.is_readable or (error.validator in _ABOUT_MISSING and not found.may_lack):
        return None
    name = ".".join(map(str, path))
    why = reason(error, name) if name else reason(error, "").replace("``", subject.words, 1)
    message = f"{policy.message} ({why})" if policy.message else why
    finding = _finding_at(policy, _region(found, error.validator), message)
    if found.is_inherited:
        finding = finding._replace(related=(Related(subject.key.region, f"inherited by {subject.words}"),))
    return finding


def _finding_at(policy: Policy, region: Region, message: str) -> Finding:
    rule = policy.rule
    return Finding(region, message, severity=rule.severity, rule=rule.slug, url=rule.url())


def _region(found: Found, keyword: str | None) -> Region:
    value = found.value
    if value is None or keyword in _AT_THE_KEY or isinstance(value.resolved, Mapping | Sequence) or value.is_null:
        return found.key.region
    return value.region if value.resolved is value else value.resolved.region
