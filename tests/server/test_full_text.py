from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.server.command import check_golden
from upsun_lint.fixing.fixes import AppliedFix
from upsun_lint.places.location import Location
from upsun_lint.reports import concise, summary
from upsun_lint.reports import full_text as text
from upsun_lint.reports.snippet import Gutter, Mark, snippet
from upsun_lint.run.result import Report, Result
from upsun_lint.writing.terminal import PLAIN, Terminal, width
from upsun_rules.finding import Edit, Finding, Fix, Related, Severity
from upsun_schema.configuration.project import Project
from upsun_schema.yaml.document import Document
from upsun_schema.yaml.nodes import Region
from upsun_schema.yaml.text import Position

CONFIG = ".upsun/config.yaml"
URL = "https://docs.example/page"

SHOP = """\
applications:
  shop:
    type: 'php:8.4'
    relationships:
      db: 'database:mysql'
    workers:
      queue:
        commands:
          start: |
            php worker.php
            echo done
        crons:
          tick:
            spec: '0 * * * *'
      mail:
        commands:
          start: php mail.php



services:
  database:
    type: 'mariadb:11.8'
"""


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


class Example:
    """A report under construction: findings at places named by their text."""

    def __init__(self, files: str | dict[str, str]) -> None:
        self.project = Project(str(Path.cwd()), {CONFIG: files} if isinstance(files, str) else files)
        self.findings: list[Finding] = []

    def at(self, words: str, path: str = CONFIG, nth: int = 0) -> Region:
        document = self.project.documents[path]
        start = -1
        for _ in range(nth + 1):
            start = document.text.index(words, start + 1)
        found = document.at(start)
        assert found is not None
        piece, offset = found
        return Region(piece, offset, offset + len(words))

    def add(
        self,
        region: Region,
        message: str = "this is wrong",
        *,
        label: str = "",
        related: tuple[Related, ...] = (),
        fixes: tuple[Fix, ...] = (),
        severity: Severity = Severity.ERROR,
    ) -> None:
        finding = Finding(region, message, label, related, fixes, severity=severity, rule="some-rule", url=URL)
        self.findings.append(finding)

    @property
    def outcome(self) -> Report:
        return Report([Result(self.project, self.findings)])

    def text(self, terminal: Terminal = PLAIN, *, quiet: bool = False) -> str:
        return text.render(self.outcome, terminal, quiet=quiet)


def test_related_places_are_shown_together_when_they_are_near() -> None:
    report = Example({CONFIG: SHOP, ".upsun/more.yaml": "services:\n  cache:\n    type: 'redis:8.0'\n"})
    report.add(
        report.at("crons"),
        "cron jobs never run on a worker; define them on application `shop`",
        label="never runs here",
        related=(
            Related(report.at("queue"), "on this worker"),
            Related(report.at("database", nth=1), "a place further away"),
            Related(report.at("cache", ".upsun/more.yaml"), "a place in another file"),
        ),
    )
    check_golden("related.txt", report.text())


def test_stretches_of_several_lines() -> None:
    report = Example(SHOP)
    body = "|\n            php worker.php\n            echo done\n"
    report.add(report.at(body), label="all of this", related=(Related(report.at("start"), "belongs to this"),))
    report.add(report.at("crons:\n          tick:\n            spec: '0 * * * *'\n"), label="from the first key on")
    report.add(report.at(SHOP.rstrip("\n")), label="a long one", related=(Related(report.at(body), "one within it"),))
    check_golden("several-lines.txt", report.text())


def test_labels_that_do_not_fit_next_to_their_marks_are_below() -> None:
    report = Example("services:\n  database: {type: 'mariadb:11.8', disk: 2048, configuration: {}}\n")
    report.add(
        report.at("disk"),
        label="this one",
        related=(Related(report.at("database"), "of this service"), Related(report.at("11.8"), "of this version")),
    )
    report.add(
        report.at("configuration"),
        label="a label with so many words that it cannot stand beside what it is about, and not on one line either",
    )
    check_golden("labels.txt", report.text())


def test_wide_tab_control_and_invisible_characters() -> None:
    report = Example(
        "services:\n"
        "  漢字: {type: '数据库', disk: 1} # 🙂 e\u0301\u0301\n"
        "  tabs:\t{type:\tx}\n"
        '  escape: "\x1b[31mred\u202egnp" # \x07\n'
        "  bytes: '\udcff'\n"
    )
    report.add(
        report.at("数据库"), "`数据库` is no image", label="画像", related=(Related(report.at("漢字"), "サービス"),)
    )
    report.add(report.at("🙂"), label="a smile")
    report.add(report.at("type", nth=1), label="after tabs")
    report.add(report.at("gnp"), "a message with \x1b[31mcolor\x1b[0m and \u202edirection", label="\x07")
    report.add(report.at("\udcff"), label="no UTF-8")
    shown = report.text()
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\ud800-\udfff]", shown)
    check_golden("characters.txt", shown)


