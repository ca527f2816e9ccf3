"""Problems of the settings file in an editor, at their places."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from lsprotocol import types

from tests.lsp.session import Session, session
from upsun_lint.lsp.session.positions import Units
from upsun_lint.lsp.session.settings_file import settings_diagnostics

asynchronous = pytest.mark.asyncio(loop_scope="module")

FILE = ".upsun-lint.toml"
ODD = "# 😀 e\u0301 \u2028 before everything\r\n"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def vscode(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Session]:
    async with session(tmp_path_factory.mktemp("vscode"), "vscode") as editor:
        yield editor


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ale(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Session]:
    async with session(tmp_path_factory.mktemp("ale"), "ale") as editor:
        yield editor


def show(editor: Session, text: str, path: str = FILE) -> None:
    if path in editor.texts:
        editor.change(text, path)
    else:
        editor.open(text, path)


async def found(editor: Session, text: str) -> list[tuple[str, str]]:
    """What is underlined, and why."""
    show(editor, text)
    diagnostics = await editor.diagnostics(FILE)
    assert all(one.severity == types.DiagnosticSeverity.Error for one in diagnostics)
    return [(editor.covered(one.range, FILE), one.message) for one in diagnostics]


MISTAKES = [
    ('ignore = ["😀", "crons-on-workr"]', ["crons-on-workr"], ["did you mean `crons-on-worker`?"]),
    ("selct = []", ["selct"], ["unknown setting `selct`; did you mean `select`?"]),
    ('severity = "warn"', ["severity"], ["`severity` must be"]),
    ("fail_on = 3\n'a b' = 1", ["fail_on", "a b"], ["`fail_on` must be", "unknown setting `a b`"]),
    ("cron-minimum-interval = 0", ["cron-minimum-interval"], ["at least 1"]),
    ("select = 'slow-shutdown'", ["select"], ["must be a list of rule names"]),
    ("[severities]\nslow-shutdwn = 'error'", ["slow-shutdwn"], ["did you mean `slow-shutdown`?"]),
    ("severities = {slow-shutdown = 'eror'}", ["slow-shutdown"], ["did you mean `error`?"]),
    ("severities.slow-shutdown = 'of'", ["severities.slow-shutdown"], ['or "off"']),
    ("[per-path-ignores]\n'a/*' = [\n  'slow-shutdown', # fine\n  'x',\n]", ["x"], ["there is no rule `x`"]),
    ("[per-path-ignores]\n'src/*.yaml' = 'x'", ["src/*.yaml"], ["must be a list"]),
    ("severities = 1", ["severities"], ["must map names to values"]),
    ('"a\\u0062" = 1', [""], ["unknown setting `ab`"]),
    ("[tool.upsun-lint]\nselect = []", ["tool"], ["settings belong at the top level"]),
    ("select = [", ["["], ["not valid TOML"]),
    ("severity = 'info' x", ["x"], ["not valid TOML"]),
    ("\"unclosed = 1\nselect = ['slow-shutdown']", ['"unclosed = 1'], ["not valid TOML"]),
    ("select = ['syntax-error']\nignore = []\nseverity = 'hint'\n[severities]\nslow-shutdown = 'off'", [], []),
    ("", [], []),
]


@pytest.mark.parametrize(("text", "places", "words"), MISTAKES)
@asynchronous
async def test_the_mistakes_at_their_places(vscode: Session, text: str, places: list[str], words: list[str]) -> None:
    problems = await found(vscode, ODD + text + "\r\n")
    assert [place for place, _ in problems] == places
    for word in words:
        assert any(word in message for _, message in problems), problems


@asynchronous
async def test_problems_are_pushed_to_a_client_that_does_not_pull(ale: Session) -> None:
    show(ale, "selct = []\n")
    assert len(await ale.diagnostics(FILE)) == 1
    ale.change("ignore = []\n", FILE)
    assert await ale.diagnostics(FILE) == []
    ale.change("selct = []\n", FILE)
    assert len(await ale.diagnostics(FILE)) == 1
    ale.close(FILE)
    await ale.settle()
    assert not ale.published[ale.uri(FILE)].diagnostics
    del ale.texts[FILE]


@asynchronous
async def test_saved_settings_apply_at_once(tmp_path: Path) -> None:
    async with session(tmp_path, "ale") as editor:
        editor.open("applications:\n  app:\n    type: 'php:8.4'\n    wokers: {}\n")
        assert [one.code for one in await editor.diagnostics()] == ["unknown-key"]
        text = 'ignore = ["unknown-key"]\n'
        editor.open(text, FILE)
        (tmp_path / FILE).write_text(text)
        editor.client.text_document_did_save(types.DidSaveTextDocumentParams(editor.identifier(FILE)))
        await editor.settle()
        assert not editor.published[editor.uri()].diagnostics


@given(at=st.floats(0, 1), junk=st.text(alphabet="ab=.,[]{}'\"#\\ \n\r😀\u2028", max_size=20))
@hypothesis_settings(max_examples=200)
def test_any_broken_settings_file_is_checked(at: float, junk: str) -> None:
    text = "ignore = ['slow-shutdown', \"x\"]\nseverity = 'info'\n[severities]\na.b = {c = [1, ['d']]}\n[per-path-ignores]\n"
    offset = int(at * len(text))
    for one in settings_diagnostics(text[:offset] + junk + text[offset:], Units("utf-16")):
        assert one.range.start <= one.range.end


def test_only_a_few_problems_are_reported_for_one_file() -> None:
    text = "".join(f"other{number} = 1\n" for number in range(20_000))
    assert len(settings_diagnostics(text, Units("utf-16"))) == 50


@pytest.mark.parametrize("path", [FILE, "pyproject.toml"])
@asynchronous
async def test_a_settings_file_gets_only_diagnostics(vscode: Session, path: str) -> None:
    show(vscode, "ignore = []\nsel", path)
    place = types.CompletionParams(vscode.identifier(path), types.Position(1, 3))
    assert await vscode.client.text_document_completion_async(place) is None
    assert bool(await vscode.diagnostics(path)) is (path == FILE)
