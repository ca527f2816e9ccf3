"""Completion of whole entries from `snippets.json`: workers, cron jobs, applications, services, routes."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from upsun_lint.lsp.completions.context import Context
from upsun_lint.lsp.completions.offer import Entry, ItemKind, escaped, filled
from upsun_lint.lsp.session.markup import fenced, paragraphs
from upsun_schema.configuration.model import Application, items
from upsun_schema.configuration.project import Project
from upsun_schema.data_files import json_beside
from upsun_schema.images.table import Images
from upsun_schema.yaml.nodes import Mapping, Node, Scalar
from upsun_schema.yaml.walking import walk

__all__ = ["likely_command", "snippet_data", "snippet_offers", "start_commands"]

_MANIFESTS = (
    "composer.json",
    "package.json",
    "pyproject.toml",
    "requirements.txt",
    "Pipfile",
    "Gemfile",
)
_IMAGE = re.compile(r"%([a-z0-9-]+)%")
_PLACES = {
    ("", ()): "top",
    ("", ("applications",)): "applications",
    ("", ("services",)): "services",
    ("", ("routes",)): "routes",
    ("application", ("workers",)): "workers",
    ("application", ("crons",)): "crons",
}


@cache
def snippet_data() -> dict[str, Any]:
    """The table of snippets.

    `top`, `applications`, `services`, `routes`, `workers` and `crons` are lists of entries for these maps: `name` is
    the key (`fixed` if the user should not change it), `label` is shown, `body` are the lines below the key as an LSP
    snippet with placeholders from 2 on (from 1 if `fixed`), and `for` are the images it is meant for (all without it).
    `signs` are texts in the manifest of an application or in its commands that show that it uses the framework.
    `%php%` is replaced with the image and its newest version, `%application%` with the name of an application.
    `schedules` are schedules of cron jobs, `mount-sources` describe the sources of mounts.
    """
    found: dict[str, Any] = json_beside(__file__, "snippets.json")
    return found


def snippet_offers(context: Context) -> Iterator[Entry]:
    """Whole entries for a map; those for the application's framework come first, then those for its image."""
    place = _PLACES.get((context.section, context.below))  # type: ignore[arg-type]
    if place is None or context.place.is_flow or context.place.below is not None or context.place.has_colon:
        return
    for entry in _likely(place, context.application, context.project, context.images):
        if not (entry.get("fixed") and entry["name"] in context.held):
            yield _entry(context, entry)


def _has_sign(entry: dict[str, Any], texts: list[str]) -> bool:
    return any(sign in text for sign in entry.get("signs", ()) for text in texts)


def _known_texts(application: Application | None, project: Project) -> list[str]:
    """The manifests in an application's code, and what the application runs."""
    if application is None:
        return []
    root = (application.text("source", "root") or "").strip("/")
    found = (project.read(posixpath.normpath(posixpath.join(root, name))) for name in _MANIFESTS)
    commands = (scalar.text for scalar in walk(application.node) if isinstance(scalar, Scalar))
    return [*(text for text in found if text is not None), *commands]


def likely_command(application: Application, project: Project, images: Images) -> str:
    """The start command of a worker that fits an application best."""
    return next(iter(start_commands("workers", application, project, images)))


def start_commands(place: str, application: Application | None, project: Project, images: Images) -> dict[str, str]:
    """The start commands of the `workers` or `crons` that fit an application, the likeliest first, with their names."""
    found: dict[str, str] = {}
    for entry in _likely(place, application, project, images):
        line = next(line for line in entry["body"] if line.startswith("  start: "))
        found.setdefault(filled(line.partition(": ")[2]), entry["label"])
    return found


def _likely(place: str, application: Application | None, project: Project, images: Images) -> list[dict[str, Any]]:
    """The entries for a place that fit an application, the likeliest first."""
    names = _images_of(application, images)
    entries = [entry for entry in snippet_data()[place] if _is_for(entry, names)]
    known = _known_texts(application, project) if any("signs" in entry for entry in entries) else []
    return sorted(entries, key=lambda entry: (not _has_sign(entry, known), "for" not in entry))


def _is_for(entry: dict[str, Any], images: set[str]) -> bool:
    return "for" not in entry or not images or not images.isdisjoint(entry["for"])


def _images_of(application: Application | None, images: Images) -> set[str]:
    """The images an application runs: that of its type or those of its stack; empty if unknown."""
    if application is None or application.type is None:
        return set()
    name = application.type.text.partition(":")[0]
    if name != "composable":
        return {name} if images.get(name) is not None else set()
    stack = application.value("stack")
    runtimes = items(stack.value("runtimes") if isinstance(stack, Mapping) else stack)
    return {_runtime(node).partition("@")[0] for node in runtimes} - {""}


def _runtime(node: Node) -> str:
    if isinstance(node, Mapping):
        return next(iter(node.entries), "")
    return node.text if isinstance(node, Scalar) else ""


def _entry(context: Context, entry: dict[str, Any]) -> Entry:
    body = [_filled_in(line, context) for line in entry["body"]]
    block = "".join(f"\n  {line}" if line else "\n" for line in body)
    plain = entry["name"] if entry.get("fixed") else _free(entry["name"], context.held)
    name = escaped(plain) if entry.get("fixed") else f"${{1:{escaped(plain)}}}"
    return Entry(
        label=entry["label"],
        kind=ItemKind.Snippet,
        detail=plain,
        documentation=paragraphs(entry["documentation"], fenced(f"{plain}:{filled(block)}", "yaml")),
        name=name,
        block=block,
        flow=None,
        bare=None,
        is_snippet=not entry.get("fixed"),
    )


def _free(name: str, held: frozenset[str]) -> str:
    number = 2
    found = name
    while found in held:
        found = f"{name}-{number}"
        number += 1
    return found


def _filled_in(line: str, context: Context) -> str:
    application = next(iter(context.project.applications), "app")
    line = line.replace("%application%", escaped(application))
    return _IMAGE.sub(lambda match: _newest(match[1], context.images), line)


def _newest(name: str, images: Images) -> str:
    if name == "composable":
        channel = next(iter(images.channels()), None)
        return f"composable:{channel.name}" if channel is not None else name
    image = images.get(name)
    if image is None:
        return name
    version = image.newest or (images.get(image.variant_of or "") or image).newest
    return f"{name}:{version}" if version else name
