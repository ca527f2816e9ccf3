"""What a rule is: a function with a name, a severity and a documentation page.

Its first parameter's type says what it is run on: `Project`, `Document`, `Application`, `Worker`, `Instance` (web and
workers), `Container` (applications, web, workers, services), `Cron`, `Service` or `Route`. Further parameters ask for
what it needs by name: `project`, `options`. A rule that does not ask for the project looks at one application,
service or route alone, so what it found stays true until that text changes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from upsun_rules.finding import Finding, Severity
from upsun_rules.reference import PAGES
from upsun_schema.schema import DOCS_BASE

__all__ = ["Check", "Example", "Rule", "rule"]

Check = Callable[..., Iterator[Finding]]
"""What a rule does: it is given its subject and what it asks for by name, and yields findings."""

_FENCE = re.compile(r"```yaml title=\"(wrong|right)\"\n(.*?)```", re.DOTALL)


class Example(NamedTuple):
    """An example in a rule's documentation: a whole `.upsun/config.yaml`, `wrong` or right."""

    text: str
    wrong: bool


class Rule(NamedTuple):
    """A rule: its name, how bad what it finds is by default, where the platform documents the matter.

    `docs` is a path below the platform's documentation, `subject` the name of the type it is run on, `wants` are the
    names of its further parameters. `generic` rules speak of the shape of a file; where another rule explains a place,
    theirs is not shown.
    """

    slug: str
    severity: Severity
    docs: str
    check: Check
    subject: str
    wants: tuple[str, ...] = ()
    generic: bool = False

    @property
    def is_local(self) -> bool:
        """Whether it looks at one application, service or route alone."""
        return "project" not in self.wants and self.subject not in ("Project", "Document")

    @property
    def topic(self) -> str:
        """The noun its module is named after."""
        return self.check.__module__.rpartition(".")[2]

    @property
    def documentation(self) -> str:
        """Its documentation as Markdown: what it finds, what happens on the platform, what to do, examples."""
        lines = (self.check.__doc__ or "").strip().split("\n")
        return "\n".join([lines[0], *(line.removeprefix("    ") for line in lines[1:])])

    def url(self, docs: str = "") -> str:
        """Return the address of a page about what it finds.

        Where the rule reference is published, that is its own page; until then the platform's about the matter, which
        is at `docs`, a path below the platform's documentation, if what was found has one of its own.
        """
        return PAGES.replace("{rule}", self.slug) or DOCS_BASE + (docs or self.docs)

    @property
    def title(self) -> str:
        """The first sentence of its documentation."""
        return self.documentation.partition("\n")[0]

    @property
    def examples(self) -> list[Example]:
        """The examples in its documentation."""
        return [Example(text, kind == "wrong") for kind, text in _FENCE.findall(self.documentation)]


def rule(slug: str, severity: Severity, *, docs: str, generic: bool = False) -> Callable[[Check], Rule]:
    """Make a function a rule. Its name is the function's, with dashes; `slug` says it where code can be searched."""

    def make(check: Check) -> Rule:
        # The annotations are text, since every module of rules postpones their evaluation.
        parameters = {name: str(kind) for name, kind in check.__annotations__.items() if name != "return"}
        subject, *wants = parameters
        return Rule(slug, severity, docs, check, parameters[subject], tuple(wants), generic)

    return make
