"""Text of plain words is read without a syntax tree: the result is the one that the tree gives."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from upsun_rules.shell.command_table import table
from upsun_rules.shell.parsing import script_of_tree
from upsun_rules.shell.plain import plain_script
from upsun_rules.shell.script import Command

PROGRAMS = [
    *("php", "artisan", "./bin/run", "python3.12", "node", "exec", "exit", "nice", "env", "timeout", "sh", "bash"),
    *(
        "sleep",
        "cd",
        "set",
        "true",
        "a+b",
        "read",
        "trap",
        "wait",
        "npx",
        "poetry",
        "a@b",
        "C:",
        "time",
        "if",
        "export",
    ),
    *(
        "_x",
        ".",
        "test",
        "sudo",
        "setsid",
        "x:y",
        "in",
        "then",
        "0",
        "10",
        "-x",
        "let",
        "eval",
        "a=b",
        "$RUN",
        "[",
        "@",
    ),
]
ARGUMENTS = [
    *(
        "-c",
        "run",
        "-n",
        "5",
        "10",
        "0x1F",
        "--limit=100",
        "-e",
        "A=b",
        "--",
        "-",
        "%1",
        "$PORT",
        "$1",
        "$_",
        "a,b",
        "+x",
    ),
    *(
        "queue:work",
        "@scope/name",
        "infinity",
        "30s",
        "=",
        "--x=a=b",
        "-1",
        "1e3",
        "a.b",
        "..",
        "/",
        "do",
        "10.5",
        "-x=1",
    ),
    *("5#3", "a%b", "x=1", "$A_b", "true", "function", "3,4", ":", "50%", "-v", "-", "@", ",", "+", "é"),
]
lines = st.builds(
    lambda indent, program, arguments, blank: indent + " ".join([program, *arguments]) + blank,
    st.sampled_from(["", " ", "\t", "  "]),
    st.sampled_from(PROGRAMS + sorted(table()["prefixes"])),
    st.lists(st.sampled_from(ARGUMENTS + PROGRAMS), max_size=5),
    st.sampled_from(["", " ", "\t"]),
)


def described(value: object) -> object:
    """All that a script holds, as values that can be compared."""
    if isinstance(value, Command):
        return {name: described(getattr(value, name)) for name in Command.__slots__}
    return tuple(map(described, value)) if isinstance(value, tuple) else value


alphabet = "ab1Z_./:@%+,=-$ \t\n"


@settings(max_examples=500)
@given(st.lists(st.one_of(lines, st.just("")), max_size=4).map("\n".join))
def test_commands_are_read_as_the_tree_has_them(text: str) -> None:
    plain = plain_script(text)
    assert plain is None or described(plain) == described(script_of_tree(text))


@settings(max_examples=500)
@given(st.text(alphabet, max_size=30))
def test_any_text_is_read_as_the_tree_has_it(text: str) -> None:
    plain = plain_script(text)
    assert plain is None or described(plain) == described(script_of_tree(text))


@pytest.mark.parametrize(
    "text",
    [
        "php artisan queue:work --tries=3",
        "set -eux\n./build.sh --no-dev\n",
        "exec gunicorn app:app -w 4 -b :$PORT",
        "./bin/serve --port $PORT",
        "sleep infinity",
    ],
)
def test_usual_commands_need_no_tree(text: str) -> None:
    assert (plain_script(text) is not None) == (":$PORT" not in text)


@pytest.mark.parametrize("text", ["a && b", "a | b", "a; b", "'a'", "a &", "A=b c", "if a", "sh -c a", "read x", "a*"])
def test_other_text_is_left_to_the_grammar(text: str) -> None:
    assert plain_script(text) is None
