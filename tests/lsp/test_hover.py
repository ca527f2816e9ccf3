"""Hovers explain what is under the cursor, in every client, whatever comes before it in the file."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest
import pytest_asyncio
from lsprotocol import types

from tests.lsp.session import CONFIG, Session, session

pytestmark = pytest.mark.asyncio(loop_scope="module")

SERVICES = ".upsun/services.yaml"

# Everything that makes counting hard comes before the places under test.
APPLICATIONS = """\
# 😀 e\u0301 \u2028 before everything
applications:
  app:
    type: 'php:8.3'  # 😀 a comment
    timezone: Europe/Paris
    relationships:
      '😀': 'cache:redis'
      my-db: 'maria:mysql'
      plain:
        service: maria
      lost: 'nowhere:mysql'
    mounts:
      'var/uploads':
        source: storage
      'var/cache':
        source: tmp
      'shared':
        source: service
        service: files
        source_path: both
    variables:
      env: {APP_ENV: prod, lower: x}
      php:
        memory_limit: 256M
    web:
      commands:
        start: php artisan octane:start
    crons:
      clean:
        spec: '17 3 * * 1'
        commands:
          start: php artisan queue:work
      often: {spec: '* * * * *', commands: {start: php often.php}}
      hashed: {spec: 'H 4 * * *', commands: {start: php hashed.php}}
      never: {spec: '0 0 31 2 *', commands: {start: php never.php}}
      wrong: {spec: '0 25 * * *', commands: {start: php wrong.php}}
    workers:
      queue: &queue
        commands:
          start: "php artisan queue:work --max-time=3600"
      mail:
        <<: *queue
        mounts:
          'scratch': &scratch
            source: storage
        variables:
          env: {APP_ENV: worker}
      sync:
        commands: {start: ./sync.sh}
        mounts:
          'other': *scratch
        access: {ssh: admin}
"""
ELSEWHERE = """\
services:
  maria:
    type: 'mariadb:10.6'
  cache:
    type: 'redis:8.0'
  files:
    type: 'network-storage:1.0'
