"""One call for every front end: `lint(project, options)` gives the findings of a project."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Mapping as MappingType
from functools import cache, lru_cache, partial

from upsun_rules.catalog import all_rules, change_rules
from upsun_rules.consequences import without_consequences
from upsun_rules.editing.blocks import in_usual_quotes
from upsun_rules.finding import Edit, Finding, Fix, Related
from upsun_rules.options import Options
from upsun_rules.rule import Check, Rule
from upsun_rules.suppression import Hidden, Suppressions, may_suppress
from upsun_schema.configuration.model import Application, Cron, Route, Service, Task, View, Worker
from upsun_schema.configuration.project import Project
from upsun_schema.keys.validation import overfull, validate
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.nodes import Include, Node, Piece, Problem
from upsun_schema.yaml.walking import walk_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    from upsun_rules.policies.verdicts import Verdicts
    from upsun_schema.configuration.change import Change

    _Entry = TypeVar("_Entry", bound=View)

__all__ = ["hidden", "judge", "lint", "with_judged"]


@cache
def _rules_on(subject: str, *, local: bool) -> tuple[Rule, ...]:
    return tuple(rule for rule in all_rules().values() if rule.subject == subject and rule.is_local is local)


def lint(project: Project, options: Options) -> list[Finding]:
    """The findings of a project, by file and place. Every region is one of this project."""
    run = _Run(project, options)
    findings = list(without_consequences(run.findings(), project))
    findings = list(Suppressions(project, findings, _running(options), partial(_idle, options)).remaining())
    return _shown(project, options, findings)


def _shown(project: Project, options: Options, findings: list[Finding]) -> list[Finding]:
    """The findings of the enabled rules in their order, with their severities and without harmful fixes."""
    enabled = {rule for rule in {one.rule for one in findings} if options.runs(rule)}
    found = [one for one in findings if one.rule in enabled]
    if any(one.fixes for one in found):
        from upsun_rules.editing.soundness import Soundness

        soundness = Soundness(project)
        found = [soundness.sound(one) if one.fixes else one for one in found]
    if options.severities:
        found = [_with_severity(one, options) for one in found]
    return sorted(found, key=partial(_order, project))


def _idle(options: Options) -> frozenset[str]:
    """The rules that do not run: those that lack what they ask, and those about changes."""
    return options.idle.union(change_rules())


def judge(change: Change, options: Options) -> list[Finding]:
    """The findings about a change, by file and place of the project after it.

    There are none if one of the two projects could not be read whole: what is missing then may not be gone.
    """
    return _shown(change.after, options, list(_judged(change, options).unhidden()))


def _judged(change: Change, options: Options) -> Suppressions:
    is_whole = change.is_readable and change.after.documents and change.before.documents
    findings = dict.fromkeys(_about(change, options)) if is_whole else ()
    return Suppressions(change.after, findings, change_rules())


def with_judged(project: Project, findings: Iterable[Finding], judged: Sequence[Finding]) -> list[Finding]:
    """The findings of a project together with those about a change of it, by file and place.

    Those about the change replace what the project's own findings say about its consequences.
    """
    explained = {(region.piece, region.start) for finding in judged for region in finding.explains}
    known = set(judged)
    own = [one for one in findings if one not in known and (one.region.piece, one.region.start) not in explained]
    return sorted([*own, *judged], key=lambda finding: _order(project, finding))


def _about(change: Change, options: Options) -> Iterator[Finding]:
    for rule in change_rules().values():
        wanted = {"project": change.after, "options": options}
        for finding in rule.check(change, **{name: wanted[name] for name in rule.wants}):
            yield stamp(finding, rule)


def hidden(project: Project, options: Options) -> list[Hidden]:
    """The findings of a project that comments hide, by file and place."""
    findings = list(without_consequences(_Run(project, options).findings(), project))
    return _hidden(project, Suppressions(project, findings, _running(options)), options)


def hidden_of_change(change: Change, options: Options) -> list[Hidden]:
    """The findings about a change that comments hide, by file and place of the project after it."""
    if not may_suppress(change.after):
        return []
    return _hidden(change.after, _judged(change, options), options)


def _hidden(project: Project, suppressions: Suppressions, options: Options) -> list[Hidden]:
    enabled = [
        one._replace(finding=_with_severity(one.finding, options))
        for one in suppressions.hidden()
        if options.runs(one.finding.rule)
    ]
    return sorted(enabled, key=lambda one: _order(project, one.finding))


def _running(options: Options) -> dict[str, Rule]:
    """The rules about a project by their names, and its policies."""
    return all_rules() | {policy.slug: policy.rule for policy in options.policies} if options.policies else all_rules()


def _with_severity(finding: Finding, options: Options) -> Finding:
    severity = options.severities.get(finding.rule)
    return finding if severity is None else finding._replace(severity=severity)


def _order(project: Project, finding: Finding) -> tuple[str, int, int, str]:
    path, start = project.position(finding.region)
    return path, start, -finding.severity, finding.rule


class _Found(NamedTuple):
    """Findings about an entry, and the pieces of other entries that they name places in."""

    elsewhere: frozenset[Piece]
    findings: list[Finding]

    @classmethod
    def about(cls, view: View, findings: list[Finding]) -> _Found:
        """The findings about an entry."""
        pieces = {region.piece for finding in findings for region in finding.regions}
        return cls(frozenset(pieces - {view.pair.key.piece}), findings)


class _Choice(NamedTuple):
    """Which rules run: those that look at an entry alone, or the others; `only` those of these names."""

    is_local: bool
    only: frozenset[str] | None = None


_LOCAL, _OTHERS = _Choice(is_local=True), _Choice(is_local=False)


class _Memory:
    """What rules found about an entry: local ones, and each of those that see the `outline` of the project.

    `findings` are all of these, and `elsewhere` are the pieces of other entries that they name places in.
    """

    __slots__ = ("elsewhere", "findings", "local", "options", "others", "outline")

    def __init__(self, options: Options) -> None:
        self.options = options
        self.local: _Found | None = None
        self.others: dict[str, _Found] = {}
        self.outline: tuple[object, ...] | None = None
        self.findings: list[Finding] = []
        self.elsewhere: frozenset[Piece] = frozenset()


_FOUND = "findings of rules"
"""The key of a `_Memory` in that of a view."""


@lru_cache(maxsize=1_000)
def _asked(subject: str, choice: _Choice, keys: frozenset[str]) -> list[Rule]:
    """The rules of a choice that run on a subject with these keys."""
    rules = _rules_on(subject, local=choice.is_local)
    asked = [rule for rule in rules if not rule.keys or not keys.isdisjoint(rule.keys)]
    return asked if choice.only is None else [rule for rule in asked if rule.slug in choice.only]


if TYPE_CHECKING:
    _Find = Callable[[_Entry, _Choice], Iterator[Finding]]
    """Runs rules on an entry and what is in it."""

_NO_KEYS: frozenset[str] = frozenset()


class _Run:
    """Runs every rule on its subject, with what it asks for."""

    def __init__(self, project: Project, options: Options) -> None:
        self.project = project
        self.options = options
        self._checks: dict[str, Check] = {}
        self._verdicts = _verdicts(options)

    def findings(self) -> Iterator[Finding]:
        for document in self.project.documents.values():
            for problem in [*document.problems, *validate(document)]:
                yield from_problem(problem)
            yield from self._check("Document", document, _OTHERS)
        for document in self.project.included.values():
            yield from map(from_problem, document.problems)
        for document in self.project.all_documents:
            yield from map(from_problem, overfull(document))
        yield from map(from_problem, self.project.problems)
        yield from self._on_entries(self.project.applications, self._application)
        yield from self._on_entries(self.project.services, self._service)
        yield from self._on_entries(self.project.tasks, self._task)
        yield from self._on_entries(self.project.routes, self._route)
        yield from self._check("Project", self.project, _OTHERS)
        if self._verdicts is not None:
            yield from self._verdicts.on_project(self.project)

    def _on_entries(self, views: MappingType[str, _Entry], find: _Find[_Entry]) -> Iterator[Finding]:
        """Yield the findings about entries. Rules run again only if something that they look at has changed."""
        outline = self.project.outline if views else ()
        for view in views.values():
            memory: _Memory | None = view.memory.get(_FOUND)
            if memory is None or (memory.options is not self.options and memory.options != self.options):
                memory = view.memory[_FOUND] = _Memory(self.options)
            # Mostly it is the same object: that is a quick look, where it may be long.
            if memory.outline is not outline or not self._are_held(memory.elsewhere):
                self._look_again(view, find, memory, outline)
            yield from memory.findings

    def _look_again(self, view: _Entry, find: _Find[_Entry], memory: _Memory, outline: tuple[object, ...]) -> None:
        """Run the rules on an entry of which something that they look at may have changed."""
        # A local rule looks at nothing but the entry, whose memory this is.
        if memory.local is None or not self._are_held(memory.local.elsewhere):
            memory.local = _Found.about(view, list(self._about(view, find, _LOCAL)))
        if memory.outline != outline:
            memory.others = self._by_rule(view, find, _OTHERS)
        elif gone := [name for name, found in memory.others.items() if not self._are_held(found.elsewhere)]:
            # All other entries may name the one that was edited.
            again = self._by_rule(view, find, _Choice(is_local=False, only=frozenset(gone)))
            others = (memory.others | again).items()
            memory.others = {name: found for name, found in others if name in again or name not in gone}
        memory.outline = outline
        every = [memory.local, *memory.others.values()]
        memory.findings = [finding for found in every for finding in found.findings]
        memory.elsewhere = frozenset().union(*[found.elsewhere for found in every])

    def _by_rule(self, view: _Entry, find: _Find[_Entry], choice: _Choice) -> dict[str, _Found]:
        by_rule: dict[str, list[Finding]] = {}
        for finding in self._about(view, find, choice):
            by_rule.setdefault(finding.rule, []).append(finding)
        return {name: _Found.about(view, findings) for name, findings in by_rule.items()}

    def _about(self, view: _Entry, find: _Find[_Entry], choice: _Choice) -> Iterator[Finding]:
        yield from find(view, choice)
        if choice.is_local and self._verdicts is not None:
            for finding in self._verdicts.on_entry(view):
                yield _moved_to_include(finding, self._nodes_of(view), self.project) if self.project.texts else finding

    def _are_held(self, pieces: frozenset[Piece]) -> bool:
        """Whether all these pieces are still part of the project."""
        return not pieces or pieces <= self.project.pieces or all(map(self.project.holds, pieces))

    def _service(self, service: Service, choice: _Choice) -> Iterator[Finding]:
        yield from self._check("Service", service, choice)
        yield from self._check("Container", service, choice)

    def _task(self, task: Task, choice: _Choice) -> Iterator[Finding]:
        yield from self._check("Task", task, choice)
        yield from self._check("Container", task, choice)

    def _route(self, route: Route, choice: _Choice) -> Iterator[Finding]:
        yield from self._check("Route", route, choice)

    def _application(self, application: Application, choice: _Choice) -> Iterator[Finding]:
        yield from self._check("Application", application, choice)
        yield from self._check("Container", application, choice)
        if application.web is not None:
            yield from self._check("Container", application.web, choice)
            yield from self._check("Instance", application.web, choice)
        for worker in application.workers.values():
            yield from self._part(worker, ("Container", "Instance", "Worker"), choice)
        for cron in application.crons.values():
            yield from self._part(cron, ("Cron",), choice)

    def _part(self, part: Worker | Cron, subjects: tuple[str, ...], choice: _Choice) -> Iterator[Finding]:
        """Yield the findings about a worker or a cron job of an application.

        In a text that was patched, there are none again if there were none, and nothing has changed but other workers
        and cron jobs: of these a rule on one sees no more than the outline of the project has.
        """
        kept = part.key.piece.kept
        if kept is None or choice.only is not None:
            for subject in subjects:
                yield from self._check(subject, part, choice)
            return
        outline = None if choice.is_local else self.project.outline
        key, state = (
            (type(part), part.name, outline is None),
            (part.written, part.application.rest, self.options, outline),
        )
        if kept.get(key) == state:
            return
        found = [finding for subject in subjects for finding in self._check(subject, part, choice)]
        kept[key] = None if found else state
        yield from found

    def _check(self, subject: str, value: object, choice: _Choice) -> Iterator[Finding]:
        keys = value.keys if isinstance(value, View) else _NO_KEYS
        for rule in _asked(subject, choice, keys):
            check = rule.check if not rule.wants else self._checks.get(rule.slug) or self._check_of(rule)
            for finding in check(value):
                found = stamp(finding, rule)
                if isinstance(value, View):
                    found = found._replace(subject=value.key.region)
                if self.project.texts:
                    found = _moved_to_include(found, self._nodes_of(value), self.project)
                yield found

    @staticmethod
    def _nodes_of(subject: object) -> Iterator[Node]:
        """Yield the nodes that a rule on a subject looks at."""
        if isinstance(subject, View):
            yield subject.pair.value
        elif isinstance(subject, Project):
            yield from (one.pair.value for one in (*subject.applications.values(), *subject.tasks.values()))

    def _check_of(self, rule: Rule) -> Check:
        """The function of a rule, with what it asks for."""
        given = {"project": self.project, "options": self.options}
        check = self._checks[rule.slug] = partial(rule.check, **{name: given[name] for name in rule.wants})
        return check


def _verdicts(options: Options) -> Verdicts | None:
    """What applies the policies; None if there are none, so that nothing is imported."""
    if not options.policies:
        return None
    from upsun_rules.policies.verdicts import Verdicts

    return Verdicts(options.policies)


def stamp(finding: Finding, rule: Rule) -> Finding:
    """The finding with the name and documentation of its rule."""
    severity = finding.severity or rule.severity
    return finding._replace(rule=rule.slug, rank=rule.rank, severity=severity, url=rule.url(finding.docs))


def _moved_to_include(finding: Finding, nodes: Iterator[Node], project: Project) -> Finding:
    """The finding; if it is in an included text such as a script, moved to the `!include` below one of the nodes.

    A comment can suppress it there. An included text is never edited because others may use it too.
    """
    fixes = tuple(fix for fix in finding.fixes if not any(project.is_included_text(edit.region) for edit in fix.edits))
    if not project.is_included_text(finding.region):
        return finding._replace(fixes=fixes)
    include = next((one for node in nodes for one in _includes_of(finding.region.piece, node)), None)
    if include is None:
        return finding._replace(fixes=fixes)
    inside = Related(finding.region, finding.label or "in this file")
    return finding._replace(region=include.region, label="", related=(inside, *finding.related), fixes=fixes)


def _includes_of(piece: Piece, node: Node) -> Iterator[Include]:
    """The includes of a text below a node; aliases and merge keys are followed."""
    for one in walk_values(node):
        if isinstance(one, Include) and one.target is not None and one.target.piece is piece:
            yield one


def from_problem(problem: Problem) -> Finding:
    """A problem of the parser or the schema as a finding of the rule with its name."""
    rule = all_rules()[problem.rule]
    edits = tuple(Edit(region, text) for region, text in problem.edits)
    if problem.replacement is not None:
        edits = (Edit(problem.region, in_usual_quotes(problem.replacement, problem.region)), *edits)
    return Finding(
        problem.region,
        problem.message,
        related=tuple(Related(region, message) for region, message in problem.related),
        fixes=(Fix(problem.title, edits, problem.safe),) if edits else (),
        lacks=problem.lacks,
        gives=problem.gives,
        severity=rule.severity,
        rule=rule.slug,
        rank=rule.rank,
        url=rule.url(problem.docs),
    )
