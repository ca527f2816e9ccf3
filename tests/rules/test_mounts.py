"""Mounts: what is shared, what lasts, what may be where."""

from __future__ import annotations

import pytest

from tests.support import apply_fix, findings, source
from upsun_rules.finding import Severity

APP = """\
applications:
  app:
    type: 'php:8.4'
    mounts:
      {}
    web:
      commands: {{start: serve --root data/in}}
    workers:
      queue:
        commands: {{start: work --root data/in}}
services:
  redis:
    type: 'redis:8.0'
"""

OWN = """\
applications:
  app:
    type: 'php:8.4'
    mounts:
      'uploads': {{source: storage}}
      'reports': {{source: storage}}
    workers:
      queue:
        commands: {{start: work}}
        mounts:
          {}
"""


def said(text: str, rule: str) -> list[tuple[str, str]]:
    return [(source(finding.region), finding.severity.label) for finding in findings(text, rule)]


# -- storage and workers ---------------------------------------------------------------------------------------------


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
def test_a_command_can_tell_that_a_worker_needs_the_files(hook: str, command: str, severity: str) -> None:
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


def test_mounts_of_its_own_are_reported_for_each_worker() -> None:
    text = OWN.format("'/uploads': {source: storage}")
    text += "      mail:\n        commands: {start: mail}\n        mounts: {'uploads/': {source: storage}}\n"
    assert said(text, "storage-not-shared-with-worker") == [("'/uploads'", "warning"), ("'uploads/'", "warning")]


def test_a_mount_that_is_given_twice_is_missed_once() -> None:
    text = APP.format("'uploads': {source: storage}\n      '/uploads': {source: storage}")
    assert [(finding.rule, source(finding.region)) for finding in findings(text)] == [
        ("storage-not-shared-with-worker", "'uploads'"),
        ("overlapping-mounts", "'/uploads'"),
        ("unused-service", "redis"),
    ]


def test_a_mount_of_its_own_is_reported_where_it_is() -> None:
    text = OWN.format("'/uploads': {source: storage}\n          'scratch': {source: storage}")
    (finding,) = findings(text, "storage-not-shared-with-worker")
    assert source(finding.region) == "'/uploads'"
    assert [source(related.region) for related in finding.related] == ["'uploads'"]
    assert [fix.title.startswith("Use a network storage") for fix in finding.fixes] == [True]


def test_the_same_folder_of_the_source_at_another_path() -> None:
    text = OWN.format("'in': {source: storage, source_path: /uploads}")
    assert said(text, "storage-not-shared-with-worker") == [("'in'", "info")]
    assert said(OWN.format("'uploads': {source: storage, source_path: own}"), "storage-not-shared-with-worker") == []


def test_the_web_container_counts_not_the_application() -> None:
    text = APP.format("'uploads': {source: storage}").replace("    web:\n", "    web:\n      mounts: {}\n")
    assert findings(text, "storage-not-shared-with-worker") == []


@pytest.mark.parametrize("mount", ["{source: storage}", "{source: storage, service: app}"])
def test_the_name_of_the_application_as_service_is_never_a_remedy(mount: str) -> None:
    for text in (APP.format(f"'uploads': {mount}"), OWN.format(f"'uploads': {mount}")):
        (finding,) = findings(text, "storage-not-shared-with-worker")
        assert [fix.title for fix in finding.fixes] == ["Use a network storage, `files` (copy existing files yourself)"]
        assert ("not documented" in finding.message) is ("service" in mount)
        fixed = apply_fix(text, finding)
        assert findings(fixed, "storage-not-shared-with-worker") == []
        assert [one.rule for one in findings(fixed) if one.severity is Severity.ERROR] == []


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


def test_text_that_two_share_is_not_given_to_one() -> None:
    text = OWN.format("<<: *mounts").replace("    mounts:\n      'up", "    mounts: &mounts\n      'up", 1)
    found = findings(text, "storage-not-shared-with-worker")
    assert [source(finding.region) for finding in found] == ["'uploads'", "'reports'"]


