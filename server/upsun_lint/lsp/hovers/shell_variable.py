"""Hover texts for the variables in commands: where they come from, and which containers have them."""

from __future__ import annotations

from upsun_lint.lsp.hovers.shell_places import ShellPlace, VariableAt
from upsun_lint.lsp.hovers.subject import Subject, docs_link
from upsun_lint.lsp.session.markup import bullets, code, listed, paragraphs
from upsun_rules.lookups.environment import EnvironmentVariable, environment
from upsun_rules.lookups.service_variables import split_variable
from upsun_schema.configuration.model import Application, Instance, Web, Worker

__all__ = ["about_shell_variable"]

_ORIGINS = {
    "relationship": "relationship",
    "variables": "`variables`",
    "platform": "the platform",
    ".environment": "the script `.environment`",
}


def about_shell_variable(place: ShellPlace, used: VariableAt) -> str:
    """Where a variable comes from in the process that uses it, and which other processes do not have it."""
    subject, project = place.subject, place.subject.project
    known = environment(place.process, project, build=place.is_build).get(used.name)
    title = f"**Variable** {code(f'${used.name}')}"
    if known is None:
        return paragraphs(f"{title} of {_who(place)}", _unknown(place, used.name), docs_link("development/variables"))
    return paragraphs(
        f"{title} of {_who(place)}" + (f": {known.meaning}" if known.meaning else ""),
        bullets([f"**From** {_origin(subject, known)}", *_missing(place, used.name)]),
        docs_link("development/variables"),
    )


def _who(place: ShellPlace) -> str:
    if place.is_build:
        return "the build"
    process = place.process
    return f"worker {code(process.name)}" if isinstance(process, Worker) else "the web container"


def _origin(subject: Subject, known: EnvironmentVariable) -> str:
    text = _ORIGINS[known.origin]
    if known.place is None:
        return text
    where = subject.place(known.place)
    if known.origin == "relationship":
        text = f"{text} {code(known.place.text)}"
    whose = {Application: "the application's", Worker: "the worker's own"}.get(type(known.container), "")
    return f"{whose} {text} ({where})".strip()


def _missing(place: ShellPlace, name: str) -> list[str]:
    """The containers of the application that do not have a variable."""
    project = place.subject.project
    without = [one for one in place.application.instances if name not in environment(one, project)]
    if not without:
        return []
    workers = listed(one.name for one in without if isinstance(one, Worker))
    web = "the web container" if any(isinstance(one, Web) for one in without) else ""
    parts = [part for part in (web, workers and f"worker {workers}") if part]
    return [f"**Not** in {' and '.join(parts)}"]


def _unknown(place: ShellPlace, name: str) -> str:
    project = place.subject.project
    processes: list[Application | Instance] = [place.application, *place.application.instances]
    having = [one for one in processes if name in environment(one, project)]
    if having and place.is_build:
        return "It is set only at run time and is empty during the build."
    if having:
        names = listed(dict.fromkeys(one.name for one in having))
        return f"It is not set here, only in {names}."
    parts = split_variable(name)
    if parts is not None:
        return f"No relationship of this container provides it: that would be {code(parts[0].lower())}."
    return "The configuration does not set it. It may be set in the Console, for the project or for an environment."
