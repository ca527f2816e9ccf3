"""What the schema says reaches a person in their words, at the key they wrote."""

from __future__ import annotations

import copy
import json
import math
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import corpus_files, findings
from upsun_schema.keys.shape import root_shape, schema_text
from upsun_schema.keys.validation import validate
from upsun_schema.wording import nearest
from upsun_schema.yaml.document import Document
from upsun_schema.yaml.nodes import Alias, Include, Mapping, Node, Problem, Scalar, Sequence
from upsun_schema.yaml.path import path_at
from upsun_schema.yaml.scalars import STRING_TAG
from upsun_schema.yaml.walking import walk


def problems(text: str) -> list[Problem]:
    document = Document(".upsun/config.yaml", text)
    return [*(problem for problem in document.problems if problem.rule != "syntax-error"), *validate(document)]


def said(text: str) -> list[tuple[str, str, str]]:
    return [(problem.rule, problem.region.text, problem.message) for problem in problems(text)]


APP = "applications:\n  app:\n    type: 'php:8.4'\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            APP + "    workers:\n      q:\n        commnds:\n          start: x\n",
            [("unknown-key", "commnds", "unknown key `commnds` in this worker; did you mean `commands`?")],
        ),
        (
            "routes:\n  'https://{default}/':\n    type: upstream\n    upstrem: 'app:http'\n",
            [("unknown-key", "upstrem", "unknown key `upstrem` in this upstream route; did you mean `upstream`?")],
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
            [("wrong-type", "workers", "`workers` needs a value: a map; write `{}` for an empty one")],
        ),
        (
            APP + "    relationships:\n      database: 5\n",
            [("wrong-type", "5", "`database` must be text, but YAML reads `5` as the number 5; quote it")],
        ),
        (
            "applications:\n  app:\n    type:php:8.4\n",
            [("wrong-type", "type:php:8.4", "`app` must be a map, not text; a space is missing after `type:`")],
        ),
        (
            APP + "    workers:\n      - q\n",
            [("wrong-type", "workers", "`workers` must be a map, not a list; write the name of each worker as a key")],
        ),
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
                        "`LARGE` is not a valid value of `container_profile`"
                        " (expected `HIGH_CPU`, `BALANCED`, `HIGH_MEMORY` or `HIGHER_MEMORY`)"
                    ),
                )
            ],
        ),
        (
            APP + "    locations: {}\n",
            [("unknown-key", "locations", "unknown key `locations` in this application; it belongs under `web`")],
        ),
        (
            "services:\n  db: {type: !env x}\n",
            [("invalid-value", "!env", "unknown tag `!env` (expected `!include` or `!archive`)")],
        ),
        (
            "services:\n  db: {type: !file x}\n",
            [
                (
                    "undocumented-value",
                    "!file",
                    "the tag `!file` is not documented, and may have no effect; write `!include`",
                )
            ],
        ),
        (
            "- a\n",
            [
                (
                    "wrong-type",
                    "- a",
                    (
                        "the platform reads every `.yaml` file in `.upsun` as a map of `applications`, `services` or `routes`; move other"
                        " files to another folder"
                    ),
                )
            ],
        ),
    ],
)
def test_a_mistake_is_one_problem_in_plain_words(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert said(text) == expected


def test_text_that_yaml_reads_as_something_else_can_be_quoted() -> None:
    (problem,) = problems(APP + "    crons:\n      a:\n        spec: 010\n        commands: {start: x}\n")
    assert problem.replacement == "'010'"
    assert problem.safe


def test_a_typing_slip_is_safe_to_fix_and_a_guess_is_not() -> None:
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


def test_an_alias_bomb_is_validated_quickly() -> None:
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
def test_validity_is_what_jsonschema_decides(data: dict[str, object]) -> None:
    text = json.dumps(data)
    ours = [problem for problem in problems(text) if problem.rule not in ("deprecated-key", "undocumented-value")]
    theirs = list(_VALIDATOR.iter_errors(data))
    assert bool(ours) == bool(theirs), (ours, [error.message for error in theirs])


def worker_problems(body: str) -> list[str]:
    return problems_of(f"applications:\n  a:\n    type: 'php:8.4'\n    workers:\n      q:\n{body}")


def problems_of(text: str) -> list[str]:
    return [problem.message for problem in validate(Document("x.yaml", text))]


def test_a_key_of_other_platforms_is_not_taken_for_a_slip() -> None:
    (message,) = worker_problems("        commands: {start: x, restart: always}\n")
    assert (
        message == "unknown key `restart` below `commands`: the platform restarts a process whenever it ends; remove it"
    )


@pytest.mark.parametrize("key", ["timezones", "sizes"])
def test_a_key_without_effect_here_is_not_suggested(key: str) -> None:
    assert worker_problems(f"        {key}: x\n        commands: {{start: x}}\n") == [
        f"unknown key `{key}` in this worker"
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
    variables: {php: {.a: b}}
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
    assert finding.message == "`true` is not a valid value of `cache` (expected `false`)"


def test_a_key_of_the_platforms_interface_is_not_an_error() -> None:
    assert findings("applications: {app: {type: 'php:8.4', build: {caches: {npm: {directory: .npm}}}}}") == []


# -- real files and mutants of them: the same keys are unknown, the same keys are missing ---------------------------------


def _loaded(text: str) -> object:
    """What a file holds as plain data; None for a file that is broken, or includes or merges something."""
    document = Document(".upsun/config.yaml", text)
    nodes = list(walk(document.root))
    odd = any(isinstance(node, Alias | Include) or node.tag not in (None, STRING_TAG) for node in nodes)
    return None if document.problems or odd else _data(document.root)


def _data(node: Node | None) -> object:
    if isinstance(node, Mapping):
        return {pair.name: _data(pair.value) for pair in node.pairs}
    if isinstance(node, Sequence):
        return [_data(item) for item in node.items]
    # A date is text to JSON. Of a number JSON knows no `.inf`.
    value = node.value if isinstance(node, Scalar) else None
    return value if isinstance(value, str | int | float | None) and value not in (math.inf, -math.inf) else str(value)


@cache
def _real_files() -> list[dict[str, object]]:
    files = [file for file in corpus_files() if file.stat().st_size < 20_000]
    return [data for file in files if isinstance(data := _loaded(file.read_text("utf-8", "replace")), dict)]


_Path = tuple[str | int, ...]


def _paths(data: object, path: _Path = ()) -> Iterator[_Path]:
    entries = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in entries:
        yield (*path, key)
        yield from _paths(value, (*path, key))


def _at(data: Any, path: _Path) -> Any:
    for key in path:
        data = data[key]
    return data


@st.composite
def _mutants(draw: st.DrawFn) -> dict[str, object]:
    """Draw real files in which a few keys are renamed, and values deleted or replaced by those of other places."""
    data = copy.deepcopy(draw(st.sampled_from(_real_files())))
    for _ in range(draw(st.integers(1, 3))):
        paths = list(_paths(data))
        if not paths:
            break
        *above, key = draw(st.sampled_from(paths))
        holder = _at(data, tuple(above))
        kind = draw(st.sampled_from(["rename", "swap", "delete", "any"]))
        if kind == "rename" and isinstance(holder, dict):
            holder[draw(st.sampled_from([f"{key}x", "x", "type", "commands", "source"]))] = holder.pop(key)
        elif kind == "swap":
            holder[key] = copy.deepcopy(_at(data, draw(st.sampled_from(paths))))
        elif kind == "any":
            holder[key] = draw(_ANY)
        else:
            del holder[key]
    return data


def _places(text: str, rule: str) -> list[_Path]:
    """The keys a finding of a rule is at, each with the keys that lead there."""
    document = Document(".upsun/config.yaml", text)
    found = []
    for problem in validate(document):
        span = document.span(problem.region)
        if problem.rule == rule and span is not None:
            steps = [step.pair.name if step.pair is not None else step.item for step in path_at(document, span.start)]
            found.append(tuple(step for step in steps if step is not None))
    return sorted(found, key=str)


def _agrees(data: dict[str, object]) -> None:
    text = json.dumps(data)
    ours = [problem for problem in problems(text) if problem.rule not in ("deprecated-key", "undocumented-value")]
    theirs = list(_VALIDATOR.iter_errors(data))
    assert bool(ours) == bool(theirs), (ours, [error.message for error in theirs])
    # Below alternatives jsonschema does not choose one, so it has no single place.
    if any(error.validator in ("oneOf", "anyOf") for error in theirs):
        return
    unknown = [
        (*error.absolute_path, key)
        for error in theirs
        if error.validator == "additionalProperties"
        for key in error.instance
        # Those with a dot have a rule that says more.
        if key not in error.schema["properties"]
        and not key.startswith(".")
        and not any(re.search(pattern, key) for pattern in error.schema.get("patternProperties", {}))
    ]
    missing = [tuple(error.absolute_path) for error in theirs if error.validator == "required"]
    assert _places(text, "unknown-key") == sorted(unknown, key=str)
    # A misspelled key that is required is one problem, of the key that is unknown.
    assert set(_places(text, "missing-key")) <= set(missing)
    assert len(missing) - len(_places(text, "missing-key")) <= len(unknown)


def test_real_files_are_judged_as_jsonschema_judges_them() -> None:
    assert len(_real_files()) > 10
    for data in _real_files():
        _agrees(data)


@settings(deadline=None, max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(_mutants())
def test_mutants_of_real_files_are_judged_as_jsonschema_judges_them(data: dict[str, object]) -> None:
    _agrees(data)


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("    variables: {env: {A: !env B}}\n", ["!env"]),
        ("    variables: {env: {A: {b: [!x c, !y {d: e}]}}}\n", ["!x", "!y"]),
        ("    variables: {env: {A: !!str 1, B: ! 2}}\n", []),
        ("    variables: {env: {!x A: B}}\n", ["!x"]),
        ("    variables: !!python/dict {env: {A: !!php/x B}}\n", ["!!python/dict", "!!php/x"]),
        ("    variables: {env: {A: !broken B}}\n", ["!broken"]),
        ("x: !y {z: 1}\n", ["!y"]),
        ("    hooks: {build: !secret x}\n", ["!secret"]),
    ],
)
def test_an_unknown_tag_is_invalid_wherever_it_is(text: str, tags: list[str]) -> None:
    found = [message for _, _, message in said(APP + text) if "unknown tag" in message]
    assert sorted(found) == sorted(f"unknown tag `{tag}` (expected `!include` or `!archive`)" for tag in tags)


@pytest.mark.parametrize(
    ("value", "can_be_loaded"),
    [
        ("!!int 0x1F", True),
        ("!!int '5'", True),
        ("!!int x", False),
        ("!!int 089", False),
        ("!!float 1e3", True),
        ("!!float 5", True),
        ("!!float x", False),
        ("!!bool Yes", True),
        ("!!bool y", False),
        ("!!timestamp 2026-01-31", True),
        ("!!timestamp 2026-02-31", False),
        ("!!binary aGk=", True),
        ("!!binary a", False),
        ("!!null x", True),
        ("!!map {a: b}", True),
        ("!!map x", False),
        ("!!seq [x]", True),
        ("!!seq {a: b}", False),
        ("!!str [x]", False),
        ("!!set {a, b}", True),
        ("!!omap [a: b]", True),
        ("{!!merge <<: {a: b}}", True),
    ],
)
def test_a_value_is_what_its_tag_says(value: str, can_be_loaded: bool) -> None:
    found = [
        message for rule, _, message in said(APP + f"    variables: {{x: {{a: {value}}}}}\n") if rule == "invalid-value"
    ]
    assert (not found) is can_be_loaded


def test_a_merge_of_something_else_than_maps_is_the_only_problem() -> None:
    document = Document(".upsun/config.yaml", "applications:\n  app:\n    <<: base\n")
    assert [problem.rule for problem in document.problems] == ["syntax-error"]
    assert validate(document) == []


@pytest.mark.parametrize(
    ("value", "is_reported"),
    [("5 minutes", True), ("3x", True), ("1h", False), ("300", False), ("-1", False), ("1.5M", False), ("''", True)],
)
def test_a_value_that_is_not_documented_is_a_warning_of_its_place(value: str, is_reported: bool) -> None:
    locations = f"applications:\n  app:\n    type: 'php:8.4'\n    web: {{locations: {{/: {{expires: {value}}}}}}}\n"
    routes = (
        f"routes:\n  'https://{{default}}/':\n    type: redirect\n    to: /a\n    redirects: {{expires: {value}}}\n"
    )
    for text in (locations, routes):
        found = [problem.region.text for problem in problems(text) if problem.rule == "undocumented-value"]
        assert found == ([value] if is_reported else [])
