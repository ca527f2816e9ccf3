"""`upsun-lint init`: the settings, the hook and the CI job of a project that has none of them yet."""

from __future__ import annotations

import os
import sys

import click

from upsun_lint.failure import Failure
from upsun_lint.run.settings import FILE
from upsun_lint.writing import output
from upsun_lint.writing.terminal import printable
from upsun_rules.published import HOME
from upsun_schema.record import NamedTuple

__all__ = ["init"]

_SETTINGS = """\
# Settings of upsun-lint. Every rule runs; `upsun-lint rules` lists them.
# The address of the documentation: {home}

# The same table of images on every machine. `images update --output FILE` writes a newer one.
images = "included"

# ignore = ["image-version"]
# fail_on = "warning"
"""

_HOOK = """\
repos:
  - repo: {home}
    rev: v1.0.0
    hooks:
      - id: upsun-lint
"""

_GITHUB = """\
name: upsun-lint
on: [push, pull_request]
permissions:
  contents: read
jobs:
  upsun-lint:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
        with:
          persist-credentials: false
      - uses: actions/setup-python@v6
        with:
          python-version: "3.13"
      - run: pipx install "git+{home}"
      - run: upsun-lint
"""

_GITLAB = """\
upsun-lint:
  image: python:3.13
  script:
    - pip install "git+{home}"
    - upsun-lint --format text --format gitlab=gl-code-quality-report.json
  artifacts:
    when: always
    reports:
      codequality: gl-code-quality-report.json
"""


class _File(NamedTuple):
    """A file to write: its path, its text, and what to do by hand if the file exists."""

    path: str
    text: str
    by_hand: str


def _wanted() -> list[_File]:
    """The files for the systems that the folder shows."""
    found = [_File(FILE, _SETTINGS, "it stays as it is")]
    if os.path.exists(".pre-commit-config.yaml") or os.path.isdir(".git"):
        found.append(_File(".pre-commit-config.yaml", _HOOK, "add the entry of `repos` to it"))
    if os.path.isdir(".github") or "github.com" in _remotes():
        found.append(_File(".github/workflows/upsun-lint.yml", _GITHUB, "it stays as it is"))
    if os.path.exists(".gitlab-ci.yml") or "gitlab" in _remotes():
        found.append(_File(".gitlab-ci.yml", _GITLAB, "add the job to it"))
    return [one._replace(text=one.text.replace("{home}", HOME)) for one in found]


def _remotes() -> str:
    from upsun_schema.files import read_file

    try:
        return read_file(os.path.join(".git", "config"), 100_000).decode("utf-8", "replace")
    except OSError:
        return ""


@click.command(options_metavar="[OPTIONS]")
@click.option("--yes", "-y", is_flag=True, help="Write the files without asking.")
def init(yes: bool) -> int:
    """Write settings, a pre-commit hook, and the CI job of the system that this repository uses.

    The files are shown first. A file that exists is never changed: its text is shown, for you to add.
    """
    files = _wanted()
    new = [one for one in files if not os.path.lexists(one.path)]
    for one in files:
        what = "new" if one in new else f"exists: {one.by_hand}"
        output.write(f"# {printable(one.path)} ({what})\n{one.text}\n")
    if HOME.startswith("https://example.org/"):
        output.write(f"Replace {HOME} with the address of your copy of upsun-lint.\n")
    if not new:
        output.write("There is nothing to write.\n")
        return 0
    if not yes and not _confirmed(len(new)):
        return 1
    for one in new:
        _write(one)
    output.write(f"Wrote {', '.join(printable(one.path) for one in new)}.\n")
    return 0


def _confirmed(number: int) -> bool:
    if sys.stdin is None or not sys.stdin.isatty():
        raise Failure("nothing was written: add --yes to write the new files")
    return click.confirm(f"Write {number} new {'file' if number == 1 else 'files'}?")


def _write(one: _File) -> None:
    try:
        os.makedirs(os.path.dirname(one.path) or os.curdir, exist_ok=True)
        with open(one.path, "x", encoding="utf-8", newline="\n") as file:
            file.write(one.text)
    except OSError as fault:
        raise Failure(f"{one.path}: {(fault.strerror or 'cannot be written').lower()}") from None
