"""Images: how a type is written, what there is, and how long there will be."""

from __future__ import annotations

import json

import pytest

from tests.support import apply_fix, findings, source
from upsun_rules.finding import Severity
from upsun_rules.options import Options
from upsun_schema.images.table import Images

RULES = {"image-type-form", "unknown-image", "image-version", "composable-image"}


def application(kind: str) -> str:
    return f"applications:\n  app:\n    type: {kind}\n"


def service(kind: str) -> str:
    return f"applications:\n  app:\n    type: 'php:8.4'\nservices:\n  db:\n    type: {kind}\n"


def composable(stack: str, channel: str = "26.05") -> str:
    return f"applications:\n  app:\n    type: 'composable:{channel}'\n    stack:{stack}\n"


def said(text: str) -> list[tuple[str, str, str]]:
    return [(one.rule, source(one.region), one.severity.label) for one in findings(text) if one.rule in RULES]


# -- the form of a type ----------------------------------------------------------------------------------------------


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
    assert said(text) == [("image-type-form", place, "error")]
    (finding,) = findings(text, "image-type-form")
    assert finding.fixes[0].safe is safe
    assert apply_fix(text, finding) == application(fixed)


@pytest.mark.parametrize("kind", ["':8.4'", "'php:8.4:1'", "nobody", "'php@'", "8", "'php:8.4 npm ci'"])
def test_a_type_that_nobody_can_guess(kind: str) -> None:
    assert said(application(kind)) == [("image-type-form", kind, "error")]
    (finding,) = findings(application(kind))
    assert finding.fixes == ()


def test_a_service_is_written_the_same_way() -> None:
    text = service("PostgreSQL:14")
    assert said(text) == [("image-type-form", "PostgreSQL:14", "error")]
    assert apply_fix(text, findings(text)[0]) == service("postgresql:14")


@pytest.mark.parametrize("kind", ["'php:<VERSION>'", "'{{ type }}'", "'<RUNTIME>'", "@later", "'php:${VERSION}'"])
def test_what_is_still_to_be_filled_in_is_left_alone(kind: str) -> None:
    assert said(application(kind)) == []


def test_an_anchor_is_not_edited_for_one_of_its_users() -> None:
    text = ".type: &type nodejs@24\napplications:\n  app:\n    type: *type\n"
    (finding,) = (one for one in findings(text) if one.rule == "image-type-form")
    assert finding.fixes == ()


# -- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "place", "fixed"),
    [
        ("'node:24'", "node", "'nodejs:24'"),
        ("pyton:3.14", "pyton", "python:3.14"),
        ("'nobody-at-all:1'", "nobody-at-all", None),
    ],
)
def test_a_runtime_that_is_not_there(kind: str, place: str, fixed: str | None) -> None:
    text = application(kind)
    assert said(text) == [("unknown-image", place, "error")]
    (finding,) = findings(text)
    assert not any(fix.safe for fix in finding.fixes)
    if fixed is None:
        assert finding.fixes == () and "2026-" in finding.message
    else:
        assert apply_fix(text, finding) == application(fixed)


def test_kinds_are_not_mixed_up() -> None:
    assert said(application("'redis:8.0'")) == [("unknown-image", "redis", "error")]
    assert "under `services`" in findings(application("'redis:8.0'"))[0].message
    assert said(service("'php:8.4'")) == [("unknown-image", "php", "error")]
    assert "under `applications`" in findings(service("'php:8.4'"))[0].message
    assert said(service("'composable:26.05'")) == [("unknown-image", "composable", "error")]


@pytest.mark.parametrize(
    "kind",
    ["mysql:11.8", "redis-persistent:8.0", "valkey-persistent:9.0", "mariadb-replica:11.8", "elasticsearch:8.19"],
)
def test_names_that_only_the_documentation_has(kind: str) -> None:
    assert said(service(kind)) == []


