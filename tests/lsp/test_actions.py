"""Code actions: what is offered where, and the exact text afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from lsprotocol import types

from tests.lsp.edits import applied
from tests.lsp.session import CONFIG, Session, session

pytestmark = pytest.mark.asyncio(loop_scope="module")

TEXT = """\
# 😀 e\u0301 \u2028# before everything
applications:
  app:
    type: 'php:8.4'
    variables: # 😀 \u2028
      env:
        GREETING: 'grüß 😀 \u2028 dich'
        QUEUE: all
    mounts:
      'var/cache': {source: instance}
    crons:
      # every night
      clean:
        # in UTC
        spec: '0 3 * * *'
        cmd: php clean.php # 😀
        timeout: 60
      tidy: {spec: '0 4 * * *', cmd: php tidy.php}
      sweep:
        spec: '0 6 * * *'
        cmd: php sweep.php
    # in the background
    workers:
      # reads the queue
      queue: # 😀
        # never ends
        commands:
          start: |
            # 😀 \u2028
            nohup php artisan mail:send &
        # that is all of it
      mail:
        commands: {start: 'php mail.php'}
        variables:
          env:
            QUEUE: mail # 😀
        mounts:
          'var/cache': {source: instance}
        crons:
          late: {spec: '0 5 * * *', commands: {start: php late.php}}
