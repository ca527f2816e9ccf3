"""A plain command line is read without click, and is what click makes of it."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from upsun_lint.commands.check import check
from upsun_lint.commands.check_options import OPTIONS, CheckOptions
from upsun_lint.commands.plain_line import read
from upsun_lint.failure import Failure

VALUES = [
    *("text", "json", "json=report.json", "sarif=-", "json=", "nonsense"),
    *("error", "hint", "never", "always", "auto", "ERROR", "0", "1", "64", "65", "-1", "+4", " 4", "4_0", "٤"),
    *(
        "mounts",
        "mount*",
        "missing-web-start-command,mounts",
        ",",
        "policy:x",
        "no-such-rule",
        "",
        "-",
        "--",
        "-x",
        "a=b",
    ),
]

NAMES = [name for option in OPTIONS for name in (option.name, option.short) if name is not None]

words = st.one_of(
    st.sampled_from([*NAMES, "--no-shellcheck", "--qui", "--no-fix", "-qv", "-h", "--help", "-V"]),
    st.builds("{}={}".format, st.sampled_from(NAMES), st.sampled_from(VALUES)),
    st.sampled_from(VALUES),
    st.text(max_size=5),
)


def by_click(command_line: list[str]) -> CheckOptions | None:
    """What click reads; None if it refuses the command line."""
    try:
        with check.make_context("check", list(command_line)) as context:
            return CheckOptions(**context.params)
    except (click.ClickException, click.exceptions.Exit, Failure):
        return None


@given(st.lists(words, max_size=6))
def test_it_is_what_click_reads(command_line: list[str]) -> None:
    found = read(command_line, {})
    assert found is None or found == by_click(command_line)


@pytest.mark.parametrize(
    "line",
    [
        "",
        ". -q",
        "- --stdin-filename .upsun/config.yaml",
        "--format json --format=sarif=x.sarif a b",
        "--select mounts,missing-web-start-command --ignore mount* --extend-select web",
        "--severity warning --fail-on never --exit-zero --fix --unsafe-fixes mounts",
        "--diff --shellcheck --no-shellcheck --baseline b.json --update-baseline",
        "--since main --jobs 4 --config= --no-config --color never --color=always",
        "-q -v --quiet --verbose --statistics --show-settings --show-files --exclude a --exclude b",
    ],
)
def test_a_plain_command_line_is_read(line: str) -> None:
    found = read(line.split(), {})
    assert found is not None
    assert found == by_click(line.split())


@pytest.mark.parametrize(
    "line", ["--help", "-qv", "--quie", "--jobs", "--jobs x", "--format x", "--fix=1", "--", "--select x"]
)
def test_everything_else_is_left_to_click(line: str) -> None:
    assert read(line.split(), {}) is None


@pytest.mark.parametrize("name", ["UPSUN_LINT_FORMAT", "UPSUN_LINT_BASELINE", "UPSUN_LINT_JOBS"])
def test_click_reads_the_variables(name: str) -> None:
    assert read([], {name: "1"}) is None


def test_every_option_has_its_default() -> None:
    assert read([], {}) == CheckOptions() == by_click([])


@pytest.mark.parametrize(
    ("line", "loaded"),
    [("", False), (".", False), ("check -q", False), ("--help", True), ("rules", True), ("check --jobs x", True)],
)
def test_click_is_only_imported_where_it_is_needed(line: str, loaded: bool) -> None:
    code = (
        "import sys; from upsun_lint.cli import run; run(sys.argv[1:]); print('click' in sys.modules, file=sys.stderr)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, *line.split()], capture_output=True, text=True, cwd="examples", check=False
    )
    assert ran.stderr.splitlines()[-1] == str(loaded)
