"""Configurations with cron jobs, and what the rules about them report."""

from __future__ import annotations

from tests.support import findings
from upsun_rules.finding import Finding, Severity
from upsun_rules.options import Options

OURS = {
    "nameless-cron",
    "cron-without-command",
    "deprecated-cron-command",
    "invalid-cron-spec",
    "cron-below-minimum-interval",
    "cron-should-be-worker",
    "backgrounded-cron-command",
    "worker-should-be-cron",
}


def crons(body: str) -> str:
    """A configuration whose `crons` have this body."""
    lines = "".join(f"      {line}\n" if line else "\n" for line in body.splitlines())
    return f"applications:\n  app:\n    type: 'php:8.4'\n    crons:\n{lines}"


def cron(body: str) -> str:
    """A configuration whose cron `job` has this body."""
    return crons("job:\n" + "".join(f"  {line}\n" if line else "\n" for line in body.splitlines()))


def spec(written: str) -> str:
    return cron(f"spec: {written}\ncommands:\n  start: php x.php")


def running(command: str, schedule: str = "*/10 * * * *", more: str = "") -> str:
    if "\n" not in command:
        return cron(f"spec: '{schedule}'\ncommands:\n  start: \"{command}\"\n{more}")
    block = "\n".join(f"    {line}" for line in command.splitlines())
    return cron(f"spec: '{schedule}'\ncommands:\n  start: |\n{block}\n{more}")


def worker(command: str, more: str = "") -> str:
    text = f'"{command}"'
    if "\n" in command:
        text = "|\n" + "\n".join(f"            {line}" for line in command.splitlines())
    head = "applications:\n  app:\n    type: 'php:8.4'\n    workers:\n      job:\n        commands:\n          start: "
    return f"{head}{text}\n{more}"


def ours(text: str, options: Options | None = None) -> list[Finding]:
    return [finding for finding in findings(text, options=options) if finding.rule in OURS]


def one(text: str, options: Options | None = None) -> Finding:
    (finding,) = ours(text, options)
    return finding


def report(text: str) -> list[tuple[str, str, Severity]]:
    return [(finding.rule, finding.region.text, finding.severity) for finding in ours(text)]