""".replace("\n", "\r\n")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def editor(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Session]:
    async with session(tmp_path_factory.mktemp("actions")) as found:
        found.open(TEXT)
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def plain(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Session]:
    async with session(tmp_path_factory.mktemp("actions"), "ale") as found:
        found.open(TEXT)
        yield found


async def offered(
    editor: Session,
    needle: str,
    *,
    after: int = 1,
    occurrence: int = 0,
    only: list[str] | None = None,
    automatic: bool = False,
    diagnostics: list[types.Diagnostic] | None = None,
) -> dict[str, types.CodeAction]:
    """The actions at a place by their titles."""
    place = editor.position(needle, after=after, occurrence=occurrence)
    kind = types.CodeActionTriggerKind.Automatic if automatic else None
    context = types.CodeActionContext(diagnostics or [], only=only, trigger_kind=kind)
    params = types.CodeActionParams(editor.identifier(), types.Range(place, place), context)
    found = await editor.client.text_document_code_action_async(params)
    actions = [one for one in found or () if isinstance(one, types.CodeAction)]
    assert len(actions) == len(found or ()) == len({one.title for one in actions})
    return {one.title: one for one in actions}


async def done(editor: Session, action: types.CodeAction) -> str:
    """The text after an action, asked for its edit first if it came without."""
    if action.edit is None:
        action = await editor.client.code_action_resolve_async(action)
    return applied(editor, action.edit)[CONFIG]


def changed(*changes: tuple[str, str], text: str = TEXT) -> str:
    for old, new in changes:
        old, new = old.replace("\n", "\r\n"), new.replace("\n", "\r\n")
        assert text.count(old) == 1
        text = text.replace(old, new)
    return text


# -- fixes -----------------------------------------------------------------------------------------------------------

CLEAN_FIXED = ("        cmd: php clean.php # 😀\n", "        commands:\n          start: php clean.php # 😀\n")
SWEEP = "        cmd: php sweep.php\n"
SWEEP_FIXED = "        commands:\n          start: php sweep.php\n"
LATE = "late: {spec: '0 5 * * *', commands: {start: php late.php}}\n"
MOVED = [(f"        crons:\n          {LATE}", ""), (SWEEP, f"{SWEEP}      {LATE}")]


async def test_a_fix_is_offered_with_its_diagnostic(editor: Session, plain: Session) -> None:
    for client in (editor, plain):
        fix = (await offered(client, "crons:", occurrence=1))["Move them to application `app`"]
        assert fix.kind == types.CodeActionKind.QuickFix
        assert [one.code for one in fix.diagnostics or ()] == ["crons-on-worker"]
        # Only a client that supports preferred actions gets them.
        assert fix.is_preferred is (True if client is editor else None)
        assert await done(client, fix) == changed(*MOVED)


async def test_an_unsafe_fix_is_not_preferred(editor: Session) -> None:
    found = await offered(editor, "variables:", occurrence=1)
    assert "Copy the lost variables into the worker" in found
    assert not any(one.is_preferred for one in found.values())


async def test_the_clients_own_diagnostic_is_attached(editor: Session) -> None:
    (mine,) = [one for one in await editor.diagnostics() if one.code == "crons-on-worker"]
    mine.data = None
    found = await offered(editor, "crons:", occurrence=1, diagnostics=[mine])
    assert all(one.diagnostics == (mine,) for one in found.values() if one.kind == types.CodeActionKind.QuickFix)
    # A diagnostic of another rule at the same place asks for nothing of this one.
    mine.code = "unknown-key"
    assert "Move them to application `app`" not in await offered(editor, "crons:", occurrence=1, diagnostics=[mine])
    # Of another server: it says nothing about ours.
    other = types.Diagnostic(mine.range, "", source="yaml-language-server", code=0)
    assert "Move them to application `app`" in await offered(editor, "crons:", occurrence=1, diagnostics=[other])


async def test_every_fix_of_a_rule_at_once(editor: Session, plain: Session) -> None:
    title = "Fix all `deprecated-cron-command` problems in this file"
    for client in (editor, plain):
        action = (await offered(client, "cmd:"))[title]
        assert action.kind == types.CodeActionKind.QuickFix
        assert [one.code for one in action.diagnostics or ()] == ["deprecated-cron-command"]
        # What is in braces cannot be fixed line by line.
        assert await done(client, action) == changed(CLEAN_FIXED, (SWEEP, SWEEP_FIXED))
    # There is one only.
    assert not any(title.startswith("Fix all `") for title in await offered(editor, "crons:", occurrence=1))


async def test_all_safe_fixes_at_once_are_those_of_the_command_line(editor: Session, plain: Session) -> None:
    for client in (editor, plain):
        for kind in ("source", "source.fixAll", "source.fixAll.upsun-lint"):
            found = await offered(client, "php:8.4", only=[kind])
            assert [one.kind for one in found.values()] == ["source.fixAll.upsun-lint"]
            (action,) = found.values()
        # The redundant `mounts` are no more than a hint, which the command line neither shows nor fixes.
        assert await done(client, action) == changed(
            CLEAN_FIXED,
            (SWEEP, f"{SWEEP_FIXED}      {LATE}"),
            ("nohup php artisan mail:send &\n", "nohup php artisan mail:send\n"),
            MOVED[0],
        )


async def test_only_actions_of_the_requested_kinds_are_offered(editor: Session) -> None:
    for kind in ("source.organizeImports", "source.fixAll.other", "refactor.extract", "source.fixAl"):
        assert await offered(editor, "crons:", occurrence=1, only=[kind]) == {}
    assert {one.kind for one in (await offered(editor, "queue: #", only=["refactor"])).values()} == {
        types.CodeActionKind.RefactorRewrite
    }
    assert {one.kind for one in (await offered(editor, "mounts:", occurrence=1, only=["quickfix"])).values()} == {
        types.CodeActionKind.QuickFix
    }


async def test_an_automatic_request_does_not_offer_to_fix_the_file(editor: Session) -> None:
    title = "Fix all problems that are safe to fix"
    assert title in await offered(editor, "php:8.4")
    assert title not in await offered(editor, "php:8.4", automatic=True)


# -- comments --------------------------------------------------------------------------------------------------------


async def test_a_rule_is_ignored_on_a_line(editor: Session, plain: Session) -> None:
    for client in (editor, plain):
        ignore = (await offered(client, "crons:", occurrence=1))["Ignore `crons-on-worker` on this line"]
        assert await done(client, ignore) == changed(
            ("        crons:\n", "        # upsun-lint: ignore[crons-on-worker] \n        crons:\n")
        )


async def test_a_rule_is_ignored_in_a_file(editor: Session) -> None:
    ignore = (await offered(editor, "crons:", occurrence=1))["Ignore `crons-on-worker` in this file"]
    assert await done(editor, ignore) == f"# upsun-lint: ignore-file[crons-on-worker] \r\n{TEXT}"


async def silenced(typing: Session, needle: str, title: str, **where: int) -> str:
    """Apply an action that ignores a rule, and check that it is quiet then and that nothing else is said."""
    before = [one.code for one in await typing.diagnostics()]
    action = (await offered(typing, needle, **where))[title]
    typing.change(await done(typing, action))
    rule = title.split("`")[1]
    after = [one.code for one in await typing.diagnostics()]
    assert len(after) < len(before) and after == [code for code in before if code != rule]
    return typing.texts[CONFIG]


async def test_the_comment_for_a_script_is_above_it(tmp_path: Path) -> None:
    async with session(tmp_path, "eglot") as typing:
        typing.open(TEXT)
        line = "          # upsun-lint: ignore[backgrounded-start-command] \n          start: |\n"
        after = await silenced(typing, "&\r\n", "Ignore `backgrounded-start-command` on this line", after=0)
        assert after == changed(("          start: |\n", line))


async def test_the_comment_for_a_flow_map_is_not_inside_it(tmp_path: Path) -> None:
    text = (
        "applications:\n  app:\n    type: 'php:8.4'\n    workers:\n      queue: {commands: {start: sleep infinity},\n"
        "              crons: {a: {spec: '0 3 * * *',\n                           commands: {start: php a.php}}}}\n"
    )
    async with session(tmp_path) as typing:
        typing.open(text)
        after = await silenced(typing, "crons", "Ignore `crons-on-worker` on this line")
        assert after == text.replace("      queue:", "      # upsun-lint: ignore[crons-on-worker] \n      queue:")


async def test_an_existing_comment_is_extended(tmp_path: Path) -> None:
    text = changed(
        ("        crons:\n", "        # upsun-lint: ignore[crons-on-worker] moved next week 😀\n        crons: # 😀\n"),
        ("          late: {spec", "          late: {spec"),
    ).replace("\r\n", "\n")
    text = text.replace("applications:", "# upsun-lint: ignore-file[ slow-shutdown ] x\napplications:", 1)
    text = text.replace("cmd: php tidy.php}", "commands: {start: php tidy.php}}")
    async with session(tmp_path, "kate") as typing:
        typing.open(text)
        ignore = (await offered(typing, "cmd:"))["Ignore `deprecated-cron-command` in this file"]
        assert await done(typing, ignore) == text.replace(
            "[ slow-shutdown ]", "[ slow-shutdown, deprecated-cron-command ]"
        )
        typing.change(text.replace("        crons: #", "        cronz: #"))
        ignore = (await offered(typing, "cronz:"))["Ignore `unknown-key` on this line"]
        assert await done(typing, ignore) == typing.texts[CONFIG].replace(
            "[crons-on-worker] moved", "[crons-on-worker, unknown-key] moved"
        )


async def test_a_syntax_error_cannot_be_suppressed(tmp_path: Path) -> None:
    async with session(tmp_path) as typing:
        typing.open("\ufeffapplications:\n  app:\n    type: 'php:8.4\n    mount: {}\n")
        assert not any(title.startswith("Ignore") for title in await offered(typing, "'php"))
        typing.open("\ufeffapplications:\n  app:\n    type: 'php:8.4'\n    mount: {}\n")
        ignore = (await offered(typing, "mount"))["Ignore `unknown-key` in this file"]
        assert (await done(typing, ignore)).startswith("\ufeff# upsun-lint: ignore-file[unknown-key] \napplications:\n")


# -- refactorings ----------------------------------------------------------------------------------------------------

QUEUE = """\
      # reads the queue
      queue: # 😀
{more}        # never ends
        commands:
          start: |
            # 😀 \u2028
            nohup php artisan mail:send &
        # that is all of it
