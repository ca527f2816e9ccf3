"""Hover texts for values written elsewhere: an alias, a merge key, an included file."""

from __future__ import annotations

from textwrap import dedent

from upsun_lint.lsp.hovers.subject import Subject, docs_link
from upsun_lint.lsp.session.markup import bullets, code, fenced, listed, paragraphs
from upsun_schema.yaml.nodes import Alias, Include, Mapping, Node, Sequence

__all__ = ["about_alias", "about_include", "about_merge"]

_MOST_LINES = 12


def about_alias(subject: Subject, alias: Alias) -> str:
    """The value of an alias, and where it is written."""
    if alias.target is None:
        return f"**Alias** {code(f'*{alias.name}')} refers to an anchor that this file does not define."
    anchor = f"{code(f'&{alias.name}')} ({subject.place(alias.target.region)})"
    return paragraphs(
        f"**Alias** {code(f'*{alias.name}')} has the value of {anchor}, as if it were written here.",
        _source(alias.target),
        docs_link("core-concepts/yaml/what-is-yaml"),
    )


def about_merge(subject: Subject, mapping: Mapping, value: Node) -> str | None:
    """What a merge key, `<<`, adds to a map, and which keys of the map win over it; None if it has no target."""
    sources = value.items if isinstance(value, Sequence) else [value]
    targets = [target for source in sources if isinstance(target := source.resolved, Mapping)]
    if not targets:
        return None
    names = dict.fromkeys(name for target in targets for name in target.entries)
    own = {pair.name for pair in mapping.pairs if not pair.is_merge}
    taken, kept = [name for name in names if name not in own], [name for name in names if name in own]
    places = ", ".join(subject.place(target.region) for target in targets)
    lines = [f"**Adds:** {listed(taken, most=20)}." if taken else "**Adds:** nothing."]
    if kept:
        lines.append(f"**Set here instead:** {listed(kept)}. Each replaces the merged value completely.")
    return paragraphs(
        f"**Merge** of the keys written at {places}",
        bullets(lines),
        docs_link("core-concepts/yaml/what-is-yaml"),
    )


def about_include(subject: Subject, include: Include) -> str | None:
    """What an `!include` or `!archive` is replaced with; None if it names no file."""
    if include.path is None:
        return None
    docs = docs_link("configure-apps/yaml/platform-yaml-tags")
    if include.form == "archive":
        return paragraphs(f"**Archive** of everything in the folder {code(include.path)}.", docs)
    if include.form != "yaml":
        kind = "text" if include.form == "string" else "bytes"
        return paragraphs(f"**Include** of the {kind} of {code(include.path)}, as if it were written here.", docs)
    if include.target is None:
        return paragraphs(f"**Include** of {code(include.path)}, which does not exist or is empty.", docs)
    place = subject.place(include.target.region)
    heading = f"**Include** of the YAML in {code(include.path)} ({place}), as if it were written here."
    return paragraphs(heading, _source(include.target), docs)


def _source(node: Node) -> str:
    text = node.piece.text
    # The first line starts in the middle: pad it, so that `dedent` treats all lines alike.
    begin = max(text.rfind("\n", 0, node.start), text.rfind("\r", 0, node.start)) + 1
    lead = text[begin : node.start]
    source = (" " * len(lead) if not lead.strip() else "") + node.source
    lines = dedent(source.replace("\r\n", "\n").replace("\r", "\n")).strip("\n").split("\n")
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], f"# … {len(lines) - _MOST_LINES + 1} more lines"]
    return fenced("\n".join(line.rstrip() for line in lines).rstrip(), "yaml")