# -- local mounts and workers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("source_name", ["instance", "local"])
def test_shared_data_in_a_local_mount(source_name: str) -> None:
    text = APP.format(f"'uploads': {{source: {source_name}}}\n      'cache/files': {{source: instance}}")
    (finding,) = findings(text, "local-mount-for-shared-data")
    assert source(finding.region) == "'uploads'"
    assert [source(related.region) for related in finding.related] == ["queue"]


def test_a_temporary_mount_is_reported_once() -> None:
    rules = ("local-mount-for-shared-data", "tmp-mount-for-lasting-data", "tmp-mount-per-instance")
    for path, rule in (
        ("uploads", "tmp-mount-for-lasting-data"),
        ("public", "local-mount-for-shared-data"),
        ("work", "tmp-mount-per-instance"),
        ("cache", None),
    ):
        found = findings(APP.format(f"'{path}': {{source: tmp}}"))
        assert [finding.rule for finding in found if finding.rule in rules] == ([rule] if rule else [])


def test_without_workers_a_local_mount_is_nobody_elses() -> None:
    text = "applications:\n  app:\n    type: 'php:8.4'\n    mounts:\n      'public': {source: instance}\n"
    assert findings(text) == []


def test_a_worker_without_the_mount_shares_nothing() -> None:
    text = APP.format("'public': {source: instance}").replace("data/in}\nserv", "data/in}\n        mounts: {}\nserv")
    assert findings(text, "local-mount-for-shared-data") == []


@pytest.mark.parametrize(
    ("path", "count"),
    [
        *(("media/uploads", 1), ("db", 1), ("app.sqlite", 1), ("storage/app/files", 1), ("/sessions/", 1)),
        *(("cache/data", 0), ("tmp", 0), ("var/log/files", 0), ("metadata", 0), ("work", 0)),
    ],
)
@pytest.mark.parametrize("kind", ["tmp", "temporary"])
def test_paths_for_data_that_should_last(path: str, count: int, kind: str) -> None:
    text = APP.format(f"'{path}':\n        source: {kind}")
    assert said(text, "tmp-mount-for-lasting-data") == [(f"'{path}'", "warning")] * count
    assert findings(APP.format(f"'{path}': {{source: storage}}"), "tmp-mount-for-lasting-data") == []


def test_a_hint_about_temporary_folders() -> None:
    assert said(APP.format("'work': {source: tmp}"), "tmp-mount-per-instance") == [("'work'", "hint")]


# -- the service of a mount ------------------------------------------------------------------------------------------


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


# -- places ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mounts", "expected"),
    [
        ({"a": "storage", "/a": "storage"}, [("'/a'", "error")]),
        ({"a": "storage", "a/": "tmp"}, [("'a/'", "error")]),
        ({"a": "storage", "a/b": "tmp"}, [("'a/b'", "warning")]),
        ({"a/b": "instance", "a": "storage"}, [("'a/b'", "warning")]),
        ({"a": "tmp", "a/b": "storage"}, [("'a/b'", "error")]),
        ({"a": "storage", "a/b": "service"}, [("'a/b'", "error")]),
        ({"a": "storage", "/a/b/": "storage"}, [("'/a/b/'", "warning")]),
        ({"a": "tmp", "a/b": "temporary"}, [("'a/b'", "warning")]),
        ({"a": "instance", "a/b": "local"}, [("'a/b'", "warning")]),
        ({"a": "storage", "a/b": "tmp", "a/b/c": "tmp"}, [("'a/b'", "warning"), ("'a/b/c'", "warning")]),
        ({"a/b": "storage", "a/c": "tmp"}, []),
        ({"a": "storage", "ab": "tmp"}, []),
        ({"a": "@later", "a/b": "tmp"}, []),
    ],
)
def test_mounts_inside_mounts(mounts: dict[str, str], expected: list[tuple[str, str]]) -> None:
    text = APP.format("\n      ".join(f"'{path}': {{source: {kind}}}" for path, kind in mounts.items()))
    assert said(text, "overlapping-mounts") == expected


