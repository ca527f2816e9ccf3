"""What a person sees in Neovim, in a real terminal.

`UPSUN_LINT_PICTURES=1` keeps pictures of it as those of the guide.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.editors.programs import PROJECT, World, from_pypi
from tests.editors.test_neovim import PACKAGES

if sys.platform == "linux":
    from tests.editors.terminal import Terminal

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() != "x86_64", reason="Neovim is on PyPI for Linux on x86_64"
)

SHOP = Path(__file__).with_name("vscode") / "projects" / "shop"
IMAGES = PROJECT / "docs" / "images"
ESCAPE = "\x1b"
COMPLETE = "\x18\x0f"
# As a colorful terminal has it, with the signs that everyone sees.
INIT = """\
vim.opt.runtimepath:append(vim.env.PLUGIN)
vim.lsp.enable('upsun_lint')
vim.opt.termguicolors = true
vim.opt.number = true
vim.opt.signcolumn = 'yes'
vim.opt.completeopt = { 'menuone', 'noselect', 'popup' }
vim.opt.laststatus = 0
vim.diagnostic.config({ virtual_text = true })
"""


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    world = World(tmp_path_factory.mktemp("screen"))
    shutil.copytree(SHOP, world.project, dirs_exist_ok=True)
    init = world.folder / "init.lua"
    init.write_text(INIT, "utf-8")
    requirement = PACKAGES["0.11"]
    name = requirement.partition("==")[0].replace("-", "_")
    neovim = from_pypi("neovim", requirement) / name / "install" / "bin" / "nvim"
    environment = world.environment | {"PLUGIN": str(PROJECT / "editors" / "neovim")}
    with Terminal([neovim, "-u", init, "-i", "NONE", "-n", world.config], environment, world.project) as terminal:
        terminal.until("the problems", lambda shown: "moves the command" in shown or "top" in shown.lower())
        yield terminal


def keep(terminal: Terminal, name: str) -> None:
    svg = terminal.picture("nvim .upsun/config.yaml")
    assert svg.startswith("<svg") and len(svg) < 120_000
    if os.environ.get("UPSUN_LINT_PICTURES"):
        (IMAGES / f"{name}.svg").write_text(svg, "utf-8")


def test_problems_hints_and_lenses(window: Terminal) -> None:
    window.type("/nohup\rzz")
    shown = window.until("the problems", lambda one: "moves the command" in one and "inherits" in one and "copy" in one)
    assert "overrides 2 blocks · inherits mounts" in shown
    keep(window, "neovim-problems")


def test_the_hover_fits_the_window(window: Terminal) -> None:
    window.type("/mailer\rzzK")
    shown = window.until("the hover", lambda one: "Loses" in one)
    assert re.search(r"^relationships +cache +own, line 39,", shown, re.MULTILINE), "columns are aligned"
    assert "file:" not in shown and "| ---" not in shown
    keep(window, "neovim-hover")
    window.type(f"{ESCAPE}j")
    window.until("the end of the hover", lambda one: "Loses" not in one)


def test_the_list_of_keys(window: Terminal) -> None:
    window.type(f"/mailer\ro{COMPLETE}")
    shown = window.until("the list", lambda one: "inherited from shop" in one and "container_profile" in one)
    assert re.search(r" mounts +Property inherited from shop", shown)
    assert not re.search(r" variables +Property", shown), "it is there already"
    keep(window, "neovim-completion")
    window.type(f"{ESCAPE}u")
