"""The form of a type, names of images, and Docker applications."""

from __future__ import annotations

import pytest

from tests.rules.image_texts import application, report, service
from tests.support import apply_fix, findings, source


@pytest.mark.parametrize(
    ("kind", "fixed", "safe"),
    [
        ("nodejs@24", "nodejs:24", True),
        ("'nodejs@24' # current", "'nodejs:24' # current", True),
        ('"composable@26.05"', '"composable:26.05"', True),
        ("PHP:8.4", "php:8.4", False),
        ("'php :8.4'", "'php:8.4'", False),
        ("Nodejs@24", "nodejs:24", False),
        ("php", "php:8.5", False),
        ("'php:'", "'php:8.5'", False),
        ("composable", "composable:26.05", False),
        ("1.25", "golang:1.25", False),
    ],
)
def test_a_type_is_a_name_and_a_version(kind: str, fixed: str, safe: bool) -> None:
    text = application(kind)
    place = kind.partition(" #")[0]
    assert report(text) == [("image-type-form", place, "error")]
    (finding,) = findings(text, "image-type-form")
    assert finding.fixes[0].safe is safe
    assert apply_fix(text, finding) == application(fixed)


@pytest.mark.parametrize("kind", ["':8.4'", "'php:8.4:1'", "nobody", "'php@'", "8", "'php:8.4 npm ci'"])
def test_a_type_without_a_suggestion(kind: str) -> None:
    assert report(application(kind)) == [("image-type-form", kind, "error")]
    (finding,) = findings(application(kind))
    assert finding.fixes == ()


def test_a_service_is_written_the_same_way() -> None:
    text = service("PostgreSQL:14")
    assert report(text) == [("image-type-form", "PostgreSQL:14", "error")]
    assert apply_fix(text, findings(text)[0]) == service("postgresql:14")


@pytest.mark.parametrize("kind", ["'php:<VERSION>'", "'{{ type }}'", "'<RUNTIME>'", "@later", "'php:${VERSION}'"])
def test_placeholders_for_a_type_are_ignored(kind: str) -> None:
    assert report(application(kind)) == []


def test_an_anchor_is_not_edited_for_one_of_its_users() -> None:
    text = ".type: &type nodejs@24\napplications:\n  app:\n    type: *type\n"
    (finding,) = (one for one in findings(text) if one.rule == "image-type-form")
    assert finding.fixes == ()


@pytest.mark.parametrize(
    ("kind", "place", "fixed"),
    [
        ("'node:24'", "node", "'nodejs:24'"),
        ("pyton:3.14", "pyton", "python:3.14"),
        ("'nobody-at-all:1'", "nobody-at-all", None),
    ],
)
def test_an_unknown_runtime(kind: str, place: str, fixed: str | None) -> None:
    text = application(kind)
    assert report(text) == [("unknown-image", place, "error")]
    (finding,) = findings(text)
    assert not any(fix.safe for fix in finding.fixes)
    if fixed is None:
        assert finding.fixes == () and "2026-" in finding.message
    else:
        assert apply_fix(text, finding) == application(fixed)


def test_kinds_are_not_mixed_up() -> None:
    assert report(application("'redis:8.0'")) == [("unknown-image", "redis", "error")]
    assert "under `services`" in findings(application("'redis:8.0'"))[0].message
    assert report(service("'php:8.4'")) == [("unknown-image", "php", "error")]
    assert "under `applications`" in findings(service("'php:8.4'"))[0].message
    assert report(service("'composable:26.05'")) == [("unknown-image", "composable", "error")]


@pytest.mark.parametrize(
    "kind",
    ["mysql:11.8", "redis-persistent:8.0", "valkey-persistent:9.0", "mariadb-replica:11.8", "elasticsearch:8.19"],
)
def test_names_that_only_the_documentation_has(kind: str) -> None:
    assert report(service(kind)) == []


@pytest.mark.parametrize(
    ("kind", "image", "place"),
    [
        ("docker:1", "{name: a/b}", None),
        ("docker:1", "{buildfile: Dockerfile}", None),
        ("docker:1", "{name: a/b, buildfile: Dockerfile}", "image"),
        ("docker:1", "{}", "image"),
        ("php:8.4", "{name: a/b}", "image"),
        ("composable:26.05", "{name: a/b}", "image"),
    ],
)
def test_the_image_of_a_docker_application(kind: str, image: str, place: str | None) -> None:
    stack = "    stack: {runtimes: ['php@8.4']}\n" if kind.startswith("comp") else ""
    found = findings(f"applications:\n  app:\n    type: '{kind}'\n    image: {image}\n{stack}")
    assert [(one.rule, source(one.region), one.severity.label) for one in found] == (
        [] if place is None else [("docker-image", place, "error")]
    )


def test_a_docker_application_without_an_image() -> None:
    (finding,) = findings("applications:\n  app:\n    type: docker:1\n")
    assert (finding.rule, source(finding.region)) == ("docker-image", "docker:1")
