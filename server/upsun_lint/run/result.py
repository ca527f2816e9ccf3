"""What a run found: the findings of each project, what was fixed, and where it all is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from upsun_lint.fixing.fixes import Fixed
from upsun_lint.places.paths import display_path
from upsun_rules.finding import Finding, Severity
from upsun_rules.suppression import Hidden
from upsun_schema.configuration.project import Project

__all__ = ["Outcome", "Result", "has_safe_fix"]


class Result(NamedTuple):
    """The findings of one project that are shown, in order of their places.

    `hidden` are those that comments hide and that would be shown without, where they were asked for. `asked` are the
    files asked about, by their paths in the project; None for all. `known` is how many findings are left out since a
    baseline knows them, `elsewhere` how many others since they have nothing to do with the changes asked about.
    """

    project: Project
    findings: list[Finding]
    hidden: Sequence[Hidden] = ()
    asked: frozenset[str] | None = None
    known: int = 0
    elsewhere: int = 0

    @property
    def files(self) -> list[str]:
        """The paths of the files that were checked, as people see them; of included scripts those asked about."""
        read = [document.path for document in self.project.all_documents]
        if self.asked is not None:
            read = [path for path in (*read, *self.project.texts) if path in self.asked]
        return [display_path(self.project.root, path) for path in read]


class Outcome(NamedTuple):
    """What a whole run found in all its projects, and what it mended; `since` is the revision it was narrowed to."""

    results: list[Result]
    fixed: Sequence[Fixed] = ()
    since: str | None = None

    @property
    def findings(self) -> Iterator[tuple[Project, Finding]]:
        """Every finding with its project, in order."""
        for result in self.results:
            for finding in result.findings:
                yield result.project, finding

    def number(self, severity: Severity) -> int:
        """Return how many findings have a severity."""
        return sum(finding.severity == severity for _, finding in self.findings)

    @property
    def files(self) -> set[str]:
        """The paths of the files with findings."""
        found = {(project.root, project.place(finding.region).document.path) for project, finding in self.findings}
        return {display_path(root, path) for root, path in found}

    @property
    def checked(self) -> list[str]:
        """The paths of the files that were checked."""
        return [path for result in self.results for path in result.files]

    @property
    def fixable(self) -> int:
        """How many findings `--fix` can mend."""
        return sum(has_safe_fix(finding) for _, finding in self.findings)

    @property
    def known(self) -> int:
        """How many findings are left out since a baseline knows them."""
        return sum(result.known for result in self.results)

    @property
    def elsewhere(self) -> int:
        """How many findings, not known ones, have nothing to do with the changes asked about."""
        return sum(result.elsewhere for result in self.results)

    @property
    def rules(self) -> dict[str, int]:
        """How many findings each rule has, the most first."""
        counts: dict[str, int] = {}
        for _, finding in self.findings:
            counts[finding.rule] = counts.get(finding.rule, 0) + 1
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def has_safe_fix(finding: Finding) -> bool:
    """Return whether a finding has a fix that may be applied unasked."""
    return any(fix.safe for fix in finding.fixes)
