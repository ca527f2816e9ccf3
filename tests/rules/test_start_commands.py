"""Whether a worker has a start command, and no stop command."""

from __future__ import annotations

import pytest

from tests.rules.worker_texts import one, ours, report, worker
from tests.support import apply_fix, findings
from upsun_rules.finding import Severity


@pytest.mark.parametrize("start", ["'# php x.php'", "|\n    # php x.php\n\n    # more", ">\n    # php x.php"])
def test_a_command_that_is_only_a_comment(start: str) -> None:
    found = one(worker(f"commands:\n  start: {start}"))
    assert found.rule == "missing-start-command"
    assert "only a comment" in found.message
    assert "rejects" not in found.message


@pytest.mark.parametrize(
    "start", ["'php x.php # why'", "|\n    # why\n    php x.php", "'#x; php y.php'", '"\\n# why\\nphp x"']
)
def test_a_command_with_a_comment(start: str) -> None:
    found = ours(worker(f"commands:\n  start: {start}"))
    assert [one.rule for one in found] == (["missing-start-command"] if "#x" in start else [])


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ("relationships: {}", "queue"),
        ("commands:", "queue"),
        ("commands: {}", "queue"),
        ("commands:\n  start:", "start"),
        ("commands:\n  start: ''", "''"),
        ("commands:\n  start: '  '", "'  '"),
        ("commands:\n  pre_start: mkdir /tmp/x", "queue"),
        ("start: php x.php", "start"),
        ("command: php x.php", "command"),
        ("cmd: php x.php", "cmd"),
        ("run: php x.php", "run"),
        ("commands:\n  run: php x.php", "run"),
        ("commands:\n  pre_start: mkdir /tmp/x\nstart: php x.php", "start"),
        ("commands: php x.php", "commands"),
    ],
)
def test_a_worker_without_a_command_is_reported_once(body: str, place: str) -> None:
    found = findings(worker(body))
    assert [(finding.rule, finding.region.text) for finding in found] == [("missing-start-command", place)]
    assert found[0].severity is Severity.ERROR


def test_a_worker_without_anything_is_reported_once() -> None:
    (finding,) = findings("applications:\n  app:\n    type: 'php:8.4'\n    workers:\n      queue:\n")
    assert (finding.rule, finding.region.text) == ("missing-start-command", "queue")


BESIDE = """\
applications:
  app:
    type: 'php:8.4'
    workers:
      queue:
{}      mail:
        commands: {{start: php mail.php}}
"""


