"""What the tests share: a project from text, its findings, a fix applied."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from upsun_rules.engine import lint
from upsun_rules.finding import Finding, Fix
from upsun_rules.options import Options
from upsun_schema.configuration.project import Project, find_projects
from upsun_schema.yaml.nodes import Region

SHARED = Path(__file__).resolve().parents[2] / "shared"
"""Real projects and reference data. They are beside the repository on our machines and not shipped."""

needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared, which is not shipped")

needs_pure = pytest.mark.skipif(find_spec("upsun_lint__mypyc") is not None, reason="counts what is not compiled")

CORPORA = [folder for folder in (Path(__file__).with_name("corpus"), SHARED / "corpus") if folder.is_dir()]
"""Folders of projects to test with: our own in the repository, and those beside it where there are any."""

CONFIG = ".upsun/config.yaml"


def project(files: str | dict[str, str]) -> Project:
    """A project that exists only in memory; one text is its `.upsun/config.yaml`."""
    return Project("/nonexistent", {CONFIG: files} if isinstance(files, str) else files)


def findings(files: str | dict[str, str], rule: str | None = None, options: Options | None = None) -> list[Finding]:
    """The findings of a configuration, or those of one rule."""
    found = lint(project(files), options or Options())
    return [finding for finding in found if rule is None or finding.rule == rule]


def said(files: str | dict[str, str], rule: str) -> list[tuple[str, str]]:
    """What a rule reports: the text at each finding, and its severity."""
    return [(finding.region.text, finding.severity.label) for finding in findings(files, rule)]


def corpus_projects() -> Iterator[Project]:
    """Yield the projects of every corpus."""
    for corpus in CORPORA:
        yield from map(Project, find_projects(str(corpus)))


def corpus_files() -> list[Path]:
    """The YAML files of every corpus."""
    return [file for corpus in CORPORA for suffix in ("yaml", "yml") for file in sorted(corpus.rglob(f"*.{suffix}"))]


def source(region: Region) -> str:
    """The text a region encloses, as it is written."""
    return region.text


def apply_fix(files: str | dict[str, str], fix: Fix | Finding, path: str = CONFIG) -> str:
    """A file after a fix (of a finding: its first)."""
    if isinstance(fix, Finding):
        fix = fix.fixes[0]
    texts = {CONFIG: files} if isinstance(files, str) else files
    text = texts[path]
    again = project(files)
    edits = []
    for edit in fix.edits:
        for document in again.all_documents:
            for base, piece in [*document.pieces, (0, document.whole)]:
                if piece.text == edit.region.piece.text and document.path == path:
                    edits.append((base + edit.region.start, base + edit.region.end, edit.text))
                    break
            else:
                continue
            break
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text
