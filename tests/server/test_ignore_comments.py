from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.server.command import upsun_lint, write
from tests.support import SHARED, corpus_projects, needs_shared
from upsun_lint.fixing.ignore_comments import ignore
from upsun_rules.engine import lint
from upsun_rules.options import Options
from upsun_schema.configuration.project import Project, decode

WRONG = """\
applications:
  app:
    type: 'php:8.4'   # eight
    mount: {}
    workers:
      queue:
        commands:
          start: |
            php queue.php &
        crons: {
          tidy: {spec: '* * * * *'}
        }
      mail:
        command: {start: php mail.php}
        hooks: {}
"""
RIGHT = """\
applications:
  app:
    type: 'php:8.4'   # eight
    mount: {}  # upsun-lint: ignore[unknown-key] as it is
    workers:
      queue:
        commands:
          # upsun-lint: ignore[backgrounded-start-command] as it is
          start: |
            php queue.php &
        # upsun-lint: ignore[crons-on-worker] as it is
        crons: {
          tidy: {spec: '* * * * *'}
        }
      mail:
        command: {start: php mail.php}  # upsun-lint: ignore[unknown-key] as it is
        hooks: {}  # upsun-lint: ignore[hooks-on-worker] as it is
"""
COMMENT = re.compile(
    r"^ *# upsun-lint: ignore(?:-file)?\[[^\]]*\] as it is(?:\r\n|\n|\r)"
    r"|  # upsun-lint: ignore\[[^\]]*\] as it is",
    re.MULTILINE,
)
REASON = ("--reason", "as it is")


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_everything_is_hidden_by_comments_where_there_is_room(tmp_path: Path) -> None:
    file = write(tmp_path, WRONG)
    ran = upsun_lint("ignore-all", *REASON)
    assert (ran.status, ran.out, ran.err) == (0, "Suppressed 5 findings in 1 file.\n", "")
    assert file.read_text() == RIGHT
    assert upsun_lint("--severity", "hint", "--fail-on", "hint").status == 0
    assert upsun_lint("ignore-all", *REASON).out == "Suppressed 0 findings in 0 files.\n"


def test_a_diff_shows_it_and_changes_nothing(tmp_path: Path) -> None:
    file = write(tmp_path, WRONG)
    ran = upsun_lint("ignore-all", *REASON, "--diff")
    assert (ran.status, ran.err) == (0, "ignore-all would suppress 5 findings in 1 file.\n")
    assert file.read_text() == WRONG
    subprocess.run(["git", "apply", "-"], input=ran.stdout, check=True, cwd=tmp_path)
    assert file.read_text() == RIGHT


def test_a_long_line_gets_a_line_above(tmp_path: Path) -> None:
    file = write(tmp_path, "applications:\r\n  app:\r\n    type: 'php:8.4'\r\n    mount: {}")
    upsun_lint("ignore-all", "--reason", "because " * 12)
    lines = file.read_bytes().split(b"\r\n")
    assert lines[3].startswith(b"    # upsun-lint: ignore[unknown-key] because")
    assert lines[4] == b"    mount: {}"


def test_only_what_is_asked_about_is_hidden(tmp_path: Path) -> None:
    file = write(tmp_path, WRONG)
    other = write(tmp_path, "services:\n  db: {typ: x}\n", ".upsun/other.yaml")
    upsun_lint("ignore-all", *REASON, "--select", "hooks-on-worker", ".upsun/config.yaml")
    assert file.read_text() == WRONG.replace("hooks: {}", "hooks: {}  # upsun-lint: ignore[hooks-on-worker] as it is")
    assert other.read_text() == "services:\n  db: {typ: x}\n"


def test_findings_that_no_comment_can_suppress_are_reported(tmp_path: Path) -> None:
    write(tmp_path, WRONG.replace("mount: {}", "mounts: {} # upsun-lint: ignore[unknown-key] old"))
    ran = upsun_lint("ignore-all", *REASON)
    assert ran.status == 1
    assert ".upsun/config.yaml:4:37: no comment can suppress this: unused-suppression" in ran.err


def test_a_file_that_cannot_be_written_again_is_left_alone(tmp_path: Path) -> None:
    file = write(tmp_path, WRONG.encode("utf-16"))
    before = file.read_bytes()
    ran = upsun_lint("ignore-all", *REASON)
    assert ran.status == 1
    assert "no comment can suppress this" in ran.err
    assert file.read_bytes() == before


@pytest.mark.parametrize("reason", ["", "  ", "two\nlines", "\x1b[31m", "\udcff"])
def test_a_reason_is_one_line_of_text(tmp_path: Path, reason: str) -> None:
    write(tmp_path, WRONG)
    ran = upsun_lint("ignore-all", "--reason", reason)
    assert (ran.status, ran.err) == (2, "upsun-lint: --reason must be one line of plain text\n")
    assert upsun_lint("ignore-all").status == 2


def check_ignored(project: Project) -> None:
    """Hide all that is found, and look whether that is all that happens."""
    options = Options()
    found = lint(project, options)
    ignored = ignore(project, found, lambda one: lint(one, options), "as it is", lambda path: True)
    texts = {document.path: document.text for document in project.all_documents}
    for change in ignored.changes:
        assert COMMENT.sub("", change.after) == change.before
        texts[change.path] = change.after
    after = Project(project.root, dict(project.overlay) | texts)
    assert len(lint(after, options)) == len(ignored.left) == len(found) - ignored.number


def test_it_works_for_real_projects() -> None:
    for project in corpus_projects():
        check_ignored(project)


@needs_shared
def test_it_works_for_the_examples_of_the_documentation() -> None:
    for file in sorted((SHARED / "corpus" / "docs").glob("*.yaml")):
        check_ignored(Project("/nonexistent", {".upsun/config.yaml": decode(file.read_bytes())}))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing\n",
        "applications: {app: {type: 'php:8.4',\n  mount: {}}}\n",
        "\ufeffapplications:\n  app: {}\n",
        "%YAML 1.1\n---\napplications:\n  app: {}\n",
        "applications:\n\tapp: {}\n",
        "applications:\n  app:\n    type: 'php:8.4\n    mount: {}\n",
        "applications:\n  app:\n    type: x\n    build: {flavor: a\n      b}\n",
        "applications:\r  app:\r    mount: {}\r",
        "applications:\n  app:\n    hooks:\n      build: |+\n        make\n\n    mount: {}\n",
        "applications:\n  app:\n    type: &t 'php:9'\n    mount: *t\n    ? [a\n      ,b]\n    : c\n",
    ],
)
def test_it_works_for_odd_texts(text: str) -> None:
    check_ignored(Project("/nonexistent", {".upsun/config.yaml": text}))
