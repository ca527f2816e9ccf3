"""What a client can have done by name: texts to show, data to draw.

An answer is None where what was asked for is not there, as while its file is being typed. Arguments that make no sense
are an error.
"""

from __future__ import annotations

from collections.abc import Callable

from pygls.exceptions import JsonRpcInvalidParams

from upsun_lint.lsp.features.topology import topology
from upsun_lint.lsp.session.requests import Request
from upsun_lint.reports import worker_report as formats
from upsun_lint.run.effective import effective_worker
from upsun_rules.catalog import all_rules
from upsun_schema.keys.shape import DOCS_BASE

__all__ = ["COMMANDS", "COPY", "EXPLAIN", "SHOW_EFFECTIVE", "TOPOLOGY", "Command"]

SHOW_EFFECTIVE = "upsun-lint.showEffective"
EXPLAIN = "upsun-lint.explain"
TOPOLOGY = "upsun-lint.topology"
COPY = "upsun-lint.copy"

RequestOf = Callable[[str], Request | None]
"""What gives a command the file behind a URI; None for a file that is none of ours."""

Command = Callable[[RequestOf, tuple[object, ...]], object]
"""A function from the files and the arguments of a command to its answer, as JSON knows it."""


def show_effective(request_of: RequestOf, arguments: tuple[object, ...]) -> str | None:
    """What a worker is in the end, as YAML with remarks on where everything comes from.

    Arguments: the URI of a file of the project, the worker's name or `application--worker`. Of a name that several
    applications have for a worker, all are returned.
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
    """The documentation of a rule as Markdown. Argument: the name of the rule."""
    (name,) = _texts(EXPLAIN, arguments, "the name of a rule")
    rule = all_rules().get(name)
    if rule is None:
        return None
    return (
        f"# {rule.slug}\n\n{rule.documentation}\n\n"
        f"Severity: {rule.severity.label}. To hide it at one place, write `# upsun-lint: ignore[{rule.slug}]` and your "
        f"reason on the line.\n\n[The platform's documentation]({DOCS_BASE}{rule.docs})\n"
    )


def show_topology(request_of: RequestOf, arguments: tuple[object, ...]) -> object:
    """A project as data to draw. Argument: the URI of a file of the project."""
    (uri,) = _texts(TOPOLOGY, arguments, "a URI")
    request = request_of(uri)
    return None if request is None else topology(request)


def copy(request_of: RequestOf, arguments: tuple[object, ...]) -> str:
    """The text to copy. A client that has a clipboard puts the argument there instead of asking."""
    (text,) = _texts(COPY, arguments, "a text")
    return text


def _texts(command: str, arguments: tuple[object, ...], *wanted: str) -> list[str]:
    """The arguments of a command, which are so many texts."""
    texts = [argument for argument in arguments if isinstance(argument, str)]
    if len(texts) != len(arguments) or len(texts) != len(wanted):
        raise JsonRpcInvalidParams(f"`{command}` takes {' and '.join(wanted)}")
    return texts


COMMANDS: dict[str, Command] = {
    SHOW_EFFECTIVE: show_effective,
    EXPLAIN: explain,
    TOPOLOGY: show_topology,
    COPY: copy,
}
"""The commands by the names a client calls them."""
