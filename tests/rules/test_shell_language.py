"""What shells cannot read, and what only bash can."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import apply_fix, corpus_projects, findings
from upsun_rules.finding import Finding, Severity
from upsun_rules.lookups.shell_sources import shell_sources
from upsun_rules.shell import dash
from upsun_rules.shell.dash import bash_constructs
from upsun_rules.shell.syntax import syntax_fault

needs_shells = pytest.mark.skipif(
    not (shutil.which("dash") and shutil.which("bash")), reason="needs dash and bash to compare with"
)


def config(command: str, place: str = "hook") -> str:
    """A configuration with a command in a separate block."""
    lines = {
        "hook": ["hooks:", "  build: |"],
        "cron": ["crons:", "  job:", "    spec: '7 3 * * *'", "    commands:", "      start: |"],
        "worker": ["workers:", "  queue:", "    commands:", "      start: |"],
        "web": ["web:", "  commands:", "    start: |"],
        "operation": ["operations:", "  clean:", "    commands:", "      start: |"],
    }[place]
    block = "\n".join(f"                {line}" for line in command.split("\n"))
    return "applications:\n  app:\n    type: 'php:8.4'\n" + "".join(f"    {line}\n" for line in lines) + block + "\n"


def one(command: str, rule: str, place: str = "hook") -> Finding:
    (finding,) = findings(config(command, place), rule)
    return finding


# What no shell can read, what is underlined, and a part of the message.
REFUSED = [
    ("node a.js | | tee x", "|", "between `|` and `|`"),
    ("a && && b", "&&", "between `&&` and `&&`"),
    ("a &&& b", "&", "between `&&` and `&`"),
    ("a | ; b", ";", "between `|` and `;`"),
    ("a ||", "||", "no command follows"),
    ("a |\n# b", "|", "no command follows"),
    ("&& a", "&&", "before it"),
    ("a\n| b", "|", "before it"),
    ("a & ; b", ";", "before it"),
    ("a ;; b", ";;", "before it"),
    ("if a; then b", "if", "`fi` is missing"),
    ("if a; b; fi", "fi", "`then` is missing before `fi`"),
    ("if a; then\n# b\nfi", "then", "`:` is one that does nothing"),
    ("if a; then b; else\nfi", "else", "no command"),
    ("if a; then; b; fi", ";", "before it"),
    ("while a; do b", "while", "`done` is missing"),
    ("while a\nb", "while", "`do` is missing for this `while`, and so is `done`"),
    ("for x in 1 2; b; done", "b", "`do` is missing before `b`"),
    ("for x in 1 2; do done", "do", "no command"),
    ("case $x in a) b", "case", "`esac` is missing"),
    ("case $x a) b;; esac", "case", "`in` is missing"),
    ("case $x in\na b) c;; esac", "b", "`)` is missing"),
    ("fi", "fi", "no `if` is open"),
    ("a; done", "done", "no `do` is open"),
    ("a)", ")", "nothing opens it"),
    ("(a", "(", "`)` is missing"),
    ("( )", "(", "no command"),
    ("{ a", "{", "`}` is missing"),
    ("f() { a", "{", "`}` is missing"),
    ("echo (a)", "(", "quote it"),
    ('echo "a', '"', "never closed"),
    ("echo 'it''s", "'", "never closed"),
    ("echo `a", "`", "never closed"),
    ("echo $(a", "$(", "`)` is missing"),
    ('echo "$(a | | b)"', "|", "between"),
    ("echo ${a", "${", "`}` is missing"),
    ("a > | b", ">", "no file name"),
    ("a 2>", ">", "no file name"),
]
READ = [
    "a | b && c || d; e & f",
    "! a | b",
    "if a; then b; elif c; then d; else e; fi",
    "if a\nthen\n  # why\n  :\nfi",
    "while a; do b; done < x",
    "until a; do b; done &",
    "for x in 1 2; do a; done",
    "for x; do a; done",
    "for x in; do a; done",
    "case $x in a|b) c;; (d) ;; *) e; esac",
    "case $x in esac",
    "f() { a; }",
    "f() (a)",
    "{ a; } 2>&1",
    "(a; b) > x",
    "cat <<EOF\nif x; then | |\nEOF\necho done",
    "cat <<'A' <<-B\nx'\nA\n\ty\"\n\tB\na",
    "cat <<EOF\nnever ends",
    'echo "it\'s $(echo "a b") `c` ${d:-"e }"}"',
    "echo $((1 + (2 * 3))) $(( 1 ))",
    "echo \\\" \\' \\( \\`",
    "echo if then fi done",
    "echo a#b # c ' \" (",
    "a=1 b= c=$(d) e",
    "a \\\n | b",
    "a |\n\n# c\nb",
    "a 2>/dev/null >&2 3<&0 <x >|y",
    "bash -c 'if [[ | |'",
    "[[ $a =~ ^(b|c)$ && -n $d ]] && e",
    "a=(1 2 # 3\n4); a+=(5)",
    "diff <(a) <(b)",
    "for ((i=0; i<3; i++)); do a; done",
    "((a++)); x=$'it\\'s'",
    "function f { a; }",
    "a &> b; c |& d; e <<< f",
    "time a; time { b; }",
    "echo }",
    "echo a{b,c}",
    "$a",
    "",
]


@pytest.mark.parametrize(("command", "place", "words"), REFUSED)
def test_what_no_shell_can_read(command: str, place: str, words: str) -> None:
    found = one(command, "shell-syntax")
    assert found.region.text == place
    assert words in found.message
    assert found.severity is Severity.ERROR


@pytest.mark.parametrize("command", READ)
def test_what_a_shell_can_read(command: str) -> None:
    assert syntax_fault(command) is None


@needs_shells
@pytest.mark.parametrize("command", [case[0] for case in REFUSED])
@pytest.mark.parametrize("shell", ["dash", "bash"])
def test_shells_refuse_it_too(shell: str, command: str) -> None:
    assert _refuses(shell, command)


@pytest.mark.parametrize("place", ["cron", "worker", "web", "operation"])
def test_every_command_is_read(place: str) -> None:
    assert one("node a.js | | tee x", "shell-syntax", place).region.text == "|"


def test_the_place_is_exact_in_every_style() -> None:
    for written in ("node a | | b", "'node a | | b'", '"node a | | b"', ">\n          node a\n          | | b"):
        text = f"applications:\n  app:\n    type: 'php:8.4'\n    hooks:\n      build: {written}\n"
        (found,) = findings(text, "shell-syntax")
        assert found.region.text == "|"
        assert found.region.piece.text[found.region.start - 2 : found.region.end] == "| |"


def test_a_folded_script_is_reported_as_one() -> None:
    text = "applications:\n  app:\n    type: 'php:8.4'\n    hooks:\n      build: >\n        if a; then\n        npm ci\n        fi\n"
    assert [one.rule for one in findings(text) if one.rule in ("folded-script", "shell-syntax")] == ["folded-script"]


@given(st.text(alphabet="ab|&;<>(){}$`'\"\\ \n#!=[]", max_size=60))
def test_any_text_is_read(text: str) -> None:
    fault = syntax_fault(text)
    assert fault is None or 0 <= fault.start < fault.end <= len(text)


PIECES = [
    "(",
    "$(",
    "${",
    '"$(',
    "$((",
    "if ",
    "a=(",
    "time ",
    "f() ",
    "function f ",
    "! ",
    "{ ",
    "<(",
    "`",
    "<<a\n",
    "[[ ",
]


@pytest.mark.parametrize("piece", PIECES)
@pytest.mark.parametrize("before", ["", "a | ", '"'])
def test_deep_texts_end(before: str, piece: str) -> None:
    text = before + piece * (4_000 // len(piece))
    syntax_fault(text)
    bash_constructs(text)


_SNIPPETS = [command for command in READ if "<<" not in command] + [command for command, *_ in REFUSED]


@needs_shells
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_what_is_refused_is_refused_by_every_shell(data: st.DataObject) -> None:
    """No word or sign, put or left out anywhere, makes us refuse what dash or bash can read."""
    # After `[[`, what shells make of nonsense differs.
    plain = [command for command in _SNIPPETS if "[[" not in command]
    parts = re.findall(r"\w+|\s+|.", data.draw(st.sampled_from(plain)), re.DOTALL)
    at = data.draw(st.integers(0, len(parts)))
    new = data.draw(
        st.sampled_from(["", "|", ";", "\n", "(", ")", '"', "'", " if ", " then ", " fi ", " do ", " done "])
    )
    parts[at : at + 1] = [new]
    text = "".join(parts)
    if syntax_fault(text) is not None:
        assert _refuses("dash", text) and _refuses("bash", text), text


def _refuses(shell: str, text: str) -> bool:
    return subprocess.run([shell, "-n", "-c", text], capture_output=True, check=False).returncode != 0


@needs_shells
def test_the_shells_agree_about_real_projects() -> None:
    texts = {
        source.scalar.text
        for project in corpus_projects()
        for application in project.applications.values()
        for source in shell_sources(application)
    }
    assert texts
    for text in texts:
        refused = syntax_fault(text) is not None
        assert refused == (_refuses("dash", text) and _refuses("bash", text)), json.dumps(text)


# What only bash knows, what is underlined, and what the fix makes of the whole.
BASH = [
    ("set -o pipefail", "pipefail", None),
    ("set -euo pipefail", "pipefail", "set -eu"),
    ("set -e -o pipefail", "pipefail", "set -e"),
    ("source ./env.sh", "source", ". ./env.sh"),
    ("source env.sh", "source", ". ./env.sh"),
    ('source "$HOME/env.sh"', "source", '. "$HOME/env.sh"'),
    ('[[ "$a" =~ ^demo ]] && b', "[[", None),
    ("[[ $a == abc ]] && b", "[[", '[ "$a" = abc ] && b'),
    ("[[ -f x ]] && b", "[[", "[ -f x ] && b"),
    ("[[ $a == x* ]] && b", "[[", None),
    ('if [ "$a" == b ]; then c; fi', "==", 'if [ "$a" = b ]; then c; fi'),
    ('test "$a" == b && c', "==", 'test "$a" = b && c'),
    ("a=(1 2)", "a=(1 2)", None),
    ("diff <(a) b", "<(a)", None),
    ("mkdir -p var/{log,cache}", "{log,cache}", "mkdir -p var/log var/cache"),
    ("for i in {1..3}; do a; done", "{1..3}", None),
    ("cp {a,b}.txt /tmp", "{a,b}", "cp a.txt b.txt /tmp"),
    ("wget https://x/{a,b}", "{a,b}", "wget https://x/a https://x/b"),
    ("function f { a; }", "function", "f() { a; }"),
    ("function f() { a; }", "function", "f() { a; }"),
    ("a &> x", "&>", "a > x 2>&1"),
    ("a &>> x", "&>>", "a >> x 2>&1"),
    ("a >& x", ">&", "a > x 2>&1"),
    ("x=$(< f)", "$(< f)", "x=$(cat f)"),
    ("x=$(<f)", "$(<f)", "x=$(cat f)"),
    ('a <<< "$x"', "<<<", None),
    ("a |& b", "|&", "a 2>&1 | b"),
    ("x+=y", "+=", "x=${x}y"),
    ("echo ${x//a/b}", "${x//a/b}", None),
    ("echo ${x^^}", "${x^^}", None),
    ("echo ${x:0:3}", "${x:0:3}", None),
    ("echo ${!x}", "${!x}", None),
    ("echo ${x[0]}", "${x[0]}", None),
    ("echo $'a\\n'", "$'a\\n'", None),
    ("for ((i=0; i<3; i++)); do a; done", "for", None),
    ("((a++))", "((", None),
    ("declare -r a=1", "declare", None),
    ("shopt -s globstar", "shopt", None),
    ("pushd web", "pushd", None),
    ("trap a ERR", "ERR", None),
]
EVERY_SHELL = [
    "set -eu",
    ". ./env.sh",
    '[ "$a" = b ] && c',
    "echo source",
    "echo pipefail",
    "echo '[[ a ]]' \"[[ b ]]\"",
    "bash -c 'source x; [[ a ]] && mkdir {a,b}'",
    'bash -euo pipefail -c "[[ a ]]"',
    "bash <<EOF\nsource x\n[[ a ]]\nEOF",
    "#!/usr/bin/env bash\nsource x\n[[ a ]]",
    "awk '{print $1,$2}'",
    "sed -e 's/{a,b}//'",
    "echo \\{a,b\\}",
    "x={a,b}",
    "git show stash@{1}",
    "find . -exec rm {} \\;",
    "{ a; b; }",
    "echo ${x:-y} ${x%/} ${x##*/} ${#x} ${x:?no} ${x:+z} ${x-a/b}",
    "echo $((1 + 2)) $((x == 2))",
    "a > x 2>&1; b 2>/dev/null; c >&2",
    "a & > x",
    "f() { local x=1; }",
    "export A=b",
    "x=$(cat f)",
    "trap a EXIT",
    "jq '.a == .b'",
    "test a = b",
    "echo a == b",
    'curl -d \'{"a":1,"b":2}\' x',
    "/usr/bin/curl -fsS -O https://x/{a,b}",
]


@pytest.mark.parametrize(("command", "place", "fixed"), BASH)
@pytest.mark.parametrize("where", ["hook", "cron"])
def test_what_only_bash_knows(where: str, command: str, place: str, fixed: str | None) -> None:
    found = one(command, "bash-in-dash", where)
    assert found.region.text == place
    assert found.severity is Severity.WARNING
    if fixed is None:
        assert not found.fixes
    else:
        text = apply_fix(config(command, where), found)
        assert text == config(fixed, where)
        assert not findings(text, "bash-in-dash")


@pytest.mark.parametrize("command", EVERY_SHELL)
def test_what_every_shell_knows(command: str) -> None:
    assert not findings(config(command), "bash-in-dash")


@needs_shells
@pytest.mark.parametrize("command", [case[0] for case in BASH])
def test_bash_reads_it(command: str) -> None:
    assert not _refuses("bash", command)


@needs_shells
@pytest.mark.parametrize("command", [case[0] for case in BASH])
def test_dash_stops_at_the_reported_place(command: str) -> None:
    (construct, *_) = bash_constructs(command)
    # A name of a loop and a `+=` are only looked at when they run.
    assert construct.fatal == _refuses("dash", command)


def test_one_finding_for_all_of_a_kind() -> None:
    command = "source ./a\nsource ./b"
    found = one(command, "bash-in-dash")
    assert [related.region.text for related in found.related] == ["source"]
    assert apply_fix(config(command), found) == config(". ./a\n. ./b")
    assert found.fixes[0].safe


def test_start_commands_are_reported_for_what_cannot_be_read() -> None:
    assert not findings(config("source ./env.sh; [[ $a ]] && b", "worker"), "bash-in-dash")
    assert one("diff <(a) <(b)", "bash-in-dash", "worker").region.text == "<(a)"


@pytest.mark.parametrize(
    ("task", "rule"),
    [
        ("{run: {command: 'php run.php | | tee x'}}", "shell-syntax"),
        ("{hooks: {deploy: 'if x; then'}, run: {command: php run.php}}", "shell-syntax"),
        ("{hooks: {build: 'source ./x'}, run: {command: php run.php}}", "bash-in-dash"),
        ("{run: {command: 'for ((;;)); do x; done'}}", "bash-in-dash"),
        ("{run: {command: 'source ./x'}}", None),
    ],
)
def test_the_commands_of_a_task_are_read(task: str, rule: str | None) -> None:
    text = f"applications:\n  app:\n    type: 'php:8.4'\ntasks:\n  t: {{type: 'php:8.4', {task[1:]}\n"
    found = {one.rule for one in findings(text)} & {"shell-syntax", "bash-in-dash"}
    assert found == ({rule} if rule else set())


@given(st.lists(st.sampled_from([*dash._PARTS, "a", " ", "\n", "<", ">", ")", "'", "1", "$", "}", ",", "|", ";", "="])))
def test_a_quick_look_misses_no_construct(words: list[str]) -> None:
    text = "".join(words)
    found = dash._SIGNS.search(text)
    assert found is None or any(part in found[0] for part in dash._PARTS)
