"""A place in a command of the configuration: the text around it, and the process that runs the command."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from upsun_lint.lsp.hovers.subject import Subject, subjects_at
from upsun_lint.lsp.session.requests import Request
from upsun_rules.lookups.command_text import ShellText
from upsun_rules.lookups.resolved_texts import resolved
from upsun_rules.shell.parsing import ChainStep, parse
from upsun_schema.configuration.model import Application, Instance
from upsun_schema.yaml.nodes import BROKEN, Region, Scalar
from upsun_schema.yaml.text import Span

__all__ = ["ShellPlace", "VariableAt", "first_steps", "shell_places", "variable_at"]

_HOOKS = ("build", "deploy", "post_deploy")
_VARIABLE = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)")


@dataclass(frozen=True)
class ShellPlace:
    """A place in a command.

    `process` is the one that runs the command: a web process or a worker, or the application if it has no web process,
    or in the build. `line` is the line of the command that the place is on, and `offset` the place, in code points of
    the file. `is_build` is true for the build hook.
    """

    subject: Subject
    application: Application
    process: Application | Instance
    scalar: Scalar
    line: Span
    offset: int
    is_build: bool

    @property
    def before(self) -> str:
        """The part of the line before the place."""
        return self.subject.request.document.text[self.line.start : self.offset]


@dataclass(frozen=True)
class VariableAt:
    """A variable that is used at a place, with its place in the file, `$` included."""

    name: str
    span: Span


def shell_places(request: Request, offset: int) -> list[ShellPlace]:
    """The place in a command at an offset (code points) of a file, once for each process that runs the command.

    These are several in a block that is shared by an anchor, and none where there is no command.
    """
    # A plain value ends before the blanks that are typed after it.
    subjects = subjects_at(request, len(request.document.text[:offset].rstrip(" \t")))
    cursor = subjects[0].cursor
    node = cursor.node
    if not isinstance(node, Scalar) or cursor.on_key or node.tag == BROKEN or not request.document.holds(node.piece):
        return []
    line = _line(request, node, offset)
    return [
        ShellPlace(subject, application, process, node, line, offset, subject.below[:2] == ("hooks", "build"))
        for subject in subjects
        for application, process in _running(subject)
    ]


def _running(subject: Subject) -> Iterator[tuple[Application, Application | Instance]]:
    """The application and the process that run the command at a place, if there is one."""
    match subject.container, subject.below:
        case Instance() as instance, ("commands", _):
            yield instance.application, instance
        case Application() as application, ("hooks", name) if name in _HOOKS:
            yield application, application if name == "build" else application.web or application
        case Application() as application, ("crons" | "operations", _, "commands", _) | ("crons", _, "cmd"):
            yield application, application.web or application


def _line(request: Request, scalar: Scalar, offset: int) -> Span:
    """The line of a file around an offset, as far as it is in a scalar."""
    whole = request.document.span(scalar.region) or Span(offset, offset)
    text = request.document.text
    lead = 1 if scalar.style in ("'", '"') else 0
    start = max(whole.start + lead, text.rfind("\n", 0, offset) + 1)
    end = text.find("\n", offset)
    return Span(start, max(offset, whole.end - lead if end < 0 else min(end, whole.end - lead)))


def variable_at(place: ShellPlace) -> VariableAt | None:
    """The variable that is used at a place; None if there is none."""
    text = place.subject.request.document.text[place.line.start : place.line.end]
    at = place.offset - place.line.start
    for match in _VARIABLE.finditer(text):
        if match.start() <= at <= match.end():
            return VariableAt(match[1], Span(place.line.start + match.start(), place.line.start + match.end()))
    return None


def first_steps(place: ShellPlace) -> list[ChainStep]:
    """What the command at a place runs in the repository, as the files have it; nothing for a program."""
    text = ShellText(place.scalar, parse(place.scalar.text))
    found: dict[Region, ChainStep] = {}
    for command in resolved(text, place.application, place.subject.project).script.commands:
        if command.chain and _is_at(place, text.at(command.bare)):
            found.setdefault(command.chain[0].region, command.chain[0])
    return list(found.values())


def _is_at(place: ShellPlace, region: Region) -> bool:
    span = place.subject.request.document.span(region)
    return span is not None and span.start <= place.offset <= span.end
