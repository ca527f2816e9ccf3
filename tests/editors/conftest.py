"""VS Code takes minutes and mostly waits: it runs beside all other tests, and its test is the last one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.editors.vscode_run import VSCodeRun

_LAST = Path(__file__).with_name("test_vscode.py")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path == _LAST)


def pytest_collection_finish(session: pytest.Session) -> None:
    wanted = any(item.path == _LAST for item in session.items)
    if wanted and VSCodeRun.is_possible and not session.config.option.collectonly:
        VSCodeRun.current = VSCodeRun()


def pytest_sessionfinish() -> None:
    if VSCodeRun.current is not None:
        VSCodeRun.current.stop()