def test_long_lines_are_cut_around_what_matters() -> None:
    line = "          start: cd app && " + "bin/console messenger:consume async " * 3 + "--limit=1 " + "-v " * 30
    report = Example(f"applications:\n  app:\n    workers:\n      queue:\n        commands:\n{line}\n")
    report.add(report.at("start"), label="at the beginning")
    report.add(report.at("--limit=1"), label="in the middle", related=(Related(report.at("cd app"), "out of sight"),))
    report.add(report.at("-v \n"), "words " * 40, label="at the end")
    fix = Fix("Take it away", (Edit(report.at("--limit=1 "), ""),), safe=True)
    report.add(report.at(line.strip()), label="all of it", fixes=(fix,))
    shown = report.text()
    assert max(map(width, shown.split("\n"))) <= 80
    check_golden("long-lines.txt", shown)
    assert max(map(width, report.text(Terminal(columns=50)).split("\n"))) <= 50


def test_fixes_are_shown_as_diffs() -> None:
    report = Example({CONFIG: SHOP, ".upsun/more.yaml": "services:\n  cache:\n    type: 'redis:8.0'\n"})
    lines = "        crons:\n          tick:\n            spec: '0 * * * *'\n"
    workers = report.at("    workers:\n")
    moved = (
        Edit(report.at(lines), ""),
        Edit(Region(workers.piece, workers.start, workers.start), lines.replace("\n    ", "\n").removeprefix("    ")),
    )
    report.add(report.at("crons"), fixes=(Fix("Move them", moved, safe=True), Fix("Remove them", moved[:1])))
    both = (Edit(report.at("php:8.4"), "php:8.5"), Edit(report.at("redis:8.0", ".upsun/more.yaml"), "redis:8.8"))
    report.add(report.at("php:8.4"), severity=Severity.WARNING, fixes=(Fix("Change both files", both),))
    long = (Edit(report.at("      mail:\n"), "".join(f"      worker{number}: {{}}\n" for number in range(20))),)
    report.add(report.at("mail"), severity=Severity.HINT, fixes=(Fix("Write many lines", long),))
    check_golden("fixes.txt", report.text())


@pytest.mark.parametrize("source", ["", "\n", "a", "a: b", "a: b\r\nc: d\r\n", "a: b\rc: d", "\ufeffa: b"])
def test_every_edge_of_a_file_can_be_shown(source: str) -> None:
    report = Example(source)
    piece = report.project.documents[CONFIG].pieces[-1][1]
    for start in range(len(piece.text) + 1):
        for end in range(start, len(piece.text) + 1):
            region = Region(piece, start, end)
            fix = Fix("Change it", (Edit(region, "x\ny"),))
            report.add(region, label="here", related=(Related(region, "there"),), fixes=(fix,))
    if report.findings:
        assert "^" in report.text()


def test_colors_and_links() -> None:
    report = Example(SHOP)
    fix = Fix("Take it away", (Edit(report.at("'php:8.4'"), "x"),), safe=True)
    related = (Related(report.at("shop"), "of this"),)
    report.add(report.at("'php:8.4'"), label="here", related=related, fixes=(fix,), severity=Severity.WARNING)
    plain = report.text()
    colored = report.text(Terminal(color=True))
    assert colored != plain
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == plain
    check_golden("colors.txt", colored)
    linked = report.text(Terminal(links=True))
    assert linked.startswith(f"warning[\x1b]8;;{URL}\x1b\\some-rule\x1b]8;;\x1b\\]: this is wrong\n")
    assert "= docs:" not in linked


def test_a_terminal_without_unicode_gets_ascii_signs() -> None:
    line = "x" * 200
    report = Example(f"applications:\n  app:\n    workers:\n      queue:\n        commands:\n          start: {line}\n")
    report.add(report.at(line), label="long", related=(Related(report.at("app", nth=1), "of this"),))
    shown = report.text(Terminal(encoding="ascii"))
    assert shown.isascii()
    assert "(app > workers > queue > commands > start)" in shown


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1"])
def test_a_caret_is_below_the_printed_text(encoding: str) -> None:
    line = "          start: echo 日本語 é\u0301 é… 🙂 here"
    report = Example(f"applications:\n  app:\n    workers:\n      queue:\n        commands:\n{line}\n")
    report.add(report.at("here"), label="日本 here", related=(Related(report.at("queue"), "é… of this"),))
    shown = report.text(Terminal(encoding=encoding)).encode(encoding).decode(encoding)
    above, below = next((one, other) for one, other in pairwise(shown.split("\n")) if "start:" in one and "^" in other)
    assert width(above[: above.index("here")]) == below.index("^^^^")
    assert below.endswith("^^^^ 日本 here" if encoding == "utf-8" else "^^^^ ?? here")


