"""The paths and sources of mounts."""

from __future__ import annotations

import pytest

from tests.rules.mount_texts import APP, OWN
from tests.support import apply_fix, findings, said, source
from upsun_rules.finding import Severity


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


def test_each_instance_has_its_own_mounts() -> None:
    text = OWN.format("'x': {source: tmp}\n          'x/y': {source: storage}\n          'uploads/z': {source: tmp}")
    assert said(text, "overlapping-mounts") == [("'x/y'", "error")]


@pytest.mark.parametrize("path", ["..", "../uploads", "a/../../b", "/", "", ".", "./"])
def test_a_mount_path_outside_the_application_is_an_error(path: str) -> None:
    assert said(APP.format(f"'{path}': {{source: tmp}}"), "mount-path") == [(f"'{path}'", "error")]


@pytest.mark.parametrize("path", ["a", "/a", "a..b", "...", "a.b/c"])
def test_a_valid_mount_path(path: str) -> None:
    expected = [(f"'{path}'", "error")] if path == "..." else []
    assert said(APP.format(f"'{path}': {{source: tmp}}"), "mount-path") == expected


@pytest.mark.parametrize("key", [".next", "'.next'", '".next"'])
def test_a_slash_before_a_dot(key: str) -> None:
    text = APP.format(f"{key}: {{source: tmp}} # x")
    (finding,) = findings(text, "dotted-mount")
    assert finding.severity is Severity.INFO and finding.fixes[0].safe
    assert apply_fix(text, finding) == text.replace(".next", "/.next")


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
def test_other_text_is_left_to_the_schema(value: str) -> None:
    found = [finding.rule for finding in findings(APP.format(f"'x': {value}"))]
    assert found == ["wrong-type"]


@pytest.mark.parametrize("source_name", ["storage", "tmp", "instance"])
@pytest.mark.parametrize("path", ["/", ".", "../uploads"])
def test_a_rejected_path_has_no_other_findings(path: str, source_name: str) -> None:
    found = findings(APP.format(f"'{path}': {{source: {source_name}}}"))
    assert [finding.rule for finding in found if finding.rule != "unused-service"] == ["mount-path"]
