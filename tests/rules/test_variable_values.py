"""Names and values of variables."""

from __future__ import annotations

import pytest

from tests.support import apply_fix, findings, said, source


def env(*variables: str, relationships: str = "{}") -> str:
    lines = "".join(f"        {one}\n" for one in variables)
    head = f"applications:\n  app:\n    type: 'python:3.14'\n    relationships: {relationships}\n"
    return f"{head}    variables:\n      env:\n{lines}"


@pytest.mark.parametrize(
    ("name", "severity"),
    [
        ("LOG-LEVEL", "warning"),
        ("1ST", "warning"),
        ("'LOG LEVEL'", "warning"),
        ("PORT", "warning"),
        ("socket", "warning"),
        ("CI", "warning"),
        ("PLATFORM_X", "warning"),
        ("DATABASE_HOST", "warning"),
        ("MY_DB_PORT", "warning"),
        ("npm_config_loglevel", "info"),
        ("DATABASE_URL", None),
        ("CACHE_HOST", None),
        ("CI_ENVIRONMENT", None),
        ("LOG_LEVEL", None),
        ("_X", None),
        ("<NAME>", None),
    ],
)
def test_the_name_of_a_variable(name: str, severity: str | None) -> None:
    text = env(f"{name}: x", relationships="{database: 'db:mysql', my-db: 'db:mysql'}")
    assert said(text, "variable-name") == ([] if severity is None else [(name, severity)])


def test_two_names_that_are_one_in_capitals() -> None:
    assert said(env("level: a", "LEVEL: b"), "variable-name") == [("level", "warning")]


@pytest.mark.parametrize(
    ("value", "severity", "fixed"),
    [
        ("off", "warning", "'off'"),
        ("Yes", "warning", "'Yes'"),
        ("010", "warning", "'010'"),
        ("3.10", "warning", "'3.10'"),
        ("1_000", "warning", "'1_000'"),
        ("22:00", "warning", "'22:00'"),
        ("2026-01-31", "warning", "'2026-01-31'"),
        ("0x1F", "warning", "'0x1F'"),
        ("1.0", "hint", "'1.0'"),
        ("25", "hint", "'25'"),
        ("0", "hint", "'0'"),
        ("true", "hint", "'true'"),
        ("null", "hint", "''"),
        ("'off'", None, None),
        ("1.2.3", None, None),
        ("text", None, None),
        ("{a: 1}", None, None),
    ],
)
def test_a_value_that_is_not_text(value: str, severity: str | None, fixed: str | None) -> None:
    text = env(f"KEY: {value}")
    found = findings(text, "variable-not-text")
    assert [one.severity.label for one in found] == ([] if severity is None else [severity])
    assert [apply_fix(text, one) for one in found] == ([] if fixed is None else [env(f"KEY: {fixed}")])


def test_only_numbers_and_misread_values_have_a_safe_fix() -> None:
    for value, safe in (("off", True), ("25", True), ("true", False), ("null", False)):
        (finding,) = findings(env(f"KEY: {value}"), "variable-not-text")
        assert finding.fixes[0].safe is safe


def test_harmless_values_are_one_finding() -> None:
    text = env("A: 1", "B: 2", "C: true", "D: off")
    found = findings(text, "variable-not-text")
    assert [(source(one.region), len(one.related)) for one in found] == [("1", 2), ("off", 0)]
    assert apply_fix(text, found[0]) == env("A: '1'", "B: '2'", "C: 'true'", "D: off")


def test_settings_of_php_are_not_looked_at() -> None:
    text = "applications:\n  app:\n    type: 'php:8.4'\n    variables:\n      php: {display_errors: on}\n"
    assert said(text, "variable-not-text") == []


SECRETS = [
    "STRIPE: sk_live_" + "4eC39HqLyjWDarjtT1",
    "GIT: ghp_" + "a1B2" * 9,
    "AWS: AKIA" + "Q7R5T2W9Z1X3C4V6",
    "KEY: 'base64:" + "Ab3" * 14 + "a='",
    'PEM: "-----BEGIN RSA PRIVATE KEY-----"',
    "DATABASE_URL: 'postgresql://owner:npg_JiIO2Y0u@db.example.com/main'",
    "API_KEY: 'k7Qm2xW9rT4vB8nL1pZc'",
    "APP_SECRET: ef82c1a0b97d4f63a5e1",
    "DB_PASSWORD: 'Tr0ub4dor&3'",
]
HARMLESS = [
    "APP_SECRET: changeme",
    "APP_SECRET: '!ChangeThisMercureHubJWTSecretKey1!'",
    "DB_PASSWORD: ''",
    "DB_PASSWORD: root",
    "API_KEY: <YOUR_KEY>",
    "API_KEY: '${env:API_KEY}'",
    "API_KEY_PATH: '/app/.keys/k7Qm2xW9rT4vB8nL1pZc'",
    "NEXT_PUBLIC_API_KEY: 'k7Qm2xW9rT4vB8nL1pZc'",
    "COMMIT: 96b21e64e4e11465e0c21510ee0ab08667bf94dc",
    "DATABASE_URL: 'mysql://$USER:$PASSWORD@$HOST/main'",
    "DATABASE_URL: 'mysql://user:password@localhost/main'",
    "URL: 'https://example.com:8080/@someone'",
    "TOKEN_LIFETIME: '86400'",
    "PUBLIC_KEY: 'k7Qm2xW9rT4vB8nL1pZc'",
]


@pytest.mark.parametrize("variable", SECRETS)
def test_a_secret_in_git_is_reported_but_never_shown(variable: str) -> None:
    name, _, value = variable.partition(": ")
    (finding,) = findings(env(variable), "secret-in-variable")
    assert source(finding.region) == name
    assert value.strip("'\"") not in finding.message + finding.label


@pytest.mark.parametrize("variable", HARMLESS)
def test_a_value_that_is_not_a_secret_is_not_reported(variable: str) -> None:
    assert said(env(variable), "secret-in-variable") == []


@pytest.mark.parametrize(
    ("variable", "reported"),
    [
        ("URL: 'https://{default}/'", True),
        ("URL: 'https://www.{all}/'", True),
        ("URL: '%{default}'", True),
        ("DSN: '${env:DSN}'", True),
        ("DSN: '%env(DSN)%'", True),
        ("PATH: '/app/bin:$PATH'", True),
        ("PATH: '/app/bin:${PATH}'", True),
        ("HOST_URL: 'http://$PLATFORM_BRANCH.example.com'", True),
        ("URL: 'redis://$CACHE_HOST:6379'", True),
        ("URL: 'redis://$OTHER_HOST:6379'", False),
        ("FORMAT: '{all the rest}'", False),
        ("TEMPLATE: '{{default}}'", False),
        ("PRICE: '$5'", False),
        ("PASS: 'pa$WORD'", False),
    ],
)
def test_a_placeholder_in_a_variable_is_reported(variable: str, reported: bool) -> None:
    assert len(said(env(variable, relationships="{cache: 'c:redis'}"), "placeholder-in-variable")) == reported


def test_a_block_that_workers_share_is_reported_once() -> None:
    text = env("A-B: off").replace("variables:\n", "variables: &v\n")
    worker = "        commands: {start: ./w.sh}\n        variables: *v\n"
    text += f"    workers:\n      a:\n{worker}      b:\n{worker}"
    for rule in ("variable-name", "variable-not-text"):
        assert len(said(text, rule)) == 1
