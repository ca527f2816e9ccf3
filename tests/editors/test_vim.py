"""The files of `editors/vim` in the real Vim: with ALE, and without any plugin."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from tests.editors.programs import CONFIGURATION, MENDED, MISTAKE, PROJECT, RULE, World, from_debian

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Vim comes from Debian here")

HERE = Path(__file__).with_name("vim")
EDITOR_FILES = PROJECT / "editors" / "vim"


@pytest.fixture(scope="module")
def vim() -> str:
    # Vim's smallest package cannot talk to a server, nor run a script at all.
    from_debian({"vim-nox": "/usr/share/vim/vim90/autoload/netrw.vim", "vim-ale": "/usr/share/vim-ale"})
    return "vim"


@pytest.fixture(scope="module")
def session(vim: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """One session of a user who opens two files and does one thing after the other in the second."""
    world = World(tmp_path_factory.mktemp("vim"))
    other = world.write("other.yaml", CONFIGURATION)
    command: list[str | Path] = [vim, "-es", "-u", HERE / "vimrc", "-i", "NONE", "-S", HERE / "drive.vim"]
    return world.drive(command, EDITOR_FILES=str(EDITOR_FILES), OTHER=str(other))


def test_leaves_everything_else_alone(session: dict[str, Any]) -> None:
    assert session["elsewhere"] == ["yaml", 0, 0]


def test_shows_findings(session: dict[str, Any]) -> None:
    (found,) = session["findings"]
    assert (found["line"], found["type"]) == (MISTAKE, "E")
    assert "background" in found["text"]


def test_shows_a_hover(session: dict[str, Any]) -> None:
    assert "queue" in session["hover"]
    assert "inherited" in session["hover"]


def test_applies_a_code_action(session: dict[str, Any]) -> None:
    expected = CONFIGURATION.splitlines()
    expected[MISTAKE - 1] = MENDED
    assert session["action"] == expected


def test_without_a_plugin(vim: str, tmp_path: Path) -> None:
    world = World(tmp_path)
    command: list[str | Path] = [vim, "-es", "-u", "NONE", "-i", "NONE", "-S", HERE / "compiler.vim"]
    found = world.drive(command, EDITOR_FILES=str(EDITOR_FILES))["quickfix"]
    (one,) = [entry for entry in found if entry["valid"]]
    assert (one["file"], one["lnum"], one["type"]) == (str(world.config), MISTAKE, "e")
    assert "background" in one["text"]
    assert RULE not in one["text"]