"""


def odd(text: str) -> str:
    return text.replace("\n", "\r\n")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def editor(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Session]:
    root = tmp_path_factory.mktemp("hover")
    async with session(root, "vscode") as found:
        found.open(odd(APPLICATIONS))
        found.open(odd(ELSEWHERE), SERVICES)
        yield found


async def hover_at(
    editor: Session, needle: str, path: str = CONFIG, *, after: int = 1, occurrence: int = 0
) -> types.Hover | None:
    position = editor.position(needle, path, after=after, occurrence=occurrence)
    return await editor.client.text_document_hover_async(types.HoverParams(editor.identifier(path), position))


def text_of(hover: types.Hover | None) -> str:
    assert hover is not None
    assert isinstance(hover.contents, types.MarkupContent)
    return hover.contents.value


async def explained(editor: Session, needle: str, path: str = CONFIG, **place: int) -> str:
    return text_of(await hover_at(editor, needle, path, **place))


def row(text: str, name: str) -> list[str]:
    """The cells of the row of a table with this first cell."""
    (line,) = [line for line in text.split("\n") if line.startswith(f"| `{name}` |")]
    return [cell.strip() for cell in line.strip("|").split("|")]


# -- a worker ----------------------------------------------------------------------------------------------------------


async def test_a_worker_shows_its_effective_configuration(editor: Session) -> None:
    text = await explained(editor, "mail:")
    uri = editor.uri()
    line = APPLICATIONS.split("\n").index
    assert row(text, "relationships") == [
        "`relationships`",
        "`😀`, `my-db`, `plain` and `lost`",
        f"inherited from `app`, [line {line('    relationships:') + 1}]({uri}#L{line('    relationships:') + 1})",
    ]
    assert row(text, "type")[2] == f"shared with `app`, [line 4]({uri}#L4)"
    assert row(text, "mounts")[1] == "`scratch`"
    own = line("        mounts:") + 1
    assert row(text, "mounts")[2] == f"own, [line {own}]({uri}#L{own}), replaces the application's"
    assert "**Platform defaults:** `access`: `ssh: contributor`; " in text
    assert text.split("\n")[2] == "- **Runs** `php artisan queue:work --max-time=3600`"
    assert "**Loses** `var/uploads`, `var/cache` and `shared`: its `mounts` block replaces that of `app`" in text
    assert "**Loses** `lower` and `php:memory_limit`:" in text
    rows = [line.split("`")[1] for line in text.split("\n") if line.startswith("| `")]
    assert rows.index("mounts") < rows.index("relationships") < rows.index("type")
    assert "`upsun ssh --worker=mail`" in text


async def test_a_worker_shows_its_main_command_and_a_missing_one(tmp_path: Path) -> None:
    script = "start: |\n            set -e\n            exec php bin/console messenger:consume async\n"
    async with session(tmp_path) as editor:
        editor.open(
            "applications:\n  app:\n    type: 'php:8.4'\n    workers:\n      queue:\n        commands:\n"
            f"          {script}      empty: {{}}\n"
        )
        text = await explained(editor, "queue:")
        assert "**Runs** `php bin/console messenger:consume async`" in text
        assert "**Missing:** `commands.start`" in await explained(editor, "empty:")


async def test_the_range_is_the_key_or_the_value(editor: Session) -> None:
    worker = await hover_at(editor, "mail:")
    assert worker is not None and worker.range is not None
    assert editor.covered(worker.range) == "mail"
    value = await hover_at(editor, "'maria:mysql'", after=3)
    assert value is not None and value.range is not None
    assert editor.covered(value.range) == "'maria:mysql'"
    emoji = await hover_at(editor, "'😀'")
    assert emoji is not None and emoji.range is not None
    assert editor.covered(emoji.range) == "'😀'"


async def test_a_property_of_a_worker_says_what_it_replaces(editor: Session) -> None:
    mounts = await explained(editor, "mounts:", occurrence=1)
    assert "**Mounts of the worker**" in mounts
    assert "**Replaces** the whole `mounts` block of application `app`" in mounts
    assert "Worker `mail` loses `var/uploads`, `var/cache` and `shared`." in mounts
    assert "Default: the application's" in mounts
    assert "https://developer.upsun.com/docs/configure-apps/workers#mounts" in mounts
    access = await explained(editor, "access:")
    assert "has no `access` to inherit" in access


async def test_a_property_of_an_application_says_who_inherits_it(editor: Session) -> None:
    text = await explained(editor, "mounts:")
    assert "**Inherited** by the web container and worker `queue`." in text
    assert re.search(
        r"\*\*Replaced\*\* in worker `mail` \(\[line \d+\]\([^)]*#L\d+\)\), which drops `var/uploads`", text
    )
    assert "**Replaced** in worker `sync`" in text
    assert "the workers `queue`, `mail` and `sync`" in await explained(editor, "relationships:")


# -- commands ----------------------------------------------------------------------------------------------------------


async def test_a_start_command(editor: Session) -> None:
    text = await explained(editor, "php artisan queue:work --max", after=5)
    assert "**Recognized** as Laravel queue worker." in text
    assert "it exits after 1 hour because of `--max-time`." in text
    assert "SIGTERM, then SIGKILL after 15 seconds" in text
    assert "restarted at once" in text
    assert await explained(editor, 'start: "php artisan') == text
    assert "**Not recognized:** nothing is assumed about what `./sync.sh` does." in await explained(editor, "./sync.sh")


async def test_the_other_commands(editor: Session) -> None:
    web = await explained(editor, "octane")
    assert "**Recognized** as Laravel server." in web
    assert "`$PORT`" in web
    cron = await explained(editor, "php artisan queue:work", occurrence=0)
    assert "**Command** of cron job `clean`" in cron
    assert "A deployment waits, too, or cancels this job." in cron
    assert "**After 1 day** it is stopped" in cron


# -- mounts ------------------------------------------------------------------------------------------------------------


async def test_a_storage_mount_is_not_shared_with_workers(editor: Session) -> None:
    text = await explained(editor, "'var/uploads'")
    assert "**Shared** only by the replicas of the web container." in text
    assert "**Not shared** with worker `queue`" in text
    assert "set `source_path: var/uploads` before you rename it" in text
    assert await explained(editor, "source: storage", after=10) == text


async def test_the_keys_of_a_mount_say_what_they_are_for(editor: Session) -> None:
    assert "`tmp` (also `temporary`)" in await explained(editor, "source: storage")
    assert "**Path inside the source**" in await explained(editor, "source_path: both")
    assert "**Service or application that holds the files**" in await explained(editor, "service: files")


async def test_the_separate_storage_of_a_worker(editor: Session) -> None:
    text = await explained(editor, "'scratch'")
    assert "separately for this worker" in text
    assert "the replicas of worker `mail`" in text


async def test_a_temporary_mount(editor: Session) -> None:
    text = await explained(editor, "'var/cache'")
    assert "maintenance" in text
    assert "8 GB" in text
    assert "source_path" not in text


async def test_a_service_mount_is_shared(editor: Session) -> None:
    text = await explained(editor, "'shared'")
    assert f"[`files`]({editor.uri(SERVICES)}#L6), `network-storage:1.0` (supported)" in text
    assert "**Shared** by the web container and worker `queue`" in text
    assert "**Shows** the folder `both` of this storage" in text
    assert await explained(editor, "both") == text


# -- relationships -----------------------------------------------------------------------------------------------------


async def test_a_relationship(editor: Session) -> None:
    text = await explained(editor, "my-db")
    assert f"service [`maria`]({editor.uri(SERVICES)}#L2), `mariadb:10.6` (retired)" in text
    assert "**Endpoint:** `mysql`, the default." in text
    assert "`$MY_DB_HOST`, `$MY_DB_PORT` and `$MY_DB_SCHEME`" in text
    assert "`$MY_DB_PASSWORD`" in text
    assert "only at runtime" in text
    assert await explained(editor, "maria:mysql", after=8) == text
    implicit = await explained(editor, "service: maria", after=10)
    assert "**Relationship** `plain` → service [`maria`]" in implicit
    assert "`mysql`, the default" in implicit


async def test_a_relationship_to_nothing(editor: Session) -> None:
    text = await explained(editor, "lost")
    assert "`nowhere`, which no file in `.upsun` defines" in text
    assert "$LOST" not in text


# -- schedules ---------------------------------------------------------------------------------------------------------


async def test_a_schedule(editor: Session) -> None:
    text = await explained(editor, "17 3")
    assert "At 03:17, only on Monday (Europe/Paris)." in text
    runs = re.search(r"\*\*Next runs:\*\* (.*)", text)
    assert runs is not None
    found = [datetime.strptime(run, "%a %d %b %Y, %H:%M") for run in runs[1].split(" · ")]
    assert len(found) == 3
    assert all(run.weekday() == 0 and (run.hour, run.minute) == (3, 17) for run in found)
    assert [(after - before).days for before, after in pairwise(found)] == [7, 7]
    assert "Up to 20 minutes late" in text
    assert "every 5 minutes" in text


async def test_odd_schedules(editor: Session) -> None:
    often = await explained(editor, "'* * * * *'")
    assert "the extra runs are skipped" in often
    assert "Up to 5 minutes late" in often
    hashed = await explained(editor, "'H 4")
    assert "`H` is a value that the platform chooses" in hashed
    assert ", 04:00" in hashed
    assert "never runs" in await explained(editor, "'0 0 31 2 *'")
    assert "This is not a valid schedule" in await explained(editor, "'0 25 * * *'")


# -- images and the rest -----------------------------------------------------------------------------------------------


async def test_an_image(editor: Session) -> None:
    text = await explained(editor, "'php:8.3'")
    assert "**Image** `php:8.3`: **deprecated**" in text
    assert re.search(r"Newest version: `8\.\d+`\.", text)
    assert "**Image** `type`" in await explained(editor, "type:")
    service = await explained(editor, "'mariadb:10.6'", SERVICES)
    assert "**retired**" in service
    assert "Upgrade one version at a time" in service


async def test_a_variable(editor: Session) -> None:
    text = await explained(editor, "lower")
    assert "**Environment variable** `$LOWER`" in text
    assert "`$lower` does not exist" in text
    assert "**Not** in worker `mail`" in text
    assert "**php.ini setting** `memory_limit`" in await explained(editor, "memory_limit")


async def test_names_of_applications_and_services(editor: Session) -> None:
    assert "**Workers:** [`queue`]" in await explained(editor, "app:")
    service = await explained(editor, "maria", SERVICES)
    assert f"relationship [`my-db`]({editor.uri()}#L8) of `app`" in service
    assert "mount [`shared`]" in await explained(editor, "files", SERVICES)


async def test_any_key_shows_the_description_of_the_schema(editor: Session) -> None:
    text = await explained(editor, "ssh:")
    assert "**Minimum role for SSH** `ssh`" in text
    assert "One of `admin`, `contributor` or `viewer`" in text
    assert "Default: `contributor`" in text
    assert "https://developer.upsun.com/docs/configure-apps/image-properties/access" in text
    assert await explained(editor, "admin") == text
    assert "For example `Europe/Paris`" in await explained(editor, "timezone")


async def test_an_alias_and_a_merge(editor: Session) -> None:
    alias = await explained(editor, "*scratch")
    assert "has the value of `&scratch`" in alias
    assert "```yaml\nsource: storage\n```" in alias
    merge = await explained(editor, "<<")
    assert "**Adds:** `commands`." in merge


async def test_comments_and_spaces_have_no_hover(editor: Session) -> None:
    assert await hover_at(editor, "a comment") is None
    assert await hover_at(editor, "# 😀") is None
    assert await hover_at(editor, "    type", after=1) is None
    assert await hover_at(editor, "applications:", after=13) is None
    far = types.HoverParams(editor.identifier(), types.Position(10_000, 3))
    assert await editor.client.text_document_hover_async(far) is None


# -- other states, other clients ---------------------------------------------------------------------------------------


async def test_broken_text_is_still_explained(editor: Session) -> None:
    try:
        editor.change(odd(APPLICATIONS.replace("        variables:\n", "        variab\n").replace("'H 4", "*/4")))
        assert "**Worker** `mail`" in await explained(editor, "mail:")
        assert "**Shared**" in await explained(editor, "'var/uploads'")
        assert "**Recognized**" in await explained(editor, "queue:work --max")
        assert await hover_at(editor, "*/4") is None, "the text is not valid there"
        editor.change(odd("applications:\n  app:\n    type: 'php:8.3\n    mounts:\n      cache: {source: tm"))
        await hover_at(editor, "mounts")
        editor.change("")
        nowhere = types.HoverParams(editor.identifier(), types.Position(0, 0))
        assert await editor.client.text_document_hover_async(nowhere) is None
    finally:
        editor.change(odd(APPLICATIONS))
    assert "**Worker** `mail`" in await explained(editor, "mail:")


async def test_an_included_file(tmp_path: Path) -> None:
    folder = tmp_path / ".upsun" / "parts"
    folder.mkdir(parents=True)
    included = "type: 'php:8.4'\nworkers:\n  queue:\n    commands:\n      start: php artisan horizon\n"
    (folder / "app.yaml").write_text(included, "utf-8")
    async with session(tmp_path) as editor:
        editor.open("applications:\n  app: !include parts/app.yaml\n")
        editor.open(included, ".upsun/parts/app.yaml")
        assert "**Include** of the YAML in `parts/app.yaml`" in await explained(editor, "parts/app.yaml")
        assert "**Worker** `queue` of application [`app`]" in await explained(editor, "queue", ".upsun/parts/app.yaml")
        assert "**Recognized** as Laravel Horizon." in await explained(editor, "horizon", ".upsun/parts/app.yaml")


@pytest.mark.parametrize(("profile", "encoding"), [("eglot", None), ("ale", None), ("neovim", "utf-8")])
async def test_other_clients(tmp_path: Path, profile: str, encoding: str | None) -> None:
    async with session(tmp_path, profile, encoding=encoding) as editor:
        editor.open(odd(APPLICATIONS + ELSEWHERE))
        emoji = await hover_at(editor, "'😀'")
        assert emoji is not None and emoji.range is not None
        assert editor.covered(emoji.range) == "'😀'"
        worker = await hover_at(editor, "mail:")
        assert worker is not None and isinstance(worker.contents, types.MarkupContent)
        if profile == "neovim":
            assert worker.contents.kind == types.MarkupKind.Markdown
            assert re.search(r"^type +php:8.3 +shared with app, line \d+$", worker.contents.value, re.MULTILINE)
            assert not re.search(r"^\||file:", worker.contents.value, re.MULTILINE)
            return
        text = worker.contents.value
        assert worker.contents.kind == types.MarkupKind.PlainText
        assert not re.search(r"`|\*\*|\]\(|\| ", text)
        assert re.search(r"^type +php:8.3 +shared with app, line \d+$", text, re.MULTILINE)
        assert "Documentation (https://developer.upsun.com/docs/configure-apps/workers)" in text


# -- small things ------------------------------------------------------------------------------------------------------

SMALL = """\
applications:
  app:
    type: 'php:8.4'
    source: {root: /}
    dependencies:
      php: {'composer/composer': '^2'}
    variables:
      env: {LEVEL: '1', SAME: x, API_KEY: changeme}
    workers:
      one:
        commands:
          start: php artisan queue:work --max-time=3600 --tries=3 --unknown
        variables:
          env: {LEVEL: '2', SAME: x, OWN: y, API_KEY: other}
        crons: {}
        unknown_key: 1
    hooks:
      build: !include {type: string, path: build.sh}
