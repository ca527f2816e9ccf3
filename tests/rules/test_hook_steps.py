"""Steps that are in the wrong hook, and hooks that go on after a failure."""

from __future__ import annotations

import pytest

from tests.support import apply_fix, findings

SERVICES = "services:\n  db: {type: 'mariadb:11.8'}\n  cache: {type: 'redis:8.0'}\n"


def said(rule: str, rest: str) -> list[str]:
    text = f"applications:\n  app:\n    type: 'php:8.4'\n{rest}{SERVICES}"
    return [one.region.text for one in findings(text, rule)]


def build(text: str, relationships: str = "{database: 'db:mysql'}") -> str:
    return f"    relationships: {relationships}\n    hooks:\n      build: |\n        {text}\n"


# -- services in the build -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("php artisan migrate --force", ["php artisan migrate --force"]),
        ("mysql -h x -e y", ["mysql -h x -e y"]),
        ("mysql --version", []),
        ("psql -c x", []),
        ("redis-cli ping", []),
        ("php artisan config:cache", []),
        ("npm ci && bin/console doctrine:migrations:migrate", ["bin/console doctrine:migrations:migrate"]),
        ('[ -n "$X" ] && php artisan migrate', []),
        ("php artisan migrate:status", []),
    ],
)
def test_a_service_is_used_in_the_build(text: str, found: list[str]) -> None:
    assert said("service-in-build", build(text)) == found


def test_only_services_of_that_kind_count() -> None:
    assert said("service-in-build", build("php artisan migrate", "{}")) == []
    assert said("service-in-build", build("php artisan migrate", "{cache: 'cache:redis'}")) == []
    assert said("service-in-build", build("redis-cli ping", "{cache: 'cache:redis'}")) == ["redis-cli ping"]


# -- build steps after the build -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rest", "found"),
    [
        ("    hooks: {deploy: 'npm ci'}\n", ["npm ci"]),
        ("    hooks: {post_deploy: 'composer install'}\n", ["composer install"]),
        ("    hooks: {deploy: 'npm run build'}\n", ["npm run build"]),
        ("    hooks: {build: 'npm ci'}\n", []),
        ("    hooks: {deploy: 'npm run build'}\n    mounts: {public: {source: storage}}\n", []),
        ("    hooks: {deploy: 'npm ci'}\n    mounts: {public: {source: storage}}\n", ["npm ci"]),
        ("    hooks: {deploy: 'npm ci'}\n    mounts: {node_modules: {source: instance}}\n", []),
        ("    hooks: {deploy: 'cd /tmp/x && npm ci'}\n", []),
        ("    hooks: {deploy: 'apt-get install x'}\n", []),
        ("    crons: {c: {spec: '0 1 * * *', commands: {start: 'composer update'}}}\n", ["composer update"]),
    ],
)
def test_a_build_step_runs_after_the_build(rest: str, found: list[str]) -> None:
    assert said("build-step-after-build", rest) == found


# -- failures --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("npm ci\n        npm run build", ["npm ci"]),
        ("set -e\n        npm ci\n        npm run build", []),
        ("set -eux\n        npm ci\n        npm run build", []),
        ("set -o errexit\n        npm ci\n        npm run build", []),
        ("npm ci &&\n        npm run build", []),
        ("npm ci || exit 1\n        npm run build", []),
        ("npm ci", []),
        ("echo x\n        echo y", []),
        ("npm ci; npm run build", []),
    ],
)
def test_a_failure_in_the_build_is_ignored(text: str, found: list[str]) -> None:
    assert said("failure-in-build-ignored", build(text)) == found


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_set_e_is_offered_at_the_beginning(ending: str) -> None:
    text = f"applications:\n  app:\n    type: 'php:8.4'\n{build('npm ci')}        npm run build\n".replace("\n", ending)
    (found,) = findings(text, "failure-in-build-ignored")
    assert apply_fix(text, found) == text.replace("npm ci", f"set -e{ending}        npm ci")


@pytest.mark.parametrize("head", ["|\n\n", "|\n\n\n", "|-2\n\n"])
def test_set_e_is_below_blank_lines(head: str) -> None:
    lines = f"    hooks:\n      build: {head}        npm ci\n        npm run build\n"
    text = f"applications:\n  app:\n    type: 'php:8.4'\n{lines}"
    (found,) = findings(text, "failure-in-build-ignored")
    assert apply_fix(text, found) == text.replace("npm ci", "set -e\n        npm ci")


def test_no_fix_is_offered_where_the_text_is_not_a_literal_block() -> None:
    text = "applications:\n  app:\n    type: 'php:8.4'\n    hooks: {build: \"npm ci\\nnpm run build\"}\n"
    (found,) = findings(text, "failure-in-build-ignored")
    assert found.fixes == ()
