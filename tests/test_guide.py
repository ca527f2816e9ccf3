"""Every command in the README and the guide is run, and prints what the page shows; UPDATE_GOLDEN=1 writes that.

A page is read from above. A fence with `title="PATH"` is a file, which is written into a folder with a small project. In a
`console` fence each line that begins with `$ ` is a command, and what follows is what it prints, standard output first.
In an `sh` fence only the commands count. Programs that install things are not run; they are listed here.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.command import CLEAN, upsun_lint, write

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs" / "guide").glob("*.md"))]

_FENCE = re.compile(
    r"^(?P<fence>`{3,})(?P<language>\w+)(?: (?P<info>[^\n]*))?\n(?P<text>.*?)^(?P=fence)$", re.DOTALL | re.MULTILINE
)
_TITLE = re.compile(r'title="([^"]+\.\w+)"')

NOT_RUN = ("cd", "docker", "make", "npm", "npx", "pip", "pipx", "pre-commit", "uv", "eval", "$EDITOR")
"""Programs that install something, need a network, or change the shell of the reader."""

PROJECT = """\
applications:
  app:
    type: 'php:8.4'
    source: {root: /}
    relationships: {db: 'db:mysql'}
    variables: {env: {APP_ENV: prod}}
    mounts: {var/log: {source: storage}}
    workers:
      queue:
        commands: {start: php artisan queue:work --max-time=3600}
services:
  db: {type: 'mariadb:11.8'}
routes:
  https://{default}/: {type: upstream, upstream: 'app:http'}
"""


def commands(match: re.Match[str]) -> Iterator[tuple[str, str]]:
    """Yield each command of a fence with what it prints."""
    if match["language"] == "sh":
        lines = (line.partition(" #")[0].strip() for line in match["text"].splitlines())
        yield from ((line, "") for line in lines if line and not line.startswith("#"))
    elif match["language"] == "console":
        for part in re.split(r"^\$ ", match["text"], flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield command, output


def ran(command: str, folder: Path) -> str:
    """What a command prints."""
    words = shlex.split(command)
    if words[0] == "upsun-lint" and not set("|>&;$`") & set(command):
        found = upsun_lint(*words[1:], environment={"COLUMNS": "100"})
        assert b"Traceback" not in found.stderr
        return found.out + found.err
    shim = write(folder.parent, f'#!/bin/sh\nexec "{sys.executable}" -m upsun_lint "$@"\n', "bin/upsun-lint")
    shim.chmod(0o755)
    names = {f"GIT_{who}_{what}": "someone" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = CLEAN | names | {"PATH": f"{shim.parent}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "100"}
    done = subprocess.run(command, shell=True, cwd=folder, env=environment, capture_output=True, text=True)
    return done.stdout + done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_commands_of_a_page_print_what_it_shows(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "project"
    write(folder, PROJECT)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def fresh(match: re.Match[str]) -> str:
        title = _TITLE.search(match["info"] or "")
        if title is not None:
            write(folder, match["text"], title[1])
        parts: list[str] = []
        for command, _ in commands(match):
            skipped = shlex.split(command)[0] in NOT_RUN
            output = "" if skipped else ran(command, folder)
            assert match["language"] == "console" or not re.search(r"^upsun-lint: ", output, re.MULTILINE), output
            parts.append(f"$ {command}\n{output}")
        if match["language"] != "console":
            return match[0]
        info = f" {match['info']}" if match["info"] else ""
        return f"{match['fence']}console{info}\n{''.join(parts)}{match['fence']}"

    shown = page.read_text("utf-8")
    current = _FENCE.sub(fresh, shown)
    if os.environ.get("UPDATE_GOLDEN"):
        page.write_text(current, "utf-8", newline="")
    assert current == page.read_text("utf-8"), f"{page.name} differs; UPDATE_GOLDEN=1 writes what is printed now"


def test_the_index_names_every_page() -> None:
    index = (ROOT / "docs" / "guide" / "README.md").read_text("utf-8")
    names = {page.name for page in PAGES[1:]} - {"README.md"}
    assert names == set(re.findall(r"\(([a-z-]+\.md)\)", index))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        path, _, anchor = target.partition("#")
        if ":" in target:
            continue
        file = page.parent / path if path else page
        assert file.exists(), target
        if anchor and file.suffix == ".md":
            headings = re.findall(r"^#+ (.*)$", file.read_text("utf-8"), re.MULTILINE)
            slugs = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
            assert anchor in slugs, target


def test_every_option_is_in_the_guide() -> None:
    guide = (ROOT / "docs" / "guide" / "command-line.md").read_text("utf-8")
    for option in re.findall(r"^  (?:-\w, )?(--[a-z-]+)", upsun_lint("check", "--help").out, re.MULTILINE):
        assert option == "--help" or f"`{option}" in guide, option