def test_the_last_line_counts() -> None:
    report = Example(SHOP)
    assert report.text() == "All good: 1 application and 2 workers in 1 project.\n"
    assert report.text(quiet=True) == ""
    fix = Fix("Take it away", (Edit(report.at("crons"), "x"),), safe=True)
    report.add(report.at("crons"), fixes=(fix,))
    assert report.text().endswith("\n\nFound 1 error in 1 file; 1 fixable with --fix.\n")
    report.add(report.at("queue"))
    report.add(report.at("mail"), severity=Severity.INFO)
    report.add(report.at("mail"), severity=Severity.HINT)
    report.add(report.at("mail"), severity=Severity.WARNING)
    report.add(report.at("mail"), severity=Severity.WARNING)
    last = "Found 2 errors, 2 warnings, 1 info, 1 hint in 1 file; 1 fixable with --fix.\n"
    assert report.text().endswith(f"\n\n{last}")
    assert "Found" not in report.text(quiet=True)
    two = Report([Result(report.project, report.findings), Result(Example("a: 1").project, [])])
    assert " in 1 file of 2 projects; " in summary.summary(two, PLAIN)


def test_what_was_fixed_is_reported() -> None:
    report = Example(SHOP)
    where = Location(CONFIG, Position(11, 8), Position(11, 13))
    outcome = Report([Result(report.project, [])], [AppliedFix(where, "some-rule", "Move them")])
    shown = "Fixed 1 finding in 1 file:\n  .upsun/config.yaml:12:9: some-rule: Move them\n\nAll good: "
    assert text.render(outcome, PLAIN).startswith(shown)
    assert text.render(outcome, PLAIN, quiet=True) == ""
    assert concise.render(outcome, PLAIN).startswith(".upsun/config.yaml:12:9: fixed[some-rule] Move them\n")
    assert concise.render(outcome, PLAIN, quiet=True) == ""


def test_concise_is_one_line_a_finding() -> None:
    report = Example(SHOP)
    report.add(report.at("crons"), "cron jobs\nnever run", severity=Severity.WARNING)
    report.add(report.at("mail"))
    shown = concise.render(report.outcome, PLAIN)
    assert shown == (
        ".upsun/config.yaml:12:9: warning[some-rule] cron jobs\\nnever run\n"
        ".upsun/config.yaml:15:7: error[some-rule] this is wrong\n"
        "Found 1 error, 1 warning in 1 file.\n"
    )
    assert concise.render(report.outcome, PLAIN, quiet=True).count("\n") == 2


def test_statistics_count_by_rule() -> None:
    report = Example(SHOP)
    fix = Fix("Take it away", (Edit(report.at("crons"), "x"),), safe=True)
    for _ in range(11):
        report.add(report.at("crons"), fixes=(fix,))
    other = Finding(report.at("mail"), "x", severity=Severity.INFO, rule="rule-b")
    report.findings.append(other)
    assert summary.statistics(report.outcome, PLAIN) == "11  error    some-rule  11 fixable\n 1  info     rule-b\n"
    assert summary.statistics(Report([]), PLAIN) == ""


LINES = st.lists(st.text("ab: -#'漢🙂\t\x1b\u0301", max_size=70), min_size=1, max_size=12).map("\n".join)


@settings(max_examples=300)
@given(
    LINES,
    st.lists(
        st.tuples(st.integers(0, 300), st.integers(0, 120), st.text("ab 漢", max_size=60)), min_size=1, max_size=4
    ),
    st.integers(40, 120),
    st.sampled_from(["utf-8", "ascii"]),
)
def test_a_snippet_of_anything_fits_and_shows_every_label(
    source: str, places: list[tuple[int, int, str]], columns: int, encoding: str
) -> None:
    document = Document(CONFIG, source)
    marks = [
        Mark(min(start, len(source)), min(start + length, len(source)), label.strip(), index == 0)
        for index, (start, length, label) in enumerate(places)
    ]
    gutter = Gutter(2, Terminal(columns=columns, encoding=encoding))
    lines = list(snippet(document, marks, gutter, ""))
    assert all(width(line) <= columns for line in lines)
    shown = "".join(lines).replace(" ", "").replace("|", "")
    assert any("^" in line for line in lines)
    for _, _, label in places[:1]:
        assert label.replace(" ", "") in shown


def test_many_findings_of_one_rule_are_shortened_and_counted() -> None:
    report = Example({CONFIG: SHOP, ".upsun/more.yaml": "services:\n  cache:\n    type: 'redis:8.0'\n"})
    for _ in range(1_234):
        report.add(report.at("crons"))
    report.add(report.at("cache", ".upsun/more.yaml"))
    shown = report.text()
    assert shown.count("this is wrong") == 201
    note = "... and 1034 more findings of some-rule in .upsun/config.yaml; --format concise lists all of them"
    assert note in " ".join(shown.split())
    assert shown.endswith("Found 1235 errors in 2 files.\n")
    assert "1034 more findings" in report.text(quiet=True)
    assert concise.render(report.outcome, PLAIN).count("this is wrong") == 1_235
