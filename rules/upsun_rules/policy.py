"""What a policy is: a JSON Schema with a name, for one kind of part of a project."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from upsun_rules.finding import Severity
from upsun_rules.rule import POLICY, Rule, documented
from upsun_schema.cached import Caching, cached_property
from upsun_schema.yaml.data import Data

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol
else:
    Protocol = object

__all__ = ["PLACES", "Policy", "Schema"]

PLACES: Mapping[str, str] = MappingProxyType(
    {
        "project": "the whole project",
        "application": "an application, as it is written",
        "web": "a web process with all that it inherits",
        "worker": "a worker with all that it inherits",
        "cron": "a cron job",
        "mount": "a mount",
        "service": "a service",
        "route": "a route",
    }
)
"""What a policy can be about, with its meaning."""


class Schema(Protocol):
    """What a policy needs of its JSON Schema."""

    title: str
    description: str

    def errors(self, value: Data) -> Iterator[Any]:
        """What is wrong with a value, as errors of `jsonschema`."""


class Policy(Caching):
    """One policy. `origin` is where its schema is written, for people; `docs` is the address of its page, or empty."""

    def __init__(
        self,
        name: str,
        subject: str,
        schema: Schema,
        severity: Severity = Severity.ERROR,
        message: str = "",
        docs: str = "",
        origin: str = "",
    ) -> None:
        self.name = name
        self.subject = subject
        self.schema = schema
        self.severity = severity
        self.message = message
        self.docs = docs
        self.origin = origin

    @property
    def slug(self) -> str:
        """The name of its rule: `policy:` and its own name."""
        return POLICY + self.name

    @cached_property
    def rule(self) -> Rule:
        """The rule that reports it."""
        title = self.message or self.schema.title or f"The policy `{self.name}`."
        text = f"{title}\n\nThis is a policy of the project, not of the platform. It is about {PLACES[self.subject]}."
        if self.schema.description:
            text += f"\n\n{self.schema.description}"
        if self.origin:
            text += f"\n\nIts JSON Schema is in `{self.origin}`."
        return documented(self.slug, self.severity, text, module="upsun_rules.policies", docs=self.docs)
