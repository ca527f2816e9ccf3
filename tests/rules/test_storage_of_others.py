"""Storage of another application, and mounts called `/tmp`."""

from __future__ import annotations

import pytest

from tests.support import findings


def two(site: str, reports: str) -> str:
    return (
        "applications:\n"
        f"  site: {{type: 'php:8.4', source: {{root: site}}, mounts: {site}}}\n"
        f"  reports: {{type: 'php:8.4', source: {{root: reports}}, mounts: {reports}}}\n"
        "routes: {'https://{default}/': {type: upstream, upstream: 'site:http'}}\n"
    )


@pytest.mark.parametrize(
    ("site", "reports", "place"),
    [
        ("{up: {source: storage}}", "{in: {source: storage, service: site, source_path: up}}", None),
        ("{up: {source: storage}}", "{in: {source: storage, service: site, source_path: /up/}}", None),
        ("{up: {source: storage}}", "{up: {source: storage, service: site}}", None),
        ("{up: {source: storage}}", "{in: {source: storage, service: site}}", "in"),
        ("{up: {source: storage}}", "{in: {source: storage, service: site, source_path: ups}}", "ups"),
        ("{up: {source: storage}}", "{in: {source: storage, service: site, source_path: up/new}}", None),
        ("{up/new: {source: storage}}", "{in: {source: storage, service: site, source_path: up}}", None),
        ("{up: {source: instance}}", "{in: {source: storage, service: site}}", None),
        ("{up: {source: storage}}", "{in: {source: storage}}", None),
    ],
)
def test_a_folder_that_the_other_application_does_not_show(site: str, reports: str, place: str | None) -> None:
    found = findings(two(site, reports), "storage-of-another-application")
    assert [one.region.text for one in found] == ([] if place is None else [place])


def test_the_application_itself_is_a_hint() -> None:
    (found,) = findings(
        "applications:\n  app:\n    type: 'php:8.4'\n    mounts:\n      up: {source: storage, service: app}\n",
        "storage-of-another-application",
    )
    assert (found.severity.label, found.region.text) == ("hint", "service")


@pytest.mark.parametrize(
    ("mount", "start", "is_reported"),
    [
        ("'/tmp': {source: storage}", "php run.php /tmp/x", True),
        ("'/tmp': {source: storage}", "php run.php --out=/tmp/x", True),
        ("'/tmp': {source: storage}", "php run.php /app/tmp/x", False),
        ("'/tmp': {source: storage}", "php run.php $HOME/tmp/x", False),
        ("'/tmp': {source: storage}", "php run.php", False),
        ("'/tmp': {source: tmp}", "php run.php /tmp/x", False),
        ("'tmp': {source: storage}", "php run.php /tmp/x", False),
    ],
)
def test_a_mount_called_tmp(mount: str, start: str, is_reported: bool) -> None:
    text = f"applications:\n  app:\n    type: 'php:8.4'\n    mounts: {{{mount}}}\n    web: {{commands: {{start: '{start}'}}}}\n"
    assert len(findings(text, "tmp-mount-misread")) == is_reported