# -- versions --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "place", "severity"),
    [
        ("'php:8.4'", None, None),
        ("'php:8.3'", "8.3", "info"),
        ("'php:8.1'", "8.1", "warning"),
        ("'nodejs:0.12'", "0.12", "error"),
        ("'python:3'", "3", "error"),
        ("'php:8.x'", "8.x", "error"),
        ("'php:8.4.1'", "8.4.1", "warning"),
        ("'php:9.0'", "9.0", "warning"),
        ("'python:3.100'", "3.100", "error"),
        ("'python:3.16'", "3.16", "warning"),
        ("'python:3.1'", "3.1", "error"),
        ("'python:313'", "313", "error"),
        ("'nodejs:99'", "99", "error"),
        ("'nodejs:14'", "14", "warning"),
        ("'nodejs:24.1'", "24.1", "warning"),
    ],
)
def test_how_long_a_version_lasts(kind: str, place: str | None, severity: str | None) -> None:
    expected = [] if place is None else [("image-version", place, severity)]
    assert said(application(kind)) == expected


@pytest.mark.parametrize(
    ("kind", "severity", "words", "fixed"),
    [
        ("mongodb:7.0", "error", "`mongodb` ends at 4.0", "mongodb-enterprise:7.0"),
        ("mongodb:5.0", "error", "`mongodb-enterprise`", "mongodb-enterprise:5.0"),
        ("mongodb:9.0", "error", "`mongodb-enterprise`", None),
        ("mongodb:4.0.3", "warning", "write `mongodb:4.0`", "mongodb:4.0"),
        ("mariadb:118", "error", "did you mean `11.8`?", "mariadb:11.8"),
        ("postgresql:19", "warning", "`upsun-lint images update`", None),
        ("mysql:8.0", "error", "`oracle-mysql`", None),
        ("rabbitmq:4.2", "warning", "retired", None),
    ],
)
def test_what_was_meant_by_a_version(kind: str, severity: str, words: str, fixed: str | None) -> None:
    (finding,) = findings(service(kind), "image-version")
    assert (finding.rule, finding.severity.label) == ("image-version", severity)
    assert words in finding.message
    assert [apply_fix(service(kind), fix) for fix in finding.fixes] == ([] if fixed is None else [service(fixed)])
    assert not any(fix.safe for fix in finding.fixes)


@pytest.mark.parametrize(
    ("kind", "page"),
    [("mariadb:10.6", "mysql"), ("redis-persistent:7.0", "redis"), ("kafka:2.7", "kafka"), ("mongodb:7.0", "mongodb")],
)
def test_a_version_of_a_service_links_the_page_of_that_service(kind: str, page: str) -> None:
    (finding,) = findings(service(kind), "image-version")
    assert finding.url.endswith(f"/add-services/{page}")


def test_a_version_newer_than_the_table_is_not_an_error() -> None:
    (finding,) = findings(application("'php:10.0'"))
    assert "upsun-lint images update" in finding.message
    assert finding.fixes == ()


def test_supported_versions_of_a_runtime_are_offered() -> None:
    text = application('"nodejs:18" # old')
    (finding,) = findings(text)
    assert [fix.safe for fix in finding.fixes] == [False, False]
    assert apply_fix(text, finding.fixes[0]) == application('"nodejs:24" # old')
    assert apply_fix(text, finding.fixes[1]) == application('"nodejs:26" # old')


@pytest.mark.parametrize(
    ("kind", "severity", "words"),
    [
        ("postgresql:12", "warning", "back up the data"),
        ("redis:7.0", "warning", "supported: `8.8`, `8.0` and `7.2`"),
        ("opensearch:2", "info", "one version at a time"),
        ("network-storage:2.0", "info", "move to a new service"),
        ("elasticsearch:7.17", "warning", "`9.3` and `8.19`"),
        ("mongodb:2.0", "error", "does not exist"),
        ("elasticsearch:5.4", "error", "no longer available"),
    ],
)
def test_a_service_has_data_and_is_never_changed(kind: str, severity: str, words: str) -> None:
    (finding,) = (one for one in findings(service(kind)) if one.rule == "image-version")
    assert (finding.severity.label, finding.fixes) == (severity, ())
    assert words in finding.message
    assert ("data" in finding.message) is (kind.startswith(("postgresql", "opensearch", "elasticsearch")))


