"""Keys on the wrong level, and entries without a name: one finding each, with all that follows from it."""

from __future__ import annotations

import pytest

from tests.support import apply_fix, findings
from upsun_rules.finding import Severity

APP = "applications:\n  app:\n    type: 'php:8.4'\n"
SERVICES = "services:\n  db:\n    type: 'mariadb:11.8'\n"


def loud(text: str) -> list[tuple[str, str]]:
    found = [finding for finding in findings(text) if finding.severity >= Severity.WARNING]
    return [(finding.rule, finding.region.text) for finding in found]


# -- missing-name ----------------------------------------------------------------------------------------------------

NAMELESS = {
    "application": "applications:\n  type: 'php:8.4'\n  relationships:\n    db:\n  workers:\n    q:\n"
    "      commands: {start: php q.php}\n" + SERVICES,
    "application with its name": "applications:\n  name: app\n  type: 'php:8.4'\n  mounts:\n    a: {source: tmp}\n",
    "service": APP + "    relationships:\n      db:\nservices:\n  type: 'mariadb:11.8'\n",
    "worker": APP + "    workers:\n      commands:\n        start: php q.php\n",
    "relationship": APP + "    relationships:\n      service: db\n      endpoint: mysql\n" + SERVICES,
    "mount": APP + "    mounts:\n      source: storage\n      source_path: data\n",
    "route": APP + "routes:\n  type: upstream\n  upstream: 'app:http'\n",
    "location": APP + "    web:\n      locations:\n        root: public\n        passthru: true\n",
}


@pytest.mark.parametrize("kind", NAMELESS)
def test_an_entry_without_a_name_is_one_finding(kind: str) -> None:
    places = {"service": "type", "worker": "commands", "relationship": "service", "mount": "source", "route": "type"}
    place = (places | {"location": "root"}).get(kind, "applications")
    assert loud(NAMELESS[kind]) == [("missing-name", place)]


def test_the_name_is_missing_where_it_must_be_written() -> None:
    text = APP + "    crons:\n      # Every night:\n      # reports.\n      spec: '7 3 * * *'\n"
    assert loud(text + "      commands: {start: php report.php}\n") == [("missing-name", "spec")]


def test_the_name_that_is_written_is_used_in_the_message() -> None:
    (finding,) = findings(NAMELESS["application with its name"], "missing-name")
    assert "below `app:`" in finding.message


def test_a_name_may_be_that_of_a_property() -> None:
    text = "applications:\n  web:\n    type: 'php:8.4'\n  build:\n    type: 'nodejs:24'\n    web:\n"
    text += "      commands: {start: node a.js}\n"
    assert findings(text, "missing-name") == findings(text, "wrong-level") == []


# -- wrong-level -----------------------------------------------------------------------------------------------------

TOO_DEEP = {
    "several keys": (
        "applications:\n  app:\n    source:\n      root: docs\n",
        "      type: 'php:8.4'\n      hooks: {}\n",
    ),
    "one key": (APP + "    hooks:\n      build: make\n", "      mounts:\n        a: {source: tmp}\n"),
    "below names": (APP + "    relationships:\n      db:\n", "      hooks:\n        build: make\n"),
    "an entry in an entry": (
        APP + "    mounts:\n      a:\n        source: tmp\n",
        "        b:\n          source: tmp\n",
    ),
}


@pytest.mark.parametrize("kind", TOO_DEEP)
def test_keys_too_deep_are_one_finding_and_are_moved_out(kind: str) -> None:
    above, below = TOO_DEEP[kind]
    text = above + below + SERVICES
    found = [finding for finding in findings(text) if finding.severity >= Severity.WARNING]
    (finding,) = (one for one in found if one.rule != "unused-service")
    assert (finding.rule, finding.region.text) == ("wrong-level", below.split(":")[0].strip())
    fixed = apply_fix(text, finding)
    assert fixed == above + "".join(line[2:] + "\n" for line in below.splitlines()) + SERVICES
    assert [rule for rule, _ in loud(fixed) if rule != "unused-service"] == []


PARTLY_TOO_DEEP = {
    "below paths": (
        APP + "    mounts:\n      a: {source: tmp}\n",
        "      web:\n        commands: {start: php -S localhost}\n",
        "      locations:\n        /: {root: public}\n",
    ),
    "below a closed map": (
        APP + "    source:\n      root: /\n",
        "      hooks:\n        build: make\n",
        "      deploy: make migrate\n      post_deploy: make warm\n",
    ),
    "below names": (
        APP + "    relationships:\n      db:\n",
        "      web:\n        commands: {start: php -S localhost}\n",
        "      upstream: {socket_family: tcp}\n",
    ),
}


