"""After any rename, every other name still means the same."""

from __future__ import annotations

from collections import Counter

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tests.support import CONFIG, CORPORA, SHARED
from upsun_lint.fixing.fixes import TextEdit, edited
from upsun_lint.lsp.features.renaming import renaming
from upsun_lint.lsp.session.client import Client
from upsun_lint.lsp.session.editor_settings import Features
from upsun_lint.lsp.session.positions import Units
from upsun_lint.lsp.session.requests import Request
from upsun_lint.lsp.session.workspace import Workspace
from upsun_schema.configuration.project import Project
from upsun_schema.configuration.references import Reference, ReferenceKind, of_same_thing, references
from upsun_schema.images.table import Images
from upsun_schema.yaml.text import LineTable

ROOT = "/nonexistent/project"
OTHER = ".upsun/services.yaml"
IMAGES = Images.embedded()
UNITS = Units("utf-16")


# -- projects --------------------------------------------------------------------------------------------------------

NAMES = st.sampled_from(["db", "app", "my-db", "on", "x1"])


def quoted(name: str) -> st.SearchStrategy[str]:
    return st.sampled_from([f"'{name}'", f'"{name}"', name if name != "on" else "'on'"])


@st.composite
def relationship(draw: st.DrawFn) -> str:
    """One entry of a map in braces; those written in block style are made of the same."""
    name, target, endpoint = draw(NAMES), draw(NAMES), draw(st.sampled_from(["mysql", "http"]))
    key = draw(quoted(name))
    form = draw(st.integers(0, 6))
    forms = [
        key,
        f"{key}: ",
        f"{key}: {{}}",
        f"{key}: {draw(quoted(target + ':' + endpoint))}",
        f"{key}: {{service: {draw(quoted(target))}}}",
        f"{key}: {{service: {draw(quoted(target))}, endpoint: {endpoint}}}",
        f"{key}: {{endpoint: {endpoint}}}",
    ]
    return forms[form]


@st.composite
def container(draw: st.DrawFn, indent: str) -> str:
    """The relationships and mounts of an application or a worker."""
    entries = draw(st.lists(relationship(), max_size=3, unique_by=lambda entry: entry.partition(":")[0].strip("'\"")))
    mounts = draw(st.lists(quoted(draw(st.sampled_from(["a", "/a/", "b/c"]))), max_size=1))
    owner = draw(quoted(draw(NAMES)))
    lines = "".join(f"{indent}mounts: {{{mount}: {{source: storage, service: {owner}}}}}\n" for mount in mounts)
    if draw(st.booleans()):
        return lines + f"{indent}relationships: {{{', '.join(entries)}}}\n"
    block = "".join(f"{indent}  {entry if ':' in entry else entry + ':'} # 😀\n" for entry in entries)
    return lines + f"{indent}relationships:{'' if entries else ' {}'}\n{block}"


@st.composite
def configurations(draw: st.DrawFn) -> dict[str, str]:
    text = "# 😀 \u2028\napplications:\n"
    for name in draw(st.lists(NAMES, min_size=1, max_size=2, unique=True)):
        text += f"  {draw(quoted(name))}: &{name}\n    type: 'php:8.4'\n{draw(container('    '))}    workers:\n"
        for worker in draw(st.lists(NAMES, min_size=1, max_size=2, unique=True)):
            body = draw(container("        "))
            text += f"      {draw(quoted(worker))}: &w{worker}\n        commands: {{start: x}}\n{body}"
        text += f"      again: {draw(st.sampled_from(['{}', f'*w{worker}', f'{{<<: *w{worker}}}']))}\n"
    services = "services:\n"
    for name in draw(st.lists(NAMES, min_size=1, max_size=3, unique=True)):
        services += f"  {draw(quoted(name))}:\n    type: 'mariadb:11.8'\n{draw(container('    '))}"
    upstream = draw(quoted(f"{draw(NAMES)}:http"))
    services += f"routes:\n  'https://{{default}}/': {{type: upstream, upstream: {upstream}}}\n"
    ending = draw(st.sampled_from(["\n", "\r\n"]))
    files = {CONFIG: text, OTHER: services} if draw(st.booleans()) else {CONFIG: text + services}
    return {path: one.replace("\n", ending) for path, one in files.items()}


