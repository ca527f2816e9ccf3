"""Storage mounts that a worker and the web container have, but do not share."""

from __future__ import annotations

import pytest

from tests.rules.mount_texts import APP, OWN
from tests.support import apply_fix, findings, said, source
from upsun_rules.finding import Severity


@pytest.mark.parametrize(
    ("mount", "severity"),
    [
        ("'uploads': {source: storage}", "warning"),
        ("'/var/share/': {source: storage}", "warning"),
        ("'sharedFiles': {source: storage}", "warning"),
        ("'data/in': {source: storage}", "warning"),
        ("'data/out': {source: storage}", "info"),
        ("'var': {source: storage}", "info"),
        ("'var/cache': {source: storage}", None),
        ("'localCache': {source: storage}", None),
        ("'storage/logs': {source: storage}", None),
        ("'/.config': {source: storage}", None),
        ("'uploads': {source: service, service: files}", None),
        ("'uploads': {source: storage, service: other}", None),
        ("'uploads': {source: @later}", None),
        ("'uploads': 'shared:files/uploads'", None),
    ],
)
def test_inherited_storage_is_reported_at_the_mount(mount: str, severity: str | None) -> None:
    text = APP.format(mount)
    expected = [] if severity is None else [(mount.partition(":")[0], severity)]
    assert said(text, "storage-not-shared-with-worker") == expected
    for finding in findings(text, "storage-not-shared-with-worker"):
        assert "worker `queue` does not see" in finding.message
        assert [source(related.region) for related in finding.related] == ["queue"]


def test_each_mount_is_judged_by_itself() -> None:
    text = APP.format("'uploads': {source: storage}\n      'media': {source: storage}\n      'x': {source: storage}")
    warnings = [("'uploads'", "warning"), ("'media'", "warning")]
    assert said(text, "storage-not-shared-with-worker") == [*warnings, ("'x'", "info")]


@pytest.mark.parametrize(
    ("hook", "command", "severity"),
    [
        ("true", "python watch.py $PLATFORM_APP_DIR/inbox", "warning"),
        ("true", "python watch.py inbox", "warning"),
        ("true", "python watch.py --pidfile inbox/pid", "info"),
        ("true", "celery worker -B -s inbox/beat", "info"),
        ("php install.php --write inbox/env.php", "python watch.py", "warning"),
        ("chmod -R 775 inbox", "python watch.py", "info"),
    ],
)
def test_a_command_can_show_that_a_worker_needs_the_files(hook: str, command: str, severity: str) -> None:
    text = f"""\
applications:
  app:
    type: 'python:3.14'
    hooks: {{deploy: {hook}}}
    mounts: {{inbox: {{source: storage}}}}
    workers: {{w: {{commands: {{start: {command}}}}}}}
"""
    assert said(text, "storage-not-shared-with-worker") == [("inbox", severity)]


@pytest.mark.parametrize("count", [2, 15])
def test_many_workers_are_one_finding(count: int) -> None:
    more = "".join(f"      w{number}:\n        commands: {{start: work}}\n" for number in range(1, count))
    text = APP.format("'uploads': {source: storage}").replace("services:", f"{more}services:")
    (finding,) = findings(text, "storage-not-shared-with-worker")
    assert source(finding.region) == "'uploads'"
    assert finding.message.startswith(f"{count} workers do not see the web container's files in `uploads`")
    named = ["queue", *(f"w{number}" for number in range(1, count))][:3]
    assert [source(related.region) for related in finding.related] == named
    (fix,) = finding.fixes
    expected = text.replace("{source: storage}", "{source: service, service: files}")
    assert apply_fix(text, fix) == f"{expected}  files:\n    type: 'network-storage:1.0'\n"


@pytest.mark.parametrize(
    ("command", "reported"),
    [
        ("sleep infinity", False),
        ("tail -f /dev/null", False),
        ("while true; do sleep 3600; done", False),
        ("work; sleep infinity", True),
        ("'sleep 5 && work'", True),
    ],
)
def test_a_worker_that_only_sleeps_needs_no_files(command: str, reported: bool) -> None:
    text = APP.format("'uploads': {source: storage}").replace("{start: work --root data/in}", f"{{start: {command}}}")
    assert bool(findings(text, "storage-not-shared-with-worker")) is reported


def test_separate_mounts_are_reported_for_each_worker() -> None:
    text = OWN.format("'/uploads': {source: storage}")
    text += "      mail:\n        commands: {start: mail}\n        mounts: {'uploads/': {source: storage}}\n"
    assert said(text, "storage-not-shared-with-worker") == [("'/uploads'", "warning"), ("'uploads/'", "warning")]


