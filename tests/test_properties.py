"""Whatever is in a file: findings come out, never an exception, and each has its place."""

from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import CONFIG, findings, project
from upsun_rules.engine import lint
from upsun_rules.options import Options
from upsun_schema.configuration.project import Project

OPTIONS = Options()

_LINES = st.sampled_from(
    [
        "applications:",
        "  app:",
        "    type: 'php:8.4'",
        "    type: composable:26.05",
        "    stack: {runtimes: ['php@8.4', nodejs@24]}",
        "    workers:",
        "    workers: [a, b]",
        "      queue:",
        "      mail: *anchor",
        "      queue: &anchor",
        "        commands:",
        "        commands: {start: ['a', b]}",
        "          start: |",
        "            while true; do php x.php; sleep 600; done",
        "          start: celery -A p worker -B &",
        "          start: >-",
        "          start: !include {type: string, path: x.sh}",
        "        start: php x.php",
        "        crons: {a: {spec: '* * * * *'}}",
        "        hooks:",
        "        mysql:",
        "        mounts: {}",
        "        mounts:",
        "          /var/data: {source: storage, service: app}",
        "          'var/data/': {source: tmp}",
        "        relationships: {db: 'db:mysql', x: {service: y}}",
        "        variables: {env: {A: on, B: 010}}",
        "        access: {ssh: viewer}",
        "    relationships:",
        "      db:",
        "      self: 'app:http'",
        "      worker: 'app--queue:http'",
        "    mounts: {a: {source: storage}, a/b: {source: instance}}",
        "    variables:",
        "      env: {C: d}",
        "    crons:",
        "      tick: {spec: '*/2 * * * *', cmd: 'php artisan queue:work'}",
        "      tock:",
        "        spec: '@daily'",
        "        commands: {start: }",
        "  services:",
        "services:",
        "  db:",
        "    type: 'mariadb:11.8'",
        "    type: mariadb@9",
        "  db: {type: 'redis:8.0', relationships: {primary: 'db:x'}}",
        "routes:",
        "  'https://{default}/': {type: upstream, upstream: 'app:http'}",
        "  'https://x/': {type: redirect}",
        "# upsun-lint: ignore[crons-on-worker] x",
        "# upsun-lint: ignore-file[nothing]",
        ".x: &x {source: tmp}",
        "    <<: *x",
        "    key: 'open",
        "\tx: 1",
        "workers: {a: {commands: {start: b}}}",
    ]
)
_TEXTS = st.lists(_LINES, max_size=30).map(lambda lines: "\n".join(lines) + "\n")


@settings(deadline=None, max_examples=400)
@given(_TEXTS)
def test_any_configuration_gives_findings(text: str) -> None:
    found = project(text)
    for finding in lint(found, OPTIONS):
        for region in (finding.region, *(related.region for related in finding.related)):
            document, span = found.place(region)
            assert 0 <= span.start <= span.end <= len(document.text)
        for fix in finding.fixes:
            spans = sorted(found.place(edit.region).span for edit in fix.edits)
            assert all(one.end <= other.start for one, other in itertools.pairwise(spans)), fix.title


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=200))
def test_any_text_gives_findings(text: str) -> None:
    findings(text)


@settings(deadline=None, max_examples=200)
@given(_TEXTS, _TEXTS, _TEXTS)
def test_findings_after_edits_are_those_of_the_text_alone(first: str, second: str, third: str) -> None:
    state = project(first)
    for text in (second, third):
        lint(state, OPTIONS)
        state = Project(state.root, {CONFIG: text}, state)
    seen = [(one.rule, one.message, state.place(one.region).span) for one in lint(state, OPTIONS)]
    fresh = project(third)
    assert seen == [(one.rule, one.message, fresh.place(one.region).span) for one in lint(fresh, OPTIONS)]
