"""What was found: the findings of one project, and the report of a whole run."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from upsun_lint.places.paths import display_path
from upsun_lint.run.settings import Settings
from upsun_rules.catalog import every_rule
from upsun_rules.engine import with_judged
from upsun_rules.finding import Finding, Severity
from upsun_rules.rule import Rule
from upsun_rules.suppression import Hidden
from upsun_schema.configuration.project import Project
from upsun_schema.configuration.sources import Sources
from upsun_schema.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from upsun_lint.fixing.fixes import AppliedFix
    from upsun_schema.configuration.change import Change

__all__ = ["Report", "Result", "has_safe_fix", "parts_of"]

_NONE: frozenset[Finding] = frozenset()


class Result(NamedTuple):
    """The findings of one project.

    `findings` are shown, in order of their places; `found` are all of them, shown or not. `asked` are the files named
    on the command line, by their paths in the project; None for the whole project. `known` are findings that a
    baseline lists, `already` those that the revision compared with
    has, too: neither are shown. `suppressed` are those that would be
    shown without a comment; only some formats ask for them. `change` is the project at the revision and now.
    `is_buffer`: an editor asks about one file, and takes every place for one of that file.
    """

    project: Sources
    findings: list[Finding]
    found: Sequence[Finding] = ()
    settings: Settings = Settings()
    asked: frozenset[str] | None = None
    known: frozenset[Finding] = _NONE
    already: frozenset[Finding] = _NONE
    suppressed: Sequence[Hidden] = ()
    change: Change | None = None
    is_buffer: bool = False

    @classmethod
    def of(
        cls,
        project: Sources,
        found: list[Finding],
        settings: Settings,
        asked: frozenset[str] | None,
        *,
        is_buffer: bool = False,
    ) -> Result:
        """The result of a project, given all of its findings."""
        return cls(project, [], found, settings, asked, is_buffer=is_buffer).without(_NONE, _NONE)

    def with_change(self, change: Change, judged: Sequence[Finding]) -> Result:
        """The same result with the change of the project and the findings about it."""
        return self._replace(found=with_judged(self.whole, self.found, judged), change=change)

    def without(self, known: frozenset[Finding], already: frozenset[Finding]) -> Result:
        """The same findings, of which these are not shown."""
        left_out = known | already
        shown = [one for one in self.found if one not in left_out and self.shows(self.project, one)]
        return self._replace(findings=shown, known=known, already=already)

    @property
    def whole(self) -> Project:
        """The project with its trees. One of which another process sent the places only is made again of its texts.

        The regions of the findings are not among its own then, and nothing is known of other files in its folder.
        """
        project = self.project
        if isinstance(project, Project):
            return project
        files = (*project.all_documents, *project.texts.values())
        return Project(project.root, {file.path: file.text for file in files}, on_disk=False)

    def shows(self, project: Sources, finding: Finding) -> bool:
        """Whether the settings and the files asked about show a finding of this project, perhaps in a later state.

        A finding that makes the exit status 1 is always shown.
        """
        settings, path = self.settings, project.file(finding.region).path
        return (
            finding.severity >= min(settings.severity, settings.fail_on or settings.severity)
            and finding.rule not in settings.ignore
            and (settings.select is None or finding.rule in settings.select)
            and self._is_asked(project, finding, path)
            and not settings.ignores_in(os.path.join(project.root, path), finding.rule)
            and not settings.hides_in(project.root, os.path.join(project.root, path))
        )

    def _is_asked(self, project: Sources, finding: Finding, path: str) -> bool:
        """Whether a finding is in a file asked about, or names a place in one."""
        if self.asked is None or path in self.asked:
            return True
        return any(
            project.file(related.region).path in self.asked
            for related in finding.related
            if not self.is_buffer or project.is_included_text(related.region)
        )

    @property
    def unasked_errors(self) -> list[Finding]:
        """The errors that only the whole project shows, since they are not about the files asked about."""
        if self.asked is None:
            return []
        shown, whole = set(self.findings), self._replace(asked=None)
        left_out = self.known | self.already
        return [
            one
            for one in self.found
            if one.severity is Severity.ERROR
            and one not in shown
            and one not in left_out
            and whole.shows(self.project, one)
        ]

    @property
    def foreign(self) -> list[str]:
        """The files asked about that are not part of the configuration, by their paths in the project."""
        return sorted(path for path in self.asked or () if path not in parts_of(self.project))

    @property
    def fails(self) -> bool:
        """Whether a finding is severe enough for exit status 1."""
        least = self.settings.fail_on
        return least is not None and any(finding.severity >= least for finding in self.findings)

    @property
    def files(self) -> list[str]:
        """The display paths of the checked files; included scripts count only when asked about."""
        read = [document.path for document in self.project.all_documents]
        if self.asked is not None:
            read = [path for path in (*read, *self.project.texts) if path in self.asked]
        return [display_path(self.project.root, path) for path in read]

    def number_in(self, findings: frozenset[Finding]) -> int:
        """How many findings would be shown if these were not left out."""
        return sum(one in findings and self.shows(self.project, one) for one in self.found) if findings else 0


def parts_of(project: Sources) -> frozenset[str]:
    """The paths of the files that belong to a configuration, or should: those that nothing includes count, too."""
    documents = (document.path for document in project.all_documents)
    return frozenset((*documents, *project.texts, *project.unread))


class Report(NamedTuple):
    """What a run found in all its projects, and what it fixed; `since` is the revision it was narrowed to."""

    results: list[Result]
    fixed: Sequence[AppliedFix] = ()
    since: str | None = None

    @property
    def findings(self) -> Iterator[tuple[Sources, Finding]]:
        """Every finding with its project, in order."""
        for result in self.results:
            for finding in result.findings:
                yield result.project, finding

    def number(self, severity: Severity) -> int:
        """How many findings have a severity."""
        return sum(finding.severity == severity for _, finding in self.findings)

    @property
    def catalog(self) -> dict[str, Rule]:
        """Every rule by its name, and every policy of the projects."""
        return every_rule(policy for result in self.results for policy in result.settings.policies)

    @property
    def files(self) -> set[str]:
        """The paths of the files with findings."""
        found = {(project.root, project.file(finding.region).path) for project, finding in self.findings}
        return {display_path(root, path) for root, path in found}

    @property
    def checked(self) -> list[str]:
        """The paths of the files that were checked."""
        return [path for result in self.results for path in result.files]

    @property
    def fixable(self) -> int:
        """How many findings `--fix` can fix."""
        return sum(has_safe_fix(finding) for _, finding in self.findings)

    @property
    def known(self) -> int:
        """How many findings are left out because a baseline lists them."""
        return sum(result.number_in(result.known) for result in self.results)

    @property
    def already(self) -> int:
        """How many findings, apart from known ones, the revision has, too, and are left out for that."""
        return sum(result.number_in(result.already - result.known) for result in self.results)

    @property
    def unasked_errors(self) -> list[str]:
        """The files of the errors that only whole projects show, once for each error."""
        return [
            display_path(result.project.root, result.project.file(finding.region).path)
            for result in self.results
            for finding in result.unasked_errors
        ]

    @property
    def rules(self) -> dict[str, int]:
        """How many findings each rule has, the most first."""
        counts: dict[str, int] = {}
        for _, finding in self.findings:
            counts[finding.rule] = counts.get(finding.rule, 0) + 1
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def has_safe_fix(finding: Finding) -> bool:
    """Whether a finding has a fix that may be applied without asking."""
    return any(fix.safe for fix in finding.fixes)
