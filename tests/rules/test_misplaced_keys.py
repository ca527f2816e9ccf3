"""Keys in the wrong place: they are reported, and fixes move them unchanged."""

from __future__ import annotations

import pytest

from tests.support import apply_fix, findings, project
from upsun_rules.finding import Severity


def one(text: str, rule: str) -> tuple[str, str]:
    (finding,) = findings(text, rule)
    return finding.region.text, finding.message


def test_crons_move_to_the_application_with_their_comments() -> None:
    text = """\
applications:
  app:
    type: 'php:8.4'   # image
    workers:
      # the queue
      queue:
        crons:        # nightly
          # clean up
          clean:
            spec: "0 3 * * *"
            commands:
              start: |
                php clean.php

                php more.php
        commands:
          start: php artisan queue:work --max-time=3600
"""
    (finding,) = findings(text)
    assert (finding.rule, finding.region.text) == ("crons-on-worker", "crons")
    assert finding.fixes[0].safe
    assert (
        apply_fix(text, finding)
        == """\
applications:
  app:
    type: 'php:8.4'   # image
    crons:
      # nightly
      # clean up
      clean:
        spec: "0 3 * * *"
        commands:
          start: |
            php clean.php

            php more.php
    workers:
      # the queue
      queue:
        commands:
          start: php artisan queue:work --max-time=3600
"""
    )


def test_crons_join_those_the_application_has_unless_a_name_is_taken() -> None:
    text = """\
applications:
  app:
    type: 'php:8.4'
    crons:
      a: {spec: '0 1 * * *', commands: {start: php a.php}}
    workers:
      queue:
        commands: {start: php artisan queue:work --max-time=3600}
        crons:
          b: {spec: '0 2 * * *', commands: {start: php b.php}}
"""
    (finding,) = findings(text, "crons-on-worker")
    fixed = apply_fix(text, finding)
    assert findings(fixed, "crons-on-worker") == []
    assert "a.php}}\n      b: {spec" in fixed
    assert findings(text.replace("          b:", "          a:"), "crons-on-worker")[0].fixes == ()


def test_a_block_shared_by_an_anchor_is_left_to_its_author() -> None:
    text = """\
applications:
  app:
    type: 'php:8.4'
    workers:
      one: &one
        commands: {start: php artisan queue:work --max-time=3600}
        crons:
          b: {spec: '0 2 * * *', commands: {start: php b.php}}
      two: *one
"""
    found = findings(text, "crons-on-worker")
    assert found
    assert all(finding.fixes == () for finding in found)


SEED = """\
applications:
  myapp:
    type: python:3.13
    workers:
      queue:
          commands:
            start: |
              python queue-worker.py
          mysql:
          # which queue
          rabbit: 'rabbit:rabbitmq'
      mail:
        commands:
          start: |
            python mail-worker.py
        relationships:
          other: {service: mysql}
        mysql:
services:
  mysql:
    type: mariadb:11.8
  rabbit:
    type: rabbitmq:4.3"""


def test_bare_relationships_are_nested_together() -> None:
    found = findings(SEED, "relationship-outside-block")
    assert [finding.region.text for finding in found] == ["mysql", "rabbit", "mysql"]
    text = apply_fix(SEED, found[0])
    text = apply_fix(text, findings(text, "relationship-outside-block")[0])
    assert findings(text, "relationship-outside-block") == []
    assert (
        text
        == """\
applications:
  myapp:
    type: python:3.13
    workers:
      queue:
          commands:
            start: |
              python queue-worker.py
          relationships:
            mysql:
            # which queue
            rabbit: 'rabbit:rabbitmq'
      mail:
        commands:
          start: |
            python mail-worker.py
        relationships:
          other: {service: mysql}
          mysql:
services:
  mysql:
    type: mariadb:11.8
  rabbit:
    type: rabbitmq:4.3"""
    )


def test_an_unknown_key_that_names_no_service_is_not_a_relationship() -> None:
    text = SEED.replace("        mysql:\nservices", "        msql:\nservices")
    assert "msql" not in [finding.region.text for finding in findings(text, "relationship-outside-block")]
    assert one(text, "unknown-key")[0] == "msql"


def test_a_service_next_to_relationships_on_an_application() -> None:
    text = (
        "applications:\n  app:\n    type: 'php:8.4'\n    db: 'db:mysql'\nservices:\n  db:\n    type: 'mariadb:11.8'\n"
    )
    (finding,) = findings(text, "relationship-outside-block")
    assert "application `app` cannot connect to it" in finding.message


