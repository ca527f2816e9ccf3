"""What is generated is not stale."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.support import findings
from upsun_rules import published

ROOT = Path(__file__).resolve().parents[1]


def test_the_rule_reference_is_what_the_rules_say() -> None:
    done = subprocess.run([sys.executable, "docs/generate.py", "--check"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_findings_link_to_the_reference_once_it_is_published(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "applications: {app: {type: 'php:8.4', worker: {}, source: {root: /}, workers: {q: {crons: {}}}}}"
    assert {finding.url.partition("/docs/")[0] for finding in findings(text)} == {"https://developer.upsun.com"}
    monkeypatch.setattr("upsun_rules.rule.PAGES", "https://rules.example/{rule}.html")
    assert {f"https://rules.example/{finding.rule}.html" for finding in findings(text)} == {
        finding.url for finding in findings(text)
    }


def test_where_the_reference_is_published_is_one_setting(tmp_path: Path) -> None:
    for name in ("docs", "rules", "schema", "server", "editors"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
    for name in ("CONTRIBUTING.md", "README.md"):
        shutil.copy(ROOT / name, tmp_path)
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    home = published.HOME
    assert home == "https://example.org/upsun-lint", "it has a home: this test is to say so"
    changed = project.replace(f'"{home}"', '"https://git.example/u"\nRules = "https://rules.example/{rule}"')
    (tmp_path / "pyproject.toml").write_text(changed, "utf-8")
    generate = [sys.executable, "docs/generate.py"]
    assert subprocess.run([*generate, "--check"], cwd=tmp_path, capture_output=True).returncode == 1
    assert subprocess.run(generate, cwd=tmp_path).returncode == 0
    assert subprocess.run([*generate, "--check"], cwd=tmp_path).returncode == 0
    written = (tmp_path / "rules" / "upsun_rules" / "published.py").read_text("utf-8")
    assert 'PAGES = "https://rules.example/{rule}"' in written
    assert 'HOME = "https://git.example/u"' in written
    texts = [file.read_text("utf-8") for file in (tmp_path / "docs" / "guide").glob("*.md")]
    assert any("https://git.example/u" in text for text in texts)
    assert not any(home in text for text in texts)


def test_the_picture_in_the_readme_shows_what_is_printed() -> None:
    picture = ElementTree.fromstring((ROOT / "docs" / "images" / "check.svg").read_text("utf-8"))
    rows: dict[float, str] = {}
    for text in picture.iter("{http://www.w3.org/2000/svg}text"):
        if text.get("clip-path"):
            row = float(text.get("y", "0"))
            rows[row] = rows.get(row, "") + (text.text or "")
    shown = "".join(" ".join(rows[row] for row in sorted(rows)).split())
    command = [sys.executable, "-m", "upsun_lint", "examples/bare-relationships", "--color", "never"]
    environment = {name: value for name, value in os.environ.items() if name not in ("CI", "GITHUB_ACTIONS")}
    environment["COLUMNS"] = "80"
    printed = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True).stdout
    assert shown == "".join(f"$ upsun-lint examples/bare-relationships {printed}".split())
