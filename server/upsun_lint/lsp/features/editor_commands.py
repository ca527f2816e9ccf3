"""The commands that a client can run by name.

The answer is None if the thing does not exist, for example while its file is being typed. Invalid arguments are an
error.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from pygls.exceptions import JsonRpcInvalidParams

from upsun_lint.lsp.features.topology import topology
from upsun_lint.lsp.greeting import COPY, EXPLAIN, EXPORT_TOPOLOGY, SHOW_EFFECTIVE, TOPOLOGY
from upsun_lint.lsp.session.markup import code
from upsun_lint.lsp.session.requests import Request
from upsun_lint.reports import worker_report as formats
from upsun_lint.reports.picture import picture
from upsun_lint.run.effective import effective_worker
from upsun_rules.catalog import every_rule
from upsun_schema.keys.shape import DOCS_BASE

__all__ = ["COMMANDS"]

_TITLED = re.compile(r'(?m)^(?P<fence>```\w*) title="(?P<title>[^"]*)"$')

RequestOf = Callable[[str], Request | None]
"""Finds the file of a URI; None if it belongs to no project."""

Command = Callable[[RequestOf, tuple[object, ...]], object]
"""A function from the files and the arguments of a command to its answer, as JSON."""


def show_effective(request_of: RequestOf, arguments: tuple[object, ...]) -> str | None:
    """The effective configuration of a worker, as YAML with comments about where each value comes from.

    Arguments: the URI of a file of the project, the worker's name or `application--worker`. If several applications
    have a worker with this name, all of them are returned.
    """
    uri, name = _texts(SHOW_EFFECTIVE, arguments, "a URI", "the name of a worker")
    request = request_of(uri)
    if request is None:
        return None
    found = [
        effective_worker(request.project, worker, request.project.root)
        for application in request.project.applications.values()
        for worker in application.workers.values()
        if name in (worker.name, worker.full_name)
    ]
    return formats.as_annotated_yaml(found) if found else None


def explain(request_of: RequestOf, arguments: tuple[object, ...]) -> str | None:
    """The documentation of a rule as Markdown.

    Arguments: the name of the rule, and for a policy the URI of a file of the project.
    """
    wanted = ("the name of a rule", "a URI")[: max(1, len(arguments))]
    name, *uris = _texts(EXPLAIN, arguments, *wanted)
    request = request_of(uris[0]) if uris else None
    rule = (every_rule() if request is None else request.open_project.catalog).get(name)
    if rule is None:
        return None
    title = "Documentation" if rule.is_policy else "The platform's documentation"
    page = rule.docs if rule.is_policy else DOCS_BASE + rule.docs
    link = f"\n[{title}]({page})\n" if page else ""
    return (
        f"# {rule.slug}\n\n{_labeled(rule.documentation)}\n\n"
        f"Severity: {rule.severity.label}. To suppress it on one line, add the comment "
        f"`# upsun-lint: ignore[{rule.slug}]` and your reason.\n{link}"
    )


def _labeled(documentation: str) -> str:
    """The documentation with a line above each example that says which one is wrong; Markdown ignores their titles."""

    def label(match: re.Match[str]) -> str:
        kind, _, file = match["title"].partition(": ")
        return f"**{kind.capitalize()}**{f', {code(file)}' if file else ''}:\n\n{match['fence']}"

    return _TITLED.sub(label, documentation)


def show_topology(request_of: RequestOf, arguments: tuple[object, ...]) -> object:
    """A project as data to draw. Argument: the URI of a file of the project."""
    (uri,) = _texts(TOPOLOGY, arguments, "a URI")
    request = request_of(uri)
    return None if request is None else topology(request)


def export_topology(request_of: RequestOf, arguments: tuple[object, ...]) -> str | None:
    """A project as a Mermaid flowchart in Markdown, which GitHub and GitLab draw; None if it is too large for one.

    Argument: the URI of a file of the project.
    """
    (uri,) = _texts(EXPORT_TOPOLOGY, arguments, "a URI")
    request = request_of(uri)
    text = picture(request.project) if request is not None else ""
    return f"```mermaid\n{text}```\n" if text else None


def copy(request_of: RequestOf, arguments: tuple[object, ...]) -> str:
    """The text to copy. A client with a clipboard copies the argument itself and does not send the command."""
    (text,) = _texts(COPY, arguments, "a text")
    return text


def _texts(command: str, arguments: tuple[object, ...], *wanted: str) -> list[str]:
    texts = [argument for argument in arguments if isinstance(argument, str)]
    if len(texts) != len(arguments) or len(texts) != len(wanted):
        raise JsonRpcInvalidParams(f"`{command}` takes {' and '.join(wanted)}")
    return texts


COMMANDS: dict[str, Command] = {
    SHOW_EFFECTIVE: show_effective,
    EXPLAIN: explain,
    TOPOLOGY: show_topology,
    EXPORT_TOPOLOGY: export_topology,
    COPY: copy,
}
"""The commands by the names a client calls them."""
