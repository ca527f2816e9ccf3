"""A script that a project includes as text is judged like a command that is written in place, and never edited."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.server.command import upsun_lint, write

CONFIG = """\
applications:
  app:
    type: 'php:8.4'
    source: {root: backend}
    workers:
      queue:
        commands:
          start: !include {type: string, path: queue.sh}
"""
SCRIPT = """\
#!/bin/bash
# Takes the jobs.
set -e
php artisan queue:work --max-time=3600 &
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, CONFIG)
    (tmp_path / "backend").mkdir()
    (tmp_path / "backend" / "queue.sh").write_text(SCRIPT, encoding="utf-8", newline="")
    return tmp_path


def test_it_is_reported_at_the_include_and_shown_in_the_script(root: Path) -> None:
    ran = upsun_lint("--format", "json")
    assert ran.status == 1
    (finding,) = json.loads(ran.out)["findings"]
    assert finding["rule"] == "backgrounded-start-command"
    assert finding["path"] == ".upsun/config.yaml"
    assert finding["range"]["start"] == {"line": 8, "column": 18}
    (related,) = finding["related"]
    assert related["path"] == "backend/queue.sh"
    assert related["range"]["start"] == {"line": 4, "column": 40}
    text = upsun_lint().out
    assert "::: backend/queue.sh:4:40" in text
    assert "php artisan queue:work --max-time=3600 &" in text


def test_it_is_never_edited(root: Path) -> None:
    ran = upsun_lint("--fix")
    assert ran.status == 1
    assert (root / "backend" / "queue.sh").read_text(encoding="utf-8") == SCRIPT
    assert (root / ".upsun" / "config.yaml").read_text(encoding="utf-8") == CONFIG
    assert "fixable" not in ran.out
    assert all(not one["fixes"] for one in json.loads(upsun_lint("--format", "json").out)["findings"])


def test_a_comment_at_the_include_hides_it(root: Path) -> None:
    hidden = CONFIG.replace("sh}", "sh} # upsun-lint: ignore[backgrounded-start-command] on purpose")
    write(root, hidden)
    assert upsun_lint().status == 0
    write(root, CONFIG)
    assert upsun_lint("ignore-all", "--reason", "later").status == 0
    assert upsun_lint().status == 0
    assert (root / "backend" / "queue.sh").read_text(encoding="utf-8") == SCRIPT


def test_comments_in_the_script_suppress_nothing(root: Path) -> None:
    script = root / "backend" / "queue.sh"
    script.write_text(SCRIPT.replace("&", "# upsun-lint: ignore[unknown-key]"), encoding="utf-8")
    assert upsun_lint("--severity", "hint").out.count("error") == 0
    assert "unused-suppression" not in upsun_lint("--severity", "hint").out


def test_one_script_of_several_workers_is_reported_once(root: Path) -> None:
    write(root, CONFIG + CONFIG[CONFIG.index("      queue:") :].replace("queue:", "second:"))
    assert len(json.loads(upsun_lint("--format", "json").out)["findings"]) == 1


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (b"\x00\xff\xfe\x80 &\n", None),
        (b"if then (((\n", "shell-syntax"),
        (b"x" * 1_100_000, "include-not-found"),
    ],
)
def test_any_content_gets_an_answer(root: Path, text: bytes, rule: str | None) -> None:
    (root / "backend" / "queue.sh").write_bytes(text)
    ran = upsun_lint()
    assert ran.status == (rule is not None)
    assert rule is None or rule in ran.out
    assert ran.err == ""


@pytest.mark.parametrize("text", [b"", b" \n\n"])
def test_an_empty_script_is_not_a_command(root: Path, text: bytes) -> None:
    (root / "backend" / "queue.sh").write_bytes(text)
    ran = upsun_lint()
    assert ran.status == 1
    assert "missing-start-command" in ran.out


def test_a_file_may_be_yaml_here_and_text_there(root: Path) -> None:
    config = CONFIG.replace("queue.sh", "../.upsun/config.yaml")
    write(root, config)
    assert upsun_lint().status == 0


def test_show_prints_what_it_runs(root: Path) -> None:
    worker = json.loads(upsun_lint("show", "--format", "json").out)["app--queue"]
    assert worker["properties"]["commands"]["value"] == {"start": SCRIPT}


def test_a_script_asked_about_is_reported_at_its_include(root: Path) -> None:
    other = "      other:\n        commands: {start: php x.php &}\n"
    write(root, CONFIG + other)
    ran = upsun_lint("backend/queue.sh", "--format", "json")
    assert ran.status == 1
    (finding,) = json.loads(ran.out)["findings"]
    assert finding["related"][0]["path"] == "backend/queue.sh"
    ran = upsun_lint("backend/queue.sh", "--fix")
    assert (ran.status, (root / ".upsun/config.yaml").read_text()) == (1, CONFIG + other)
    write(root, SCRIPT.replace(" &", ""), "backend/queue.sh")
    ran = upsun_lint("backend/queue.sh")
    assert (ran.status, ran.out) == (0, "All good in backend/queue.sh.\n")
    write(root, SCRIPT, "backend/other.sh")
    assert "this file is not part of the configuration" in upsun_lint("backend/other.sh").err


def test_a_link_that_leads_away_is_named_as_what_is_wrong(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = write(tmp_path_factory.mktemp("outside"), SCRIPT, "queue.sh")
    script = root / "backend" / "queue.sh"
    script.unlink()
    try:
        script.symlink_to(outside)
    except OSError:
        pytest.skip("no symbolic links here")
    out = upsun_lint("--format", "concise").out
    assert "`queue.sh` is outside the project; the platform reads only files of the project" in out
    script.unlink()
    assert "file `backend/queue.sh` or `.upsun/queue.sh` not found" in upsun_lint("--format", "concise").out