routes:
  'https://{default}/': {type: upstream, upstream: 'app:http'}
  'https://old.{default}/': {type: upstream, upstream: 'gone:http'}
# upsun-lint: ignore[image-version, no-such-rule] because
"""

EXPLAINED = [
    ("--max-time", "**Option** `--max-time` of Laravel queue worker", "the platform starts it again at once"),
    ("--tries", "**Option** `--tries` of Laravel queue worker", "How often a job is tried"),
    ("--unknown", "**Start command** of worker `one`", "Laravel queue worker"),
    ("LEVEL: '2'", "**Instead of** `1` in `app`", "**Set** at runtime."),
    ("SAME: x, OWN", "**The same** as in `app`", "**Only** in worker `one`"),
    ("OWN", "**New** here: `app` does not set it", "`$OWN`"),
    ("API_KEY: other", "**Instead of** another value in `app`", "**A secret?**"),
    ("LEVEL: '1'", "**Set** during the build and at runtime.", "**Not** in worker `one`"),
    ("composer/composer", "**Package** `composer/composer`, version `^2`", "Composer"),
    (
        "crons: {}",
        "**Cron jobs** `crons` is not a key of a worker. It belongs to application [`app`]",
        "in the web container",
    ),
    ("unknown_key", "**Unknown key** `unknown_key`", "`commands`, `relationships`"),
    ("type: string", "**Include** of the text of `build.sh`", "as if it were written here"),
    ("build.sh", "**Include** of the text of `build.sh`", "as if it were written here"),
    ("app:http", "→ application [`app`]", "`php:8.4` (supported)"),
    ("gone:http", "no application or service is named `gone`", "**Upstream**"),
    ("image-version", "**Rule** `image-version`, error, suppressed on one line", "no longer supported"),
    ("no-such-rule", "**No rule** is named `no-such-rule`", "suppresses nothing"),
]


async def test_small_things_are_explained(tmp_path: Path) -> None:
    async with session(tmp_path) as small:
        small.open(SMALL)
        for needle, *wanted in EXPLAINED:
            text = await explained(small, needle)
            assert all(part in text for part in wanted), f"{needle}: {text}"
        assert "secret" not in await explained(small, "LEVEL: '1'")