"""


CLEAN = """\
      # every night
      clean:
        # in UTC
{schedule}php clean.php # 😀
{timeout}"""


async def test_a_worker_becomes_a_cron(editor: Session) -> None:
    for needle, after in (("queue: #", 1), ("mail:send", 0)):
        action = (await offered(editor, needle, after=after, only=["refactor"]))[
            "Make worker `queue` a cron, `H 3 * * *`"
        ]
        assert not action.is_preferred and not action.diagnostics
        assert await done(editor, action) == changed(
            (QUEUE.format(more=""), ""), (SWEEP, SWEEP + QUEUE.format(more="        spec: 'H 3 * * *'\n"))
        )


async def test_a_consumer_is_never_offered_as_a_cron_job(tmp_path: Path) -> None:
    text = """\
applications:
  app:
    type: 'php:8.4'
    workers:
      jobs:
        commands: {start: php artisan queue:work --max-time=3600}
"""
    async with session(tmp_path) as typing:
        typing.open(text)
        assert [title for title in await offered(typing, "jobs:", only=["refactor"]) if "cron" in title] == []
        typing.change(text.replace("queue:work --max-time=3600", "mail:send"))
        assert [title for title in await offered(typing, "jobs:", only=["refactor"]) if "cron" in title] != []


async def test_a_cron_becomes_a_worker(editor: Session) -> None:
    late = f"          {LATE}"
    action = (await offered(editor, "spec:"))["Make cron `clean` a worker"]
    assert await done(editor, action) == changed(
        (CLEAN.format(schedule="        spec: '0 3 * * *'\n        cmd: ", timeout="        timeout: 60\n"), ""),
        (late, late + CLEAN.format(schedule="        commands:\n          start: ", timeout="")),
    )
    action = (await offered(editor, "tidy:"))["Make cron `tidy` a worker"]
    assert await done(editor, action) == changed(
        ("      tidy: {spec: '0 4 * * *', cmd: php tidy.php}\n", ""),
        (late, f"{late}      tidy:\n        commands:\n          start: php tidy.php\n"),
    )


async def test_the_section_of_the_last_one_is_removed_and_names_are_unique(tmp_path: Path) -> None:
    text = (
        "applications:\n  app:\n    type: 'php:8.4'\n    crons:\n      'a b':\n        spec: '0 3 * * *'\n"
        "        commands: {start: x}\n    # one\n    workers:\n      a b:\n        commands:\n          start: y"
    )
    async with session(tmp_path) as typing:
        typing.open(text)
        action = (await offered(typing, "a b:"))["Make worker `a b` a cron, `H 3 * * *`"]
        assert await done(typing, action) == (
            "applications:\n  app:\n    type: 'php:8.4'\n    crons:\n      'a b':\n        spec: '0 3 * * *'\n"
            "        commands: {start: x}\n      # one\n      a b-2:\n        spec: 'H 3 * * *'\n"
            "        commands:\n          start: y\n"
        )
        # A comment of the section keeps it.
        typing.change(text.replace("workers:", "workers: # some"))
        action = (await offered(typing, "a b:"))["Make worker `a b` a cron, `H 3 * * *`"]
        assert (await done(typing, action)).endswith("          start: y\n    # one\n    workers: # some\n      {}\n")


@pytest.mark.parametrize(
    "worker",
    [
        "{commands: {start: x, pre_start: y}}",
        "{commands: {start: x}, variables: {env: {A: b}}}",
        "&x {commands: {start: x}}",
        "{commands: &x {start: x}}",
        "{commands: {}}",
        "\n        commands:\n          stop: x",
        "*queue",
    ],
)
async def test_a_worker_that_would_lose_something_cannot_become_a_cron(editor: Session, worker: str) -> None:
    text = "applications:\n  app:\n    type: 'php:8.4'\n    workers:\n      queue: &queue {commands: {start: x}}\n"
    editor.change(f"{text}      other: {worker}\n")
    try:
        assert not any("a cron" in title for title in await offered(editor, "other:"))
        assert not any("a cron" in title for title in await offered(editor, "queue:"))
    finally:
        editor.change(TEXT)


FORMS = """\
applications:
  app:
    type: 'php:8.4'
    relationships:
      # the database
      db: 'main:mysql'  # with everything
      flow: {service: main, endpoint: mysql} # here
      block:
        service: main
        endpoint: mysql  # there
      noted:
        service: main  # a remark inside
        endpoint: mysql
      short:
        service: main
