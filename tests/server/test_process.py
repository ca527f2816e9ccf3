"""What only a separate process shows: its streams, its signals, its imports."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from tests.patience import PATIENCE
from tests.server.command import CLEAN, process, write

WRONG = """\
applications:
  app:
    type: 'php:8.4'
    mount: {} # … → 漢字
"""
MANY = "services:\n" + "".join(f"  db{number}: {{typ: 'x'}}\n" for number in range(3000))

on_posix = pytest.mark.skipif(os.name == "nt", reason="POSIX only")

ENVIRONMENT = CLEAN | {"PYTHONUTF8": "0", "LANG": "C.UTF-8"}


def start(root: Path, *arguments: str, **streams: object) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "upsun_lint", *arguments]
    return subprocess.Popen(command, cwd=root, env=ENVIRONMENT, **streams)  # type: ignore[call-overload, no-any-return]


# -- readers and disks -------------------------------------------------------------------------------------------------


@on_posix
@pytest.mark.parametrize("arguments", [("--severity", "hint"), ("--format", "json"), ("rules",), ("schema",)])
def test_a_reader_that_stops_early_is_not_a_failure(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    write(tmp_path, MANY)
    found = start(tmp_path, *arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert found.stdout is not None
    assert found.stderr is not None
    found.stdout.read(10)
    found.stdout.close()
    err = found.stderr.read()
    found.stderr.close()
    assert found.wait(PATIENCE) == (1 if arguments[0].startswith("--") else 0)
    assert err == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("arguments", [(), ("--format", "json"), ("rules",), ("--help",)])
def test_a_full_disk_is_a_failure(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    write(tmp_path, WRONG)
    with open("/dev/full", "wb") as full:
        found = start(tmp_path, *arguments, stdout=full, stderr=subprocess.PIPE)
        _, err = found.communicate(timeout=PATIENCE)
    assert found.returncode == 2
    assert err == b"upsun-lint: the output cannot be written: No space left on device\n"


@on_posix
def test_closed_streams(tmp_path: Path) -> None:
    write(tmp_path, WRONG)
    for redirection in (">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"):
        command = f'"{sys.executable}" -m upsun_lint --select unknown-key {redirection}'
        assert subprocess.run(["sh", "-c", command], cwd=tmp_path, env=ENVIRONMENT, timeout=PATIENCE).returncode == 1


@on_posix
def test_an_interruption_ends_it_quietly(tmp_path: Path) -> None:
    write(tmp_path, WRONG)
    streams = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    # A shell that starts the tests in the background has them ignore it.
    heeding = partial(signal.signal, signal.SIGINT, signal.default_int_handler)
    found = start(tmp_path, "--stdin-filename", ".upsun/config.yaml", "-", preexec_fn=heeding, **streams)
    assert found.stdin is not None
    # More than a pipe holds: once it is written, the process is reading it and waits for the rest.
    found.stdin.write(b"#" * 1_000_000)
    found.stdin.flush()
    found.send_signal(signal.SIGINT)
    out, err = found.communicate(timeout=PATIENCE)
    assert found.returncode == 130
    assert (out, err.strip()) == (b"", b"")


def test_a_bug_has_another_status_than_findings(tmp_path: Path) -> None:
    code = "import upsun_lint.cli as cli, upsun_lint.__main__ as main; cli.run = lambda _: 1 / 0; main.main()"
    found = subprocess.run([sys.executable, "-c", code], env=ENVIRONMENT, capture_output=True, timeout=PATIENCE)
    assert found.returncode == 2
    assert b"ZeroDivisionError" in found.stderr
    assert found.stderr.endswith(b"upsun-lint: this is a bug in upsun-lint; please report it with the lines above\n")


# -- encodings -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "environment",
    [{"LANG": "C", "PYTHONCOERCECLOCALE": "0"}, {"PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "latin-1"}],
)
def test_characters_that_an_encoding_lacks_are_replaced(tmp_path: Path, environment: dict[str, str]) -> None:
    write(tmp_path, WRONG + f"    access: {{ssh: '{'é漢' * 60}'}}\n")
    for form in ("text", "concise", "json"):
        ran = process("--format", form, cwd=tmp_path, environment=environment)
        assert (ran.status, ran.stderr) == (1, b"")
        assert b"mounts" in ran.stdout
        ran.stdout.decode("latin-1" if "latin-1" in environment.values() else "ascii")
    for arguments in (("show",), ("explain", "unknown-key"), ("rules",), ("schema",)):
        assert process(*arguments, cwd=tmp_path, environment=environment).stderr == b""


@on_posix
@pytest.mark.parametrize("environment", [{}, {"LANG": "C", "PYTHONCOERCECLOCALE": "0"}])
def test_paths_that_are_not_utf8(tmp_path: Path, environment: dict[str, str]) -> None:
    name = b"caf\xe9"
    try:
        write(tmp_path / os.fsdecode(name), WRONG)
        write(tmp_path / os.fsdecode(name), "services: {}\nroute: {}\n", f".upsun/{os.fsdecode(name)}.yaml")
    except OSError:
        pytest.skip("this file system has UTF-8 names only")
    for arguments in ((), ("--format", "json"), ("--format", "concise"), ("--diff",), ("--fix",)):
        ran = process(*arguments, name, cwd=tmp_path, environment=environment)
        assert ran.status == (0 if arguments == ("--fix",) else 1)
        assert b"caf" in ran.stdout
        assert b"Traceback" not in ran.stderr
    assert process(name + b"/missing", cwd=tmp_path, environment=environment).status == 2


def test_control_characters_of_a_file_never_reach_the_terminal(tmp_path: Path) -> None:
    write(tmp_path, "services:\n  \"a\\e[31m\": {typ: x}\n  b: {typ: '\x1b]0;title\x07'}\n  c\u202ed: {typ: x}\n")
    for form in ("text", "concise"):
        out = process("--format", form, "--severity", "hint", cwd=tmp_path).out
        assert not any(char in out for char in "\x1b\x07\u202e")


# -- speed ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [(), ("--format", "concise"), ("--format", "json")])
def test_a_check_imports_nothing_it_does_not_need(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    write(tmp_path, WRONG.replace("mount:", "variables:"))
    code = (
        "import sys; from upsun_lint.cli import run; run(sys.argv[1:]); "
        "print(*sorted(name.partition('.')[0] for name in sys.modules), file=sys.stderr)"
    )
    command = [sys.executable, "-c", code, *arguments]
    found = subprocess.run(command, cwd=tmp_path, env=ENVIRONMENT, capture_output=True, timeout=PATIENCE)
    modules = set(found.stderr.decode().split())
    assert "upsun_rules" in modules
    heavy = {"asyncio", "attr", "attrs", "cattrs", "jsonschema", "lsprotocol", "pygls", "referencing", "rich"}
    assert not modules & heavy
    assert not modules & {"difflib", "logging", "socket", "ssl", "tomllib", "unittest", "urllib3", "yaml"}


@on_posix
def test_standard_output_can_be_named(tmp_path: Path) -> None:
    write(tmp_path, WRONG)
    plain = process("--format", "json", cwd=tmp_path)
    named = process("--format", "json=/dev/stdout", cwd=tmp_path)
    assert (named.status, named.stdout, named.stderr) == (plain.status, plain.stdout, b"")
    named = process("--format", "json=/dev/fd/1", cwd=tmp_path)
    assert (named.status, named.stdout, named.stderr) == (plain.status, plain.stdout, b"")
