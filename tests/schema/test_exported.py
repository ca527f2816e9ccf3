"""The schema for other tools accepts `!include` where it may be, and is the same everywhere else."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given

from tests.schema.test_validation import _VALIDATOR, _configurations
from tests.support import corpus_files
from upsun_schema.keys.exported import exported_schema

EXPORTED = jsonschema.Draft7Validator(json.loads(exported_schema()))

APP = "applications:\n  app:\n    type: 'php:8.4'\n"


class Loader(yaml.SafeLoader):
    """Reads tags as tools do that know nothing of them: a scalar is text, a map is a map."""


def _plain(loader: Any, node: yaml.Node) -> object:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    return loader.construct_scalar(node)


for tag in ("!include", "!archive", "!file"):
    Loader.add_constructor(tag, _plain)


def errors(text: str) -> list[str]:
    return [error.message for error in EXPORTED.iter_errors(yaml.load(text, Loader))]


def test_it_is_a_valid_schema() -> None:
    jsonschema.Draft7Validator.check_schema(json.loads(exported_schema()))


@pytest.mark.parametrize(
    "text",
    [
        "applications: !include apps.yaml\n",
        "applications:\n  app: !include ../app/app.yaml\n",
        "applications:\n  app: !include {type: yaml, path: app.yml}\n",
        APP + "    hooks: {build: !include {type: string, path: build.sh}}\n",
        APP + "    hooks: !include hooks.yaml\n",
        APP + "    workers: !include workers.yaml\n",
        APP + "    workers: {queue: !include queue.yaml}\n",
        APP + "    workers: {queue: {commands: {start: !include {type: string, path: start.sh}}}}\n",
        APP + "    workers: {queue: {commands: !include {path: commands.yaml}}}\n",
        APP + "    crons: {nightly: !include nightly.yaml}\n",
        APP + "    mounts: !include mounts.yaml\n",
        APP + "    variables: {env: !include env.yaml}\n",
        APP + "    web: {locations: {/: !include location.yaml}}\n",
        APP + "services: {cache: !include cache.yaml}\n",
        APP
        + "services: {cache: {type: 'varnish:7.6', configuration: {vcl: !include {type: string, path: config.vcl}}}}\n",
        APP + "services: {search: {type: 'solr:9.9', configuration: {conf_dir: !archive solr/conf}}}\n",
        APP + "routes: !include routes.yaml\n",
    ],
)
def test_an_include_is_accepted(text: str) -> None:
    assert errors(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "applications: {app: web}\n",
        APP + "    workers: {queue: 'php run.php'}\n",
        APP + "    hooks: {build: {type: string}}\n",
        APP + "    hooks: {build: {type: text, path: build.sh}}\n",
        APP + "    crons: {nightly: {path: nightly.yaml, spec: '0 1 * * *'}}\n",
        APP + "    mounts: {a: {source: !include {type: string, path: x}}}\n",
    ],
)
def test_what_cannot_be_an_include_is_still_an_error(text: str) -> None:
    assert errors(text)


@given(_configurations())
def test_without_an_include_it_decides_like_our_own(configuration: object) -> None:
    if "path" not in json.dumps(configuration):
        assert EXPORTED.is_valid(configuration) == _VALIDATOR.is_valid(configuration)


def test_real_files_are_valid_in_both_or_in_none() -> None:
    for file in corpus_files():
        try:
            configuration = yaml.load(file.read_bytes(), Loader)
        except (yaml.YAMLError, ValueError):
            continue
        if _VALIDATOR.is_valid(configuration):
            assert EXPORTED.is_valid(configuration), file
