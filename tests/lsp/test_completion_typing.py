"""Completion after every typed character never fails, and every offer is valid."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lsprotocol import types

from tests.lsp.completing import MARK, Editor, accepted, split
from tests.lsp.session import CONFIG
from upsun_lint.lsp.completions.snippets import snippet_data
from upsun_rules.engine import lint
from upsun_rules.finding import Severity
from upsun_rules.options import Options
from upsun_schema.configuration.project import Project
from upsun_schema.keys.shape import shape_at

PLAIN = """\
# 😀 e\u0301 before everything \u2028
applications:
  shop: &shop
    type: 'php:8.4'
    relationships:
      database: 'db:mysql'
      cache:
    mounts:
      'var/cache': {source: tmp}
      uploads:
        source: service
        service: files
    hooks:
      build: |
        set -e
        if [ -f x ]; then
          echo: no key
        fi
    variables:
      env: {APP_ENV: prod}
    crons:
      nightly:
        spec: 'H 3 * * *'
        commands: {start: php nightly.php}
    workers:
      queue:
        commands:
          start: php artisan queue:work
        mounts: {}
        variables:
          env:
            APP_ENV: dev
services:
  db:
    type: 'mariadb:11.8'
  cache:
    type: redis:8.0
  files:
    type: 'network-storage:1.0'
routes:
  "https://{default}/":
    type: upstream
    upstream: "shop:http"
    cache:
      enabled: true
"""
BRACES = """\
applications:
    a:
        type: 'composable:26.05'
        stack: {runtimes: ['php@8.4', "nodejs@24"]}
        firewall:
            outbound:
            - {ips: [192.0.2.0/24], ports: [443]}
            -
                domains: [a.example]
        workers: {q: {commands: {start: "x"}, mounts: {}}}
routes: {'https://{default}/': {type: upstream, upstream: 'a:http', redirects: {paths: {/x: {to: y}}}}}
"""

_SEEN = Options(select=frozenset({"unknown-key", "syntax-error"}))
_ROOT = "/nowhere/project"
EXAMPLES = sorted((Path(__file__).resolve().parents[2] / "examples").glob("*/.upsun/config.yaml"))


def _faults(text: str) -> Counter[str]:
    project = Project(_ROOT, {CONFIG: text})
    return Counter(finding.rule for finding in lint(project, _SEEN))


def _is_valid(text: str) -> bool:
    """Whether a file has no error at all: what an unfinished one hides would count against an offer."""
    found = lint(Project(_ROOT, {CONFIG: text}), Options())
    return not any(finding.severity is Severity.ERROR for finding in found)


TYPED = [PLAIN, PLAIN.replace("\n", "\r\n"), BRACES]
TYPED += [text for path in EXAMPLES if _is_valid(text := path.read_bytes().decode())]


def test_the_typed_texts_are_valid() -> None:
    assert len(TYPED) > 3
    assert not any(map(_faults, TYPED))


@given(
    text=st.sampled_from(TYPED),
    at=st.floats(0, 1),
    rest=st.sampled_from(["none of it", "the other lines"]),
    snippets=st.booleans(),
    choice=st.randoms(use_true_random=False),
)
@settings(max_examples=300, deadline=None)
def test_every_offer_is_valid_at_its_place(
    text: str, at: float, rest: str, snippets: bool, choice: random.Random
) -> None:
    """A valid file is typed up to some character; nothing accepted there is an unknown key or no YAML."""
    offset = int(at * len(text))
    end = len(text) if rest == "none of it" else text.find("\n", offset) % (len(text) + 1)
    typed = text[:offset] + text[end:]
    editor = Editor(snippets=snippets)
    items = editor.items(typed, offset)
    before = _faults(typed)
    for item in choice.sample(items, min(len(items), 4)):
        after = _faults(accepted(typed, item, editor.units))
        assert after <= before, (item.label, item.text_edit)


ANYTHING = st.text(alphabet="ab-:#{}[],'\"|>*&!?@ \t\n\r\u2028\ufeff😀$\\%", max_size=30)


@given(text=st.sampled_from(TYPED), at=st.floats(0, 1), junk=ANYTHING, cursor=st.floats(0, 1))
@settings(max_examples=300, deadline=None)
def test_completion_works_in_any_broken_text(text: str, at: float, junk: str, cursor: float) -> None:
    offset = int(at * len(text))
    broken = text[:offset] + junk + text[offset:]
    editor = Editor(snippets=True)
    for item in editor.items(broken, offset + int(cursor * len(junk))):
        accepted(broken, item, editor.units)


# -- the table of snippets ---------------------------------------------------------------------------------------------

_BASE = """\
applications:
  app:
    type: '{}:{}'
    relationships:
      database:
    web:
      commands:
        start: ./serve
{}services:
  database:
    type: 'mariadb:11.8'
"""


@pytest.mark.parametrize("image", ["php:8.4", "python:3.14", "ruby:3.4", "nodejs:24", "golang:1.26", "java:25"])
@pytest.mark.parametrize("section", ["workers", "crons"])
@pytest.mark.parametrize("snippets", [True, False])
def test_no_rule_objects_to_a_snippet(image: str, section: str, snippets: bool) -> None:
    text, offset = split(_BASE.format(*image.split(":"), f"    {section}:\n      {MARK}\n"))
    editor = Editor(snippets=snippets)
    items = [item for item in editor.items(text, offset) if item.kind == types.CompletionItemKind.Snippet]
    assert len(items) >= 2
    for item in items:
        project = Project(_ROOT, {CONFIG: accepted(text, item, editor.units)})
        found = [(one.rule, one.message) for one in lint(project, Options()) if one.severity >= Severity.INFO]
        assert found == [], item.label


def test_every_source_of_a_mount_is_described() -> None:
    shape = shape_at("applications", "a", "mounts", "x", "source")
    assert shape is not None
    assert snippet_data()["mount-sources"].keys() == set(shape.values)