def test_the_table_in_force_decides() -> None:
    table = json.loads(Images.embedded().to_json())
    table["images"]["php"]["versions"] = {"supported": ["9.0"], "retired": ["8.4"]}
    options = Options(images=Images.from_json(json.dumps(table)))
    assert findings(application("'php:9.0'"), options=options) == []
    (finding,) = findings(application("'php:8.4'"), options=options)
    assert finding.severity is Severity.WARNING


# -- the composable image --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("channel", "severity"),
    [("26.05", None), ("25.11", "warning"), ("25.06", "error"), ("26.11", "warning"), ("99.05", "error")],
)
def test_channels(channel: str, severity: str | None) -> None:
    text = composable(" {runtimes: ['nodejs@24']}", channel)
    assert said(text) == ([] if severity is None else [("composable-image", channel, severity)])
    if channel == "25.11":
        assert apply_fix(text, findings(text)[0]) == text.replace("25.11", "26.05")


@pytest.mark.parametrize(
    ("stack", "expected"),
    [
        (" {runtimes: ['nodejs@24', 'php@8.4': {extensions: [gd]}]}", []),
        (" {runtimes: ['nodejs@24'], packages: [yarn, python313Packages.yq]}", []),
        (" {runtimes: ['nodejs@23']}", [("23", "error")]),
        (" {runtimes: ['nodejs@99']}", [("99", "error")]),
        (" {runtimes: ['nodejs@27']}", [("27", "warning")]),
        (" {runtimes: [python3.13]}", [("python3.13", "warning")]),
        (" 'php@8.4'", [("'php@8.4'", "warning")]),
        (" 'node@24'", [("'node@24'", "warning"), ("node", "error")]),
        (" ['node@24', yarn]", [("node", "error")]),
        (" ['php@8.4': , python3.13]", [("python3.13", "warning")]),
        (" {runtimes: ['nodjs@24']}", [("nodjs", "error")]),
        (" {runtimes: ['php@7.4': {extensions: [gd]}]}", [("7.4", "error")]),
        (" {runtimes: [nodejs:24]}", [("nodejs:24", "error")]),
        (" {runtimes: [nodejs, '<RUNTIME>@1', @later]}", []),
        (" ['nodejs@24', yarn, 'something@1']", []),
        (" ['nodejs@23']", [("23", "error")]),
        (" [@later]", []),
        ("", []),
    ],
)
def test_runtimes(stack: str, expected: list[tuple[str, str]]) -> None:
    assert said(composable(stack)) == [("composable-image", place, severity) for place, severity in expected]


def test_a_channel_whose_runtimes_nobody_knows() -> None:
    assert [place for _, place, _ in said(composable(" {runtimes: ['nodejs@1']}", "25.05"))] == ["25.05"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("\n      runtimes:\n        - nodejs:24 # main", "\n      runtimes:\n        - nodejs@24 # main"),
        ("\n      runtimes:\n        - 'php:8.4':\n            extensions: [gd]", None),
    ],
)
def test_a_colon_becomes_an_at_sign(before: str, after: str | None) -> None:
    text = composable(before)
    (finding,) = findings(text, "composable-image")
    assert finding.fixes[0].safe
    fixed = apply_fix(text, finding)
    assert fixed == composable(after or before.replace("php:8.4", "php@8.4"))
    assert findings(fixed) == []


def test_a_version_of_the_channel_is_offered() -> None:
    text = composable(" {runtimes: ['php@7.4']}")
    (finding,) = findings(text)
    assert not finding.fixes[0].safe
    assert apply_fix(text, finding) == composable(" {runtimes: ['php@8.5']}")


def test_what_a_stack_takes_the_place_of() -> None:
    text = composable(" {runtimes: ['php@8.4']}\n    build: {flavor: composer}\n    dependencies: {}")
    assert said(text) == [("composable-image", "build", "warning")]
    assert said(text.replace("composer", "none")) == [("composable-image", "build", "info")]


