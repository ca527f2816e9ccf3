"""Whole projects, our own and real ones, and documentation examples: no crash, no doubtful error, and mistakes are found.

Our own are in `corpus`. The others are beside the repository on our machines, and not shipped: tests about them in
particular are skipped elsewhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import CORPORA, SHARED, corpus_projects, findings, needs_shared, project
from upsun_lint.fixing.fixes import TextEdit, edited, text_edits
from upsun_rules.engine import lint
from upsun_rules.finding import Finding, Severity
from upsun_rules.options import Options
from upsun_schema.configuration.project import Project, decode, find_projects

CORPUS = SHARED / "corpus"
OPTIONS = Options()

OURS = CORPORA[0]


def text(path: str) -> str:
    return decode((CORPUS / path).read_bytes())


def rules(path: str) -> set[str]:
    return {finding.rule for finding in findings(text(path))}


def projects(*folders: str) -> Iterator[tuple[str, Project]]:
    for folder in folders:
        for root in find_projects(str(CORPUS / folder)):
            yield Path(root).relative_to(CORPUS).as_posix(), Project(root)


def errors(found: Project) -> set[str]:
    return {finding.rule for finding in lint(found, OPTIONS) if finding.severity is Severity.ERROR}


SOUND = sorted(folder.name for folder in (OURS / "sound").iterdir())

BROKEN = {
    "dangling-names": {
        *("undefined-relationship-target", "relationship-targets-worker", "unknown-endpoint", "relationship-form"),
        *("mount-service", "overlapping-mounts", "route-upstream", "circular-relationships"),
    },
    "from-the-other-platform": {
        *(
            "unknown-key",
            "fixed-only-key",
            "legacy-mount",
            "deprecated-cron-command",
            "scaling-in-yaml",
            "image-version",
        ),
    },
    "half-typed": {"syntax-error"},
    "merge-conflict": {"syntax-error"},
    "misplaced-sections": {
        *("relationship-outside-block", "misindented-section", "workers-outside-application", "unknown-key"),
    },
    "retired-images": {"image-version", "build-step-in-start-command", "image-type-form", "unknown-image"},
    "tabs": {"syntax-error"},
    "two-files-one-name": {"include-not-found", "duplicate-definition", "yml-extension"},
    "unclosed-quote": {"syntax-error"},
    "undefined-anchors": {"syntax-error", "duplicate-key", "backgrounded-start-command"},
    "web-keys-on-worker": {
        *("storage-not-shared-with-worker", "app-only-key-on-worker", "backgrounded-start-command", "crons-on-worker"),
        *("hooks-on-worker", "override-drops-variables", "one-shot-start-command", "missing-start-command"),
        *("cron-below-minimum-interval", "deprecated-cron-command", "cron-should-be-worker", "invalid-cron-spec"),
    },
}
"""What must be found in each of our broken projects."""


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_project_has_neither_errors_nor_warnings(name: str) -> None:
    found = lint(Project(str(OURS / "sound" / name)), OPTIONS)
    assert [(one.rule, one.message) for one in found if one.severity >= Severity.WARNING] == []


@pytest.mark.parametrize("name", sorted(folder.name for folder in (OURS / "broken").iterdir()))
def test_the_mistakes_of_a_broken_project_are_found(name: str) -> None:
    found = lint(Project(str(OURS / "broken" / name)), OPTIONS)
    assert BROKEN[name] - {one.rule for one in found} == set()
    assert any(one.severity is Severity.ERROR for one in found)


@needs_shared
@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("docs/create-apps-workers-2.yaml", "relationship-outside-block"),
        ("docs/create-apps-workers-4.yaml", "mount-service"),
        ("docs/create-apps-image-properties-mounts-13.yaml", "image-type-form"),
        ("docs/create-apps-multi-app-project-structure-1.yaml", "legacy-mount"),
        ("docs/create-apps-hooks-index-9.yaml", "include-not-found"),
    ],
)
def test_a_mistake_in_the_documentation_is_found(path: str, rule: str) -> None:
    assert rule in rules(path)


def test_mistakes_the_documentation_makes_outside_of_whole_files_are_found() -> None:
    # The corpus holds the examples that are YAML; these are as the pages have them.
    laravel = "applications:\n  app:\n    type: 'php:8.4'\n    crons:\n      scheduler:\n        spec: * * * * *\n        cmd: 'php artisan schedule:run'\n"
    assert "syntax-error" in {finding.rule for finding in findings(laravel)}
    mercure = "services:\n  mercure:\n    type: 'mercure:0'\n    disk: 256\n"
    assert "fixed-only-key" in {finding.rule for finding in findings(mercure)}
    storage = "applications:\n  app:\n    type: 'php:8.4'\n    workers:\n      q:\n        commands:\n          start: cd web && drush queue-run myqueue\n"
    assert "one-shot-start-command" in {finding.rule for finding in findings(storage)}


VALID_WITH_ERRORS = {
    # A `service` mount inside a `storage` mount: the documentation says the push fails.
    "upsunvalidator/valid/akeneo": {"overlapping-mounts"},
}


@needs_shared
def test_what_upsunvalidator_calls_valid_has_no_error_the_facts_do_not_justify() -> None:
    found = {name: errors(one) for name, one in projects("upsunvalidator/valid")}
    assert len(found) > 25
    assert {name: rules for name, rules in found.items() if rules} == VALID_WITH_ERRORS


INVALID_BUT_FINE = {
    # `source: local` is an alias of `instance` on the platform: a warning.
    "drupal10/.upsun/config.yaml"
}


@needs_shared
def test_what_upsunvalidator_calls_invalid_is_found_where_the_platform_agrees() -> None:
    folder = CORPUS / "upsunvalidator" / "invalid"
    files = sorted(folder.glob("*/.upsun/*.yaml"))
    assert len(files) > 70
    without = {file.relative_to(folder).as_posix() for file in files if not errors(project(decode(file.read_bytes())))}
    assert without == INVALID_BUT_FINE


def test_every_finding_in_the_corpus_has_a_place_and_words() -> None:
    count = 0
    for found in corpus_projects():
        for finding in lint(found, OPTIONS):
            document, span = found.place(finding.region)
            assert 0 <= span.start <= span.end <= len(document.text)
            assert finding.message
            count += 1
    assert count > 50


def test_every_safe_fix_in_the_corpus_removes_its_finding_and_breaks_nothing() -> None:
    applied = 0
    for found in corpus_projects():
        before = lint(found, OPTIONS)
        for finding in before:
            for fix in finding.fixes:
                if fix.safe:
                    applied += 1
                    _check_fix(found.root, found, before, finding, text_edits(found, fix))
    assert applied >= 10


_REVEALED = {"missing-start-command": {"beat-schedule-file"}, "crons-on-worker": {"crons-without-timeout"}}
"""What a fix may reveal: a command or a cron job that it puts in its place is checked for the first time."""


def _check_fix(
    name: str, found: Project, before: list[Finding], finding: Finding, edits: dict[str, list[TextEdit]]
) -> None:
    """A fix removes exactly its finding, and adds none but what it reveals."""
    texts = {document.path: document.text for document in found.all_documents}
    changed = {path: edited(texts[path], some) for path, some in edits.items()}
    counts = Counter(one.rule for one in before)
    counts_after = Counter(one.rule for one in lint(Project(found.root, changed), OPTIONS))
    assert counts_after[finding.rule] == counts[finding.rule] - 1, (name, finding.message)
    added = (counts_after - counts).keys()
    assert added <= _REVEALED.get(finding.rule, set()), (name, finding.message, added)