@pytest.mark.parametrize("key", ["instances", "replicas", "count", "scale"])
def test_a_number_of_instances_leads_to_the_command_that_sets_it(key: str) -> None:
    text = f"applications:\n  app:\n    type: 'php:8.4'\n    workers:\n      q:\n        commands: {{start: php q.php}}\n        {key}: 3\n"
    assert "`upsun resources:set --count app--q:3`" in one(text, "scaling-in-yaml")[1]
    assert findings(text, "unknown-key") == []


def test_sizes_belong_to_upsun_fixed() -> None:
    text = """\
applications:
  app:
    type: 'php:8.4'
    disk: 1024 # MB
    workers:
      q:
        size: S
        commands:
          start: php q.php
services:
  db:
    type: 'mariadb:11.8'
    disk: 256
"""
    found = findings(text, "fixed-only-key")
    assert [(finding.region.text, finding.severity) for finding in found] == [
        ("disk", Severity.ERROR),
        ("size", Severity.WARNING),
        ("disk", Severity.ERROR),
    ]
    assert apply_fix(text, found[0]) == text.replace("    disk: 1024 # MB\n", "")


def test_removing_what_only_the_application_can_set_is_safe_only_if_it_is_the_same() -> None:
    text = "applications:\n  app:\n    type: 'php:8.4'\n    workers:\n      q:\n        type: php:8.4\n        timezone: Europe/Paris\n        commands: {start: php q.php}\n"
    kind, zone = findings(text, "app-only-key-on-worker")
    assert (kind.severity, kind.fixes[0].safe) == (Severity.ERROR, True)
    assert (zone.severity, zone.fixes[0].safe) == (Severity.WARNING, False)


# -- relationships that are there already, or would be lost ----------------------------------------------------------

SERVICES = "services:\n  db: {type: 'mariadb:11.8'}\n  cache: {type: 'redis:8.0'}\n  search: {type: 'opensearch:3'}\n"


def with_worker(above: str, worker: str) -> str:
    """An application with some lines (at column 4) and a worker with some (at column 8)."""
    return (
        f"applications:\n  app:\n    type: 'php:8.4'\n{above}    workers:\n      q:\n{worker}"
        f"        commands: {{start: php artisan queue:work --max-time=3600}}\n{SERVICES}"
    )


INHERITED = [
    "    relationships: {db: , cache: }\n",
    "    relationships:\n      db:\n      cache:\n",
    "    relationships:\n      db: 'db:mysql'\n      # sessions\n      cache: # hot\n",
]


@pytest.mark.parametrize("above", INHERITED)
def test_a_relationship_that_is_inherited_needs_no_line(above: str) -> None:
    text = with_worker(above, "        db:\n")
    (finding,) = findings(text, "relationship-outside-block")
    assert finding.region.text == "db"
    assert "worker `q` already has this relationship from its application" in finding.message
    assert finding.fixes[0].safe
    assert apply_fix(text, finding) == with_worker(above, "")


@pytest.mark.parametrize("above", INHERITED)
def test_what_a_new_block_would_drop_is_copied_into_it(above: str) -> None:
    for stray in (
        "        search:\n",
        "        search:\n        db:\n",
        "        db:\n        search: 'search:opensearch'\n",
    ):
        text = with_worker(above, stray)
        finding = next(one for one in findings(text) if one.region.text == "search")
        assert finding.fixes[0].safe
        fixed = apply_fix(text, finding)
        assert findings(fixed, "relationship-outside-block") == []
        worker = project(fixed).applications["app"].workers["q"]
        assert set(worker.effective.relationships) == {"db", "cache", "search"}
        assert worker.effective.of("relationships").dropped == {}


def test_a_block_that_cannot_be_copied_whole_has_no_safe_fix() -> None:
    text = with_worker("    relationships: &all\n      db: &db\n        service: db\n", "        search:\n")
    (finding,) = findings(text, "relationship-outside-block")
    (fix,) = finding.fixes
    assert (fix.title, fix.safe) == ("Move it below `relationships:`, without `db`", False)


def test_a_stray_relationship_with_another_target_is_another_one() -> None:
    text = with_worker("    relationships:\n      db: 'db:mysql'\n", "        db: 'cache:redis'\n")
    (finding,) = findings(text, "relationship-outside-block")
    assert "cannot connect" in finding.message
    assert "db: 'cache:redis'" in apply_fix(text, finding)


