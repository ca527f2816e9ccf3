"""The extension for VS Code, built and tried out in the real one: `run_vscode` does it, and says what went wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

RUN = Path(__file__).with_name("run_vscode")
MISSING = 77


@pytest.mark.skipif(sys.platform != "linux" or os.uname().machine != "x86_64", reason="it is built for linux-x64 here")
def test_the_extension_in_vs_code() -> None:
    done = run()
    if done.returncode == MISSING:
        pytest.skip(done.stdout.strip().splitlines()[-1])
    if done.returncode != 0:
        # A busy machine can be too slow for an editor; what is broken fails again, and both accounts are shown.
        again = run()
        assert again.returncode == 0, f"{done.stdout}\n--- once more ---\n{again.stdout}"


def run() -> subprocess.CompletedProcess[str]:
    """Build the extension and run its sessions."""
    return subprocess.run(
        [sys.executable, RUN], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
