"""No fix harms a file: not the examples written in other ways, not real projects, not files with slips in them.

`UPSUN_LINT_MUTANTS` is how many files with slips are tried, at random; without it these are few and always the same.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import CONFIG, SHARED, project
from tests.variants import VARIANTS, Slip, is_valid, slips
from upsun_lint.fixing.fixes import TextEdit, apply_fixes, edited, text_edits
from upsun_lint.lsp.features.refactorings import refactorings
from upsun_rules.catalog import all_rules
from upsun_rules.engine import lint
from upsun_rules.finding import Finding, Fix, Severity
from upsun_rules.options import Options
from upsun_schema.configuration.project import Project, decode
from upsun_schema.yaml.text import Span

OPTIONS = Options()
MUTANTS = int(os.environ.get("UPSUN_LINT_MUTANTS", "0"))
TRIED = settings(
    deadline=None,
    max_examples=MUTANTS or 150,
    derandomize=not MUTANTS,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)

EXAMPLES = {
    f"{slug} {index}": example.files[CONFIG]
    for slug, rule in all_rules().items()
    for index, example in enumerate(rule.examples)
    if example.wrong and [*example.files] == [CONFIG]
}
# No rule's example has these: what is around the thing that moves.
EXAMPLES |= {
    "a cron between others": """\
applications:
  app:
    type: 'php:8.4'
    # jobs
    crons:
      first:
        spec: '0 4 * * *'
        commands:
          start: php first.php
      queue:
        # every five minutes, see ticket 12
        spec: '*/5 * * * *'   # not at night
        commands:
          # the consumer
          start: php artisan queue:work  # never ends
        timeout: 3600   # an hour
        # the end
      last:
        spec: '0 5 * * *'
        cmd: php last.php
""",
    "a worker alone": """\
applications:
  app:
    type: 'php:8.4'
    # in the background
    workers:
      # each night
      dump:
        commands:
          start: |  # the whole of it
            mysqldump --host=database.internal main --result-file=/tmp/main.sql
""",
    "a loop": """\
applications:
  app:
    type: 'php:8.4'
    workers:
      report:
        commands:
          start: |  # in a loop
            while true; do
              php report.php
              php send.php
              sleep 600
            done
""",
    "mounts": """\
applications:
  app:
    type: 'php:8.4'
    mounts:
      '.db': {source: storage}
      '/.db': {source: storage}
""",
    "two misspelt keys": """\
applications:
  app:
    type: 'php:8.4'
    mount: {}
    mouts: {}
  api:
    type: 'nodejs:24'
    relationships:
      app: { service: app, endpiont: http }
""",
    "workers at the top": """\
applications:
  app:
    type: 'php:8.4'
services:
  db:
    type: 'redis:8.0'
# what runs beside it
workers: # all of them
  # one
  queue:
    commands:
      start: php artisan queue:work --max-time=3600
    # the end of one
  # two
  mail:
    commands:
      start: php bin/console messenger:consume --time-limit=3600
""",
    "a worker with the blocks of others": """\
applications:
  app:
    type: 'php:8.4'
    relationships:
      # the database
      db: 'db:mysql'
    workers:
      queue:
        # what it runs
        start: php artisan queue:work --max-time=3600  # for an hour
        # what it needs
        redis:  # the cache
        variables:
          # how much it says
          LOG_LEVEL: info  # not much
          env:
            # what it is
            NAME: queue
        # nightly jobs
        crons:  # none of them runs
          # the first
          clean:
            spec: '0 3 * * *'
            cmd: php clean.php  # all of it
            # the end of it
services:
  db:
    type: 'mariadb:11.8'
  redis:
    type: 'redis:8.0'
