"""The receivers of Symfony Messenger against the transports of the application."""

from __future__ import annotations

import pytest

from tests.support import CONFIG, apply_fix, findings

TRANSPORTS = "framework:\n  messenger:\n    transports:\n      async: 'doctrine://default'\n      failed: {dsn: x}\n"


def project(command: str, **files: str) -> dict[str, str]:
    text = "applications:\n  app:\n    type: 'php:8.4'\n    workers:\n      queue:\n        commands:\n"
    paths = {"packages": "config/packages/messenger.yaml", "prod": "config/packages/prod/x.yml"}
    paths |= {"php": "config/packages/messenger.php", "other": "config/packages/queue.yaml"}
    return {CONFIG: f"{text}          start: {command}\n", **{paths[name]: body for name, body in files.items()}}


def unknown(command: str, **files: str) -> list[str]:
    return [one.region.text for one in findings(project(command, **files), "unknown-receiver")]


CONSUME = "php bin/console messenger:consume"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("async", []),
        ("async failed -vv --limit 10 --bus x", []),
        ("asnyc", ["asnyc"]),
        ("async other -l 5 more", ["other", "more"]),
        ("scheduler_default", []),
        ("messenger.transport.async", []),
        ("$RECEIVERS", []),
        ("--all", []),
        ("async,failed", []),
    ],
)
def test_the_receivers_of_a_command(arguments: str, expected: list[str]) -> None:
    assert unknown(f"{CONSUME} {arguments}", packages=TRANSPORTS) == expected


def test_the_name_that_is_meant_is_offered() -> None:
    files = project(f"{CONSUME} asnyc", packages=TRANSPORTS)
    (finding,) = findings(files, "unknown-receiver")
    assert "did you mean `async`?" in finding.message
    assert apply_fix(files, finding) == files[CONFIG].replace("asnyc", "async")


def test_transports_may_be_anywhere_in_the_configuration() -> None:
    command = f"{CONSUME} mail"
    assert unknown(command, packages=TRANSPORTS) == ["mail"]
    assert unknown(command, packages=TRANSPORTS, other=TRANSPORTS.replace("async", "mail")) == []
    assert unknown(command, packages=TRANSPORTS, prod=TRANSPORTS.replace("async", "mail")) == []
    nested = "".join(f"  {line}\n" for line in TRANSPORTS.replace("async", "mail").splitlines())
    assert unknown(command, packages=f"{TRANSPORTS}when@prod:\n{nested}") == []
    assert unknown(command, packages=f"{TRANSPORTS}when@dev:\n{nested}") == ["mail"]


@pytest.mark.parametrize("text", ["", "framework: {}", "framework: [", "framework:\n  messenger:\n    transports: ~\n"])
def test_unknown_transports_say_nothing(text: str) -> None:
    assert unknown(f"{CONSUME} mail", packages=text) == []
    assert unknown(f"{CONSUME} mail") == []
    assert unknown(f"{CONSUME} mail", packages=TRANSPORTS, php="<?php") == []