def test_a_mount_that_is_defined_twice_is_reported_once() -> None:
    text = APP.format("'uploads': {source: storage}\n      '/uploads': {source: storage}")
    assert [(finding.rule, source(finding.region)) for finding in findings(text)] == [
        ("storage-not-shared-with-worker", "'uploads'"),
        ("overlapping-mounts", "'/uploads'"),
        ("unused-service", "redis"),
    ]


def test_a_separate_mount_is_reported_where_it_is_written() -> None:
    text = OWN.format("'/uploads': {source: storage}\n          'scratch': {source: storage}")
    (finding,) = findings(text, "storage-not-shared-with-worker")
    assert source(finding.region) == "'/uploads'"
    assert [source(related.region) for related in finding.related] == ["'uploads'"]
    assert [fix.title.startswith("Use a network storage") for fix in finding.fixes] == [True]


def test_the_same_folder_of_the_source_at_another_path() -> None:
    text = OWN.format("'in': {source: storage, source_path: /uploads}")
    assert said(text, "storage-not-shared-with-worker") == [("'in'", "info")]
    assert said(OWN.format("'uploads': {source: storage, source_path: own}"), "storage-not-shared-with-worker") == []


def test_the_web_container_is_compared_not_the_application() -> None:
    text = APP.format("'uploads': {source: storage}").replace("    web:\n", "    web:\n      mounts: {}\n")
    assert findings(text, "storage-not-shared-with-worker") == []


@pytest.mark.parametrize("mount", ["{source: storage}", "{source: storage, service: app}"])
def test_the_name_of_the_application_as_service_does_not_help(mount: str) -> None:
    for text in (APP.format(f"'uploads': {mount}"), OWN.format(f"'uploads': {mount}")):
        (finding,) = findings(text, "storage-not-shared-with-worker")
        assert [fix.title for fix in finding.fixes] == ["Use a network storage, `files` (copy existing files yourself)"]
        assert ("not documented" in finding.message) is ("service" in mount)
        fixed = apply_fix(text, finding)
        assert {one.rule for one in findings(fixed)} == {one.rule for one in findings(text)} - {finding.rule}


def test_a_new_network_storage_is_made() -> None:
    text = APP.format("'uploads':\n        source: storage # here\n      'media': {source: storage}")
    fixed = text
    for _ in range(2):
        fix = findings(fixed, "storage-not-shared-with-worker")[0].fixes[0]
        assert "copy existing files yourself" in fix.title
        fixed = apply_fix(fixed, fix)
    assert fixed == text.replace(
        "        source: storage # here\n", "        source: service # here\n        service: files\n"
    ).replace("{source: storage}", "{source: service, service: files}") + (
        "  files:\n    type: 'network-storage:1.0'\n"
    )
    assert [one.rule for one in findings(fixed)] == ["unused-service"]


@pytest.mark.parametrize(
    ("services", "expected"),
    [
        ("", "services:\n  files:\n    type: 'network-storage:1.0'\n"),
        ("services:\n", "services:\n  files:\n    type: 'network-storage:1.0'\n"),
        ("services: {}\n", "services:\n  files:\n    type: 'network-storage:1.0'\n"),
        (
            "services:\n    files:\n        type: 'redis:8.0'",
            "services:\n    files:\n        type: 'redis:8.0'\n    shared-files:\n      type: 'network-storage:1.0'",
        ),
        (
            "services:\n  nfs:\n    type: 'network-storage:1.0'\n",
            "services:\n  nfs:\n    type: 'network-storage:1.0'\n",
        ),
    ],
)
def test_where_the_network_storage_comes_from(services: str, expected: str) -> None:
    head = APP.format("'uploads': {source: storage}").partition("services:")[0]
    (finding,) = findings(head + services, "storage-not-shared-with-worker")
    fixed = apply_fix(head + services, finding.fixes[0])
    name = "nfs" if "nfs" in expected else "shared-files" if "shared-files" in expected else "files"
    assert fixed == head.replace("source: storage", f"source: service, service: {name}") + expected
    assert [one.rule for one in findings(fixed) if one.severity is Severity.ERROR] == []


def test_shared_text_is_not_edited_for_one_of_its_users() -> None:
    text = OWN.format("<<: *mounts").replace("    mounts:\n      'up", "    mounts: &mounts\n      'up", 1)
    found = findings(text, "storage-not-shared-with-worker")
    assert [source(finding.region) for finding in found] == ["'uploads'", "'reports'"]