@pytest.mark.parametrize("kind", PARTLY_TOO_DEEP)
def test_a_key_too_deep_whose_last_keys_are_right_is_one_finding(kind: str) -> None:
    above, below, right = PARTLY_TOO_DEEP[kind]
    text = above + below + right + SERVICES
    found = [finding for finding in findings(text) if finding.severity >= Severity.WARNING]
    (finding,) = (one for one in found if one.rule != "unused-service")
    assert (finding.rule, finding.region.text) == ("wrong-level", below.split(":")[0].strip())
    assert [one.region.text for one in finding.related] == [
        line.split(":")[0].strip() for line in right.splitlines() if line[6] != " "
    ]
    fixed = apply_fix(text, finding)
    assert fixed == above + "".join(line[2:] + "\n" for line in below.splitlines()) + right + SERVICES
    assert [rule for rule, _ in loud(fixed) if rule != "unused-service"] == []


def test_what_is_right_after_a_key_too_deep_is_not_one_of_it() -> None:
    """A mount may be called `locations`, and a map after the key may have its own mistakes."""
    web = "      web:\n        commands: {start: php -S localhost}\n"
    mounts = APP + "    mounts:\n      a: {source: tmp}\n" + web
    for after in ("      locations: {source: tmp}\n", "      cache: {source: tmp}\n"):
        (finding,) = findings(mounts + after, "wrong-level")
        assert finding.related == finding.fixes == ()
    assert loud(mounts + "      cache: {sourc: tmp}\n")[1:] == [("unknown-key", "sourc")]


TOO_SHALLOW = {
    "all keys of a block": (APP + "    hooks:\n", "    build: make\n    deploy: make migrate\n"),
    "a key of an application": (APP, "  hooks:\n    build: make\n"),
    "a setting of a route": (
        APP + "routes:\n  'https://{default}/':\n    type: upstream\n    upstream: 'app:http'\n",
        "  cache:\n    enabled: false\n",
    ),
}


@pytest.mark.parametrize("kind", TOO_SHALLOW)
def test_keys_too_shallow_are_one_finding_and_are_moved_in(kind: str) -> None:
    above, below = TOO_SHALLOW[kind]
    found = [one for one in loud(above + below) if one[0] != "unused-service"]
    assert found == [("wrong-level", below.split(":")[0].strip())]
    (finding,) = findings(above + below, "wrong-level")
    assert apply_fix(above + below, finding) == above + "".join(f"  {line}\n" for line in below.splitlines())


def test_a_service_at_the_top_is_one_finding() -> None:
    text = APP + "    relationships:\n      db:\n      cache:\n" + SERVICES + "cache:\n  type: 'redis:8.0'\n"
    assert loud(text) == [("wrong-level", "cache")]


def test_a_section_in_itself_is_one_finding() -> None:
    text = APP + "    relationships:\n      db:\nservices:\n  services:\n    db:\n      type: 'mariadb:11.8'\n"
    assert loud(text) == [("wrong-level", "services")]


def test_a_section_in_an_application_is_one_finding() -> None:
    text = APP + "    relationships:\n      db:\n" + "".join(f"    {line}\n" for line in SERVICES.splitlines())
    assert loud(text) == [("wrong-level", "services")]


def test_what_is_wrong_elsewhere_is_still_reported() -> None:
    text = (
        TOO_DEEP["several keys"][0] + TOO_DEEP["several keys"][1] + "    mount: {}\n    relationships:\n      nope:\n"
    )
    assert loud(text) == [
        ("wrong-level", "type"),
        ("unknown-key", "mount"),
        ("undefined-relationship-target", "nope"),
    ]


def test_a_value_of_null_that_is_written_has_no_fix() -> None:
    (finding,) = findings(APP + "    hooks: ~\n    build: make\n", "wrong-level")
    assert finding.fixes == ()


def test_a_typo_is_a_typo_whatever_is_above_it() -> None:
    text = (
        "applications:\n  app:\n    type: 'nodejs:24'\n    variables:\n      env: {A: b}\n"
        "    webb:\n      commands:\n        start: node s.js\n"
    )
    assert [(one.rule, one.region.text) for one in findings(text) if one.severity >= 3] == [("unknown-key", "webb")]


def test_a_variable_may_be_called_like_a_property_beside_other_mistakes() -> None:
    text = """\
applications:
  app:
    type: 'php:8.4'
    variables:
      env:
        timezone: Europe/Paris
        size: S
    workerz: {}
"""
    assert [one.rule for one in findings(text) if one.severity is Severity.ERROR] == ["unknown-key"]
