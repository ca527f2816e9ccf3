"""What a rule is: a function with a name, a severity and a documentation page.

The type of its first parameter is what the rule runs on, and the names of its other parameters are what it needs. Both
are checked when the rule is defined, so a mistake in its signature is never silently ignored.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum

from upsun_rules.finding import Finding, Severity
from upsun_rules.published import PAGES
from upsun_schema.expression import expression
from upsun_schema.keys.shape import DOCS_BASE
from upsun_schema.record import NamedTuple

__all__ = ["NEEDS", "POLICY", "SUBJECTS", "Check", "Example", "Rank", "Rule", "documented", "rule"]

SUBJECTS = {
    "Project": "the whole project",
    "Document": "a YAML file in `.upsun`",
    "Application": "an application",
    "Container": "an application, a web process, a worker, a service or a task",
    "Instance": "a web process or a worker",
    "Worker": "a worker",
    "Cron": "a cron job",
    "Service": "a service",
    "Route": "a route",
    "Task": "a task",
    "Change": "a change: the whole project before and after",
}
"""The types that a rule can run on, with their meaning."""

POLICY = "policy:"
"""How the name of a rule begins that is a policy of the project, not one of ours."""

NEEDS = {
    "project": "the whole project",
    "options": "the settings, and the table of images",
}
"""What a rule can ask for by the name of a parameter. A rule that asks for `project` runs again when others change."""

Check = Callable[..., Iterator[Finding]]
"""The function of a rule: it takes its subject and what it asks for by name, and yields findings."""

_EXAMPLE = expression(r"```\w+ title=\"(before|wrong|right)(?:: ([^\"]+))?\"\n(.*?)```", re.DOTALL)
# What `inspect.CO_GENERATOR` is: importing that module takes longer than all rules together.
_GENERATOR = 0x20
_DEFAULT_FILE = ".upsun/config.yaml"


class Rank(IntEnum):
    """What a rule is about. Where a finding explains a region, those of a lower rank in it are its consequences."""

    SHAPE = 0
    """What the schema allows: an unknown key, a wrong type."""
    MEANING = 1
    """What a configuration does."""
    LEVEL = 2
    """What the schema shows about where keys are: on another level they are read as something else."""
    PLACE = 3
    """What a rule knows about where keys are."""
    TEXT = 4
    """What is not YAML."""


class Example(NamedTuple):
    """A wrong or right project in the documentation of a rule: the text of each file by its path.

    For a rule about a change, `before` are the files as they were; otherwise it is empty.
    """

    files: dict[str, str]
    wrong: bool
    before: dict[str, str] = {}  # noqa: RUF012 - it is never changed


class Rule(NamedTuple):
    """A rule: its name, its default severity, its documentation and its function.

    `docs` is a path below the platform's documentation, `text` the docstring, `module` the module that defines the
    rule, `subject` a key of `SUBJECTS`, and `wants` are keys of `NEEDS`. A rule without a subject documents what the
    parser, the schema or the engine reports.
    """

    slug: str
    severity: Severity
    docs: str
    text: str
    module: str
    check: Check
    subject: str = ""
    wants: tuple[str, ...] = ()
    rank: Rank = Rank.MEANING
    keys: tuple[str, ...] = ()

    @property
    def is_local(self) -> bool:
        """Whether it looks at one application, service or route alone."""
        return "project" not in self.wants and self.subject not in ("Project", "Document")

    @property
    def is_policy(self) -> bool:
        """Whether it is a policy of the project."""
        return self.slug.startswith(POLICY)

    @property
    def topic(self) -> str:
        """The name of its topic, such as `mounts`."""
        return self.module.rpartition(".")[2].replace("_", "-")

    @property
    def heading(self) -> str:
        """The title of its topic, such as "Mounts"."""
        return str(sys.modules[self.module].TOPIC)

    @property
    def documentation(self) -> str:
        """Its documentation as Markdown: what it finds, what happens on the platform, what to do, examples."""
        # From 3.13 on, Python itself removes the indentation of a docstring.
        if not self.subject or sys.version_info >= (3, 13):
            return self.text.strip()
        lines = self.text.strip().split("\n")
        return "\n".join([lines[0], *(line.removeprefix("    ") for line in lines[1:])])

    def url(self, docs: str = "") -> str:
        """The address of a page about a finding of this rule.

        If the rule reference is published, it is the rule's own page. Otherwise it is a page of the platform's
        documentation: `docs` (a path below it) if the finding has its own, or the page of the rule. `docs` may also
        be the address of a page elsewhere. For a policy, it is the page that the policy names, or empty.
        """
        if self.is_policy:
            return self.docs
        if docs.startswith("https://"):
            return docs
        return PAGES.replace("{rule}", self.slug) or DOCS_BASE + (docs or self.docs)

    @property
    def title(self) -> str:
        """The first sentence of its documentation."""
        return self.documentation.partition("\n")[0]

    @property
    def examples(self) -> list[Example]:
        """The examples in its documentation.

        A fence titled `wrong` or `right` is one `.upsun/config.yaml`. Fences titled `wrong: PATH` are the files of one
        project. What is titled `before` is the project before the change that leads to the examples below it.
        """
        found: list[Example] = []
        before: dict[str, str] = {}
        last: tuple[str, dict[str, str]] | None = None
        for kind, path, text in _EXAMPLE.findall(self.documentation):
            if path and last is not None and last[0] == kind and path not in last[1]:
                last[1][path] = text
                continue
            last = kind, {path or _DEFAULT_FILE: text}
            if kind == "before":
                before = last[1]
            else:
                found.append(Example(last[1], kind == "wrong", before))
        return found


def rule(
    slug: str, severity: Severity, *, docs: str, rank: Rank = Rank.MEANING, keys: Iterable[str] = ()
) -> Callable[[Check], Rule]:
    """Make a function a rule; its docstring is the documentation.

    With `keys`, it runs only on a subject that has one of these keys itself, so that it need not ask for that.
    The slug is the name of the function with dashes, written out so that it can be searched for. TypeError if the
    signature asks for something that rules cannot have.
    """

    def make(check: Check) -> Rule:
        types = {name: kind for name, kind in check.__annotations__.items() if name != "return"}
        subject, *wants = types or [""]
        # The annotations are text where the module postpones their evaluation.
        kind = str(getattr(types.get(subject), "__name__", types.get(subject)))
        if not check.__globals__.get("TOPIC"):
            raise TypeError(f"`{slug}`: {check.__module__} needs a `TOPIC`, the heading of its rules, above them")
        if not check.__code__.co_flags & _GENERATOR:
            raise TypeError(f"`{slug}` has to yield its findings, not to return them")
        if slug != check.__name__.replace("_", "-"):
            raise TypeError(f"the rule `{slug}` is defined by a function with another name, `{check.__name__}`")
        if kind not in SUBJECTS:
            what = f"no rule runs on `{kind}`" if subject else "a rule needs a first parameter with its type"
            raise TypeError(f"`{slug}`: {what} (one of {', '.join(SUBJECTS)})")
        for name in wants:
            if name not in NEEDS:
                raise TypeError(f"`{slug}`: no rule can ask for `{name}`, only for {', '.join(NEEDS)}")
        return Rule(
            slug, severity, docs, check.__doc__ or "", check.__module__, check, kind, tuple(wants), rank, tuple(keys)
        )

    return make


def documented(slug: str, severity: Severity, text: str, *, module: str, docs: str, rank: Rank = Rank.MEANING) -> Rule:
    """A rule that only has documentation: the parser, the schema or the engine makes its findings."""
    return Rule(slug, severity, docs, text, module, _found_elsewhere, rank=rank)


def _found_elsewhere() -> Iterator[Finding]:
    yield from ()
