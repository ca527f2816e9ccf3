"""The schema file: well formed, fully annotated, and right about what the platform takes and what it rejects."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from tests.support import CORPORA, SHARED, needs_shared

SCHEMA_FILE = Path(__file__).resolve().parents[2] / "schema/upsun_schema/keys/upsun.schema.json"

SCHEMA: dict[str, Any] = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
VALIDATOR = Draft7Validator(SCHEMA)

# Keywords whose value is one schema, a list of schemas, a mapping of schemas. The walk below and our own validator know
# these and no others, so a keyword that is not listed here would silently do nothing.
ONE = {"additionalProperties", "items", "propertyNames"}
LIST = {"oneOf", "anyOf"}
MAPPING = {"properties", "patternProperties", "definitions"}
ASSERTIONS = {
    "type", "required", "enum", "const", "pattern", "minimum", "maximum", "minLength", "minItems", "uniqueItems",
}  # fmt: skip
TEXTS = {"title", "description", "default", "examples", "deprecationMessage"}
ANNOTATIONS = TEXTS | {"x-docs", "x-name", "x-expected", "x-inherited", "x-offered"}
KEYWORDS = {"$schema", "$id", "$ref"} | ONE | LIST | MAPPING | ASSERTIONS | ANNOTATIONS

Schema = dict[str, Any]


def subschemas(schema: Schema, path: str = "#") -> Iterator[tuple[str, Schema]]:
    """The schema and everything inside it, each with its JSON pointer."""
    yield path, schema
    for keyword, value in schema.items():
        if keyword in ONE and isinstance(value, dict):
            yield from subschemas(value, f"{path}/{keyword}")
        elif keyword in LIST:
            for index, one in enumerate(value):
                yield from subschemas(one, f"{path}/{keyword}/{index}")
        elif keyword in MAPPING:
            for name, one in value.items():
                yield from subschemas(one, f"{path}/{keyword}/{name.replace('/', '~1')}")


def target(schema: Schema) -> Schema:
    """The definition a schema refers to, or the schema itself."""
    while "$ref" in schema:
        schema = SCHEMA["definitions"][schema["$ref"].removeprefix("#/definitions/")]
    return schema


EVERYWHERE = dict(subschemas(SCHEMA))
PROPERTIES = {
    f"{path}/{keyword}/{name}": one
    for path, schema in EVERYWHERE.items()
    for keyword in ("properties", "patternProperties")
    for name, one in schema.get(keyword, {}).items()
}


def at(path: str) -> Schema:
    """The definition of a worker's, an application's … property: `worker/mounts`."""
    schema = SCHEMA["definitions"][path.split("/")[0]]
    for name in path.split("/")[1:]:
        schema = target(schema)["properties"][name]
    return schema


# ------------------------------------------------------------------------------------------------------------- form


def test_is_a_draft_07_schema() -> None:
    assert SCHEMA["$schema"] == "http://json-schema.org/draft-07/schema#"
    Draft7Validator.check_schema(SCHEMA)


def test_uses_only_keywords_that_our_validator_knows() -> None:
    assert {path: set(schema) - KEYWORDS for path, schema in EVERYWHERE.items() if not set(schema) <= KEYWORDS} == {}


def test_every_reference_is_local_and_only_annotated() -> None:
    for path, schema in EVERYWHERE.items():
        if "$ref" in schema:
            assert schema["$ref"].startswith("#/definitions/"), path
            # Anything else next to a $ref is ignored by draft-07 validators, so it may only annotate.
            assert set(schema) <= ANNOTATIONS | {"$ref"}, path


def test_definitions_are_the_ones_referred_to() -> None:
    used = {schema["$ref"].removeprefix("#/definitions/") for schema in EVERYWHERE.values() if "$ref" in schema}
    assert used == set(SCHEMA["definitions"])


def test_every_property_has_a_hover() -> None:
    for path, schema in PROPERTIES.items():
        hover = {**target(schema), **schema}
        assert 0 < len(hover.get("title", "")) <= 60, path
        assert hover.get("description", "").endswith("."), path


def test_every_property_leads_to_its_documentation() -> None:
    for path, schema in PROPERTIES.items():
        steps = path.split("/")
        # The root's own page does not count: everything is inside it.
        around = [EVERYWHERE.get("/".join(steps[:depth]), {}) for depth in range(2, len(steps))]
        assert any("x-docs" in one for one in [*around, schema, target(schema)]), path


def test_documentation_links_are_relative_pages() -> None:
    for path, schema in EVERYWHERE.items():
        page = schema.get("x-docs", "page")
        assert re.fullmatch(r"[a-z_-]+(/[a-z_-]+)*(#[a-z_-]+)?", page), path


def test_a_closed_section_has_a_name_for_messages() -> None:
    closed = {path: schema for path, schema in EVERYWHERE.items() if schema.get("additionalProperties") is False}
    assert [path for path, schema in closed.items() if not schema.get("x-name")] == []


def test_no_section_is_open_by_oversight() -> None:
    sections = {path: schema for path, schema in EVERYWHERE.items() if "properties" in schema}
    assert [path for path, schema in sections.items() if "additionalProperties" not in schema] == []


def test_every_property_has_a_type() -> None:
    untyped = {path for path, schema in PROPERTIES.items() if not {"type", "oneOf"} & set(target(schema))}
    # Keys of the platform's API that nothing documents yet, and what the platform ignores.
    application = "#/definitions/application/properties"
    worker = "#/definitions/worker/properties"
    task = "#/definitions/task/properties"
    assert untyped == {f"{application}/egress", f"{worker}/egress", f"{task}/egress", r"#/patternProperties/^\."}


def test_required_keys_exist() -> None:
    for path, schema in EVERYWHERE.items():
        assert set(schema.get("required", ())) <= set(schema.get("properties", {})), path


def test_the_branches_of_a_union_are_distinguished_by_kind_or_by_type_key() -> None:
    for path, schema in EVERYWHERE.items():
        branches = [target(branch) for branch in schema.get("oneOf", ())]
        kinds = [branch["type"] for branch in branches]
        if len(set(kinds)) < len(kinds):
            words = [word for branch in branches for word in branch["properties"]["type"]["enum"]]
            assert len(set(words)) == len(words), path


def test_examples_are_valid() -> None:
    for path, schema in EVERYWHERE.items():
        validator = Draft7Validator({**schema, "definitions": SCHEMA["definitions"]})
        assert [one for one in schema.get("examples", ()) if not validator.is_valid(one)] == [], path


# ---------------------------------------------------------------------------------------------------------- workers


def test_what_a_worker_inherits() -> None:
    inherited = {name for name, one in at("application")["properties"].items() if one.get("x-inherited")}
    assert inherited == {
        "relationships", "access", "mounts", "variables", "firewall", "additional_hosts", "container_profile",
        "authorizations",
    }  # fmt: skip
    assert inherited < set(at("worker")["properties"])


@pytest.mark.parametrize(
    "name", sorted(name for name, one in at("application")["properties"].items() if one.get("x-inherited"))
)
def test_a_worker_shares_the_definition_and_explains_the_override(name: str) -> None:
    ours, theirs = at(f"worker/{name}"), at(f"application/{name}")
    assert ours["$ref"] == theirs["$ref"]
    assert "in place of" in ours["description"]
    assert "worker" in theirs["description"].lower()


@pytest.mark.parametrize("path", ["worker/timezone", "worker/size", "worker/resources", "cron/cmd", "web/timezone"])
def test_accepted_but_deprecated(path: str) -> None:
    schema = at(path)
    assert {**target(schema), **schema}["deprecationMessage"]


# ------------------------------------------------------------------------------------------------------ valid, invalid


def app(body: str) -> str:
    """A file whose only application has this body besides its type."""
    return "applications:\n  app:\n    type: php:8.4\n" + "".join(f"    {line}\n" for line in body.splitlines())


def worker(body: str) -> str:
    """A file whose only worker has this body besides its commands."""
    lines = ["workers:", "  queue:", "    commands: {start: ./work.sh}", *(f"    {line}" for line in body.splitlines())]
    return app("\n".join(lines))


def service(body: str) -> str:
    """A file whose only service has this body."""
    return "services:\n  db:\n" + "".join(f"    {line}\n" for line in body.splitlines())


def route(body: str) -> str:
    """A file whose only route has this body, in flow style."""
    return f"routes:\n  'https://{{default}}/': {body}\n"


def load(text: str) -> object:
    """The value of a YAML text as the platform sees it (YAML 1.1)."""
    yaml = YAML(typ="safe", pure=True)
    yaml.version = (1, 1)
    yaml.allow_duplicate_keys = True
    return yaml.load(text)


# Numbers are the rows of the table "where the sources disagree" in ../shared/reference/facts.md.
VALID = {
    "an empty mapping": "{}",
    "only services (files are merged)": service("type: postgresql:18"),
    "a type alone": app(""),
    "composable (1)": "applications:\n  app:\n    type: composable:26.05\n    stack:\n"
    "      runtimes: [php@8.4, {nodejs@24: }]\n      packages: [yarn, {package: wkhtmltopdf, channel: unstable}]\n",
    "composable with settings": "applications:\n  app:\n    type: composable:26.05\n    stack:\n      runtimes:\n"
    "        - php@8.4:\n            extensions: [apcu, {name: blackfire, configuration: {server_id: x}}]\n"
    "            disabled_extensions: [gd]\n            sizing_hints: {request_memory: 10, reserved_memory: 70}\n",
    "composable as a list": "applications:\n  app:\n    type: composable:26.05\n"
    "    stack: [php@8.4: {extensions: [apcu]}, python@3.13, {package: jq, channel: unstable}, yarn]\n",
    "worker container_profile (3)": worker("container_profile: HIGH_MEMORY"),
    "worker container_profile null": worker("container_profile:"),
    "worker additional_hosts (4)": worker("additional_hosts: {db.internal: 10.0.0.1}"),
    "worker authorizations": worker("authorizations: [{type: task, resource: agent, action: operate}]"),
    "worker timezone (5)": worker("timezone: Europe/Paris"),
    "worker size and resources (6)": worker("size: S\nresources: {base_memory: 64, memory_ratio: 128}"),
    "worker pre_start and post_start (8)": app(
        "workers: {queue: {commands: {pre_start: ./warm.sh, start: ./work.sh, post_start: }}}"
    ),
    "worker that overrides everything": worker(
        "mounts: {}\nrelationships: {}\nvariables: {}\naccess: {ssh: viewer}\nfirewall: {outbound: [{ports: [443]}]}"
    ),
    "no workers": app("workers: {}"),
    "web post_start (9)": app("web: {commands: {start: ./serve, pre_start: ./warm, post_start: ./wait}}"),
    "web without start (10)": app("web: {commands: {pre_start: ./warm}}"),
    "web firewall (11)": app("web: {firewall: {outbound: [{ips: [10.0.0.0/8], ports: [443], protocol: tcp}]}}"),
    "web locations": app(
        "web:\n  upstream: {socket_family: unix, protocol: fastcgi}\n  locations:\n    /:\n      root: public\n"
        "      passthru: /index.php\n      index: [index.html]\n      expires: 1d\n      allow: false\n"
        "      scripts: true\n      headers: {X-Frame-Options: SAMEORIGIN}\n"
        "      request_buffering: {enabled: true, max_request_size: 250m}\n"
        "      rules: {'\\.css$': {allow: true, expires: -1, passthru: false, scripts: false, headers: {}}}"
    ),
    "instance and tmp mounts (12)": app("mounts: {a: {source: instance}, b: {source: tmp}, c: {source: temporary}}"),
    "local mount (13)": app("mounts: {a: {source: local}}"),
    "storage mount of another application (16)": app("mounts: {a: {source: storage, service: other, source_path: ''}}"),
    "relationships": app("relationships: {db: , cache: {}, s: {service: x, endpoint: http}, old: 'db:mysql'}"),
    "cron timeout (20)": app("crons: {a: {spec: '0 5 * * *', commands: {start: ./x, stop: ./stop}, timeout: 86400}}"),
    "cron without a command (19)": app("crons: {a: {spec: H * * * *, shutdown_timeout: 18}}"),
    "cron cmd": app("crons: {a: {spec: '*/5 * * * *', cmd: ./x}}"),
    "operations (22)": app("operations: {clear: {role: admin, commands: {start: drush cr, stop: }}}"),
    "runtime (22)": app("runtime: {request_terminate_timeout: 30, xdebug: {idekey: X}, disabled_extensions: [gd]}"),
    "any version of any image (25)": app("").replace("php:8.4", "python:9.9"),
    "redis-persistent (26)": service("type: redis-persistent:8.0"),
    "network-storage 1.0 (29)": service("type: network-storage:1.0"),
    "sticky (30)": route("{type: upstream, upstream: 'app:http', sticky: true}"),
    "tls with nulls (31)": route(
        "{type: upstream, upstream: 'app:http', tls: {min_version: , client_authentication: request}}"
    ),
    "dotted top-level key (32)": ".common: &common [1]\napplications: {app: {type: 'php:8.4'}}\n",
    "tasks (34)": "tasks: {agent: {type: 'python:3.14', run: {command: ./run, timeout: 900}}}\n",
    "services and routes null (40)": "services:\nroutes:\n",
    "dotted mount (42)": app("mounts: {.next: {source: tmp}}"),
    "PHP extension as a mapping (53)": app(
        "runtime: {extensions: [redis, {name: blackfire, configuration: {server_id: a}}]}"
    ),
    "variables of any value": app(
        "variables: {env: {A: 1, B: true, C: [x], D: , E: {f: g}}, php: {memory_limit: 1G}, own: {}}"
    ),
    "hooks left empty": app("hooks: {build: , deploy: 'x', post_deploy: }"),
    "source": app("source: {root: /api, operations: {update: {command: git commit}}}"),
    "dependencies": app("dependencies: {php: {composer/composer: ^2}, nodejs: {yarn: 1}, python3: {uv: '*'}}"),
    "build flavor": app("build: {flavor: none}"),
    "preflight": app("preflight: {enabled: false, ignored_rules: [drupal/SA-CORE-2014-005]}"),
    "previews of the API": app("image: {}\negress: []"),
    "web with settings of its own": app(
        "web: {relationships: {db: }, mounts: {a: {source: tmp}}, variables: {env: {A: b}}, access: {ssh: admin},"
        " additional_hosts: {a: 192.0.2.1}, container_profile: BALANCED}"
    ),
    "firewall by domain": app("firewall: {outbound: [{domains: [api.example.com], ports: [443]}]}"),
    "additional hosts": app("additional_hosts: {api.example.com: 192.0.2.23}\ntimezone: Europe/Paris"),
    "upstream route": route(
        "{type: upstream, upstream: 'varnish:http', id: main, primary: true, attributes: {a: b},"
        " cache: {enabled: true, default_ttl: 60, cookies: ['*'], headers: [Accept]}, ssi: {enabled: true}}"
    ),
    "cache switched off": route("{type: upstream, upstream: 'app:http', cache: false}"),
    "redirect route": route("{type: redirect, to: 'https://{default}/', id: x, primary: false, attributes: {a: b}}"),
    "proxy route": route("{type: proxy, to: 'https://192.0.2.0:8000', id: x}"),
    "partial redirects": route(
        "{type: upstream, upstream: 'app:http', redirects: {expires: 1d, paths: {/a: {to: /b, code: 308, expires: 0,"
        " prefix: false, append_suffix: false}, '^/c/(.*)': {to: /d/$1, regexp: true}}}}"
    ),
    "hsts": route(
        "{type: redirect, to: x, tls: {"
        "strict_transport_security: {enabled: true, include_subdomains: true, preload: true},"
        " client_authentication: require, client_certificate_authorities: [x], min_version: TLSv1.3}}"
    ),
    "service": service(
        "type: varnish:9.0\nconfiguration: {vcl: x}\nrelationships: {app: 'app:http'}\n"
        "container_profile: BALANCED\nsize: S"
    ),
}  # fmt: skip

INVALID = {
    "a list": "- a\n",
    "no type (2)": "applications:\n  app:\n    stack: [php@8.4]\n",
    "applications as a list": "applications: [{type: 'php:8.4'}]\n",
    "type with @ (25)": app("").replace("php:8.4", "php@8.4"),
    "type with a colon at the front (U-15)": app("").replace("php:8.4", "':8.4'"),
    "type without a version": app("").replace("php:8.4", "php"),
    "type in upper case": app("").replace("php:8.4", "PHP:8.4"),
    "type as a number": app("").replace("php:8.4", "3.10"),
    "unknown application key": app("mount: {}"),
    "application disk (7)": app("disk: 512"),
    "worker disk (7)": worker("disk: 512"),
    "worker crons": worker("crons: {}"),
    "worker hooks": worker("hooks: {deploy: x}"),
    "worker type": worker("type: php:8.4"),
    "worker stack": worker("stack: {}"),
    "worker web": worker("web: {}"),
    "worker source": worker("source: {}"),
    "worker build": worker("build: {}"),
    "worker dependencies": worker("dependencies: {}"),
    "worker runtime": worker("runtime: {}"),
    "worker operations": worker("operations: {}"),
    "worker preflight": worker("preflight: {enabled: true}"),
    "worker name": worker("name: queue"),
    "worker instances": worker("instances: 2"),
    "bare relationship in a worker": worker("mysql:"),
    "worker without commands": app("workers: {queue: {variables: {}}}"),
    "worker start without commands": app("workers: {queue: {start: ./work.sh}}"),
    "worker commands without start": app("workers: {queue: {commands: {pre_start: ./x}}}"),
    "worker start null": app("workers: {queue: {commands: {start: }}}"),
    "worker start as a list": app("workers: {queue: {commands: {start: [php, work.php]}}}"),
    "worker commands.stop": app("workers: {queue: {commands: {start: x, stop: y}}}"),
    "workers as a list": app("workers: [{commands: {start: x}}]"),
    "workers null (41)": app("workers:"),
    "worker null": app("workers: {queue: }"),
    "relationships null (41)": app("relationships:"),
    "worker relationships null (41)": worker("relationships:"),
    "mounts null (41)": app("mounts:"),
    "worker mounts null (41)": worker("mounts:"),
    "variables null": app("variables:"),
    "worker firewall null": worker("firewall:"),
    "worker container_profile": worker("container_profile: HUGE"),
    "unprefixed variable": app("variables: {FOO: bar}"),
    "variable with its prefix in the name": app("variables: {'env:FOO': bar}"),
    "mount string (14)": app("mounts: {a: 'shared:files/x'}"),
    "mount without source": app("mounts: {a: {source_path: x}}"),
    "mount source": app("mounts: {a: {source: shared}}"),
    "unknown mount key": app("mounts: {a: {source: tmp, path: x}}"),
    "relationship object key (18)": app("relationships: {db: {service: db, endpiont: mysql}}"),
    "relationship without an endpoint": app("relationships: {db: mysql}"),
    "relationship with two colons": app("relationships: {db: 'db:mysql:x'}"),
    "relationship with a space": app("relationships: {db: 'db: mysql'}"),
    "relationships as a list": app("relationships: [db]"),
    "access key (43)": app("access: {web: admin}"),
    "access role (43)": app("access: {ssh: root}"),
    "firewall without outbound (44)": app("firewall: {}"),
    "firewall port (44)": app("firewall: {outbound: [{ports: [70000]}]}"),
    "firewall protocol (44)": app("firewall: {outbound: [{protocol: udp}]}"),
    "firewall rule key (44)": app("firewall: {outbound: [{port: 80}]}"),
    "cron without spec": app("crons: {a: {commands: {start: x}}}"),
    "nameless cron": app("crons: {spec: '* * * * *', cmd: x}"),
    "cron timeout over a day (20)": app("crons: {a: {spec: H * * * *, timeout: 86401}}"),
    "cron timezone": app("crons: {a: {spec: H * * * *, timezone: UTC}}"),
    "cron commands without start": app("crons: {a: {spec: H * * * *, commands: {stop: x}}}"),
    "cron pre_start": app("crons: {a: {spec: H * * * *, commands: {start: x, pre_start: y}}}"),
    "unknown hook": app("hooks: {predeploy: x}"),
    "hooks as a list": app("hooks: [build.sh]"),
    "operation without commands": app("operations: {a: {role: admin}}"),
    "operation role": app("operations: {a: {role: owner, commands: {start: x}}}"),
    "source operation without command": app("source: {operations: {a: {}}}"),
    "preflight as text": app("preflight: {enabled: 'true'}"),
    "PHP extension without a name (53)": app("runtime: {extensions: [{configuration: {}}]}"),
    "sizing hints": app("runtime: {sizing_hints: {request_memory: 5}}"),
    "unknown stack key": app("stack: {runtime: [php@8.4]}"),
    "package without a name": app("stack: {packages: [{channel: unstable}]}"),
    "socket family": app("web: {upstream: {socket_family: udp}}"),
    "web commands.stop": app("web: {commands: {start: x, stop: y}}"),
    "location key": app("web: {locations: {/: {expire: 1d}}}"),
    "rule key": app("web: {locations: {/: {rules: {x: {root: y}}}}}"),
    "service without type": service("configuration: {}"),
    "service disk (28)": service("type: mercure:0\ndisk: 256"),
    "service mounts": service("type: mercure:0\nmounts: {}"),
    "unknown top-level key (33)": "x-common: {}\n",
    "workers at the top level": "workers: {}\n",
    "upstream route without a type": route("{upstream: 'app:http'}"),
    "authorizations as a map": app("authorizations: {type: env, action: view}"),
    "authorization without an action": app("authorizations: [{type: env}]"),
    "authorization for a service": app("authorizations: [{type: service, action: view}]"),
    "unknown key of an authorization": worker("authorizations: [{type: env, action: view, name: x}]"),
    "dependencies of a task": "tasks: {agent: {type: 'python:3.14', run: {command: x}, dependencies: {}}}\n",
    "stack of a task": "tasks: {agent: {run: {command: x}, stack: {runtimes: ['python@3.14']}}}\n",
    "web of a task": "tasks: {agent: {type: 'python:3.14', run: {command: x}, web: {}}}\n",
    "unknown key of run": "tasks: {agent: {type: 'python:3.14', run: {start: x}}}\n",
    "upstream route without upstream": route("{type: upstream, to: x}"),
    "route as text": route("app:http"),
    "variables of a prefix as text": app("variables: {env: prod}"),
    "variables of a prefix null": app("variables: {env: }"),
    "unknown web key": app("web: {location: {}}"),
    "route of another type": route("{type: forward, to: x}"),
    "redirect without to": route("{type: redirect}"),
    "redirect with upstream": route("{type: redirect, to: x, upstream: 'app:http'}"),
    "upstream with to": route("{type: upstream, upstream: 'app:http', to: x}"),
    "proxy without to": route("{type: proxy}"),
    "proxy with sticky": route("{type: proxy, to: x, sticky: true}"),
    "cache as text": route("{type: upstream, upstream: 'app:http', cache: 'off'}"),
    "cache without enabled": route("{type: upstream, upstream: 'app:http', cache: {default_ttl: 1}}"),
    "redirect code": route("{type: upstream, upstream: 'app:http', redirects: {paths: {/a: {to: /b, code: 303}}}}"),
    "partial redirect without to": route("{upstream: 'app:http', redirects: {paths: {/a: {code: 301}}}}"),
    "redirects without paths": route("{type: upstream, upstream: 'app:http', redirects: {/a: {to: /b}}}"),
    "client authentication (31)": route("{type: redirect, to: x, tls: {client_authentication: optional}}"),
}  # fmt: skip


@pytest.mark.parametrize("name", VALID)
def test_accepts(name: str) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(load(VALID[name]))] == []


@pytest.mark.parametrize("name", INVALID)
def test_rejects(name: str) -> None:
    assert not VALIDATOR.is_valid(load(INVALID[name]))


# ------------------------------------------------------------------------------------- other people's schema and files

# Files of real repositories that are really wrong, and why (rows of the same table).
REALLY_WRONG = {
    "CopticScriptorium+cts/.upsun/config.yaml": "stack without type (2)",
    "OriPekelman+chroma/.upsun/config.yaml": "stack without type (2)",
    "gmoigneu+upsun-embedding-python-nextjs/.upsun/config.yaml": "stack without type (2)",
    "upsun+service-examples/.upsun/config.yaml": "stack without type (2)",
    "Gurio+medusa/.upsun/config.yaml": "disk on services (28)",
    "OriPekelman+cocarto/.upsun/config.yaml": "mounts with source: shared",
    "festorazzivalentin+siniestros-viales/.upsun/config.yaml": "mount as a string (14)",
    "MasthomT+StreamBot-Discord/.upsun/services.yaml": "a service at the top level (33)",
    "gregqualls+upsun-demo-ecosystem/forem/.upsun/config.yaml": "web and locations indented below mounts",
    "upsun+snippets/examples/forem/.upsun/config.yaml": "web and locations indented below mounts",
}


@needs_shared
def test_no_text_is_taken_from_the_official_schema() -> None:
    def texts(value: object) -> Iterator[str]:
        if isinstance(value, dict):
            if isinstance(value.get("description"), str):
                yield value["description"].strip().lower()
            for one in value.values():
                yield from texts(one)
        elif isinstance(value, list):
            for one in value:
                yield from texts(one)

    official = json.loads((SHARED / "reference/official-schema.json").read_text(encoding="utf-8"))
    assert not set(texts(SCHEMA)) & set(texts(official))


def key_paths(schema: Schema, definitions: Schema, above: str = "") -> Iterator[str]:
    """Every key the schema knows, as `applications/*/workers/*/commands/start`."""
    while "$ref" in schema and schema["$ref"].startswith("#/"):
        schema = reduce(lambda found, step: found[step], schema["$ref"].split("/")[1:], definitions)
    for name, one in schema.get("properties", {}).items():
        yield f"{above}{name}"
        yield from key_paths(one, definitions, f"{above}{name}/")
    if isinstance(schema.get("additionalProperties"), dict):
        yield from key_paths(schema["additionalProperties"], definitions, f"{above}*/")
    if isinstance(schema.get("items"), dict):
        yield from key_paths(schema["items"], definitions, f"{above}[]/")
    for branch in schema.get("oneOf", ()):
        yield from key_paths(branch, definitions, above)


@needs_shared
def test_knows_every_key_of_the_official_schema() -> None:
    official = json.loads((SHARED / "reference/official-schema.json").read_text(encoding="utf-8"))
    assert set(key_paths(official, official)) - set(key_paths(SCHEMA, SCHEMA)) == set()


def rejected(folder: Path) -> tuple[dict[str, list[str]], int]:
    """The files below a folder that the schema rejects, with its messages, and how many files were judged at all."""
    found, judged = {}, 0
    for file in sorted(path for path in folder.rglob(".upsun/*") if path.suffix in {".yaml", ".yml"}):
        try:
            value = load(file.read_text(encoding="utf-8"))
        except YAMLError:  # a syntax error, or a tag such as !include
            continue
        judged += 1
        if errors := [error.message for error in VALIDATOR.iter_errors(value)]:
            found[file.relative_to(folder).as_posix()] = errors
    return found, judged


def test_accepts_our_own_sound_projects() -> None:
    found, judged = rejected(CORPORA[0] / "sound")
    assert found == {}
    assert judged > 10


@needs_shared
def test_accepts_the_valid_examples_of_another_validator() -> None:
    found, judged = rejected(SHARED / "corpus/upsunvalidator/valid")
    assert found == {}
    assert judged > 20


@needs_shared
def test_accepts_the_files_of_real_repositories() -> None:
    found, judged = rejected(SHARED / "corpus/repos")
    assert {file: errors for file, errors in found.items() if file not in REALLY_WRONG} == {}
    assert set(REALLY_WRONG) == set(found)
    assert judged > 90
