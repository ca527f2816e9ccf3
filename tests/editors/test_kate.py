"""The file of `editors/kate` in the real Kate: a picture of it shows what was found."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.editors.programs import CONFIGURATION, PROJECT, SERVER, World, from_debian
from tests.patience import PATIENCE

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Kate comes from Debian here")

PACKAGES = {
    "kate": "/usr/bin/kate",
    "xvfb": "/usr/bin/Xvfb",
    "imagemagick": "/usr/bin/import",
    "dbus": "/usr/bin/dbus-run-session",
}


@contextmanager
def running(command: list[str | Path], environment: dict[str, str], stdout: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program, and end it in the end together with whatever it has started."""
    with subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            for end in (signal.SIGTERM, signal.SIGKILL):
                if process.poll() is None:
                    os.killpg(process.pid, end)
                    try:
                        process.wait(5)
                    except subprocess.TimeoutExpired:
                        continue


@contextmanager
def screen(world: World) -> Iterator[dict[str, str]]:
    """Make a screen that nobody looks at; yield the environment of programs that are to appear there."""
    command: list[str | Path] = ["Xvfb", "-displayfd", "1", "-screen", "0", "1000x700x24", "-nolisten", "tcp"]
    with running(command, world.environment, subprocess.PIPE) as server:
        assert server.stdout is not None
        display = server.stdout.readline().decode().strip()
        assert display, "Xvfb did not start"
        yield world.environment | {"DISPLAY": f":{display}", "QT_QPA_PLATFORM": "xcb", "LIBGL_ALWAYS_SOFTWARE": "1"}


def marked_lines(picture: bytes) -> int:
    """The number of stretches of rows of a picture that are, over a good part of their width, as pink as an error."""
    head = re.match(rb"P6\s+(\d+)\s+(\d+)\s+255\s", picture)
    assert head is not None, picture[:40]
    width, height = int(head[1]), int(head[2])
    pixels = picture[head.end() :]
    rows = []
    for row in range(height):
        line = pixels[row * width * 3 : (row + 1) * width * 3]
        pink = sum(
            red > 240 and 200 < green < 240 and abs(green - blue) < 6
            for red, green, blue in zip(line[0::3], line[1::3], line[2::3], strict=True)
        )
        rows.append(pink > 200)
    return sum(now and not before for before, now in zip([False, *rows], rows, strict=False))


class Kate:
    """A running Kate, and the screen that it is on."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment

    def wait_for_marks(self, count: int) -> None:
        """Wait until so many lines of the file in front are marked as wrong."""
        late = time.monotonic() + PATIENCE
        while (marked := self._marked()) != count:
            assert time.monotonic() < late, f"{marked} marked lines, not {count}"
            time.sleep(0.5)

    def bring_to_front(self, file: Path) -> None:
        """Show one of the open files, as its user would by opening it once more."""
        subprocess.run(["kate", file], env=self.environment, capture_output=True, timeout=PATIENCE, check=True)

    def _marked(self) -> int:
        command = ["import", "-silent", "-window", "root", "-depth", "8", "ppm:-"]
        shot = subprocess.run(command, env=self.environment, capture_output=True, timeout=PATIENCE, check=True)
        return marked_lines(shot.stdout)


@contextmanager
def kate(world: World, *files: Path) -> Iterator[Kate]:
    """Run Kate with files open, the last one in front."""
    config = world.home / ".config" / "kate" / "lspclient"
    config.mkdir(parents=True, exist_ok=True)
    shutil.copy(PROJECT / "editors" / "kate" / "settings.json", config / "settings.json")
    # A user is asked whether the server may be started, and says yes; Kate remembers it by the whole path.
    katerc = (Path(__file__).with_name("kate") / "katerc").read_text("utf-8").replace("upsun-lint", str(SERVER))
    (world.home / ".config" / "katerc").write_text(katerc, "utf-8")
    script = 'echo "$DBUS_SESSION_BUS_ADDRESS"; exec kate --new "$@"'
    command: list[str | Path] = ["dbus-run-session", "--", "sh", "-c", script, "sh", *files]
    with screen(world) as environment, running(command, environment, subprocess.PIPE) as process:
        assert process.stdout is not None
        address = process.stdout.readline().decode().strip()
        yield Kate(environment | {"DBUS_SESSION_BUS_ADDRESS": address})


@pytest.fixture
def world(tmp_path: Path) -> World:
    from_debian(PACKAGES)
    return World(tmp_path)


def test_marks_only_the_wrong_line(world: World) -> None:
    other = world.write("other.yaml", CONFIGURATION)
    with kate(world, other, world.config) as editor:
        editor.wait_for_marks(1)
        editor.bring_to_front(other)
        editor.wait_for_marks(0)
