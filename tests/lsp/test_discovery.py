"""Projects are found anywhere in the client's folders, and a huge folder blocks nothing."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.lsp.nursery import command
from tests.lsp.raw import Raw
from upsun_lint.lsp.session.discovery import Search

TEXT = "applications:\n  app:\n    type: 'php:8.4'\n    wokers: {}\n"


def project(root: Path) -> Path:
    (root / ".upsun").mkdir(parents=True)
    (root / ".upsun" / "config.yaml").write_text(TEXT)
    return root


def roots(search: Search) -> list[Path]:
    return [Path(root) for root in search.roots()]


def test_the_nearest_projects_come_first(tmp_path: Path) -> None:
    far, near = project(tmp_path / "a" / "b" / "c"), project(tmp_path / "z")
    search = Search(str(tmp_path))
    assert roots(search) == [near, far]
    assert not search.left_out


def test_dependencies_and_hidden_folders_are_skipped(tmp_path: Path) -> None:
    for name in ("node_modules", "vendor", ".cache"):
        project(tmp_path / name / "x")
    assert roots(Search(str(tmp_path))) == []


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    found = project(tmp_path / "a")
    (tmp_path / "a" / "again").symlink_to(tmp_path)
    assert roots(Search(str(tmp_path))) == [found]


def test_a_search_is_limited_and_says_what_it_left_out(tmp_path: Path) -> None:
    deep = tmp_path
    for _ in range(20):
        deep = deep / "d"
    project(deep)
    search = Search(str(tmp_path), deepest=12)
    assert roots(search) == []
    assert "12 levels" in search.left_out
    for number in range(50):
        (tmp_path / f"{number}").mkdir()
    project(tmp_path / "9" / "x")
    search = Search(str(tmp_path), most=10)
    assert roots(search) == []
    assert "10 folders" in search.left_out


def test_a_cancelled_search_stops(tmp_path: Path) -> None:
    for name in "abc":
        project(tmp_path / name)
    search = Search(str(tmp_path))
    found = search.roots()
    next(found)
    search.is_canceled = True
    assert list(found) == []


def symbols(server: Raw, query: str = "") -> list[Any]:
    return server.ask("workspace/symbol", {"query": query})["result"] or []


@pytest.mark.skipif(sys.platform != "linux", reason="what `/` holds is known here alone")
def test_the_whole_disk_as_a_folder(tmp_path: Path) -> None:
    with Raw(command()) as server:
        server.start(Path("/"))
        # While the search is on, everything is answered, and an open project counts at once.
        server.open((tmp_path / ".upsun" / "config.yaml").as_uri(), TEXT.replace("app:", "opened-here:"))
        assert "opened-here" in {one["name"] for one in symbols(server, "opened-here")}
        assert "skipped" in server.sent("window/logMessage")["params"]["message"]


def test_projects_that_are_not_open_are_found(tmp_path: Path) -> None:
    project(tmp_path / "a")
    project(tmp_path / "b" / "c")
    with Raw(command()) as server:
        server.start(tmp_path)
        while len(found := symbols(server)) < 2:
            pass
        assert {one["location"]["uri"] for one in found} == {
            (tmp_path / path / ".upsun" / "config.yaml").as_uri() for path in ("a", "b/c")
        }
        # This client tells nothing of new files, so the server looks again by itself.
        project(tmp_path / "d")
        while len(symbols(server)) < 3:
            pass


def test_a_closed_folder_removes_its_projects(tmp_path: Path) -> None:
    project(tmp_path / "one" / "a")
    project(tmp_path / "two" / "b")
    folders = [{"uri": (tmp_path / name).as_uri(), "name": name} for name in ("one", "two")]
    with Raw(command()) as server:
        server.start(tmp_path / "one")
        change = {"event": {"added": folders[1:], "removed": folders[:1]}}
        server.notify("workspace/didChangeWorkspaceFolders", change)
        wanted = (tmp_path / "two" / "b" / ".upsun" / "config.yaml").as_uri()
        while {one["location"]["uri"] for one in symbols(server)} != {wanted}:
            pass