services:
  main: {type: 'mariadb:11.8'}
"""


async def test_a_relationship_is_written_the_other_way(tmp_path: Path) -> None:
    async with session(tmp_path) as typing:
        typing.open(FORMS)
        for needle, title, before, after in (
            ("db:", "Write relationship `db` as a map", "'main:mysql'", "{service: main, endpoint: mysql}"),
            (
                "flow:",
                "Write relationship `flow` as `main:mysql`",
                "flow: {service: main, endpoint: mysql}",
                "flow: 'main:mysql'",
            ),
            (
                "block:",
                "Write relationship `block` as `main:mysql`",
                "block:\n        service: main\n        endpoint: mysql",
                "block: 'main:mysql'",
            ),
        ):
            found = await offered(typing, needle, only=["refactor"])
            assert await done(typing, found[title]) == FORMS.replace(before, after)
        for needle in ("noted:", "short:"):
            assert await offered(typing, needle, only=["refactor"]) == {}


async def test_a_refactoring_that_ends_in_a_finding_is_not_offered(tmp_path: Path) -> None:
    text = """\
applications:
  app:
    type: 'php:8.4'
    source: {root: /}
    mounts: {'var/files': {source: storage}}
    crons:
      clean: {spec: 'H 3 * * *', commands: {start: php artisan cache:prune-stale-tags}}
      shop: {spec: 'H 3 * * *', commands: {start: ./shop}}
    workers:
      queue: {mounts: {}, commands: {start: ./queue}}
