"""Hovers: which text of `hovers` belongs to the place under the cursor."""

from __future__ import annotations

import re
from itertools import islice

from lsprotocol import types

from upsun_lint.lsp.hovers.alias_or_include import about_alias, about_include, about_merge
from upsun_lint.lsp.hovers.command import (
    about_cron_command,
    about_one_command,
    about_web_command,
    about_worker_command,
    command_at,
)
from upsun_lint.lsp.hovers.container import about_application, about_service
from upsun_lint.lsp.hovers.dependency import about_dependency
from upsun_lint.lsp.hovers.image import about_runtime, about_type
from upsun_lint.lsp.hovers.inherited import about_inherited
from upsun_lint.lsp.hovers.key import about_key, about_unknown_key
from upsun_lint.lsp.hovers.mount import about_mount
from upsun_lint.lsp.hovers.option import about_option, option_at
from upsun_lint.lsp.hovers.relationship import about_relationship
from upsun_lint.lsp.hovers.rule_name import about_rule, suppression_at
from upsun_lint.lsp.hovers.schedule import about_schedule
from upsun_lint.lsp.hovers.shell_places import ShellPlace, VariableAt, shell_places, variable_at
from upsun_lint.lsp.hovers.shell_variable import about_shell_variable
from upsun_lint.lsp.hovers.subject import Subject, subjects_at
from upsun_lint.lsp.hovers.upstream import about_upstream
from upsun_lint.lsp.hovers.variable import about_variable
from upsun_lint.lsp.hovers.worker import about_worker
from upsun_lint.lsp.session.markup import content, paragraphs
from upsun_lint.lsp.session.requests import Request
from upsun_rules.lookups.inside import inside
from upsun_schema.configuration.inheritance import INHERITED
from upsun_schema.configuration.model import Application, Container, Service, Web, Worker
from upsun_schema.yaml.document import comments
from upsun_schema.yaml.nodes import BROKEN, Alias, Include, Node, Scalar

__all__ = ["hover"]

_MOST_TEXTS = 3
_MOST_PLACES = 5


def hover(request: Request, params: types.HoverParams) -> types.Hover | None:
    """The hover at a place; None if nothing is known about it."""
    offset = request.offset(params.position)
    if _in_comment(request, offset):
        return _about_comment(request, offset)
    in_shell = shell_places(request, offset)
    used = variable_at(in_shell[0]) if in_shell else None
    if used is not None:
        return _about_variable(request, in_shell, used)
    subjects = subjects_at(request, offset)
    node = _pointed_at(subjects[0])
    if (hover_there := _about_command(request, subjects, node, offset)) is not None:
        return hover_there
    if node is None:
        return None
    found = [(subject, text) for subject in subjects if (text := _text_at(subject)) is not None]
    return _hover(request, _together(found), request.region_range(node.region)) if found else None


def _hover(request: Request, text: str, place: types.Range | None) -> types.Hover:
    client = request.client
    shown = content(text, as_markdown=client.hover_markdown, tables=client.markdown_tables)
    return types.Hover(shown, place)


def _about_variable(request: Request, places: list[ShellPlace], used: VariableAt) -> types.Hover:
    found = [(place.subject, about_shell_variable(place, used)) for place in places]
    return _hover(request, _together(found), request.range(used.span))


def _about_comment(request: Request, offset: int) -> types.Hover | None:
    """The hover about a rule that a comment suppresses."""
    suppression = suppression_at(request, offset)
    if suppression is None:
        return None
    return _hover(request, about_rule(request, suppression), request.region_range(suppression.region))


def _about_command(request: Request, subjects: list[Subject], node: Node | None, offset: int) -> types.Hover | None:
    """The hover about an option of a command, or about one of several commands of a script."""
    place = request.document.at(offset)
    if place is None or not isinstance(node, Scalar) or subjects[0].cursor.on_key or not any(map(_is_script, subjects)):
        return None
    option = option_at(node, place[1])
    if option is not None and (text := about_option(option)) is not None:
        return _hover(request, text, request.region_range(option.region))
    command = command_at(node, place[1])
    if command is None:
        return None
    region = inside(node, command.start, command.end)
    return _hover(request, about_one_command(command), request.region_range(region))


def _is_script(subject: Subject) -> bool:
    """Whether the value at the place is run by a shell."""
    match subject.below:
        case ("hooks", _) | ("commands", _) | ("crons", _, "commands", _) | ("crons", _, "cmd"):
            return True
        case ("operations", _, "commands", _) | ("source", "operations", _, "command"):
            return True
    return False


