"""The extension for VS Code, built and tried out in the real one: `run_vscode` does it, and says what went wrong."""

from __future__ import annotations

import pytest

from tests.editors.vscode_run import VSCodeRun

MISSING = 77


@pytest.mark.skipif(not VSCodeRun.is_possible, reason="it is built for linux-x64 here")
def test_the_extension_in_vs_code() -> None:
    assert VSCodeRun.current is not None, "it is started before the tests"
    status, output = VSCodeRun.current.finish()
    if status == MISSING:
        pytest.skip(output.strip().splitlines()[-1])
    assert status == 0, output
