"""Our own settings file in an editor: every mistake at its place, and what can be written there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from lsprotocol import types

from tests.lsp.completing import MARK, accepted, split
from tests.lsp.session import Session, session
from upsun_lint import settings
from upsun_rules.engine import all_rules
from upsun_schema.text import LineTable

pytestmark = pytest.mark.asyncio(loop_scope="module")

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
    """Return what is underlined, and why."""
    show(editor, text)
    diagnostics = await editor.diagnostics(FILE)
    assert all(one.severity == types.DiagnosticSeverity.Error for one in diagnostics)
    return [(editor.covered(one.range, FILE), one.message) for one in diagnostics]


MISTAKES = [
    ('ignore = ["😀", "crons-on-workr"]', ['"😀"', '"crons-on-workr"'], ["did you mean `crons-on-worker`?"]),
    ("selct = []", ["selct"], ["unknown setting `selct`; did you mean `select`?"]),
    ('severity = "warn"', ['"warn"'], ["`severity` must be"]),
    ("fail_on = 3", ["3"], ["`fail_on` must be"]),
    ("cron-minimum-interval = 0", ["0"], ["at least 1"]),
    ("select = 'slow-shutdown'", ["'slow-shutdown'"], ["must be a list of rule names"]),
    ("[severities]\nslow-shutdwn = 'error'", ["slow-shutdwn"], ["did you mean `slow-shutdown`?"]),
    ("severities = {slow-shutdown = 'eror'}", ["'eror'"], ["did you mean `error`?"]),
    ("severities.slow-shutdown = 'of'", ["'of'"], ['or "off"']),
    ("[per-path-ignores]\n'a/*' = [\n  'slow-shutdown', # fine\n  'x',\n]", ["'x'"], ["there is no rule `x`"]),
    ("[per-path-ignores]\n'a/*' = 'x'", ["'x'"], ["must be a list"]),
    ("severities = 1", ["1"], ["must map names to values"]),
    ("[tool.upsun-lint]\nselect = []", ["tool"], ["settings stand at the top"]),
    ("select = [", ["["], ["not valid TOML"]),
    ("severity = 'x", ["'x"], ["not valid TOML"]),
    ("severity = 'info' x", ["x"], ["not valid TOML"]),
    ("\"unclosed = 1\nselect = ['slow-shutdown']", ['"unclosed = 1'], ["not valid TOML"]),
    ("select = ['syntax-error']\nignore = []\nseverity = 'hint'\n[severities]\nslow-shutdown = 'off'", [], []),
    ("", [], []),
]


@pytest.mark.parametrize(("text", "places", "words"), MISTAKES)
async def test_every_mistake_at_its_place(vscode: Session, text: str, places: list[str], words: list[str]) -> None:
    problems = await found(vscode, ODD + text + "\r\n")
    assert [place for place, _ in problems] == places
    for word in words:
        assert any(word in message for _, message in problems), problems


async def test_a_client_that_does_not_ask_is_told(ale: Session) -> None:
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


async def test_saved_settings_count_at_once(tmp_path: Path) -> None:
    async with session(tmp_path, "ale") as editor:
        editor.open("applications:\n  app:\n    type: 'php:8.4'\n    wokers: {}\n")
        assert [one.code for one in await editor.diagnostics()] == ["unknown-key"]
        text = 'ignore = ["unknown-key"]\n'
        editor.open(text, FILE)
        (tmp_path / FILE).write_text(text)
        editor.client.text_document_did_save(types.DidSaveTextDocumentParams(editor.identifier(FILE)))
        await editor.settle()
        assert not editor.published[editor.uri()].diagnostics


# -- completion --------------------------------------------------------------------------------------------------------


async def offered(editor: Session, marked: str, path: str = FILE) -> dict[str, types.CompletionItem]:
    text, offset = split(marked)
    show(editor, text, path)
    position = editor.units.position(LineTable(text), offset)
    result = await editor.client.text_document_completion_async(
        types.CompletionParams(editor.identifier(path), position)
    )
    if result is None:
        return {}
    assert isinstance(result, types.CompletionList) and not result.is_incomplete
    return {item.label: item for item in result.items}


KEYS = {f"[{name}]" if name in ("severities", "per-path-ignores") else name for name in settings.NAMES}
LEVELS = set(settings.LEVELS)
RULES = set(all_rules())


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("‸", KEYS),
        ("sel‸", KEYS),
        ("select = []\nfail_on = 'error'\n‸", KEYS - {"select", "fail-on"}),
        ("‸\nselect = []", KEYS - {"select", "[severities]", "[per-path-ignores]"}),
        ("[‸", {"severities", "per-path-ignores"}),
        ("[sev‸]", {"severities", "per-path-ignores"}),
        ("severity = ‸", LEVELS),
        ("severity = '‸'", LEVELS),
        ('fail-on = "wa‸', LEVELS),
        ("[severities]\nslow‸", RULES),
        ("[severities]\nslow-shutdown = 'off'\n‸", RULES - {"slow-shutdown"}),
        ("[severities]\nslow-shutdown = ‸", LEVELS | {"off"}),
        ("severities.slow-shutdown = '‸'", LEVELS | {"off"}),
        ("ignore = [‸", RULES),
        ("ignore = ['slow-shutdown', ‸]", RULES - {"slow-shutdown"}),
        ("ignore = [\n  'slow-shutdown',\n  'cr‸',\n]", RULES - {"slow-shutdown"}),
        ("ignore = [\n  \"cr‸\nselect = ['unknown-key']", RULES),
        ("[per-path-ignores]\n'a/*' = ['‸']", RULES),
        ("[per-path-ignores]\n‸", set()),
        ("ignore = ['slow-shutdown'‸]", set()),
        ("ignore = ['slow-shutdown' ‸]", set()),
        ("# ‸", set()),
        ("cron-minimum-interval = ‸", set()),
        ("other = '‸'", set()),
    ],
)
async def test_what_can_be_written(vscode: Session, text: str, labels: set[str]) -> None:
    assert set(await offered(vscode, ODD + text)) == labels


async def test_items_are_written_as_the_place_needs_them(vscode: Session) -> None:
    rules = await offered(vscode, ODD + "ignore = ['slow‸']")
    rule = rules["slow-shutdown"]
    assert accepted(vscode.texts[FILE], rule, vscode.units) == ODD + "ignore = ['slow-shutdown']"
    assert all_rules()["slow-shutdown"].title in str(rule.documentation)
    keys = await offered(vscode, ODD + "fai‸")
    assert accepted(vscode.texts[FILE], keys["fail-on"], vscode.units) == ODD + 'fail-on = "hint"'
    assert keys["fail-on"].documentation
    renamed = await offered(vscode, ODD + "fai‸l = 'error'")
    assert accepted(vscode.texts[FILE], renamed["fail-on"], vscode.units) == ODD + "fail-on = 'error'"
    for item in (await offered(vscode, ODD + "[severities]\n‸")).values():
        assert await found(vscode, accepted(f"{ODD}[severities]\n", item, vscode.units)) == []


async def test_an_editor_without_snippets_gets_plain_text(ale: Session) -> None:
    for item in (await offered(ale, MARK)).values():
        assert isinstance(item.text_edit, types.TextEdit)
        assert item.insert_text_format == types.InsertTextFormat.PlainText and "$" not in item.text_edit.new_text
        assert isinstance(item.documentation, types.MarkupContent)
        assert item.documentation.kind == types.MarkupKind.PlainText


async def test_other_toml_files_are_left_alone(vscode: Session) -> None:
    assert await offered(vscode, "sel‸", "pyproject.toml") == {}
    assert await vscode.diagnostics("pyproject.toml") == []
