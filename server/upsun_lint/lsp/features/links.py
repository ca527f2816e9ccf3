"""Document links: included files, folders of applications, and the documentation of rules."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from lsprotocol import types

from upsun_lint.lsp.features.navigation import file_uri
from upsun_lint.lsp.session.requests import Request
from upsun_lint.writing.quoting import visible
from upsun_rules.lookups.resolved_texts import resolved_running
from upsun_rules.suppression import MARK, suppressions_in
from upsun_schema.yaml.nodes import Include, Node, Region, Scalar
from upsun_schema.yaml.walking import walk

__all__ = ["document_links"]


def document_links(request: Request, params: types.DocumentLinkParams) -> list[types.DocumentLink]:
    """The links of a file: includes, `source.root`, scripts that commands run, and rules in suppression comments."""
    found = [*_included(request), *_sources(request), *_scripts(request), *_rules(request)]
    links = [
        types.DocumentLink(place, target=target, tooltip=tooltip if request.client.link_tooltips else None)
        for region, target, tooltip in found
        if (place := request.region_range(region)) is not None
    ]
    return sorted(links, key=lambda link: (link.range.start.line, link.range.start.character))


_Found = Iterator[tuple[Region, str, str]]


def _included(request: Request) -> _Found:
    if "!include" not in request.document.text and "!archive" not in request.document.text:
        return
    for node in walk(request.document.root):
        if isinstance(node, Include) and node.file is not None and node.path_node is not None:
            yield _content(node.path_node), file_uri(request, node.file), visible(node.file)


def _sources(request: Request) -> _Found:
    for application in request.project.applications.values():
        root = application.at("source", "root")
        if not isinstance(root, Scalar) or root.is_null or not request.document.holds(root.piece):
            continue
        path = posixpath.normpath(root.text.strip("/") or ".")
        if request.project.exists(path, folder=True):
            yield _content(root), file_uri(request, path), f"the code of application `{visible(application.name)}`"


def _scripts(request: Request) -> _Found:
    """Yield the commands that run a script of the repository, each with the script."""
    for application in request.project.applications.values():
        for one in resolved_running(application, request.project):
            if not request.document.holds(one.text.scalar.piece):
                continue
            seen: set[Region] = set()
            for command in one.text.script.commands:
                place = one.text.at(command.bare)
                if command.chain and place not in seen and "\n" not in place.text:
                    seen.add(place)
                    document, span = request.project.place(command.chain[0].region)
                    line = document.lines.position(span.start).line + 1
                    yield place, f"{request.open_project.uri(document)}#L{line}", visible(f"{document.path}:{line}")


def _rules(request: Request) -> _Found:
    if MARK not in request.document.text:
        return
    catalog = request.open_project.catalog
    for suppression in suppressions_in(request.document):
        rule = catalog.get(suppression.rule)
        if rule is not None and rule.url():
            yield suppression.region, rule.url(), rule.title


def _content(node: Node) -> Region:
    if isinstance(node, Scalar) and node.style in ("'", '"'):
        return Region(node.piece, node.start + 1, node.end - 1)
    return node.region
