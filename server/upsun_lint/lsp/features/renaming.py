"""Renaming a service, an application, a worker, a cron, a relationship, a mount or an anchor, with all of its uses.

For the platform a name is the thing itself: a service with another name is another service. The edit is what was asked
for; a client that can is told to ask before it makes one that costs data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from upsun_lint.lsp.features.navigation import named_at
from upsun_lint.lsp.session.requests import Answer, Request
from upsun_lint.lsp.session.workspace_edits import by_file, workspace_edit
from upsun_lint.writing.quoting import visible
from upsun_rules.editing.blocks import complete, written
from upsun_rules.finding import Edit
from upsun_schema.configuration.model import Mount, Relationship, Worker
from upsun_schema.configuration.references import Reference, ReferenceKind, of_same_thing, references
from upsun_schema.yaml.nodes import Scalar
from upsun_schema.yaml.scalars import value_of

__all__ = ["FEATURES", "prepare_rename", "rename"]

_CONTAINER = re.compile(r"[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?")
_CONTAINER_WORDS = "lower-case letters, digits, `-` and `_`, with a letter or a digit at both ends"
# Facts 3.2: the name of a network storage is a host name.
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_ANCHOR = re.compile(r"[0-9A-Za-z_-]+")
_BARE = re.compile(r"[\w./](?:[\w./:-]*[\w./-])?")
_NEEDS_ESCAPE = re.compile(r"['\"\\]")
_LINE = re.compile(r"[^\s\x00-\x1f\x7f](?:[^\x00-\x1f\x7f\x85\u2028\u2029]*[^\s\x00-\x1f\x7f])?")

_ONE_OF_A_NAME = frozenset({ReferenceKind.SERVICE, ReferenceKind.APPLICATION, ReferenceKind.TASK})
"""Things that share their names: only one of them can have a name."""

_COSTS = {
    ReferenceKind.SERVICE: "The platform deletes the old service with its data and creates a new, empty one.",
    ReferenceKind.APPLICATION: (
        "The platform creates a new application: files in the mounts of the old one and its resources are left behind."
    ),
    ReferenceKind.WORKER: (
        "The platform creates a new worker: files in the mounts of the old one and its resources are left behind."
    ),
    ReferenceKind.MOUNT: (
        "A mount without `source_path` keeps its files in a folder with the name of the mount: under the new name it "
        "is empty."
    ),
}


def prepare_rename(request: Request, params: types.PrepareRenameParams) -> types.PrepareRenamePlaceholder | None:
    """Return the name at a position that can be renamed, and where it is; None where there is none."""
    found = _renamable(request, references(request.project), params.position)
    place = None if found is None else request.region_range(found.region)
    return None if found is None or place is None else types.PrepareRenamePlaceholder(place, found.name)


def rename(request: Request, params: types.RenameParams) -> types.WorkspaceEdit | None:
    """Return the edits that give what is named at a position another name, wherever it is used.

    Refused, with a sentence that says why, for a name that is not valid or is taken.
    """
    everything = references(request.project)
    found = _renamable(request, everything, params.position)
    if found is None:
        return None
    new = params.new_name.strip("/") if found.kind is ReferenceKind.MOUNT else params.new_name
    if new == found.name:
        return None
    same = of_same_thing(everything, [found])
    _check_name(request, found, new)
    _check_free(request, everything, same, new)
    edits = [edit for one in same for edit in _edits(one, new)]
    if found.kind is ReferenceKind.RELATIONSHIP:
        edits += _kept_targets(same)
    return workspace_edit(request, by_file(request, edits), _annotation(request, found, same))


def _renamable(request: Request, everything: list[Reference], position: types.Position) -> Reference | None:
    named = named_at(request, everything, position)
    # At the key of a relationship without a value the relationship is meant: its target keeps its name.
    own = [one for one in named if not one.is_implied and one.kind is not ReferenceKind.ENDPOINT]
    return own[0] if own else None


def _refuse(message: str) -> JsonRpcException:
    return JsonRpcException(visible(message), types.LSPErrorCodes.RequestFailed.value)


# -- the new name ----------------------------------------------------------------------------------------------------


def _check_name(request: Request, found: Reference, new: str) -> None:
    """Refuse a name that the platform, or YAML, would not take."""
    what = found.kind.value
    named = f"`{new}`" if new else "An empty text"
    if found.kind is ReferenceKind.ANCHOR:
        if not _ANCHOR.fullmatch(new):
            raise _refuse(f"{named} cannot be the name of an anchor: use letters, digits, `-` and `_`.")
    elif found.kind in (ReferenceKind.CRON, ReferenceKind.MOUNT):
        if not _LINE.fullmatch(new) or (found.kind is ReferenceKind.MOUNT and ".." in new.split("/")):
            raise _refuse(f"{named} cannot be the name of a {what}.")
    elif not _CONTAINER.fullmatch(new):
        raise _refuse(f"{named} cannot be the name of a {what}: use {_CONTAINER_WORDS}.")
    elif found.kind in (ReferenceKind.APPLICATION, ReferenceKind.WORKER) and "--" in new:
        raise _refuse(f"{named} cannot be the name of a {what}: `--` stands between an application and its worker.")
    elif found.kind is ReferenceKind.SERVICE and not _HOST.fullmatch(new):
        service = request.project.services.get(found.name)
        if service is not None and service.image == "network-storage":
            raise _refuse(
                f"{named} cannot be the name of a network storage: use at most 63 lower-case letters, digits and `-`."
            )


def _check_free(request: Request, everything: list[Reference], same: list[Reference], new: str) -> None:
    """Refuse a name that something else already has."""
    kinds = {one.kind for one in same}
    if kinds & _ONE_OF_A_NAME:
        kinds = set(_ONE_OF_A_NAME)
    scopes = {one.scope for one in same}
    for other in everything:
        if other.name != new or not other.is_definition or other.kind not in kinds:
            continue
        if other.kind is ReferenceKind.ANCHOR:
            # Of two anchors of one name in a file, the nearest above an alias counts.
            if request.project.place(other.region).document is not request.project.place(same[0].region).document:
                continue
        elif other.scope not in scopes:
            continue
        document, span = request.project.place(other.region)
        line = document.lines.position(span.start).line + 1
        article = "an" if other.kind in (ReferenceKind.APPLICATION, ReferenceKind.ANCHOR) else "a"
        raise _refuse(f"There already is {article} {other.kind.value} `{new}`, in {document.path}, line {line}.")


# -- the edits -------------------------------------------------------------------------------------------------------


def _edits(reference: Reference, new: str) -> Iterator[Edit]:
    """Yield the edits of one place. Quotes, slashes at the ends of a mount and the endpoint behind a name stay."""
    node, region = reference.node, reference.region
    if reference.is_implied:
        yield _completed(reference, {"service": written(new)})
        return
    if not isinstance(node, Scalar) or reference.kind is ReferenceKind.ANCHOR:
        yield Edit(region, new)
        return
    whole = node.text.replace(reference.name, new, 1)
    if region.text == reference.name and (_NEEDS_ESCAPE.search(new) is None if node.style else _is_plain(whole)):
        yield Edit(region, new)
    else:
        # What is written needs quotes from now on, or has escapes.
        yield Edit(node.region, "'" + whole.replace("'", "''") + "'")


def _is_plain(text: str) -> bool:
    """Return whether a text means itself without quotes, wherever it stands."""
    return _BARE.fullmatch(text) is not None and isinstance(value_of(text, plain=True, tag=None), str)


def _kept_targets(same: list[Reference]) -> Iterator[Edit]:
    """Yield the edits that name the targets of relationships which lead to them only by their own names."""
    for one in same:
        view = one.view
        if isinstance(view, Relationship) and view.target is not None and view.target_region == view.key.region:
            yield _completed(one, {"service": written(view.target)})


def _completed(reference: Reference, entries: dict[str, str]) -> Edit:
    assert reference.view is not None
    edit = complete(reference.view.pair, entries, flow=reference.in_flow)
    if edit is None:
        raise _refuse(
            f"The relationship `{reference.view.name}` leads to its target by its own name; name the target first."
        )
    return edit


# -- what it costs ---------------------------------------------------------------------------------------------------


def _annotation(request: Request, found: Reference, same: list[Reference]) -> types.ChangeAnnotation | None:
    """Return what a client is to ask before a renaming that costs data; None where it costs nothing."""
    costs = found.kind in (ReferenceKind.SERVICE, ReferenceKind.APPLICATION)
    if found.kind is ReferenceKind.MOUNT:
        costs = any(isinstance(one.view, Mount) and _by_name(one.view) for one in same)
    if found.kind is ReferenceKind.WORKER:
        costs = any(_keeps(worker) for worker in _workers(request, same))
    if not costs or not any(one.is_definition for one in same):
        return None
    return types.ChangeAnnotation(
        f"Rename {found.kind.value} `{visible(found.name)}`", needs_confirmation=True, description=_COSTS[found.kind]
    )


def _by_name(mount: Mount) -> bool:
    """Return whether the files of a mount are found by its own name."""
    return not mount.is_temporary and mount.at("source_path") is None


def _keeps(worker: Worker) -> bool:
    """Return whether a worker has a storage of its own (docs: add-services/network-storage)."""
    mounts = worker.effective.mounts.values()
    return any(mount.source == "storage" and mount.service is None for mount in mounts)


def _workers(request: Request, same: list[Reference]) -> Iterator[Worker]:
    for application in request.project.applications.values():
        for worker in application.workers.values():
            if any(one.node is worker.key for one in same):
                yield worker


FEATURES: tuple[tuple[str, Answer, object | None], ...] = (
    (types.TEXT_DOCUMENT_RENAME, rename, None),
    (types.TEXT_DOCUMENT_PREPARE_RENAME, prepare_rename, None),
)
"""Method, function, and the options announced to the client."""
