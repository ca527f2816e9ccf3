"""The `service` of a mount."""

from __future__ import annotations

import pytest

from tests.support import apply_fix, findings, said, source
from upsun_rules.finding import Severity

MOUNTED = """\
applications:
  app:
    type: 'php:8.4'
    mounts:
      'shared': {}
  other:
    type: 'php:8.4'
services:
  redis:
    type: 'redis:8.0'
  nfs:
    type: 'network-storage:1.0'
"""


@pytest.mark.parametrize(
    ("mount", "place", "fixed"),
    [
        ("{source: service}", "service", "{source: service, service: nfs}"),
        ("\n        source: service # x", "service", "\n        source: service # x\n        service: nfs"),
        ("{source: service, service: nsf}", "nsf", "{source: service, service: nfs}"),
        ("{source: service, service: 'redis'}", "'redis'", "{source: service, service: 'nfs'}"),
        ("{source: service, service: other}", "other", "{source: service, service: nfs}"),
        ("{source: storage, service: nfs}", "nfs", "{source: service, service: nfs}"),
        ("{source: storage, service: othr}", "othr", "{source: storage, service: other}"),
        ("{source: storage, service: files}", "files", None),
        ("{source: storage, service: redis}", "redis", None),
    ],
)
def test_a_mount_names_what_can_be_mounted(mount: str, place: str, fixed: str | None) -> None:
    text = MOUNTED.format(mount)
    (finding,) = (finding for finding in findings(text) if finding.severity is Severity.ERROR)
    assert finding.rule == "mount-service"
    assert source(finding.region) == place
    assert not any(fix.safe for fix in finding.fixes)
    if fixed is None:
        assert finding.fixes == ()
        assert "is the name of an application" in finding.message and "`source: service`" in finding.message
    else:
        assert apply_fix(text, finding) == MOUNTED.format(fixed)
        assert findings(apply_fix(text, finding), "mount-service") == []


@pytest.mark.parametrize(
    "mount",
    [
        "{source: service, service: nfs}",
        "{source: storage, service: other}",
        "{source: storage, service: app}",
        "{source: storage}",
        "{source: tmp, service: nobody}",
        "{source: service, service: @later}",
        "{source: service, service: <SERVICE_NAME>}",
        "{source: service, service: *gone}",
    ],
)
def test_a_mount_that_is_right_or_may_be(mount: str) -> None:
    assert findings(MOUNTED.format(mount), "mount-service") == []


def test_the_example_of_the_documentation() -> None:
    text = """\
applications:
  myapp:
    type: "nodejs:24"
    mounts:
      'shared_dir':
        source: storage
        service: files
        source_path: our_stuff
    workers:
      queue:
        commands:
          start: ./start.sh
"""
    assert said(text, "mount-service") == [("files", "error")]