def test_a_different_endpoint_has_no_safe_fix() -> None:
    text = with_worker("    relationships:\n      db: 'db:mysql'\n", "        db: {service: db, endpoint: mysql}\n")
    (finding,) = findings(text, "relationship-outside-block")
    assert "already has this relationship" in finding.message
    assert not finding.fixes[0].safe


def test_a_line_with_a_comment_has_no_safe_fix() -> None:
    text = with_worker(INHERITED[0], "        db: # for reports\n        search:\n")
    idle, lost = findings(text, "relationship-outside-block")
    assert not idle.fixes[0].safe
    assert "# for reports" in apply_fix(text, lost)


def test_a_relationship_that_the_own_block_has_needs_no_second_line() -> None:
    text = with_worker("", "        db:\n        relationships:\n          db:\n")
    (finding,) = findings(text, "relationship-outside-block")
    assert "already has this relationship in its `relationships`" in finding.message
    assert apply_fix(text, finding) == with_worker("", "        relationships:\n          db:\n")


# -- keys of other platforms, and keys in the singular ---------------------------------------------------------------


def test_a_worker_uses_the_disk_of_its_application() -> None:
    assert "`upsun resources:set --disk app:…`" in one(with_worker("", "        disk: 512\n"), "fixed-only-key")[1]


@pytest.mark.parametrize("key", ["memory", "cpu"])
def test_cpu_and_memory_lead_to_the_command_that_sets_them(key: str) -> None:
    text = with_worker("", f"        {key}: 1\n")
    assert "`upsun resources:set --size app--q:…`" in one(text, "scaling-in-yaml")[1]
    assert findings(text, "unknown-key") == []


def test_a_service_may_be_called_memory() -> None:
    text = with_worker("", "        memory:\n").replace("cache:", "memory:")
    assert [finding.rule for finding in findings(text) if finding.rule != "unused-service"] == [
        "relationship-outside-block"
    ]


def test_crons_and_hooks_in_the_singular_are_crons_and_hooks() -> None:
    text = with_worker(
        "",
        "        cron: # nightly\n          # why: GDPR\n          a: {spec: '0 3 * * *', commands: {start: php a.php}}\n"
        "        hook:\n          deploy: php b.php\n",
    )
    (crons,), (hooks,) = findings(text, "crons-on-worker"), findings(text, "hooks-on-worker")
    assert {one.rule for one in findings(text)} == {crons.rule, hooks.rule, "unused-service"}
    fixed = apply_fix(text, crons)
    assert "    crons:\n      # nightly\n      # why: GDPR\n      a: {spec:" in fixed
    assert "crons-on-worker" not in [finding.rule for finding in findings(fixed)]


def test_comments_move_along_into_a_block_that_is_there() -> None:
    text = with_worker(
        "    crons:\n      b: {spec: '0 4 * * *', commands: {start: php b.php}}\n",
        "        crons:\n          # why: GDPR, ticket 4711\n\n          a:\n            spec: '0 3 * * *' # night\n"
        "            commands: {start: php a.php}\n",
    )
    (finding,) = findings(text, "crons-on-worker")
    fixed = apply_fix(text, finding)
    assert "php b.php}}\n      # why: GDPR, ticket 4711\n\n      a:\n        spec: '0 3 * * *' # night\n" in fixed


def test_comments_at_the_end_of_a_block_are_still_in_it() -> None:
    text = with_worker(
        "",
        "        crons:\n          a: {spec: '0 3 * * *', commands: {start: php a.php}}\n          # b: paused\n"
        "        # the worker's\n",
    )
    fixed = apply_fix(text, findings(text, "crons-on-worker")[0])
    assert "php a.php}}\n      # b: paused\n    workers:\n      q:\n        # the worker's\n        commands:" in fixed


def test_an_anchored_block_is_not_moved() -> None:
    block = "        crons: &c\n          a: {spec: '0 3 * * *', commands: {start: php a.php}}\n"
    assert findings(with_worker("", block), "crons-on-worker")[0].fixes == ()


def test_a_block_with_comments_has_no_safe_fix() -> None:
    for remark, safe in (("", True), ("          # for the import\n", False)):
        block = f"        resources:\n{remark}          base_memory: 64\n"
        (finding,) = findings(with_worker("", block), "fixed-only-key")
        assert finding.fixes[0].safe is safe
