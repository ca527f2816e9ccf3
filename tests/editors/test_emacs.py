"""The file of `editors/emacs` in the real Emacs, with eglot."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from tests.editors.programs import CONFIGURATION, MENDED, MISTAKE, PROJECT, World, from_debian

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Emacs comes from Debian here")

ELPA = "/usr/share/emacs/site-lisp/elpa-src"
PACKAGES = {
    "emacs-nox": "/usr/bin/emacs",
    "elpa-eglot": f"{ELPA}/eglot-1.9",
    "elpa-yaml-mode": f"{ELPA}/yaml-mode-0.0.15",
}


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """One session of a user who opens two files and does one thing after the other in the second."""
    from_debian(PACKAGES)
    world = World(tmp_path_factory.mktemp("emacs"))
    other = world.write("other.yaml", CONFIGURATION)
    # Not -Q: that hides the folders in which Debian puts packages.
    driver = PROJECT / "tests" / "editors" / "emacs" / "drive.el"
    command: list[str | Path] = ["emacs", "--batch", "--no-init-file", "--load", driver]
    return world.drive(command, EDITOR_FILES=str(PROJECT / "editors" / "emacs"), OTHER=str(other))


def test_has_its_server_in_upsun_only(session: dict[str, Any]) -> None:
    assert (session["mode"], session["server"]) == ("upsun-mode", "upsun-lint")
    assert session["elsewhere"] == ["yaml-mode", False]


def test_shows_diagnostics(session: dict[str, Any]) -> None:
    (found,) = session["diagnostics"]
    assert found["line"] == MISTAKE
    assert "background" in found["text"]


def test_shows_a_hover(session: dict[str, Any]) -> None:
    assert "queue" in session["hover"]
    assert "inherited" in session["hover"]


def test_applies_a_code_action(session: dict[str, Any]) -> None:
    expected = CONFIGURATION.splitlines()
    expected[MISTAKE - 1] = MENDED
    assert session["action"].splitlines() == expected


def test_renames(session: dict[str, Any]) -> None:
    assert session["rename"] == session["action"].replace("mail:", "post:")
