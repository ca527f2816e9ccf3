"""Rules about sections in the wrong place: indented into another section, or outside an application."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_rules.editing.blocks import append_entry, at_margin, column, indented, line_end, newline, owned_lines
from upsun_rules.editing.fixed_format import is_application
from upsun_rules.finding import Edit, Finding, Fix, Severity
from upsun_rules.rule import Rank, rule
from upsun_schema.configuration.model import Application
from upsun_schema.configuration.project import SECTIONS, is_misindented
from upsun_schema.expression import expression
from upsun_schema.wording import listed
from upsun_schema.yaml.document import Document
from upsun_schema.yaml.memory import remembered
from upsun_schema.yaml.nodes import Keys, Mapping, Pair, Region

TOPIC = "Sections in the wrong place"

_INDENTED_COMMENT = expression(r"(?:[ \t]*+(?:\r\n|\n|\r))*+[ ]++#[^\r\n]*(?:\r\n|\n|\r|\Z)")


@rule("misindented-section", Severity.ERROR, docs="configure-apps/workers#customizing-a-worker", rank=Rank.PLACE)
def misindented_section(document: Document) -> Iterator[Finding]:
    """A top-level section is indented into another section.

    `applications`, `services` and `routes` must start in the first column. If `services` is indented below
    `applications`, it becomes an application called `services`. The sections that follow at the same depth become
    applications, too.

    ```yaml title="wrong"
    applications:
      app:
        type: 'python:3.13'
        relationships:
          mysql:
      services:
        mysql:
          type: 'mariadb:11.8'
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'python:3.13'
        relationships:
          mysql:
    services:
      mysql:
        type: 'mariadb:11.8'
    ```
    """
    root = document.root
    if not isinstance(root, Mapping):
        return
    for section in root.pairs:
        entries = section.value.resolved
        if section.name not in SECTIONS or not isinstance(entries, Mapping) or entries.flow:
            continue
        for index, pair in enumerate(entries.pairs):
            if is_misindented(pair, section.name or ""):
                yield _misindented(section, entries, index)
                break


def _misindented(section: Pair, entries: Mapping, index: int) -> Finding:
    pair = entries.pairs[index]
    after = entries.pairs[index + 1 :]
    # Below an empty `services:` its own entries follow at the same depth, up to the next section.
    swallowed = after if not isinstance(pair.value.resolved, Mapping) else []
    message = f"`{pair.name}` is indented below `{section.name}`; it must start in the first column"
    if swallowed:
        names = listed((str(entry.name) for entry in swallowed), limit=3)
        message = f"{message}, otherwise {names} {'is' if len(swallowed) == 1 else 'are'} read as {section.name} too"
    fixes = _outdented(section, pair)
    return Finding(
        pair.key.region,
        message,
        label=f"read as one of the {section.name}",
        fixes=fixes,
        explains=(pair.region, *(entry.region for entry in swallowed)),
        gives=(Keys(str(pair.name)),),
    )


def _outdented(section: Pair, pair: Pair) -> tuple[Fix, ...]:
    """The fix that moves a section and everything below it to the first column."""
    lines = owned_lines(pair)
    if lines is None or section.key.piece.text[: section.key.start].strip(" \r\n-"):
        return ()
    # The entries of an empty `services:` already have the indentation of entries. All sections may be indented alike.
    edit = Edit(lines, indented(lines.text, column(section.key) - column(pair.key)))
    return (Fix(f"Move `{pair.name}` to the first column", (edit,)),)


@rule("workers-outside-application", Severity.ERROR, docs="configure-apps/image-properties/workers", rank=Rank.PLACE)
def workers_outside_application(document: Document) -> Iterator[Finding]:
    """Workers are defined outside an application.

    A worker runs the code of an application, so `workers` belongs under `applications.<name>`. At the top of a file or
    below `services` it is an unknown key, and no worker is created.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
    workers:
      queue:
        commands:
          start: php artisan queue:work --max-time=3600
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        workers:
          queue:
            commands:
              start: php artisan queue:work --max-time=3600
    ```
    """
    root = document.root
    if not isinstance(root, Mapping):
        return
    applications = _only_application(root)
    # A whole application at the top of a file is reported as one.
    stray = () if is_application(document) else ("workers", "worker")
    for pair in root.pairs:
        if pair.name in stray:
            yield _outside(pair, "at the top level", _into(pair, root, applications))
        entries = pair.value.resolved
        if pair.name not in SECTIONS or not isinstance(entries, Mapping):
            continue
        for entry in entries.pairs:
            if entry.name == "workers" and _holds_workers(entry):
                yield _outside(entry, f"directly below `{pair.name}`", ())
            if pair.name in ("applications", "services"):
                yield from _inside(pair, entry)


def _inside(section: Pair, entry: Pair) -> list[Finding]:
    """The findings about workers one level too deep in an application, or in a service."""
    key = "workers inside", section.name, entry.key.start
    return remembered(entry.key.piece, key, None, lambda: list(_find_inside(section, entry)))


def _find_inside(section: Pair, entry: Pair) -> Iterator[Finding]:
    node = entry.value.resolved
    if not isinstance(node, Mapping):
        return
    if section.name == "services" and (found := node.get("workers")) is not None:
        yield _outside(found, f"in service `{entry.name}`", ())
    if section.name != "applications":
        return
    web = node.value("web")
    if isinstance(web, Mapping) and (found := web.get("workers")) is not None:
        yield _outside(found, "below `web`", ())
    workers = node.value("workers")
    for worker in workers.effective_pairs if isinstance(workers, Mapping) else ():
        body = worker.value.resolved
        for name in ("workers", "worker"):
            if isinstance(body, Mapping) and (found := body.get(name)) is not None:
                yield _outside(found, f"in worker `{worker.name}`", ())


def _outside(pair: Pair, where: str, fixes: tuple[Fix, ...]) -> Finding:
    return Finding(
        pair.key.region,
        f"workers {where} never start; move them under `applications.<name>.workers`",
        fixes=fixes,
        explains=(pair.region,),
    )


def _holds_workers(pair: Pair) -> bool:
    """Whether an entry called `workers` contains workers and is not an application with that name."""
    node = pair.value.resolved
    if not isinstance(node, Mapping) or not node.entries or "type" in node.entries:
        return False
    return all(
        isinstance(body := entry.value.resolved, Mapping) and "commands" in body.entries
        for entry in node.entries.values()
    )


def _only_application(root: Mapping) -> Application | None:
    section = root.value("applications")
    if not isinstance(section, Mapping) or len(section.entries) != 1:
        return None
    ((name, pair),) = section.entries.items()
    return Application.of(name, pair)


def _into(pair: Pair, root: Mapping, application: Application | None) -> tuple[Fix, ...]:
    """The fix that moves top-level workers into the only application."""
    if application is None or application.body is None or application.body.flow:
        return ()
    workers = pair.value.resolved
    if not isinstance(workers, Mapping) or workers.flow or not workers.pairs or root.flow:
        return ()
    if application.children("workers").keys() & workers.entries.keys():
        return ()
    taken = _all_lines(pair, workers)
    if taken is None:
        return ()
    margin = column(workers.pairs[0].key)
    block = "".join(at_margin(lines.text, margin) for lines in taken[1:])
    # The comment after the key becomes a separate line.
    remark = taken[0].text.partition("#")[2].strip()
    block = f"# {remark}\n{block}" if remark else block
    edits = [Edit(lines, "") for lines in taken]
    added = append_entry(application.entry("workers"), application.body, "workers", block)
    if added is None:
        return ()
    return (Fix(f"Move them into application `{application.name}`", (*edits, added)),)


def _all_lines(section: Pair, entries: Mapping) -> list[Region] | None:
    """The line of a section's key and all lines of its entries with the comments around them, by piece."""
    piece = section.key.piece
    end = line_end(piece.text, section.key.end)
    first = end + len(newline(piece))
    if piece.text[section.key.end : end].partition("#")[0].strip() != ":" or column(section.key):
        return None
    found = [Region(piece, section.key.outer, first)]
    for entry in entries.pairs:
        lines = owned_lines(entry)
        if lines is None:
            return None
        # Everything between the entries moves with them.
        start = found[-1].end if found[-1].piece is lines.piece else 0
        if lines.piece is not found[-1].piece and (rest := _below(found[-1])) is not None:
            found.append(rest)
        found.append(lines._replace(start=start))
    rest = _below(found[-1])
    return found if rest is None else [*found, rest]


def _below(lines: Region) -> Region | None:
    """The indented comments below some lines, up to the end of their piece or the next line that is not indented."""
    end = lines.end
    while (match := _INDENTED_COMMENT.match(lines.piece.text, end)) is not None:
        end = match.end()
    return Region(lines.piece, lines.end, end) if end > lines.end else None
