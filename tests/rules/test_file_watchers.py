"""Programs that watch files have no place on the platform."""

from __future__ import annotations

import pytest

from tests.support import CONFIG, apply_fix, findings

TEXT = (
    "applications:\n  app:\n    type: 'nodejs:24'\n    workers:\n      queue:\n        commands:\n          start: {}\n"
)


@pytest.mark.parametrize(
    ("command", "fixed"),
    [
        ("nodemon worker.js --limit 5", "node worker.js --limit 5"),
        ("npx nodemon -w src worker.ts", None),
        ("node_modules/.bin/ts-node-dev worker.ts", None),
        ("node --watch worker.js", "node worker.js"),
        ("node --env-file=.env --watch worker.js", "node --env-file=.env worker.js"),
        ("node --watch-path=src worker.js", None),
        ("npx tsx watch worker.ts", None),
        ("bun --hot worker.ts", "bun worker.ts"),
        ("exec uvicorn shop:app --reload --port $PORT", "exec uvicorn shop:app --port $PORT"),
        ("watchmedo auto-restart -d . -- celery -A shop worker", None),
    ],
)
def test_a_watcher_is_reported(command: str, fixed: str | None) -> None:
    (finding,) = findings(TEXT.format(command), "watches-files")
    after = [apply_fix(TEXT.format(command), fix) for fix in finding.fixes]
    assert after == ([] if fixed is None else [TEXT.format(fixed)])


@pytest.mark.parametrize(
    "command",
    [
        "node worker.js --watch-queue mails",
        "node worker.js",
        "node worker.js --watch",
        "tsx worker.ts",
        "node -- worker.js --watch",
        "nodemon --exitcrash worker.js",
        "uvicorn shop:app",
        "php artisan queue:work",
        "echo nodemon",
    ],
)
def test_a_program_that_watches_nothing(command: str) -> None:
    assert findings(TEXT.format(command), "watches-files") == []


def test_a_watcher_behind_a_script_is_found_in_the_web_process_too() -> None:
    web = "applications:\n  app:\n    type: 'nodejs:24'\n    web:\n      commands:\n        start: npm run dev\n"
    files = {CONFIG: web, "package.json": '{"scripts": {"dev": "nodemon server.js"}}'}
    (finding,) = findings(files, "watches-files")
    assert finding.region.text == "npm run dev"
    assert finding.related[0].region.text == "nodemon server.js"
    cron = "applications:\n  app:\n    type: 'nodejs:24'\n    hooks: {build: node --watch build.js}\n"
    assert findings(cron, "watches-files") == []