@pytest.mark.parametrize("stack", [" ['python@3.13']", "\n      - python@3.13", " {runtimes: ['php@8.4']}"])
def test_a_stack_without_a_type_was_accepted_and_is_no_longer_documented(stack: str) -> None:
    text = (
        f"applications:\n  app:\n    # what it is made of\n    stack:{stack}\n    web: {{commands: {{start: ./run}}}}\n"
    )
    (finding,) = findings(text)
    assert (finding.rule, finding.severity, source(finding.region)) == ("composable-image", Severity.WARNING, "stack")
    assert not finding.fixes[0].safe
    fixed = apply_fix(text, finding)
    assert fixed == text.replace("    # what", "    type: 'composable:26.05'\n    # what")
    assert "composable-image" not in {one.rule for one in findings(fixed)}


@pytest.mark.parametrize("stack", ["", " []", " {}", " @later"])
def test_an_application_with_neither_type_nor_stack(stack: str) -> None:
    text = f"applications:\n  app:\n    stack:{stack}\n"
    assert "composable-image" not in {one.rule for one in findings(text)}
    if "@" not in stack:
        assert "missing-key" in {one.rule for one in findings(text)}


def test_a_stack_that_is_taken_over_is_not_given_a_type() -> None:
    text = ".common: &common\n  stack: ['python@3.13']\napplications:\n  app:\n    <<: *common\n    web: {commands: {start: ./run}}\n"
    (finding,) = findings(text)
    assert (finding.rule, finding.fixes) == ("composable-image", ())


def test_a_stack_beside_a_single_runtime() -> None:
    text = "applications:\n  app:\n    type: 'php:8.4'\n    stack: {runtimes: ['php@8.4']}\n"
    (finding,) = findings(text)
    assert (finding.rule, finding.severity, source(finding.region)) == ("composable-image", Severity.WARNING, "stack")
    assert [source(related.region) for related in finding.related] == ["'php:8.4'"]


@pytest.mark.parametrize("kind", ["composable", "composable@26.05", "'<TYPE>'", "nobody:1", "@later"])
def test_a_stack_of_unknown_type(kind: str) -> None:
    text = f"applications:\n  app:\n    type: {kind}\n    stack: {{runtimes: ['php@8.4']}}\n"
    assert findings(text, "composable-image") == []


def test_a_composable_image_needs_a_stack() -> None:
    (finding,) = findings("applications:\n  app:\n    type: 'composable:26.05'\n")
    assert (finding.rule, finding.severity) == ("composable-image", Severity.WARNING)
    shared = ".common: &common\n  stack: {runtimes: ['php@8.4']}\napplications:\n  app:\n    <<: *common\n"
    assert findings(f"{shared}    type: 'composable:26.05'\n") == []


def test_the_old_forms_of_a_stack_without_a_type_are_looked_into() -> None:
    text = (
        "applications:\n  app:\n    stack: ['python@3.13', 'node@24', 'nodejs@21', yarn]\n    build: {flavor: none}\n"
    )
    assert [(source(one.region), one.severity.label) for one in findings(text)] == [
        ("stack", "warning"),
        ("node", "warning"),
        ("build", "warning"),
    ]
    (finding,) = findings("applications:\n  app:\n    stack: 'php@8.4'\n")
    assert finding.severity is Severity.WARNING


def test_extensions_beside_a_runtime() -> None:
    text = composable(
        "\n      runtimes:\n        - 'php@8.4':\n          extensions: [apcu] # fast\n        - 'nodejs@24'"
    )
    (finding,) = findings(text)
    assert (finding.severity, finding.fixes[0].safe) == (Severity.ERROR, True)
    fixed = apply_fix(text, finding)
    assert fixed == text.replace("          extensions", "            extensions")
    assert findings(fixed) == []
    (finding,) = findings(composable(" [{'php@8.4': , extensions: [apcu]}, 'nodejs@24']"))
    assert (finding.severity, finding.fixes) == (Severity.WARNING, ())


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


def test_mysql_leads_to_oracles() -> None:
    text = "applications:\n  app: {type: 'php:8.4'}\nservices:\n  db: {type: 'mysql:8.0'}\n"
    (finding,) = findings(text, "image-version")
    assert "another name for `mariadb`, which has no version `8.0`" in finding.message
    assert "Oracle's MySQL is `oracle-mysql`, with `8.4`" in finding.message
