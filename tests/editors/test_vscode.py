"""The extension for VS Code, built and tried out in the real one: `run_vscode` does it, and says what went wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import PATIENCE

RUN = Path(__file__).with_name("run_vscode")
MISSING = 77


@pytest.mark.skipif(
    sys.platform != "linux" or os.uname().machine != "x86_64",
    reason="it is built for linux-x64 here",
)
def test_the_extension_in_vs_code() -> None:
    command = [sys.executable, RUN, "--patience", str(PATIENCE)]
    ran = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if ran.returncode == MISSING:
        pytest.skip(ran.stdout.strip().splitlines()[-1])
    assert ran.returncode == 0, ran.stdout
