"""Fixes are made of what is in the file: none beside a slip that makes it something else, none that repeats a key."""

from __future__ import annotations

import pytest

from tests.support import CONFIG, apply_fix, findings, project
from upsun_lint.lsp.features.refactorings import refactorings
from upsun_schema.yaml.text import Span

APP = "applications:\n  app:\n    type: 'php:8.4'\n"
ROUTES = "routes:\n  'https://{default}/': {type: upstream, upstream: 'app:http'}\n"


def offered(text: str) -> list[str]:
    """The titles of the fixes and refactorings offered, those of syntax errors left out."""
    known = project(text)
    document = known.documents[CONFIG]
    fixes = [fix.title for one in findings(text) if one.rule != "syntax-error" for fix in one.fixes]
    return [*fixes, *(fix.title for fix in refactorings(known, document, Span(0, len(text))))]


def worker(lines: str) -> str:
    return f"{APP}    workers:\n      q:\n{lines}"


@pytest.mark.parametrize(
    "text",
    [
        worker("        commands:\n\t\t\t\tstart: ./w.sh\n"),
        worker("        commands:\n\t\tstart: ./w.sh\n        variables: {}\n"),
        worker(
            "        commands:\n<<<<<<< HEAD\n          start: ./a.sh\n=======\n          start: ./b.sh\n>>>>>>> b\n"
        ),
        worker("        start: ./w.sh\n        variables: {env: {A: 'b}}\n"),
        worker("        size: S\n        commands:\n          start: ./w.sh\n          stop ./x\n"),
        f"{APP}    mounts:\n\t'a': {{source: storage}}\n",
    ],
)
def test_nothing_is_moved_in_a_part_of_a_file_that_is_not_yaml(text: str) -> None:
    assert offered(text) == []


def test_a_typo_does_not_remove_the_fixes_of_other_entries() -> None:
    slip = "  api:\n    type: 'nodejs:24'\n    workers:\n\tx: 1\n"
    text = worker("        start: ./w.sh\n") + slip
    assert offered(text) == ["Move it below `commands`"]
    (finding,) = findings(text, "missing-start-command")
    assert apply_fix(text, finding) == worker("        commands:\n          start: ./w.sh\n") + slip


def test_a_key_far_from_a_typo_is_still_renamed() -> None:
    text = f"{APP}    mount: {{}}\n    crons: {{}}\n    variables:\n      env:\n        A: 'b\n"
    assert offered(text) == ["Rename it to `mounts`"]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (f"{APP}    mounts:\n      '.db': {{source: storage}}\n      '/.db': {{source: storage}}\n", "dotted-mount"),
        (worker("        commands:\n          pre_start: x\n        start: y\n"), None),
    ],
)
def test_no_fix_repeats_a_key(text: str, rule: str | None) -> None:
    for finding in findings(text):
        assert rule is None or finding.rule != rule or not finding.fixes
        for fix in finding.fixes:
            assert findings(apply_fix(text, fix), "duplicate-key") == []


@pytest.mark.parametrize(
    ("text", "key", "meant"),
    [
        (
            f"{APP}    relationships:\n      api: {{ service: api, endpiont: http }}\n  api:\n    type: 'nodejs:24'\n{ROUTES}",
            "endpiont",
            "endpoint",
        ),
        (
            f"{APP}    mounts:\n      a: {{source: service, srevice: f}}\nservices:\n  f: {{type: 'network-storage:1.0'}}\n",
            "srevice",
            "service",
        ),
        (worker("        comands:\n          start: ./w.sh\n"), "comands", "commands"),
        (worker("        cmd:\n          start: ./w.sh\n"), "cmd", "commands"),
        (worker("        run:\n          start: ./w.sh\n"), "run", "commands"),
        (worker("        Commands:\n          start: ./w.sh\n"), "Commands", "commands"),
        (worker("        commands:\n          strat: ./w.sh\n"), "strat", "start"),
        (
            f"{APP}    crons:\n      c:\n        sepc: '0 3 * * *'\n        commands:\n          start: x\n",
            "sepc",
            "spec",
        ),
        (f"{APP}    crons:\n      c:\n        spec: '0 3 * * *'\n        cdm: x\n", "cdm", "cmd"),
        (APP.replace("type", "tpye"), "tpye", "type"),
        (f"{APP}    wbe:\n      commands:\n        start: x\n", "wbe", "web"),
        (f"{APP}    mounts:\n      a: {{source: tpm}}\n", None, "tmp"),
    ],
)
def test_a_misspelt_key_is_one_finding(text: str, key: str | None, meant: str) -> None:
    (finding,) = findings(text)
    assert (finding.rule, finding.region.text) == (("unknown-key", key) if key else ("invalid-value", "tpm"))
    assert finding.message.endswith(f"did you mean `{meant}`?")
    assert [fix.edits[0].text for fix in finding.fixes] == [meant]


def test_added_text_is_indented_and_quoted_like_its_file() -> None:
    text = (
        'applications:\n    app:\n        type: "php:8.4"\n        workers:\n            report:\n'
        "                commands:\n                    start: while true; do php a.php; php b.php; sleep 600; done\n"
    )
    (finding,) = findings(text, "worker-should-be-cron")
    assert apply_fix(text, finding) == (
        'applications:\n    app:\n        type: "php:8.4"\n        crons:\n            report:\n'
        '                spec: "*/10 * * * *"\n                commands:\n                    start: php a.php; php b.php\n'
    )