def test_each_instance_has_mounts_of_its_own() -> None:
    text = OWN.format("'x': {source: tmp}\n          'x/y': {source: storage}\n          'uploads/z': {source: tmp}")
    assert said(text, "overlapping-mounts") == [("'x/y'", "error")]


@pytest.mark.parametrize("path", ["..", "../uploads", "a/../../b", "/", "", ".", "./"])
def test_a_mount_is_a_folder_of_the_application(path: str) -> None:
    assert said(APP.format(f"'{path}': {{source: tmp}}"), "mount-path") == [(f"'{path}'", "error")]


@pytest.mark.parametrize("path", ["a", "/a", "a..b", "...", "a.b/c"])
def test_a_mount_that_is_one(path: str) -> None:
    expected = [(f"'{path}'", "error")] if path == "..." else []
    assert said(APP.format(f"'{path}': {{source: tmp}}"), "mount-path") == expected


@pytest.mark.parametrize("key", [".next", "'.next'", '".next"'])
def test_a_slash_before_a_dot(key: str) -> None:
    text = APP.format(f"{key}: {{source: tmp}} # x")
    (finding,) = findings(text, "dotted-mount")
    assert finding.severity is Severity.INFO and finding.fixes[0].safe
    assert apply_fix(text, finding) == text.replace(".next", "/.next")


# -- older forms -----------------------------------------------------------------------------------------------------


def test_local_means_instance() -> None:
    text = APP.format("'cache':\n        source: 'local' # old")
    (finding,) = findings(text, "local-mount-source")
    assert (source(finding.region), finding.severity) == ("'local'", Severity.WARNING)
    assert [fix.safe for fix in finding.fixes] == [True, False]
    assert apply_fix(text, finding) == text.replace("'local'", "'instance'")
    assert apply_fix(text, finding.fixes[1]) == text.replace("'local'", "'storage'")


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("'shared:files/up'", "up"),
        ('"shared:files/a/b"', "a/b"),
        ("shared:files/up", "up"),
        ("'shared:files'", "''"),
        ("'shared:files/a: b'", "'a: b'"),
    ],
)
def test_a_mount_in_one_line(line: str, path: str) -> None:
    text = APP.format(f"'x': {line} # old")
    (finding,) = (finding for finding in findings(text) if finding.severity is not Severity.INFO)
    assert (finding.rule, source(finding.region)) == ("legacy-mount", line)
    assert (finding.severity, [fix.safe for fix in finding.fixes]) == (Severity.WARNING, [False, False])
    fixed = apply_fix(text, finding)
    assert fixed == text.replace(line, f"{{source: storage, source_path: {path}}}")
    assert [one.rule for one in findings(fixed) if one.severity is Severity.ERROR] == []


@pytest.mark.parametrize(
    ("outer", "inner"),
    [
        ("'shared:files/a'", "'shared:files/b'"),
        ("{source: storage}", "'shared:files/b'"),
        ("'shared:files'", "{source: storage}"),
        ("'shared:files'", "{source: tmp}"),
    ],
)
def test_a_mount_in_one_line_is_a_mount(outer: str, inner: str) -> None:
    assert said(APP.format(f"'a': {outer}\n      'a/b': {inner}"), "overlapping-mounts") == [("'a/b'", "warning")]


@pytest.mark.parametrize("value", ["'files'", "storage", "42"])
def test_another_text_is_left_to_the_schema(value: str) -> None:
    found = [finding.rule for finding in findings(APP.format(f"'x': {value}"))]
    assert found == ["wrong-type"]


@pytest.mark.parametrize("source_name", ["storage", "tmp", "instance"])
@pytest.mark.parametrize("path", ["/", ".", "../uploads"])
def test_nothing_more_is_said_of_a_path_that_is_rejected(path: str, source_name: str) -> None:
    found = findings(APP.format(f"'{path}': {{source: {source_name}}}"))
    assert [finding.rule for finding in found if finding.rule != "unused-service"] == ["mount-path"]