def _together(found: list[tuple[Subject, str]]) -> str:
    """The texts about a place as one; in a shared block, each different one with the places where it is used."""
    if len(found) == 1 and found[0][0].depth == 0:
        return found[0][1]
    alike: dict[str, list[tuple[Subject, str]]] = {}
    for subject, text in found:
        # The same text about two workers differs in their names.
        name = subject.container.name if subject.container is not None else ""
        alike.setdefault(_without_name(text, name), []).append((subject, text))
    parts = (
        paragraphs(f"**Shared block**, used by {_joined([subject.used_at for subject, _ in some])}", some[0][1])
        for some in alike.values()
    )
    return "\n\n---\n\n".join(islice(parts, _MOST_TEXTS))


def _without_name(text: str, name: str) -> str:
    """A text without the places where code ends with a name: `queue`, `--worker=queue`, `app--queue:0.5`."""
    return re.sub(rf"{re.escape(name)}(?=[`:])", "", text) if name else text


def _joined(places: list[str]) -> str:
    more = f" and {len(places) - _MOST_PLACES} more" if len(places) > _MOST_PLACES else ""
    return f"{', '.join(places[:_MOST_PLACES])}{more}"


def _in_comment(request: Request, offset: int) -> bool:
    found = request.document.at(offset)
    if found is None:
        return False
    piece, inside = found
    return any(comment.region.start <= inside <= comment.region.end for comment in comments(piece))


def _pointed_at(subject: Subject) -> Node | None:
    """The key or the value under the cursor; None between them."""
    cursor = subject.cursor
    if cursor.on_key and cursor.pair is not None:
        return cursor.pair.key
    node = cursor.node
    return node if isinstance(node, Scalar | Alias | Include) and node.region.text and node.tag != BROKEN else None


def _text_at(subject: Subject) -> str | None:
    """The text about a place, as Markdown."""
    cursor = subject.cursor
    if isinstance(cursor.node, Alias):
        return about_alias(subject, cursor.node)
    if isinstance(cursor.node, Include) and not cursor.on_key:
        return about_include(subject, cursor.node)
    if len(cursor.pairs) > 1 and isinstance(cursor.pairs[-2].value, Include):
        return about_include(subject, cursor.pairs[-2].value)
    if cursor.pair is not None and cursor.pair.is_merge:
        return about_merge(subject, cursor.parents[-1], cursor.pair.value)
    if not subject.keys:
        return None
    special = _special(subject) if subject.container is not None else _about_route(subject)
    return special or about_key(subject) or (about_unknown_key(subject) if cursor.on_key else None)


def _about_route(subject: Subject) -> str | None:
    """The text about what a route leads to."""
    node = subject.cursor.node
    match subject.keys:
        case ("routes", _, "upstream") if isinstance(node, Scalar) and not subject.cursor.on_key:
            return about_upstream(subject, node)
    return None


def _special(subject: Subject) -> str | None:
    """The text about things that are more than a key of the schema."""
    container, below = subject.container, subject.below
    if not below:
        return _about_name(subject, container)
    if below[0] in INHERITED and len(below) == 1:
        return about_inherited(subject, below[0]) if isinstance(container, Application | Worker | Web) else None
    if below[0] == "mounts" and len(below) == 3 and subject.cursor.on_key:
        return about_key(subject)
    if below[0] == "mounts" and len(below) < 4:
        mount = container.mounts.get(below[1]) if container is not None else None
        return about_mount(subject, mount) if mount is not None else None
    if below[0] == "relationships" and len(below) < 4:
        relationship = container.relationships.get(below[1]) if container is not None else None
        return about_relationship(subject, relationship) if relationship is not None else None
    if below[0] == "variables" and len(below) == 3:
        return about_variable(subject, below[1], below[2])
    return _about_value(subject, container, below)


def _about_name(subject: Subject, container: Container | None) -> str | None:
    if isinstance(container, Worker):
        return about_worker(subject, container)
    if isinstance(container, Application):
        return about_application(subject, container)
    return about_service(subject, container) if isinstance(container, Service) else None


def _about_value(subject: Subject, container: Container | None, below: tuple[str, ...]) -> str | None:
    match container, below:
        case Worker(), ("commands", "start"):
            return about_worker_command(subject, container)
        case Web(), ("commands", "start"):
            return about_web_command(subject)
        case Application() | Service(), ("type",) if not subject.cursor.on_key:
            return about_type(subject, container)
        case Application(), ("stack", *_) if isinstance(subject.cursor.node, Scalar):
            return about_runtime(subject, container, subject.cursor.node.text)
        case Application(), ("dependencies", language, package):
            return about_dependency(subject, language, package)
        case Application(), ("crons", name, "spec") if name in container.crons:
            return about_schedule(subject, container.crons[name])
        case Application(), ("crons", name, "commands", "start") | ("crons", name, "cmd") if name in container.crons:
            return about_cron_command(subject, container.crons[name])
    return None
