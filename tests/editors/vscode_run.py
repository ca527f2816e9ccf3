"""The run of VS Code, which takes minutes: it is started before other tests, and runs beside them."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

from tests.patience import PATIENCE

__all__ = ["VSCodeRun"]

_RUN = Path(__file__).with_name("run_vscode")


class VSCodeRun:
    """A run of `run_vscode` in the background; what it prints is kept."""

    current: VSCodeRun | None = None
    """The one that was started before the tests."""

    is_possible = sys.platform == "linux" and os.uname().machine == "x86_64"
    """Whether the extension can be built for this system."""

    def __init__(self) -> None:
        self._output: IO[str] = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115
        command = [sys.executable, str(_RUN), "--patience", str(PATIENCE)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=self._output, stderr=subprocess.STDOUT
        )

    def finish(self) -> tuple[int, str]:
        """Wait for its end; the exit status and what it printed."""
        status = self._process.wait()
        self._output.seek(0)
        return status, self._output.read()

    def stop(self) -> None:
        """End it. What it has started notices that it is gone."""
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait()
        self._output.close()
