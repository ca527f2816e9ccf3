"""Findings on the line that is being typed wait for a pause; all others are shown at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lsp.session import session

pytestmark = pytest.mark.asyncio

BEFORE = "applications:\n  app:\n    type: 'php:8.4'\n    sourc: {root: /}\n"
TYPED = BEFORE + "    hoo"
FINISHED = TYPED + "\n"
NEVER = 10_000


def keys(diagnostics: list[object]) -> list[object]:
    return [diagnostic.message.split("`")[1] for diagnostic in diagnostics]  # type: ignore[attr-defined]


@pytest.mark.parametrize("profile", ["vscode", "kate"])
async def test_what_is_new_on_the_edited_line_waits(tmp_path: Path, profile: str) -> None:
    pause: dict[str, object] = {"typingPause": NEVER}
    async with session(tmp_path, profile, settings=pause, options=pause) as editor:
        editor.open(BEFORE)
        before = keys(await editor.diagnostics())
        assert "sourc" in before
        for end in range(len(BEFORE) + 1, len(TYPED) + 1):
            editor.change(TYPED[:end])
            assert keys(await editor.diagnostics()) == before
        # The next line is begun: the one before is finished.
        editor.change(FINISHED)
        assert keys(await editor.diagnostics()) == [*before, "hoo"]
        # What is already shown stays while its line is changed.
        editor.change(FINISHED.replace("sourc: {root: /}", "sourc: {root: }"))
        assert "sourc" in keys(await editor.diagnostics())


@pytest.mark.parametrize("profile", ["vscode", "kate"])
async def test_after_a_pause_it_is_shown(tmp_path: Path, profile: str) -> None:
    pause: dict[str, object] = {"typingPause": 100}
    async with session(tmp_path, profile, settings=pause, options=pause) as editor:
        editor.open(BEFORE)
        await editor.diagnostics()
        editor.change(TYPED)
        while "hoo" not in keys(await editor.diagnostics()):
            pass
        assert (profile == "vscode") == ("diagnostics" in editor.refreshes)


async def test_an_unchanged_list_is_not_sent_again(tmp_path: Path) -> None:
    async with session(tmp_path, "kate") as editor:
        editor.open(BEFORE)
        first = await editor.pushed()
        editor.change(BEFORE + "# a comment\n")
        assert await editor.pushed() is first
        editor.close()
        editor.open(BEFORE)
        assert await editor.pushed() is not first, "an editor forgets the diagnostics of a file it closes"
