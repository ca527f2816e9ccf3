"""The page GitHub shows of a job: the Markdown report, added to the file it names for this."""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import quote

from upsun_lint.failure import Failure
from upsun_lint.places.paths import checkout_path
from upsun_lint.reports.markdown import report
from upsun_lint.run.result import Outcome
from upsun_lint.writing.output import add_to_file

__all__ = ["append"]

_VARIABLE = "GITHUB_STEP_SUMMARY"

_MOST = 1_000_000
"""How many bytes a step may write there: a little less than the 1 MiB past which GitHub shows nothing of it."""

_MOST_FINDINGS = 1000


def append(outcome: Outcome, environment: Mapping[str, str] = os.environ) -> None:
    """Add the report to the summary of the job, if there is one. Failure where it cannot be written."""
    path = environment.get(_VARIABLE)
    if not path:
        return
    data = _fitting(outcome, environment)
    try:
        add_to_file(path, data)
    except OSError as fault:
        raise Failure(f"{path}: this file cannot be written: {(fault.strerror or str(fault)).lower()}") from None


def _fitting(outcome: Outcome, environment: Mapping[str, str]) -> bytes:
    most = _MOST_FINDINGS
    while True:
        text = report(outcome, lambda path, line: _address(path, line, environment), most=most)
        data = text.encode("utf-8", "replace")
        if len(data) <= _MOST or most == 0:
            return data[:_MOST]
        most //= 2


def _address(path: str, line: int, environment: Mapping[str, str]) -> str:
    """Return where GitHub shows a line of a file; nothing where it has none."""
    parts = [environment.get(f"GITHUB_{name}", "") for name in ("SERVER_URL", "REPOSITORY", "SHA")]
    below = checkout_path(path, environment)
    if not all(parts) or below.startswith("../") or os.path.isabs(below):
        return ""
    server, repository, commit = parts
    return f"{server}/{repository}/blob/{commit}/{quote(below)}#L{line}"
