"""Mounts whose files belong to one container or are not kept."""

from __future__ import annotations

import pytest

from tests.rules.mount_texts import APP
from tests.support import findings, said, source


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


def test_without_workers_a_local_mount_is_not_reported() -> None:
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
