"""Comments suppress findings, and those that suppress nothing are reported."""

from __future__ import annotations

import pytest

from tests.support import CONFIG, apply_fix, findings

WRONG = """\
applications:
  app:
    type: 'php:8.4'
    workers:
      queue:{line}
        commands:
          start: php artisan queue:work --max-time=3600
{above}        crons:{beside}
          a: {{spec: '0 3 * * *', commands: {{start: php a.php}}}}
"""


def text(line: str = "", above: str = "", beside: str = "") -> str:
    return WRONG.format(line=line, above=above, beside=beside)


def rules(written: str) -> list[str]:
    return [finding.rule for finding in findings(written)]


def test_without_a_comment_it_is_reported() -> None:
    assert rules(text()) == ["crons-on-worker"]


@pytest.mark.parametrize(
    "written",
    [
        text(beside="  # upsun-lint: ignore[crons-on-worker]"),
        text(beside="  # upsun-lint: ignore[crons-on-worker] moved next week"),
        text(above="        # upsun-lint: ignore[crons-on-worker] because\n"),
        text(above="        # upsun-lint: ignore[crons-on-worker]\n        # another comment\n\n"),
        "# upsun-lint: ignore-file[crons-on-worker] generated\n" + text(),
    ],
)
def test_a_comment_suppresses_it(written: str) -> None:
    assert rules(written) == []


@pytest.mark.parametrize(
    "written",
    [
        text(line="  # upsun-lint: ignore[crons-on-worker]"),
        text(beside="  # upsun-lint: ignore[hooks-on-worker]"),
        "# upsun-lint: ignore[crons-on-worker]\n" + text(),
    ],
)
def test_a_comment_elsewhere_or_about_another_rule_does_not(written: str) -> None:
    assert sorted(rules(written)) == ["crons-on-worker", "unused-suppression"]


def test_each_rule_named_counts_for_itself() -> None:
    written = text(beside="  # upsun-lint: ignore[crons-on-worker, hooks-on-worker]")
    (finding,) = findings(written)
    assert finding.rule == "unused-suppression"
    assert finding.region.text == "hooks-on-worker"


@pytest.mark.parametrize(
    "comment",
    [
        "ignore[unknown-key, unused-suppression] it comes and goes",
        "ignore[unused-suppression, unknown-key, wrong-type]",
        "ignore-file[unused-suppression]\n# upsun-lint: ignore[unknown-key]",
        "ignore[unknown-key]\n# upsun-lint: ignore-file[unused-suppression]",
        "ignore-file[unused-suppression]\n# upsun-lint: ignore unknown-key",
        "ignore-file[unknown-key]\n# upsun-lint: ignore-file[unused-suppression] both",
        "ignore-file[no-such-rule]\n# upsun-lint: ignore-file[unused-suppression]",
        "ignore[unused-suppression, policy:of-another-tool] policies are not enabled here",
    ],
)
def test_a_comment_may_be_allowed_to_suppress_nothing(comment: str) -> None:
    written = f"# upsun-lint: {comment}\n{text()}"
    assert rules(written) == ["crons-on-worker"]


@pytest.mark.parametrize(
    "comment",
    ["ignore[unused-suppression]", "ignore-file[unused-suppression]", "ignore[no-such-rule, unused-suppression]"],
)
def test_what_allows_nothing_is_reported(comment: str) -> None:
    assert "unused-suppression" in rules(f"# upsun-lint: {comment}\n{text()}")


def test_a_misspelt_rule_is_named() -> None:
    (finding,) = findings(text(beside="  # upsun-lint: ignore[cron-on-worker]"), "unused-suppression")
    assert finding.message == "rule `cron-on-worker` does not exist; did you mean `crons-on-worker`?"


def test_an_unused_comment_can_be_removed() -> None:
    plain = text().replace(
        "crons:\n          a: {spec: '0 3 * * *', commands: {start: php a.php}}", "relationships: {}"
    )
    beside = plain.replace("queue:\n", "queue:  # upsun-lint: ignore[crons-on-worker] no more\n")
    above = plain.replace("      queue:\n", "      # upsun-lint: ignore[crons-on-worker]\n      queue:\n")
    for written in (beside, above, beside.replace("\n", "\r\n")):
        (finding,) = findings(written, "unused-suppression")
        assert apply_fix(written, finding) == (plain if "\r" not in written else plain.replace("\n", "\r\n"))


