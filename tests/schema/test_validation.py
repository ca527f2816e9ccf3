"""What the schema says reaches a person in their words, at the key they wrote."""

from __future__ import annotations

import json

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import findings
from upsun_schema.keys.shape import root_shape, schema_text
from upsun_schema.keys.validation import validate
from upsun_schema.wording import nearest
from upsun_schema.yaml.document import Document
from upsun_schema.yaml.nodes import Problem


def problems(text: str) -> list[Problem]:
    return validate(Document(".upsun/config.yaml", text))


def said(text: str) -> list[tuple[str, str, str]]:
    return [(problem.rule, problem.region.text, problem.message) for problem in problems(text)]


APP = "applications:\n  app:\n    type: 'php:8.4'\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            APP + "    workers:\n      q:\n        commnds:\n          start: x\n",
            [("unknown-key", "commnds", "unknown key `commnds` in a worker; did you mean `commands`?")],
        ),
        (
            "routes:\n  'https://{default}/':\n    type: upstream\n    upstrem: 'app:http'\n",
            [("unknown-key", "upstrem", "unknown key `upstrem` in an upstream route; did you mean `upstream`?")],
        ),
        (
            "routes:\n  'https://{default}/':\n    type: redirect\n",
            [
                (
                    "missing-key",
                    "'https://{default}/'",
                    "redirect route `https://{default}/` is missing the required key `to`",
                )
            ],
        ),
        (
            APP + "    workers:\n",
            [("wrong-type", "workers", "`workers` has no value; it must be a map; write `{}` for an empty one")],
        ),
        (
            APP + "    relationships:\n      database: 5\n",
            [("wrong-type", "5", "`database` must be text, but YAML reads `5` as the number 5; quote it")],
        ),
        (APP + "    workers:\n      - q\n", [("wrong-type", "workers", "`workers` must be a map, not a list")]),
        (
            APP + "    mounts:\n      x: {source: storag}\n",
            [("invalid-value", "storag", "`storag` is not a valid value of `source`; did you mean `storage`?")],
        ),
        (
            APP + "    container_profile: LARGE\n",
            [
                (
                    "invalid-value",
                    "LARGE",
                    (
                        "`LARGE` is not a valid value of `container_profile`;"
                        " it is one of `HIGH_CPU`, `BALANCED`, `HIGH_MEMORY` or `HIGHER_MEMORY`"
                    ),
                )
            ],
        ),
        (
            APP + "    locations: {}\n",
            [("unknown-key", "locations", "unknown key `locations` in an application; it belongs under `web`")],
        ),
        (
            "services:\n  db: {type: !file x}\n",
            [("invalid-value", "!file", "unknown tag `!file`; there are `!include` and `!archive`")],
        ),
        (
            "- a\n",
            [("wrong-type", "- a", "a configuration is a map with the keys `applications`, `services` and `routes`")],
        ),
    ],
)
def test_a_mistake_is_one_problem_in_plain_words(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert said(text) == expected


def test_text_that_yaml_reads_as_something_else_can_be_quoted() -> None:
    (problem,) = problems(APP + "    crons:\n      a:\n        spec: 010\n        commands: {start: x}\n")
    assert problem.replacement == "'010'"
    assert problem.safe


def test_a_slip_of_the_finger_is_safe_to_mend_and_a_guess_is_not() -> None:
    slip = problems(APP + "    mount: {}\n")[0]
    guess = problems(APP + "    relashionshps: {}\n")[0]
    assert (slip.replacement, slip.safe) == ("mounts", True)
    assert (guess.replacement, guess.safe) == ("relationships", False)


def test_a_problem_leads_to_the_page_of_its_section() -> None:
    (problem,) = problems(APP + "    mounts:\n      x: {source: storag}\n")
    assert problem.docs.startswith("configure-apps/image-properties/mounts")


def test_an_alias_is_judged_where_it_is_used_and_its_target_once() -> None:
    text = (
        ".x: &x {source: nowhere}\napplications:\n  app:\n    type: 'php:8.4'\n    mounts:\n      a: *x\n      b: *x\n"
    )
    assert said(text) == [("invalid-value", "nowhere", said(text)[0][2])]


def test_an_alias_bomb_is_validated_in_no_time() -> None:
    lines = [".a0: &a0 {source: storage}"]
    lines += [f".a{n}: &a{n} {{{', '.join(f'k{k}: *a{n - 1}' for k in range(10))}}}" for n in range(1, 30)]
    text = "\n".join([*lines, APP + "    mounts: *a29\n    variables: *a28\n"])
    assert problems(text)


def test_a_value_that_could_not_be_read_is_not_judged() -> None:
    assert said(APP + "    timezone: 'Eur\n") == []


def test_candidates_are_the_nearest_first() -> None:
    assert nearest("relationship", ["relationships", "mounts"]) == ["relationships"]
    assert nearest("xyz", ["relationships", "mounts"]) == []


# -- the jsonschema package as the judge of what is valid --------------------------------------------------------------

_VALIDATOR = jsonschema.Draft7Validator(json.loads(schema_text()))

_KEYS = st.sampled_from(
    [
        "type",
        "source",
        "service",
        "endpoint",
        "commands",
        "start",
        "spec",
        "upstream",
        "to",
        "ssh",
        "env",
        "x",
        "enabled",
    ]
)
_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 90000),
    st.sampled_from(["php:8.4", "storage", "upstream", "redirect", "db:mysql", "", "viewer", "x y", "HIGH_CPU"]),
)
_ANY = st.recursive(
    _VALUES,
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(_KEYS, inner, max_size=3)),
    max_leaves=6,
)


