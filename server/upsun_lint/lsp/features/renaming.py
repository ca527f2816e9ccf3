"""Renaming a service, an application, a worker, a cron, a relationship, a mount or an anchor, with all of its uses.

The platform identifies things by their names: a service with another name is another service. If a rename loses data,
the user is asked first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from upsun_lint.lsp.features.losses import losses
from upsun_lint.lsp.features.navigation import named_at
from upsun_lint.lsp.features.shell_references import uses_of_relationships
from upsun_lint.lsp.session.requests import Request
from upsun_lint.lsp.session.workspace_edits import by_file, workspace_edit
from upsun_lint.writing.quoting import visible
from upsun_rules.editing.blocks import complete, written
from upsun_rules.finding import Edit
from upsun_schema.configuration.model import Mount, Relationship, Worker, variable_prefix
from upsun_schema.configuration.references import Reference, ReferenceKind, of_same_thing, references
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.nodes import Region, Scalar
from upsun_schema.yaml.writing import is_plain, quoted

__all__ = ["Renaming", "prepare_rename", "renaming"]

_CONTAINER = re.compile(r"[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?")
_CONTAINER_WORDS = "lowercase letters, digits, `-` and `_`, with a letter or a digit at both ends"
# The name of a network storage is used as a host name (docs: add-services/network-storage).
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_ANCHOR = re.compile(r"[0-9A-Za-z_-]+")
_NEEDS_ESCAPE = re.compile(r"['\"\\]")
_LINE = re.compile(r"[^\s\x00-\x1f\x7f](?:[^\x00-\x1f\x7f\x85\u2028\u2029]*[^\s\x00-\x1f\x7f])?")

_ONE_OF_A_NAME = frozenset({ReferenceKind.SERVICE, ReferenceKind.APPLICATION, ReferenceKind.TASK})
"""Things that share their names: only one of them can have a name."""

_COSTS = {
    ReferenceKind.SERVICE: "The platform deletes the old service with its data and creates a new, empty one.",
    ReferenceKind.APPLICATION: (
        "The platform creates a new application, without the files in the mounts and the resources of the old one."
    ),
    ReferenceKind.WORKER: (
        "The platform creates a new worker, without the files in the mounts and the resources of the old one."
    ),
    ReferenceKind.MOUNT: (
        "A mount without `source_path` keeps its files in a folder with the name of the mount, so it is empty under "
        "the new name."
    ),
}


def prepare_rename(request: Request, params: types.PrepareRenameParams) -> types.PrepareRenamePlaceholder | None:
    """The name at a position and its range; None if it cannot be renamed."""
    found = _renamable(request, references(request.project), params.position)
    place = None if found is None else request.region_range(found.region)
    return None if found is None or place is None else types.PrepareRenamePlaceholder(place, found.name)


class Renaming(NamedTuple):
    """The edits of a rename, and what it costs: a title and a reason; None if it loses nothing."""

    request: Request
    edits: list[Edit]
    cost: types.ChangeAnnotation | None

    @property
    def is_asked_in_message(self) -> bool:
        """Whether the user has to be asked, and the client can show a message with a choice.

        A confirmation by annotations is the second best: VS Code hides the reason, and selects none of the edits.
        """
        return self.cost is not None and self.request.client.asks

    @property
    def workspace_edit(self) -> types.WorkspaceEdit:
        """The edits for the client, with a question unless the user was asked."""
        cost = None if self.is_asked_in_message else self.cost
        return workspace_edit(self.request, by_file(self.request, self.edits), cost)


def renaming(request: Request, params: types.RenameParams) -> Renaming | None:
    """The edits that rename the thing at a position everywhere.

    Raises `JsonRpcException` with the reason if the new name is not valid or already used.
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
        edits += [*_kept_targets(same), *_renamed_variables(request, found, same, new)]
    return Renaming(request, edits, _annotation(request, found, same) or _lost_variables(request, found, edits))


def _renamable(request: Request, everything: list[Reference], position: types.Position) -> Reference | None:
    named = named_at(request, everything, position)
    # The key of a relationship without a value is also a reference to its target, which keeps its name.
    own = [one for one in named if not one.is_implied and one.kind is not ReferenceKind.ENDPOINT]
    return own[0] if own else None


def _refuse(message: str) -> JsonRpcException:
    return JsonRpcException(visible(message), types.LSPErrorCodes.RequestFailed.value)


# -- the new name ----------------------------------------------------------------------------------------------------


