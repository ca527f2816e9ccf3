"""Invalid settings are reported even if their file is not open."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.lsp.nursery import command
from tests.lsp.raw import Raw

TEXT = "applications:\n  app:\n    type: 'php:8.4'\n    wokers: {}\n"
USED = 'ignore = ["unknown-key"]\n'
CHANGED = 2


def until_published(server: Raw, uri: str, *, empty: bool) -> tuple[list[dict[str, Any]], list[str]]:
    """Wait for diagnostics of a file; return them, and the messages that were shown meanwhile."""
    shown = []
    while True:
        message = server.receive()
        if message.get("method") == "window/showMessage":
            shown.append(message["params"]["message"])
        if message.get("method") == "textDocument/publishDiagnostics" and message["params"]["uri"] == uri:
            found = message["params"]["diagnostics"]
            if (not found) is empty:
                return found, shown


@pytest.mark.parametrize(
    ("name", "broken", "line", "words"),
    [
        (".upsun-lint.toml", "\nignore = [", 1, "not valid TOML"),
        (".upsun-lint.toml", "\nignroe = []", 1, "did you mean `ignore`?"),
        ("pyproject.toml", "[tool.upsun-lint]\nignore = 1", 0, "must be a list of rule names"),
    ],
)
@pytest.mark.parametrize("pulls", [True, False])
def test_invalid_settings_are_reported_until_they_are_fixed(
    tmp_path: Path, name: str, broken: str, line: int, words: str, pulls: bool
) -> None:
    file, config = tmp_path / name, (tmp_path / ".upsun" / "config.yaml").as_uri()
    file.write_text(broken)
    with Raw(command()) as server:
        server.start(tmp_path, textDocument={"diagnostic": {}} if pulls else {"publishDiagnostics": {}})
        server.open(config, TEXT)
        (found,), _ = until_published(server, file.as_uri(), empty=False)
        assert found["range"]["start"]["line"] == line
        assert words in found["message"]
        file.write_text("[tool.upsun-lint]\n" + USED if name == "pyproject.toml" else USED)
        server.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": file.as_uri(), "type": CHANGED}]})
        _, shown = until_published(server, file.as_uri(), empty=True)
        assert len([text for text in shown if words in text]) == (1 if pulls else 0)
        if pulls:
            answer = server.ask("textDocument/diagnostic", {"textDocument": {"uri": config}})
            assert answer["result"]["items"] == []


def test_the_client_asks_about_an_open_settings_file(tmp_path: Path) -> None:
    file, config = tmp_path / ".upsun-lint.toml", (tmp_path / ".upsun" / "config.yaml").as_uri()
    file.write_text("ignore = [")
    with Raw(command()) as server:
        server.start(tmp_path, textDocument={"diagnostic": {}})
        server.open(config, TEXT)
        until_published(server, file.as_uri(), empty=False)
        server.open(file.as_uri(), "ignore = [")
        until_published(server, file.as_uri(), empty=True)
        answer = server.ask("textDocument/diagnostic", {"textDocument": {"uri": file.as_uri()}})
        assert len(answer["result"]["items"]) == 1
        server.notify("textDocument/didClose", {"textDocument": {"uri": file.as_uri()}})
        until_published(server, file.as_uri(), empty=False)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"cronMinimumInterval": 0}, "`upsunLint.cronMinimumInterval` must be a whole number of minutes, at least 1"),
        ({"cronMinimumIntervall": 5}, "unknown setting `upsunLint.cronMinimumIntervall`; did you mean"),
        ({"ignroe": []}, "did you mean `upsunLint.ignore`?"),
        ({"select": "x"}, '`upsunLint.select` must be a list of rule names, as in `["slow-shutdown"]`'),
        ({"severities": {"slow-shutdown": "of"}}, "`upsunLint.severities.slow-shutdown` must be"),
        ({"severities": []}, "`upsunLint.severities` must map names to values"),
        ({"inlayHints": 1}, "`upsunLint.inlayHints` must be true or false"),
    ],
)
def test_messages_about_the_editors_settings_name_them_as_the_editor_does(
    tmp_path: Path, settings: dict[str, object], message: str
) -> None:
    with Raw(command()) as server:
        server.start(tmp_path)
        server.notify("workspace/didChangeConfiguration", {"settings": {"upsunLint": settings}})
        text = server.sent("window/showMessage")["params"]["message"]
        assert message in text
        assert "cron-minimum" not in text
