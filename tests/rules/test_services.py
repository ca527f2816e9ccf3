"""Services: which are used, replicas, and what their configuration says."""

from __future__ import annotations

import pytest

from tests.support import findings

UNUSED = "services:\n  db: {type: 'mariadb:11.8'}\n"


@pytest.mark.parametrize(
    "text",
    [
        "applications:\n  app: {type: 'php:8.4', relationships: {database: 'db:mysql'}}\n" + UNUSED,
        "applications:\n  app: {type: 'php:8.4', relationships: {db: }}\n" + UNUSED,
        "applications:\n  app: {type: 'php:8.4', web: {relationships: {db: }}}\n" + UNUSED,
        "applications:\n  app: {type: 'php:8.4', workers: {w: {commands: {start: x}, relationships: {db: }}}}\n" + UNUSED,
        "applications:\n  app: {type: 'php:8.4'}\ntasks:\n  t: {type: 'php:8.4', run: {command: x}, relationships: {db: }}\n"
        + UNUSED,
        "applications:\n  app: {type: 'php:8.4', relationships: {r: 'r:mysql'}}\n" + UNUSED
        + "  r: {type: 'mariadb-replica:11.8', relationships: {primary: 'db:replicator'}}\n",
        "applications:\n  app: {type: 'php:8.4'}\nroutes:\n  'https://{default}/': {type: upstream, upstream: 'db:http'}\n"
        + UNUSED.replace("mariadb:11.8", "varnish:9.0"),
        "applications:\n  app: {type: 'php:8.4', mounts: {a: {source: service, service: db}}}\n"
        + UNUSED.replace("mariadb:11.8", "network-storage:1.0"),
        # Somebody meant it, or may have.
        "applications:\n  app: {type: 'php:8.4', relationships: {database: 'bd:mysql'}}\n" + UNUSED,
        "applications:\n  app: {type: 'php:8.4', db: }\n" + UNUSED,
        "applications:\n  app: {type: 'php:8.4', relationships: [db]}\n" + UNUSED,
        "applications:\n  app: {type: 'php:8.4', relationships: !include r.yaml}\n" + UNUSED,
        "applications:\n  app: !include app.yaml\n" + UNUSED,
        "applications:\n  app: {<<: *nothing, type: 'php:8.4'}\n" + UNUSED,
        "aplications:\n  app: {type: 'php:8.4'}\n" + UNUSED,
        "applications:\n  app: {type: 'php:8.4'}\nservices:\n  db: {type: 'nodb:11.8'}\n",
        UNUSED,
    ],
)  # fmt: skip
def test_a_service_is_used_or_may_be(text: str) -> None:
    assert findings(text, "unused-service") == []


def test_a_service_is_not_used() -> None:
    (finding,) = findings("applications:\n  app: {type: 'php:8.4', relationships: {}}\n" + UNUSED, "unused-service")
    assert (finding.region.text, finding.severity.label, finding.fixes) == ("db", "info", ())


def replica(rest: str, kind: str = "mariadb-replica:11.8") -> str:
    return f"applications:\n  app: {{type: 'python:3.14', relationships: {{r: 'r:mysql'}}}}\nservices:\n  r:\n    type: '{kind}'\n{rest}"


@pytest.mark.parametrize("kind", ["mariadb-replica:11.8", "postgres-replica:18", "postgresql-replica:18"])
def test_a_replica_has_a_primary(kind: str) -> None:
    (finding,) = findings(replica("", kind), "replica-without-primary")
    assert (finding.region.text, finding.severity.label) == ("r", "error")
    (finding,) = findings(replica("    relationships:\n      main: 'db:replicator'\n", kind), "replica-without-primary")
    assert finding.region.text == "main"
    for rest in (
        "    relationships:\n      primary: 'db:replicator'\n",
        "    relationships: !include x.yaml\n",
        "    relationships:\n      <<: *nothing\n",
    ):
        assert findings(replica(rest, kind), "replica-without-primary") == []
    assert findings(replica("", "mariadb:11.8"), "replica-without-primary") == []


def configured(kind: str, *lines: str) -> str:
    below = "".join(f"      {line}\n" for line in lines)
    return f"applications:\n  app: {{type: 'python:3.14'}}\nservices:\n  s:\n    type: '{kind}'\n    configuration:\n{below}"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (configured("mariadb:11.8", "schema: [main]"), "schema"),
        (configured("mariadb:11.8", "schemas: main"), "schemas"),
        (configured("postgresql:18", "extension: [postgis]"), "extension"),
        (configured("postgresql:18", "extensions: {postgis: }"), "extensions"),
        (configured("rabbitmq:4.3", "vhost: [a]"), "vhost"),
        (configured("redis:8.0", "maxmemory_policy: noevict"), "noevict"),
        (configured("valkey-persistent:9.0", "maxmemory-policy: noeviction"), "maxmemory-policy"),
        (configured("mariadb:11.8", "endpoints: {a: {privileges: {main: read}}}"), "read"),
        (configured("mariadb:11.8", "schemas: [main]", "endpoints: {a: {default_schema: mian}}"), "mian"),
        (configured("mariadb:11.8", "schemas: [main]", "endpoints: {a: {privileges: {other: ro}}}"), "other"),
        (configured("postgresql:18", "databases: [main]", "endpoints: {a: {default_database: x}}"), "x"),
        (configured("solr:9.9", "cores: {a: {}}", "endpoints: {main: {core: b}}"), "b"),
    ],
)
def test_a_configuration_has_a_mistake(text: str, place: str) -> None:
    (finding,) = findings(text, "service-configuration")
    assert (finding.region.text, finding.severity.label) == (place, "warning")


@pytest.mark.parametrize(
    "text",
    [
        configured("mariadb:11.8", "schemas: [main, legacy]", "endpoints:",
                   "  admin: {default_schema: main, privileges: {main: admin, legacy: rw}}",
                   "  replicator: {replication: true}", "properties: {max_allowed_packet: 64}"),
        configured("mariadb:11.8", "endpoints: {a: {default_schema: main, privileges: {main: ro}}}"),
        configured("postgresql:18", "extensions: [postgis]", "databases: [a]", "endpoints: {x: {privileges: {a: admin}}}"),
        configured("rabbitmq:4.3", "vhosts: [a, b]"),
        configured("redis:8.0", "maxmemory_policy: noeviction"),
        configured("solr:9.9", "cores: {a: {}}", "endpoints: {main: {core: a}}"),
        configured("opensearch:3", "plugins: [x]", "schema: x"),
        configured("mariadb:11.8", "something_new: x"),
        configured("mariadb:11.8", "schemas: !include x.yaml", "endpoints: {a: {privileges: {b: ro}}}"),
        configured("mariadb:11.8", "schemas: [<NAME>]", "endpoints: {a: {privileges: {<NAME>: <ROLE>}}}"),
    ],
)  # fmt: skip
def test_a_configuration_is_fine_or_not_known(text: str) -> None:
    assert findings(text, "service-configuration") == []