def _check_name(request: Request, found: Reference, new: str) -> None:
    """Refuse a name that the platform or YAML does not allow."""
    what = found.kind.value
    named = f"`{new}`" if new else "an empty text"
    if found.kind is ReferenceKind.ANCHOR:
        if not _ANCHOR.fullmatch(new):
            raise _refuse(f"{named} is not a valid anchor (expected letters, digits, `-` and `_`)")
    elif found.kind in (ReferenceKind.CRON, ReferenceKind.MOUNT):
        if not _LINE.fullmatch(new) or (found.kind is ReferenceKind.MOUNT and ".." in new.split("/")):
            raise _refuse(f"{named} is not a valid {what} name")
    elif not _CONTAINER.fullmatch(new):
        raise _refuse(f"{named} is not a valid {what} name (expected {_CONTAINER_WORDS})")
    elif found.kind in (ReferenceKind.APPLICATION, ReferenceKind.WORKER) and "--" in new:
        raise _refuse(f"{named} is not a valid {what} name: `--` separates an application from its worker")
    elif found.kind is ReferenceKind.SERVICE and not _HOST.fullmatch(new):
        service = request.project.services.get(found.name)
        if service is not None and service.image == "network-storage":
            raise _refuse(
                f"{named} is not a valid network storage name (expected at most 63 lowercase letters, digits and `-`)"
            )


def _check_free(request: Request, everything: list[Reference], same: list[Reference], new: str) -> None:
    kinds = {one.kind for one in same}
    if kinds & _ONE_OF_A_NAME:
        kinds = set(_ONE_OF_A_NAME)
    scopes = {one.scope for one in same}
    for other in everything:
        if other.name != new or not other.is_definition or other.kind not in kinds:
            continue
        if other.kind is ReferenceKind.ANCHOR:
            # An alias refers to the nearest anchor above it, so only the same file matters.
            if request.project.place(other.region).document is not request.project.place(same[0].region).document:
                continue
        elif other.scope not in scopes:
            continue
        document, span = request.project.place(other.region)
        line = document.lines.position(span.start).line + 1
        article = "an" if other.kind in (ReferenceKind.APPLICATION, ReferenceKind.ANCHOR) else "a"
        raise _refuse(f"there is already {article} {other.kind.value} `{new}` in {document.path}, line {line}")


# -- the edits -------------------------------------------------------------------------------------------------------


def _edits(reference: Reference, new: str) -> Iterator[Edit]:
    """The edit of one place. Quotes, slashes around a mount and the endpoint after a name are kept."""
    node, region = reference.node, reference.region
    if reference.is_implied:
        yield _completed(reference, {"service": written(new)})
        return
    if not isinstance(node, Scalar) or reference.kind is ReferenceKind.ANCHOR:
        yield Edit(region, new)
        return
    whole = node.text.replace(reference.name, new, 1)
    if region.text == reference.name and (
        _NEEDS_ESCAPE.search(new) is None if node.style else is_plain(whole, in_flow=True)
    ):
        yield Edit(region, new)
    else:
        # The new text needs quotes, or the old one has escapes.
        yield Edit(node.region, quoted(whole))


def _kept_targets(same: list[Reference]) -> Iterator[Edit]:
    """Edits that write down the targets of relationships that are found only by the name of the relationship."""
    for one in same:
        view = one.view
        if isinstance(view, Relationship) and view.target is not None and view.target_region == view.key.region:
            yield _completed(one, {"service": written(view.target)})


def _renamed_variables(request: Request, found: Reference, same: list[Reference], new: str) -> Iterator[Edit]:
    """Edits of the uses of a relationship's variables in commands. Those in scripts are left alone."""
    old, prefix = variable_prefix(found.name), variable_prefix(new)
    files = {document.path for document in request.project.all_documents}
    for region in uses_of_relationships(request.project, same) if prefix != old else ():
        # Where the place of a name is unknown, as in a text with escapes, it remains, and the user is asked.
        if region.text.startswith(f"{old}_") and request.project.place(region).document.path in files:
            yield Edit(Region(region.piece, region.start, region.start + len(old)), prefix)


def _completed(reference: Reference, entries: dict[str, str]) -> Edit:
    assert reference.view is not None
    edit = complete(reference.view.pair, entries, flow=reference.in_flow)
    if edit is None:
        raise _refuse(f"relationship `{reference.view.name}` finds its target by its name; add `service` to it first")
    return edit


# -- what it costs ---------------------------------------------------------------------------------------------------


def _annotation(request: Request, found: Reference, same: list[Reference]) -> types.ChangeAnnotation | None:
    """The question before a rename that loses data; None if it loses nothing."""
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


def _lost_variables(request: Request, found: Reference, edits: list[Edit]) -> types.ChangeAnnotation | None:
    """The question before a rename of a relationship whose variables are used; None for anything else."""
    if found.kind is not ReferenceKind.RELATIONSHIP or not (lost := losses(request, edits)):
        return None
    label = f"Rename {found.kind.value} `{visible(found.name)}`"
    return types.ChangeAnnotation(label, needs_confirmation=True, description=f"{visible(lost[0])}.")


def _by_name(mount: Mount) -> bool:
    """Whether a mount finds its files by its name."""
    return not mount.is_temporary and mount.at("source_path") is None


def _keeps(worker: Worker) -> bool:
    """Whether a worker has separate storage (docs: add-services/network-storage)."""
    mounts = worker.effective.mounts.values()
    return any(mount.source == "storage" and mount.service is None for mount in mounts)


def _workers(request: Request, same: list[Reference]) -> Iterator[Worker]:
    for application in request.project.applications.values():
        for worker in application.workers.values():
            if any(one.node is worker.key for one in same):
                yield worker