@pytest.mark.parametrize(
    ("lines", "start"),
    [
        (
            ["commands:", "  start: php x.php  # why"],
            "`commands` is next to worker `queue`, not below it; indent it",
        ),
        (
            ["# one", "mounts: {}", "", "commands:", "  start: |", "    a", "", "    b"],
            "`mounts` and `commands` are next to",
        ),
        (["variables:", "  env: {A: b}"], "`variables` is next to"),
        (["commands:"], "`commands` is next to"),
    ],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_keys_next_to_a_worker_are_indented_below_it(lines: list[str], start: str, ending: str) -> None:
    def written(indent: str) -> str:
        block = "".join(f"{indent}{line}\n" if line else "\n" for line in lines)
        return BESIDE.format(block).replace("\n", ending)

    text = written("      ")
    (finding,) = findings(text)
    assert (finding.rule, finding.region.text) == ("missing-start-command", "queue")
    assert finding.message.startswith(start)
    (fix,) = finding.fixes
    assert not fix.safe
    assert apply_fix(text, fix) == written("        ")


def test_only_what_follows_at_once_belongs_to_a_worker() -> None:
    text = BESIDE.format("") + "      commands:\n        start: php x.php\n"
    assert [(one.rule, one.region.text) for one in findings(text)] == [
        ("missing-start-command", "queue"),
        ("missing-start-command", "start"),
    ]


def test_a_worker_may_have_the_name_of_a_property() -> None:
    text = BESIDE.format("      commands:\n        commands: {start: php x.php}\n")
    (finding,) = findings(text)
    assert finding.message.startswith("worker `queue` has no start command")
    written = BESIDE.format("").replace("queue:\n", "queue: ~\n      commands: {start: php x.php}\n")
    (finding,) = findings(written)
    assert finding.message.startswith("`commands` is next to") and finding.fixes == ()


def test_a_worker_has_no_stop_command() -> None:
    text = worker("commands:\n  start: php x.php\n  stop: php y.php  # gone")
    (finding,) = findings(text)
    assert (finding.rule, finding.region.text, finding.severity) == ("stop-command-on-worker", "stop", Severity.ERROR)
    assert finding.message.startswith("a worker has no `stop` command; handle SIGTERM")
    (fix,) = finding.fixes
    assert not fix.safe
    assert apply_fix(text, fix) == worker("commands:\n  start: php x.php")


def test_a_stop_command_alone_is_not_a_start_command() -> None:
    found = ours(worker("commands:\n  stop: php y.php"))
    assert sorted(one.rule for one in found) == ["missing-start-command", "stop-command-on-worker"]


@pytest.mark.parametrize("command", ["{start: php x.php}", "*nowhere", "[stop]", "{start: a, stop: }"])
def test_a_stop_command_is_looked_for_where_it_can_be(command: str) -> None:
    found = findings(worker(f"commands: {command}"), "stop-command-on-worker")
    assert len(found) == ("stop: " in command)


@pytest.mark.parametrize(
    "body",
    [
        "commands:\n  start: php x.php",
        "commands:\n  start: !include {type: string, path: start.sh}",
        "commands: !include commands.yaml",
        "!include worker.yaml",
        "commands:\n  start: *nowhere",
        "commands: *nowhere",
        "commands:\n  start: [php, x.php]",
        "commands: [php, x.php]",
        "comands:\n  start: php x.php",
        "command:\n  start: php x.php",
        "commands:\n  strat: php x.php",
        "commands:\n  start: 'open",
    ],
)
def test_a_worker_with_a_command_or_another_mistake_does_not_lack_one(body: str) -> None:
    assert findings(worker(body), "missing-start-command") == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "start: php x.php  # why\nrelationships: {}",
            "commands:\n  start: php x.php  # why\nrelationships: {}",
        ),
        (
            "relationships: {}\ncommand: 'php x.php'",
            "relationships: {}\ncommands:\n  start: 'php x.php'",
        ),
        (
            "commands:  # here\nstart: |\n  php x.php\n\n    --all\n# end\nmounts: {}",
            "commands:  # here\n  start: |\n    php x.php\n\n      --all\n# end\nmounts: {}",
        ),
        ("cmd: php x.php\ncommands:", "commands:\n  start: php x.php"),
        ("commands: {}\nrun: php x.php", "commands:\n  start: php x.php"),
        (
            "commands:\n  pre_start: mkdir /tmp/x\nstart: php x.php",
            "commands:\n  pre_start: mkdir /tmp/x\n  start: php x.php",
        ),
        (
            "start: !include {type: string, path: x.sh}",
            "commands:\n  start: !include {type: string, path: x.sh}",
        ),
    ],
)
def test_a_misplaced_command_moves_below_commands(before: str, after: str) -> None:
    finding = next(found for found in ours(worker(before)) if found.rule == "missing-start-command")
    assert finding.fixes[0].safe
    assert apply_fix(worker(before), finding) == worker(after)
    crlf = worker(before).replace("\n", "\r\n")
    finding = next(found for found in ours(crlf) if found.rule == "missing-start-command")
    assert apply_fix(crlf, finding) == worker(after).replace("\n", "\r\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("commands:\n  run: php x.php", "commands:\n  start: php x.php"),
        ("commands: php x.php  # why", "commands:\n  start: php x.php  # why"),
    ],
)
def test_a_command_below_commands_is_offered_its_name(before: str, after: str) -> None:
    finding = one(worker(before))
    assert not finding.fixes[0].safe
    assert apply_fix(worker(before), finding) == worker(after)


def test_a_command_in_braces_is_found_but_left_alone() -> None:
    text = "applications:\n  app:\n    type: 'php:8.4'\n    workers:\n      queue: {start: php x.php}\n"
    finding = one(text)
    assert (finding.region.text, finding.fixes) == ("start", ())


def test_a_body_that_two_workers_share_is_reported_once() -> None:
    text = """\
applications:
  app:
    type: 'php:8.4'
    workers:
      one: &worker
        start: php x.php
      two: *worker
"""
    assert report(text) == [("missing-start-command", "start", Severity.ERROR)]


def test_a_text_that_is_not_indented_is_one_finding() -> None:
    body = "commands:\n  start: |\n  set -e\n  php artisan queue:work --max-time=3600\nmounts: {}"
    (finding,) = findings(worker(body))
    assert (finding.rule, finding.region.text) == ("syntax-error", "set -e")
    assert "indent it below `start: |`" in finding.message
