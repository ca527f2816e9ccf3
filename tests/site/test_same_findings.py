"""In the playground the rules say exactly what they say elsewhere, though the YAML parser and the grammar are others."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from tests.server.command import upsun_lint, write
from tests.site.read_scripts import read
from upsun_rules.catalog import every_rule

ROOT = Path(__file__).resolve().parents[2]
BROWSER = ROOT / "editors" / "browser"

SCRIPTS = [
    "php artisan queue:work",
    "while true; do php a.php || break; sleep $((60 * 5)); done",
    "until false; do run & done\nwait",
    'for i in 1 2 3; do echo "$i ${X:-y}" > out/$i.log 2>&1; done',
    "if [ -f a ] && [[ $b == c* ]]; then cd sub && exec node 'a b.js'; elif x; then y; else z; fi",
    "case $1 in a|b) echo a;; *) exit 1;; esac",
    "f() { trap 'kill $pid' TERM INT; }\nf; sh -c \"echo 'a'; sleep 5\"",
    "cat <<EOF | tee -a x >/dev/null\ntext $A\nEOF\n",
    "A=1 B='2' env -u C timeout 5m bash -ec 'while :; do a; done'",
    "run --größe=5 \"日本\" 'é' > datei-ü.log",
    "echo 😀 && php bin/console",
    "diff <(sort a) <(sort b); (cd x; y) || { z; }",
    "for ((;;)); do a; done",
    "a | b |& c; ! d; time e; unset F; export G=h",
    "echo 'not closed",
    "if then fi )(",
    "",
    "# only a comment",
]
"""Shell texts of every kind, with characters that JavaScript counts in another way."""


def projects() -> dict[str, dict[str, str]]:
    """The files of every example: of the README, and of each rule."""
    found = {
        f"examples/{folder.name}": {
            path.relative_to(folder).as_posix(): path.read_text("utf-8")
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        for folder in sorted((ROOT / "examples").iterdir())
    }
    for slug, rule in every_rule().items():
        for number, example in enumerate(rule.examples):
            found[f"rules/{slug}/{number}"] = example.files
            if example.before:
                found[f"rules/{slug}/{number}-before"] = example.before
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every example."""
    root = tmp_path_factory.mktemp("checked")
    for name, files in projects().items():
        for path, text in files.items():
            write(root / name, text, path)
    (root / "scripts.json").write_text(json.dumps(SCRIPTS), "utf-8")
    return root


@pytest.fixture(scope="module")
def in_pyodide(site: Path, folder: Path) -> dict[str, Any]:
    """What is said about the folder in Pyodide, in Node."""
    command = ["node", "tests/site/check_all.mjs", BROWSER / "build/python.mjs", site / "playground", folder]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr[-2000:]
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def test_the_findings_in_all_examples_are_the_same(
    in_pyodide: dict[str, Any], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    expected = upsun_lint("check", ".", "--format", "json").out
    assert len(json.loads(expected)["findings"]) > 100
    assert in_pyodide["findings"] == expected


def test_every_script_is_read_in_the_same_way(in_pyodide: dict[str, Any]) -> None:
    assert in_pyodide["scripts"].split("\n") == [read(text) for text in SCRIPTS]


def test_the_grammar_has_the_same_version() -> None:
    lock = json.loads((BROWSER / "package-lock.json").read_text("utf-8"))
    assert lock["packages"]["node_modules/tree-sitter-bash"]["version"] == version("tree-sitter-bash")


def test_the_replacement_of_tree_sitter_has_all_that_the_rules_use(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mypy", "--strict", "--python-version", "3.13", "--cache-dir", tmp_path]
    modules = ["-p", "upsun_rules.shell", "-m", "tree_sitter", "-m", "tree_sitter_bash", "-m", "playground"]
    environment = {**os.environ, "MYPYPATH": "editors/browser/python"}
    ran = subprocess.run([*command, *modules], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout


def test_the_lock_has_no_address_of_a_registry() -> None:
    assert "resolved" not in (BROWSER / "package-lock.json").read_text("utf-8")


def test_the_sources_are_well_typed(site: Path) -> None:
    command = [shutil.which("npm") or "npm", "run", "--silent", "check"]
    ran = subprocess.run(command, cwd=BROWSER, capture_output=True, text=True, env=os.environ)
    assert ran.returncode == 0, ran.stdout