# -- renaming --------------------------------------------------------------------------------------------------------


def workspace(files: dict[str, str]) -> Workspace:
    found = Workspace(IMAGES)
    for path, text in files.items():
        found.open(f"file://{ROOT}/{path}", text, 1)
    return found


def after_renaming(files: dict[str, str], reference: Reference, built: Project, new: str) -> dict[str, str] | None:
    """The files after a renaming; None where it was refused."""
    place = built.place(reference.region)
    view = (found := workspace(files)).view(f"file://{ROOT}/{place.document.path}")
    assert view is not None
    request = Request(found, *view, UNITS, Client(), Features())
    position = UNITS.position(view.document.lines, place.span.start)
    identifier = types.TextDocumentIdentifier(request.uri)
    try:
        found = renaming(request, types.RenameParams(identifier, position, new))
        edit = None if found is None else found.workspace_edit
    except JsonRpcException:
        return None
    assert edit is not None and edit.changes is not None
    changed = dict(files)
    for uri, edits in edit.changes.items():
        path = uri.removeprefix(f"file://{ROOT}/")
        lines = LineTable(files[path])
        spans = [TextEdit(*UNITS.span(lines, one.range), one.new_text) for one in edits]
        changed[path] = edited(files[path], spans)
    return changed


def meaning(built: Project, renamed: set[tuple[object, ...]], new: str) -> Counter[tuple[object, ...]]:
    """Every name with what it is the name of, as if some things were called something else."""
    found: Counter[tuple[object, ...]] = Counter()
    outer = {(kind, name) for kind, _, name in renamed if kind in (ReferenceKind.APPLICATION, ReferenceKind.SERVICE)}
    owners = {"Application": ReferenceKind.APPLICATION, "Service": ReferenceKind.SERVICE}
    for one in references(built):
        scope = list(one.scope)
        if one.kind in (ReferenceKind.WORKER, ReferenceKind.CRON, ReferenceKind.ENDPOINT):
            owner = ReferenceKind.SERVICE if one.kind is ReferenceKind.ENDPOINT else ReferenceKind.APPLICATION
            scope = [new if (owner, scope[0]) in outer else scope[0]]
        elif one.kind in (ReferenceKind.RELATIONSHIP, ReferenceKind.MOUNT):
            scope[1] = new if (owners[str(scope[0])], scope[1]) in outer else scope[1]
        elif one.kind is ReferenceKind.ANCHOR:
            scope = []
        name = new if one.thing in renamed else one.name
        found[one.kind, tuple(scope), name, one.is_definition] += 1
    return found


def check(files: dict[str, str], index: int, new: str) -> bool:
    built = Project(ROOT, files)
    everything = references(built)
    renamable = [one for one in everything if one.kind is not ReferenceKind.ENDPOINT and not one.is_implied]
    if not renamable:
        return False
    reference = renamable[index % len(renamable)]
    changed = after_renaming(files, reference, built, new)
    if changed is None:
        return False
    again = Project(ROOT, changed)
    assert [one.is_broken for one in again.all_documents] == [one.is_broken for one in built.all_documents]
    renamed = {one.thing for one in of_same_thing(everything, [reference])}
    assert meaning(again, set(), new) == meaning(built, renamed, new)
    return True


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(configurations(), st.integers(0, 50), st.sampled_from(["zz", "new-name", "off", "12", "0x1f", "null"]))
def test_a_rename_changes_the_meaning_of_no_other_name(files: dict[str, str], index: int, new: str) -> None:
    assume(check(files, index, new))


def test_everything_in_real_files_can_be_renamed() -> None:
    count = 0
    for path in [*(CORPORA[0] / "sound").rglob("*.yaml"), *(SHARED / "corpus" / "docs").glob("*.yaml")]:
        files = {CONFIG: path.read_bytes().decode()}
        for index in range(len(references(Project(ROOT, files)))):
            count += check(files, index, "new-name")
    assert count > 50
