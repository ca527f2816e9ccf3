"""Code actions: fixes, comments that suppress a finding, refactorings, and all safe fixes of a file at once.

They are computed from the place and the rule alone, because some clients drop the extra data of a diagnostic.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from lsprotocol import types
from lsprotocol.converters import get_converter

from upsun_lint.fixing.fixes import TextEdit, apply_fixes, with_edits
from upsun_lint.lsp.features.losses import losses
from upsun_lint.lsp.features.navigation import file_uri
from upsun_lint.lsp.features.refactorings import refactorings
from upsun_lint.lsp.features.remedies import NewFile, RenamedFile, remedies
from upsun_lint.lsp.greeting import APPLY_AFTER_ASKING, FIX_ALL
from upsun_lint.lsp.session.diagnostics import SOURCE, diagnostic_of, shown
from upsun_lint.lsp.session.requests import Request
from upsun_lint.lsp.session.workspace_edits import by_file, differences, workspace_edit
from upsun_lint.writing.quoting import visible
from upsun_rules.editing.soundness import Soundness
from upsun_rules.finding import Finding, Fix, Severity
from upsun_rules.suppression import COMMENT, UNUSED, comment_line, suppressions_in
from upsun_schema.configuration.project import Project
from upsun_schema.yaml.document import BOM
from upsun_schema.yaml.text import Span

__all__ = ["code_actions", "resolve"]

_QUICK_FIX = types.CodeActionKind.QuickFix.value
_REFACTOR = types.CodeActionKind.RefactorRewrite.value

# These must be fixed: a comment would hide that a file cannot be read, or suppress itself.
_NEVER_IGNORED = frozenset({"syntax-error", UNUSED})


def code_actions(request: Request, params: types.CodeActionParams) -> list[types.CodeAction] | None:
    """The actions at a place; a client that asks for certain kinds gets only those."""
    if not request.client.code_action_literals:
        return None
    span = _span(request, params.range)
    only = params.context.only
    automatic = params.context.trigger_kind is types.CodeActionTriggerKind.Automatic
    actions: list[types.CodeAction] = []
    if _is_wanted(_QUICK_FIX, only):
        found = list(_found(request, span, params.context.diagnostics))
        actions += _fixes(request, found)
        actions += _remedies(request, found)
        actions += _fixes_of_rules(request, found)
        actions += _ignores(request, found)
    if _is_wanted(_REFACTOR, only):
        found_here = refactorings(request.project, request.document, span)
        actions += [_action(request, fix, _REFACTOR) for fix in found_here if _adds_nothing(request, fix)]
    if _is_wanted(FIX_ALL, only) and (only or not automatic):
        actions += _fix_all(request)
    return list(_distinct(actions))


def _adds_nothing(request: Request, fix: Fix) -> bool:
    """Whether there are not more findings of any severity, or of a higher one, after a refactoring than before."""
    before = request.open_project.findings
    after = request.open_project.lint(with_edits(request.project, by_file(request, fix.edits)))
    return all(_serious(after, least) <= _serious(before, least) for least in Severity)


def _serious(findings: Iterable[Finding], least: Severity) -> int:
    return sum(one.severity >= least for one in findings)


def _distinct(actions: Iterable[types.CodeAction]) -> Iterator[types.CodeAction]:
    """Drop actions with the same edit as an earlier one: a refactoring that is also a fix, a fix of shared text."""
    seen: set[str] = set()
    for action in actions:
        edit = repr(action.edit or action.command or action.data)
        if edit not in seen:
            seen.add(edit)
            yield action


def _span(request: Request, range_: types.Range) -> Span:
    start, end = request.span(range_)
    return Span(min(start, end), max(start, end))


def _is_wanted(kind: str, only: Sequence[types.CodeActionKind | str] | None) -> bool:
    """Whether the requested kinds include this one or a parent of it."""
    asked = [one.value if isinstance(one, types.CodeActionKind) else one for one in only or ()]
    return not asked or any(kind == one or kind.startswith(f"{one}.") or not one for one in asked)


# -- findings --------------------------------------------------------------------------------------------------------

_Found = tuple[Finding, types.Diagnostic]


def _found(request: Request, span: Span, diagnostics: Sequence[types.Diagnostic]) -> Iterator[_Found]:
    """The findings at a place with their diagnostics; if some of the given diagnostics are ours, only those."""
    ours = [one for one in diagnostics if one.source in (SOURCE, None)]
    for finding in request.open_project.findings:
        place = request.document.span(finding.region)
        if place is None:
            continue
        if not ours:
            if place.start <= span.end and place.end >= span.start:
                yield finding, diagnostic_of(request.open_project, finding, request.units, request.client)
            continue
        # Some editors send the cursor and the diagnostics of its line: the diagnostics decide.
        range_ = request.range(place)
        same = [one for one in ours if one.code == finding.rule and _overlap(one.range, range_)]
        if same:
            exact = [one for one in same if one.range == range_ and one.message == shown(finding.message)]
            yield finding, (exact or same)[0]


def _overlap(one: types.Range, other: types.Range) -> bool:
    first, last = sorted([one.start, one.end]), sorted([other.start, other.end])
    return first[0] <= last[1] and last[0] <= first[1]


# -- fixes -----------------------------------------------------------------------------------------------------------


def _action(
    request: Request, fix: Fix, kind: str, diagnostics: list[types.Diagnostic] | None = None
) -> types.CodeAction:
    edit = workspace_edit(request, by_file(request, fix.edits))
    title = visible(fix.title)
    lost = losses(request, fix.edits) if not fix.safe and request.client.asks and request.client.applies_edits else []
    if not lost:
        return types.CodeAction(title, kind, diagnostics, edit=edit)
    command = types.Command(
        title, APPLY_AFTER_ASKING, arguments=[f"{title}? {visible(lost[0])}.", get_converter().unstructure(edit)]
    )
    return types.CodeAction(f"{title} …", kind, diagnostics, command=command)


def _fixes(request: Request, found: list[_Found]) -> Iterator[types.CodeAction]:
    """The fixes of findings; safe ones come first and are preferred."""
    fixes = [(fix, diagnostic) for finding, diagnostic in found for fix in finding.fixes if fix.edits]
    for fix, diagnostic in sorted(fixes, key=lambda one: not one[0].safe):
        action = _action(request, fix, _QUICK_FIX, [diagnostic])
        if fix.safe and request.client.preferred_actions:
            action.is_preferred = True
        yield action


def _remedies(request: Request, found: list[_Found]) -> Iterator[types.CodeAction]:
    """What creates something that is missing, as far as the client can do it."""
    soundness = Soundness(request.project)
    for finding, diagnostic in found:
        for remedy in remedies(request, finding):
            if isinstance(remedy, Fix):
                if soundness.holds(remedy):
                    yield _action(request, remedy, _QUICK_FIX, [diagnostic])
            elif (edit := _file_edit(request, remedy)) is not None:
                yield types.CodeAction(visible(remedy.title), _QUICK_FIX, [diagnostic], edit=edit)


def _file_edit(request: Request, remedy: NewFile | RenamedFile) -> types.WorkspaceEdit | None:
    """The edit that creates or renames a file; None if the client cannot do it."""
    uri = file_uri(request, remedy.path)
    change: types.CreateFile | types.RenameFile
    if isinstance(remedy, NewFile):
        if not request.client.creates_files:
            return None
        change = types.CreateFile(uri=uri, options=types.CreateFileOptions(ignore_if_exists=True))
    else:
        if not request.client.renames_files:
            return None
        change = types.RenameFile(old_uri=uri, new_uri=file_uri(request, remedy.to))
    return types.WorkspaceEdit(document_changes=[change])


def _fixes_of_rules(request: Request, found: list[_Found]) -> Iterator[types.CodeAction]:
    """For each rule with several safe fixes in the file, an action that applies all of them."""
    for rule in dict.fromkeys(finding.rule for finding, _ in found if _is_safely_fixed(finding)):
        everywhere = [one for one in request.open_project.findings if one.rule == rule and _is_here(request, one)]
        if sum(map(_is_safely_fixed, everywhere)) > 1:
            about = [diagnostic for finding, diagnostic in found if finding.rule == rule]
            action = types.CodeAction(f"Fix all `{rule}` problems in this file", _QUICK_FIX, about)
            yield from _with_edit(request, action, rule)


def _fix_all(request: Request) -> Iterator[types.CodeAction]:
    """The action that does what `upsun-lint --fix` does for the file."""
    if any(_is_safely_fixed(one) and _is_here(request, one) for one in request.open_project.findings):
        yield from _with_edit(request, types.CodeAction("Fix all problems that are safe to fix", FIX_ALL), None)


def _with_edit(request: Request, action: types.CodeAction, rule: str | None) -> Iterator[types.CodeAction]:
    """An action with its edit, or with the data to compute it later for a client that can resolve actions."""
    if request.client.resolves_actions:
        action.data = {"uri": request.uri, "rule": rule}
        yield action
    elif edits := _fixed(request, rule):
        action.edit = workspace_edit(request, edits)
        yield action


def resolve(request: Request, action: types.CodeAction, rule: str | None) -> types.CodeAction:
    """Add the edit to an action that applies the safe fixes in a file, of one rule or of all."""
    action.edit = workspace_edit(request, _fixed(request, rule))
    return action


def _fixed(request: Request, rule: str | None) -> dict[str, list[TextEdit]]:
    """The edits that apply the safe fixes in the file, without those that would add errors."""
    path, open_project = request.document.path, request.open_project
    least = min(open_project.settings.severity, open_project.settings.fail_on or open_project.settings.severity)

    def lint(project: Project) -> list[Finding]:
        return open_project.findings if project is request.project else open_project.lint(project)

    def is_wanted(project: Project, finding: Finding) -> bool:
        asked = finding.severity >= least if rule is None else finding.rule == rule
        return asked and project.place(finding.region).document.path == path

    found = apply_fixes(request.project, lint, is_wanted, lambda other: other == path)
    return {change.path: differences(change) for change in found.changes}


def _is_safely_fixed(finding: Finding) -> bool:
    return any(fix.safe and fix.edits for fix in finding.fixes)


def _is_here(request: Request, finding: Finding) -> bool:
    return request.document.holds(finding.region.piece)


# -- comments --------------------------------------------------------------------------------------------------------


def _ignores(request: Request, found: list[_Found]) -> Iterator[types.CodeAction]:
    """The comments that suppress each rule, on one line or in the file."""
    for rule in dict.fromkeys(finding.rule for finding, _ in found):
        if rule in _NEVER_IGNORED:
            continue
        lines: dict[int, list[types.Diagnostic]] = {}
        for finding, diagnostic in found:
            if finding.rule == rule:
                lines.setdefault(comment_line(request.document, finding.region), []).append(diagnostic)
        for line, about in lines.items():
            edit = workspace_edit(request, {request.document.path: [_ignore_at(request, rule, line)]})
            yield types.CodeAction(f"Ignore `{rule}` on this line", _QUICK_FIX, about, edit=edit)
        edit = workspace_edit(request, {request.document.path: [_ignore_in_file(request, rule)]})
        everywhere = [diagnostic for about in lines.values() for diagnostic in about]
        yield types.CodeAction(f"Ignore `{rule}` in this file", _QUICK_FIX, everywhere, edit=edit)


def _ignore_at(request: Request, rule: str, line: int) -> TextEdit:
    extended = _extended(request, rule, line)
    if extended is not None:
        return extended
    lines = request.document.lines
    start, text = lines.span(line).start, lines.line(line)
    indent = text[: len(text) - len(text.lstrip(" \t"))]
    return _comment(request, start, f"{indent}# upsun-lint: ignore[{rule}] ")


def _ignore_in_file(request: Request, rule: str) -> TextEdit:
    extended = _extended(request, rule, None)
    if extended is not None:
        return extended
    start = 1 if request.document.text.startswith(BOM) else 0
    return _comment(request, start, f"# upsun-lint: ignore-file[{rule}] ")


def _comment(request: Request, start: int, text: str) -> TextEdit:
    ending = re.search(r"\r\n|\n|\r", request.document.text)
    return TextEdit(start, start, text + (ending[0] if ending else "\n"))


def _extended(request: Request, rule: str, line: int | None) -> TextEdit | None:
    """The edit that adds a rule to the existing comment for a line or for the file."""
    for suppression in suppressions_in(request.document):
        match = COMMENT.match(suppression.comment.text) if suppression.line == line else None
        span = request.document.span(suppression.comment)
        if match is not None and span is not None:
            end = span.start + match.start("rules") + len(match["rules"].rstrip())
            return TextEdit(end, end, f", {rule}")
    return None
