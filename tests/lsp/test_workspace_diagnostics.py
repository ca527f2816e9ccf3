"""Problems of closed files are reported, and a client is refreshed only when there is something new."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.lsp.nursery import command
from tests.lsp.raw import Raw

CONFIG, SERVICES = ".upsun/config.yaml", ".upsun/services.yaml"
APPLICATION = "applications:\n  app:\n    type: 'php:8.4'\n    source: {root: /}\n    relationships: {db: 'db:mysql'}\n"
BROKEN = "services:\n  db: {typ: 'mariadb:11.8'}\n"
VALID = "services:\n  db: {type: 'mariadb:11.8'}\n"
PULLING: dict[str, Any] = {
    "textDocument": {"diagnostic": {}},
    "workspace": {
        "diagnostics": {"refreshSupport": True},
        "inlayHint": {"refreshSupport": True},
        "codeLens": {"refreshSupport": True},
        "didChangeWatchedFiles": {"dynamicRegistration": True},
    },
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / ".upsun").mkdir()
    (tmp_path / CONFIG).write_text(APPLICATION)
    (tmp_path / SERVICES).write_text(BROKEN)
    return tmp_path


def pull_all(server: Raw, previous: dict[str, str] | None = None, **more: object) -> dict[str, dict[str, Any]]:
    ids = [{"uri": uri, "value": value} for uri, value in (previous or {}).items()]
    answer = server.ask("workspace/diagnostic", {"previousResultIds": ids, **more})
    return {item["uri"]: item for item in answer["result"]["items"]}


def pulled(server: Raw, wanted: str) -> dict[str, dict[str, Any]]:
    """Ask until a file is among what is answered, as an editor does: the search for projects may still be on."""
    while wanted not in (items := pull_all(server)):
        pass
    return items


def test_problems_of_closed_files_are_reported(root: Path) -> None:
    uri, other = (root / CONFIG).as_uri(), (root / SERVICES).as_uri()
    with Raw(command()) as server:
        server.start(root, **PULLING)
        items = pulled(server, other)
        assert set(items) == {uri, other}
        assert [one["code"] for one in items[other]["items"]] == ["unknown-key"]
        assert items[other]["kind"] == "full"
        assert items[other]["version"] is None
        server.open(other, BROKEN, version=7)
        items = pull_all(server)
        assert items[other]["version"] == 7
        known = {one: item["resultId"] for one, item in items.items()}
        assert {item["kind"] for item in pull_all(server, known).values()} == {"unchanged"}
        server.change(other, VALID, 8)
        again = pull_all(server, known)
        assert (again[other]["kind"], again[other]["items"]) == ("full", [])


def test_a_deleted_file_has_no_problems(root: Path) -> None:
    other = (root / SERVICES).as_uri()
    with Raw(command()) as server:
        server.start(root, **PULLING)
        known = {uri: item["resultId"] for uri, item in pulled(server, other).items()}
        (root / SERVICES).unlink()
        server.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": other, "type": 3}]})
        assert pull_all(server, known)[other]["items"] == []


def test_partial_results_are_sent_if_requested(root: Path) -> None:
    other = (root / SERVICES).as_uri()
    with Raw(command()) as server:
        server.start(root, **PULLING)
        pulled(server, other)
        assert not [message for message in server.pending() if message.get("method") == "$/progress"]
        assert pull_all(server, partialResultToken="parts") == {}
        parts = [one["params"] for one in server.pending() if one.get("method") == "$/progress"]
        assert {part["token"] for part in parts} == {"parts"}
        assert other in {item["uri"] for part in parts for item in part["value"]["items"]}


def asked_again(server: Raw) -> set[str]:
    """What the server had the client ask again since the last time."""
    server.settle()
    return {method for method in server.answer_requests() if method.endswith("/refresh")}


def test_the_client_is_refreshed_only_for_new_problems(root: Path) -> None:
    uri, other = (root / CONFIG).as_uri(), (root / SERVICES).as_uri()
    with Raw(command()) as server:
        server.start(root, **PULLING)
        server.open(uri, APPLICATION)
        server.open(other, BROKEN)
        pulled(server, other)
        asked_again(server)
        asked_again(server)
        for version in range(2, 22):
            server.change(uri, f"{APPLICATION}# {'x' * version}", version)
            assert asked_again(server) == set()
        # What is said of the application depends on the service that it uses.
        server.change(other, "services:\n  db: {type: 'redis:8.0'}\n", 31)
        assert asked_again(server) == {"workspace/diagnostic/refresh"}


def test_changed_hints_and_lenses_of_other_files_are_refreshed(root: Path) -> None:
    uri, other = (root / CONFIG).as_uri(), (root / ".upsun/more.yaml").as_uri()
    worker = "      w: {commands: {start: a}}\n"
    with Raw(command()) as server:
        server.start(root, **PULLING)
        server.open(uri, f"{APPLICATION}    workers:\n{worker}")
        server.open(other, "services: {}\n")
        asked_again(server)
        asked_again(server)
        server.change(other, "services: {}\n# a comment\n", 2)
        assert asked_again(server) == set()
        # A worker of the same name: the shell on the first is reached by its full name now.
        server.change(other, f"applications:\n  two:\n    type: 'php:8.4'\n    workers:\n{worker}", 3)
        assert {"workspace/inlayHint/refresh", "workspace/codeLens/refresh"} <= asked_again(server)


def test_a_client_that_never_answers_gets_one_refresh(root: Path) -> None:
    uri, other = (root / CONFIG).as_uri(), (root / SERVICES).as_uri()
    with Raw(command()) as server:
        server.start(root, **PULLING)
        server.open(uri, APPLICATION)
        server.open(other, BROKEN)
        for version in range(2, 20):
            server.change(uri, APPLICATION.replace("db:", "x:" if version % 2 else "db:"), version)
            server.change(other, VALID if version % 2 else BROKEN, version)
            server.ask("textDocument/diagnostic", {"textDocument": {"uri": uri}})
        refreshes = [one for one in server.pending() if one.get("method") == "workspace/diagnostic/refresh"]
        assert len(refreshes) <= 1