@st.composite
def _configurations(draw: st.DrawFn) -> dict[str, object]:
    """Draw configurations that follow the schema most of the way, so that deep places are reached."""

    def value(shape: object, depth: int) -> object:
        from upsun_schema.keys.shape import Shape

        assert isinstance(shape, Shape)
        if depth > 6 or draw(st.integers(0, 19)) == 0:
            return draw(_ANY)
        if shape.branches:
            shape = draw(st.sampled_from(shape.branches))
            return value(shape, depth)
        if shape.values:
            return draw(st.sampled_from(shape.values))
        if "object" in shape.types:
            names = [*shape.required]
            if shape.properties:
                names += draw(st.lists(st.sampled_from([*shape.properties]), max_size=2))
            if isinstance(shape.additional, Shape):
                names += draw(st.lists(st.sampled_from(["a", "b", "https://{default}/"]), max_size=2))
            if draw(st.integers(0, 14)) == 0:
                names = names[1:]
            found: dict[str, object] = {}
            for name in names:
                inner = shape.property(name)
                found[name] = draw(_VALUES) if inner is None else value(inner, depth + 1)
            return found
        if "array" in shape.types:
            items = shape.items
            return [draw(_ANY) if items is None else value(items, depth + 1) for _ in range(draw(st.integers(0, 2)))]
        if shape.examples:
            return draw(st.one_of(st.sampled_from(shape.examples), _VALUES))
        return draw(_VALUES)

    found = value(root_shape(), 0)
    return found if isinstance(found, dict) else {}


@settings(deadline=None, max_examples=400)
@given(_configurations())
def test_what_is_valid_is_what_jsonschema_says(data: dict[str, object]) -> None:
    text = json.dumps(data)
    ours = [problem for problem in problems(text) if problem.rule != "deprecated-key"]
    theirs = list(_VALIDATOR.iter_errors(data))
    assert bool(ours) == bool(theirs), (ours, [error.message for error in theirs])


def worker_problems(body: str) -> list[str]:
    return problems_of(f"applications:\n  a:\n    type: 'php:8.4'\n    workers:\n      q:\n{body}")


def problems_of(text: str) -> list[str]:
    return [problem.message for problem in validate(Document("x.yaml", text))]


def test_a_key_of_other_platforms_is_not_taken_for_a_slip() -> None:
    (message,) = worker_problems("        commands: {start: x, restart: always}\n")
    assert (
        message
        == "unknown key `restart` in worker commands: the platform restarts a process whenever it ends; remove it"
    )


@pytest.mark.parametrize("key", ["timezones", "sizes"])
def test_what_does_nothing_here_is_not_suggested(key: str) -> None:
    assert worker_problems(f"        {key}: x\n        commands: {{start: x}}\n") == [
        f"unknown key `{key}` in a worker"
    ]


def test_a_number_out_of_range_is_named() -> None:
    body = "        commands: {start: x}\n        firewall: {outbound: [{ips: [1.2.3.4/32], ports: [70000]}]}\n"
    assert worker_problems(body) == ["`70000` is too large: an item of `ports` must be at most 65535"]


@pytest.mark.parametrize(
    "text",
    [
        "applications:\n  .base: &base\n    hooks: {build: x}\n  app:\n    <<: *base\n    type: 'php:8.4'\n",
        "applications:\n  app:\n    type: 'php:8.4'\n    .vars: {a: b}\n",
        "applications:\n  app:\n    type: 'php:8.4'\n    crons:\n      .all: {timeout: 60}\n",
        "applications:\n  app:\n    type: 'php:8.4'\n    workers:\n      .all: {variables: {env: {A: b}}}\n",
        "applications:\n  app:\n    type: 'php:8.4'\n    workers:\n      q: {commands: {start: php q.php}, .x: 1}\n",
        "applications:\n  app:\n    type: 'php:8.4'\n    relationships: {.all: {a: b}}\n",
        "applications:\n  app:\n    type: 'php:8.4'\n    operations: {.all: {a: b}}\n",
        "applications:\n  app: {type: 'php:8.4'}\nservices:\n  .all: {configuration: {}}\n",
    ],
)
def test_a_key_with_a_dot_is_one_warning_wherever_it_is(text: str) -> None:
    (finding,) = findings(text)
    assert (finding.rule, finding.severity.label) == ("dotted-key", "warning")
    assert finding.region.text.startswith(".")


def test_a_dot_may_begin_a_variable_a_pattern_or_a_key_at_the_top() -> None:
    text = """\
.anchors: {a: b}
applications:
  app:
    type: 'php:8.4'
    variables: {env: {.A: b}}
    web: {locations: {'/': {rules: {'.(css|js)$': {allow: true}}}}}
"""
    assert findings(text) == []


@pytest.mark.parametrize("value", ["true", "false", "{enabled: true}", "{enabled: false}"])
def test_sticky_is_a_switch_or_a_map(value: str) -> None:
    text = "applications: {app: {type: 'php:8.4'}}\nroutes:\n  'https://{default}/':\n    type: upstream\n"
    assert findings(f"{text}    upstream: app:http\n    sticky: {value}\n") == []


def test_a_boolean_is_spelled_as_in_yaml() -> None:
    text = "applications: {app: {type: 'php:8.4'}}\nroutes:\n  'https://{default}/':\n    type: upstream\n"
    (finding,) = findings(f"{text}    upstream: app:http\n    cache: true\n")
    assert finding.message == "`true` is not a valid value of `cache`; it is `false`"


def test_what_only_the_platforms_interface_has_is_no_error() -> None:
    assert findings("applications: {app: {type: 'php:8.4', build: {caches: {npm: {directory: .npm}}}}}") == []