"""
    async with session(tmp_path) as typing:
        typing.open(text)
        assert await offered(typing, "clean:", only=["refactor"]) == {}, "it would end at once"
        assert await offered(typing, "shop:", only=["refactor"]) == {}, "a worker has other files in this mount"
        typing.change(text.replace("    mounts: {'var/files': {source: storage}}\n", ""))
        assert "Make cron `shop` a worker" in await offered(typing, "shop:", only=["refactor"])


async def test_a_redundant_block_is_removed(editor: Session) -> None:
    found = await offered(editor, "mounts:", occurrence=1)
    assert [title for title in found if title.startswith("Remove")] == ["Remove `mounts` from the worker"]
    assert await done(editor, found["Remove `mounts` from the worker"]) == changed(
        (
            "            QUEUE: mail # 😀\n        mounts:\n          'var/cache': {source: instance}\n",
            "            QUEUE: mail # 😀\n",
        )
    )


async def test_a_redundant_block_is_removed_even_if_the_rule_is_off(tmp_path: Path) -> None:
    async with session(tmp_path, "ale", options={"ignore": ["redundant-override"]}) as typing:
        typing.open(TEXT)
        found = await offered(typing, "mounts:", occurrence=1)
        assert found["Remove `mounts` from the worker"].kind == types.CodeActionKind.RefactorRewrite


async def test_what_an_override_dropped_is_copied(editor: Session) -> None:
    found = await offered(editor, "variables:", occurrence=1)
    action = found["Copy the lost variables into the worker"]
    # The rule's own fix: it is not there twice.
    assert action.kind == types.CodeActionKind.QuickFix
    line = "            QUEUE: mail # 😀\n"
    assert await done(editor, action) == changed((line, f"{line}            GREETING: 'grüß 😀 \u2028 dich'\n"))


# -- hardships -------------------------------------------------------------------------------------------------------


async def test_any_range_is_accepted(editor: Session) -> None:
    ends = [types.Position(*place) for place in ((0, 0), (0, 5), (12, 10_000), (10_000, 0), (4, 3))]
    for start in ends:
        for end in ends:
            params = types.CodeActionParams(editor.identifier(), types.Range(start, end), types.CodeActionContext([]))
            found = await editor.client.text_document_code_action_async(params)
            assert found is not None
    whole = types.Range(types.Position(10_000, 0), types.Position(0, 0))
    params = types.CodeActionParams(editor.identifier(), whole, types.CodeActionContext([]))
    titles = [one.title for one in await editor.client.text_document_code_action_async(params) or ()]
    assert "Move them to application `app`" in titles and "Make cron `tidy` a worker" in titles


async def test_a_file_outside_a_project_has_no_actions(editor: Session) -> None:
    path = "values/config.yaml"
    editor.open(TEXT, path)
    params = types.CodeActionParams(
        editor.identifier(path), types.Range(types.Position(0, 0), types.Position(99, 0)), types.CodeActionContext([])
    )
    assert await editor.client.text_document_code_action_async(params) is None
    unresolved = types.CodeAction("x", data={"uri": editor.uri(path), "rule": None})
    assert (await editor.client.code_action_resolve_async(unresolved)).edit is None
    for data in (None, [], {"uri": 3}, {"uri": "nonsense:"}):
        assert (await editor.client.code_action_resolve_async(types.CodeAction("x", data=data))).edit is None
    editor.close(path)
    editor.texts.pop(path)
    editor.versions.pop(path)


async def test_half_typed_text(tmp_path: Path) -> None:
    async with session(tmp_path, "eglot") as typing:
        typing.open("")
        for end in range(0, len(TEXT), 37):
            typing.change(TEXT[:end])
            place = types.Range(types.Position(0, 0), types.Position(999, 0))
            params = types.CodeActionParams(typing.identifier(), place, types.CodeActionContext([]))
            for action in await typing.client.text_document_code_action_async(params) or ():
                assert isinstance(action, types.CodeAction)
                applied(typing, action.edit)


async def test_a_fix_may_change_another_file(tmp_path: Path) -> None:
    (tmp_path / ".upsun").mkdir()
    services = "services:\r\n  db:\r\n    type: 'mariadb:11.8'\r\n"
    (tmp_path / ".upsun" / "services.yaml").write_bytes(services.encode())
    text = (
        "applications:\n  app:\n    type: 'php:8.4'\n    mounts:\n      uploads: {source: storage}\n    workers:\n"
        "      resize:\n        commands: {start: php artisan queue:work --max-time=3600}\n"
    )
    for profile in ("vscode", "ale"):
        async with session(tmp_path, profile, asks=False) as typing:
            typing.open(text)
            found = [*(await offered(typing, "resize:")).values(), *(await offered(typing, "uploads:")).values()]
            (after,) = [edit for action in found if len(edit := applied(typing, action.edit)) > 1]
            assert after == {
                CONFIG: text.replace("{source: storage}", "{source: service, service: files}"),
                ".upsun/services.yaml": f"{services}  files:\r\n    type: 'network-storage:1.0'\r\n",
            }


async def test_in_an_included_file_two_applications_share(tmp_path: Path) -> None:
    path = ".upsun/apps/app.yaml"
    text = (
        "type: 'php:8.4'\ncrons:\n  # nightly\n  clean: # 😀\n    spec: '0 3 * * *'\n    cmd: php clean.php\n"
        "workers:\n  queue:\n    commands: {start: x}\n    crons:\n      late: {spec: '0 4 * * *', cmd: y}\n"
    )
    async with session(tmp_path) as typing:
        (tmp_path / ".upsun" / "apps").mkdir(parents=True)
        (tmp_path / path).write_text(text)
        typing.open("applications:\n  one: !include apps/app.yaml\n  two: !include apps/app.yaml\n")
        typing.open(text, path)
        whole = types.Range(types.Position(0, 0), types.Position(99, 0))
        params = types.CodeActionParams(typing.identifier(path), whole, types.CodeActionContext([]))
        found = await typing.client.text_document_code_action_async(params)
        actions = [one for one in found or () if isinstance(one, types.CodeAction)]
        (worker,) = [one for one in actions if one.title == "Make cron `clean` a worker"]
        assert applied(typing, worker.edit) == {
            path: text.replace(text[text.index("crons:") : text.index("workers:")], "", 1)
            + "  # nightly\n  clean: # 😀\n    commands:\n      start: php clean.php\n"
        }
        # For each application it is a separate change of the same text.
        assert len([one for one in actions if one.title.startswith("Move them to application")]) == 1