def test_text_that_looks_like_a_comment_is_text() -> None:
    written = text().replace(
        "php artisan queue:work --max-time=3600", "'php x.php # upsun-lint: ignore-file[crons-on-worker]'"
    )
    assert "crons-on-worker" in rules(written)


def test_a_comment_applies_to_its_file_only() -> None:
    files = {CONFIG: text(), ".upsun/other.yaml": "# upsun-lint: ignore-file[crons-on-worker]\n"}
    assert sorted(finding.rule for finding in findings(files)) == ["crons-on-worker", "unused-suppression"]


SCRIPT = """\
applications:
  app:
    type: 'php:8.4'
    workers:
      queue:
        commands:
          # upsun-lint: ignore[backgrounded-start-command] because
          start: |
            php prepare.php
            php queue.php &
"""


def test_a_comment_above_a_script_applies_to_every_line_of_it() -> None:
    assert rules(SCRIPT) == []
    assert rules(SCRIPT.replace("php queue.php &", "php queue.php")) == ["unused-suppression"]
    above = "        # upsun-lint: ignore[backgrounded-start-command] because\n        commands:\n"
    moved = SCRIPT.replace("        commands:\n", above).replace("          # upsun", "          # somebody")
    assert sorted(rules(moved)) == ["backgrounded-start-command", "unused-suppression"]


def test_a_comment_above_braces_applies_to_every_line_of_them() -> None:
    braces = """\
applications:
  app:
    type: 'php:8.4'
    workers:
      # upsun-lint: ignore[crons-on-worker]
      queue: {commands: {start: php artisan queue:work --max-time=3600},
        crons: {a: {spec: '0 3 * * *', commands: {start: php a.php}}}}
"""
    assert rules(braces) == []


@pytest.mark.parametrize(
    "comment",
    [
        "# upsun-lint: ignore",
        "# upsun-lint: ignore crons-on-worker",
        "# upsun-lint: ignore[]",
        "# upsun-lint: ignore-file[ , ]",
        "# upsun-lint: disable=crons-on-worker",
        "# upsun-lint:disable-next-line crons-on-worker",
        "# upsun-lint ignore[crons-on-worker]",
        "# Upsun-Lint: Ignore[crons-on-worker]",
        "# upsun-lint: ignored[crons-on-worker]",
        "# upsun-lint: ignore[crons-on-worker",
    ],
)
def test_a_comment_in_another_form_is_reported_with_the_right_form(comment: str) -> None:
    found = findings(text(beside=f"  {comment}"))
    assert sorted(finding.rule for finding in found) == ["crons-on-worker", "unused-suppression"]
    (finding,) = (one for one in found if one.rule == "unused-suppression")
    assert finding.region.text == comment
    named = "crons-on-worker" if "crons" in comment else "rule"
    assert f"suppresses nothing; write `# upsun-lint: ignore[{named}]`" in finding.message
    assert finding.fixes == ()


@pytest.mark.parametrize(
    "comment", ["# upsun-lint: see README", "# upsun-lint is run in CI", "# do not ignore upsun-lint"]
)
def test_a_comment_about_this_program_is_just_a_comment(comment: str) -> None:
    assert rules(text(beside=f"  {comment}")) == ["crons-on-worker"]


def test_in_the_middle_of_a_script_it_is_not_a_comment() -> None:
    written = SCRIPT.replace("          # upsun-lint: ignore[backgrounded-start-command] because\n", "")
    written = written.replace("&\n", "& # upsun-lint: ignore[backgrounded-start-command] because\n")
    assert rules(written) == ["backgrounded-start-command", "unused-suppression"]
    (finding,) = findings(written, "unused-suppression")
    assert finding.region.text == "# upsun-lint: ignore[backgrounded-start-command] because"
    assert finding.fixes == ()