""",
}


def found_in(text: str) -> tuple[Project, list[Finding]]:
    known = project(text)
    return known, lint(known, OPTIONS)


def after(known: Project, fix: Fix) -> str:
    """The file after a fix, whose edits must be places in it that do not overlap."""
    edits = text_edits(known, fix).get(CONFIG, [])
    text = known.documents[CONFIG].text
    assert all(0 <= one.start <= one.end <= len(text) for one in edits)
    assert all(one.end <= other.start for one, other in pairwise(edits)), fix.title
    return edited(text, edits)


def errors(found: list[Finding], *rules: str) -> int:
    return sum(one.severity is Severity.ERROR and (not rules or one.rule in rules) for one in found)


def comments(known: Project) -> Counter[str]:
    return Counter(comment.text for comment in known.documents[CONFIG].comments)


def is_gone(finding: Finding, before: list[Finding], found: list[Finding]) -> bool:
    """Whether there are fewer findings like one, which names what it is about."""

    def alike(some: list[Finding]) -> int:
        return sum((one.rule, one.message) == (finding.rule, finding.message) for one in some)

    return alike(found) < alike(before)


def check_fix(text: str, known: Project, before: list[Finding], finding: Finding | None, fix: Fix) -> str:
    """Check one fix alone; return the file after it."""
    fixed = after(known, fix)
    where = f"{finding.rule if finding else 'refactoring'}: {fix.title}\n{text}\n-----\n{fixed}"
    again, found = found_in(fixed)
    assert errors(found, "syntax-error", "duplicate-key") <= errors(before, "syntax-error", "duplicate-key"), where
    if finding is not None and fix.safe:
        assert is_gone(finding, before, found), where
    if "\r\n" in text and not re.search(r"(?<!\r)\n", text):
        assert not re.search(r"(?<!\r)\n", fixed), where
    if not fix.title.startswith("Remove"):
        assert not comments(known) - comments(again), where
    state = Project(known.root, {CONFIG: fixed}, known)
    assert said(state) == said(again), where
    return fixed


def said(known: Project) -> list[tuple[str, str, Span]]:
    return [(one.rule, one.message, known.place(one.region).span) for one in lint(known, OPTIONS)]


def check_all(text: str, known: Project, before: list[Finding]) -> str:
    """Check all safe fixes together, as `--fix` makes them; return the file after them."""

    def run() -> tuple[str, list[Finding]]:
        start = project(text)
        mended = apply_fixes(start, lambda one: lint(one, OPTIONS), lambda one, finding: True, lambda path: True)
        return mended.project.documents[CONFIG].text, mended.findings

    fixed, found = run()
    again, fresh = found_in(fixed)
    where = f"{text}\n-----\n{fixed}"
    assert [(one.rule, one.message) for one in found] == [(one.rule, one.message) for one in fresh], where
    assert errors(found) <= errors(before), where
    assert errors(found, "syntax-error", "duplicate-key") <= errors(before, "syntax-error", "duplicate-key"), where
    next_time = apply_fixes(again, lambda one: lint(one, OPTIONS), lambda one, finding: True, lambda path: True)
    assert not next_time.changes, where
    return fixed


def offered(known: Project, before: list[Finding]) -> list[tuple[Finding | None, Fix]]:
    """Every fix and every refactoring that a file is offered."""
    document = known.documents[CONFIG]
    whole = Span(0, len(document.text))
    fixes = [(finding, fix) for finding in before for fix in finding.fixes]
    return [*fixes, *((None, fix) for fix in refactorings(known, document, whole))]


# -- valid files -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_fixes_of_an_example_do_no_harm_in_any_style(name: str, variant: str) -> None:
    text = VARIANTS[variant](EXAMPLES[name])
    known, before = found_in(text)
    for finding, fix in offered(known, before):
        fixed = check_fix(text, known, before, finding, fix)
        if "4 spaces" in variant:
            odd = [line for line in fixed.splitlines() if (len(line) - len(line.lstrip())) % 4]
            assert not odd, f"{fix.title}\n{fixed}"
        if variant == "double quotes" and '"' in text and "'" not in text:
            assert "'" not in fixed, f"{fix.title}\n{fixed}"
    check_all(text, known, before)


@cache
def real() -> dict[str, str]:
    """The real configurations that are one file."""
    files = sorted((SHARED / "corpus").glob("**/.upsun/*.yaml"))
    texts = {file.relative_to(SHARED).as_posix(): decode(file.read_bytes()) for file in files}
    return {name: text for name, text in texts.items() if text.strip() and len(text) < 6000}


needs_corpus = pytest.mark.skipif(not (SHARED / "corpus").is_dir(), reason="the shared corpus is not here")


@needs_corpus
def test_the_fixes_of_real_files_do_no_harm() -> None:
    tried = 0
    for text in real().values():
        known, before = found_in(text)
        for finding, fix in offered(known, before):
            tried += 1
            check_fix(text, known, before, finding, fix)
        check_all(text, known, before)
    assert tried > 300


# -- files with slips ------------------------------------------------------------------------------------------------


def texts() -> st.SearchStrategy[str]:
    known = [*EXAMPLES.values(), *(real().values() if (SHARED / "corpus").is_dir() else ())]
    variants = st.sampled_from([VARIANTS["as it is"], VARIANTS["as it is"], VARIANTS["4 spaces"], VARIANTS["CRLF"]])
    return st.builds(lambda text, variant: variant(text), st.sampled_from(known), variants)


@TRIED
@given(st.data())
def test_the_fixes_of_a_file_with_a_slip_do_no_harm(data: st.DataObject) -> None:
    text = data.draw(texts())
    slip = data.draw(slips(text))
    wrong = slip.made_in(text)
    known, before = found_in(wrong)
    for finding, fix in offered(known, before):
        fixed = check_fix(wrong, known, before, finding, fix)
        assert markers(fixed) == markers(wrong), f"{fix.title}\n{wrong}"
        check_undone(text, slip, known, fix)
    fixed = check_all(wrong, known, before)
    assert markers(fixed) == markers(wrong), wrong


def markers(text: str) -> list[str]:
    return re.findall(r"(?m)^.*(?:<<<<<<<|=======|>>>>>>>).*$", text)


def check_undone(text: str, slip: Slip, known: Project, fix: Fix) -> None:
    """Check that a fix beside a slip fixes the file that is meant: the slip undone, it is YAML as before."""
    end = slip.start + len(slip.text)
    edits = text_edits(known, fix).get(CONFIG, [])
    if (
        is_valid(slip.made_in(text))
        or not is_valid(text)
        or any(one.start <= end and slip.start <= one.end for one in edits)
    ):
        return
    undo = TextEdit(slip.start, end, text[slip.start : slip.end])
    repaired = edited(known.documents[CONFIG].text, [*edits, undo])
    assert is_valid(repaired), f"{fix.title}\n{known.documents[CONFIG].text}\n-----\n{repaired}"


@TRIED
@given(st.data())
def test_the_fixes_of_a_file_with_several_slips_do_no_harm(data: st.DataObject) -> None:
    text = data.draw(texts())
    for _ in range(data.draw(st.integers(2, 4))):
        if text.strip():
            text = data.draw(slips(text)).made_in(text)
    known, before = found_in(text)
    for finding, fix in offered(known, before):
        fixed = check_fix(text, known, before, finding, fix)
        assert markers(fixed) == markers(text), f"{fix.title}\n{text}"
    check_all(text, known, before)
