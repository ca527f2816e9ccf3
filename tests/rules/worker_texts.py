"""Configurations with workers, and what the rules about their commands report."""

from __future__ import annotations

from tests.support import findings
from upsun_rules.finding import Finding, Severity
from upsun_rules.options import Options

OURS = {
    "missing-start-command",
    "stop-command-on-worker",
    "backgrounded-start-command",
    "one-shot-start-command",
    "worker-serves-web",
    "build-step-in-start-command",
    "slow-shutdown",
    "worker-should-be-cron",
}


def worker(body: str, *, rest: str = "") -> str:
    """A configuration whose worker `queue` has this body."""
    lines = "".join(f"        {line}\n" for line in body.splitlines())
    return f"applications:\n  app:\n    type: 'php:8.4'\n{rest}    workers:\n      queue:\n{lines}"


def starting(command: str, *, rest: str = "") -> str:
    """A configuration whose worker runs a command of one line or more."""
    if "\n" not in command:
        return worker(f'commands:\n  start: "{command}"', rest=rest)
    block = "\n".join(f"    {line}" for line in command.splitlines())
    return worker(f"commands:\n  start: |\n{block}", rest=rest)


def workers(*commands: str, rest: str = "") -> str:
    """A configuration with workers `w0`, `w1` and so on that run these commands."""
    lines = "".join(f"      w{n}:\n        commands:\n          start: {text}\n" for n, text in enumerate(commands))
    return f"applications:\n  app:\n    type: 'python:3.14'\n{rest}    workers:\n{lines}"


def ours(text: str, options: Options | None = None) -> list[Finding]:
    return [finding for finding in findings(text, options=options) if finding.rule in OURS]


def one(text: str) -> Finding:
    (finding,) = ours(text)
    return finding


def report(text: str) -> list[tuple[str, str, Severity]]:
    return [(finding.rule, finding.region.text, finding.severity) for finding in ours(text)]
