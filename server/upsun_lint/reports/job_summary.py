"""The summary page of a GitHub job: the Markdown report, added to the file that GitHub names for it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import quote

from upsun_lint.failure import Failure
from upsun_lint.places.paths import checkout_path
from upsun_lint.reports.markdown import page
from upsun_lint.run.result import Report
from upsun_lint.writing.output import add_to_file

__all__ = ["append"]

_VARIABLE = "GITHUB_STEP_SUMMARY"

_MOST = 1_000_000
"""How many bytes a step may write there: a little less than 1 MiB, beyond which GitHub shows nothing."""

_MOST_FINDINGS = 1000


def append(report: Report, environment: Mapping[str, str] = os.environ) -> None:
    """Add the report to the summary of the job, if there is one. Failure if it cannot be written."""
    path = environment.get(_VARIABLE)
    if not path:
        return
    data = _fitting(report, environment)
    try:
        add_to_file(path, data)
    except OSError as fault:
        raise Failure(f"{path}: this file cannot be written: {(fault.strerror or str(fault)).lower()}") from None


def _fitting(report: Report, environment: Mapping[str, str]) -> bytes:
    most = _MOST_FINDINGS
    while True:
        text = page(report, lambda path, line: _address(path, line, environment), most=most)
        data = text.encode("utf-8", "replace")
        if len(data) <= _MOST or most == 0:
            return data[:_MOST]
        most //= 2


def _address(path: str, line: int, environment: Mapping[str, str]) -> str:
    """The address of a line of a file on GitHub; empty if there is none."""
    parts = [environment.get(f"GITHUB_{name}", "") for name in ("SERVER_URL", "REPOSITORY", "SHA")]
    below = checkout_path(path, environment)
    if not all(parts) or below.startswith("../") or os.path.isabs(below):
        return ""
    server, repository, commit = parts
    return f"{server}/{repository}/blob/{commit}/{quote(below)}#L{line}"
