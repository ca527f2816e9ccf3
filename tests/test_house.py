"""The structure of the three packages: unique names, imports without circles, rules with a topic and a page, tests."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from importlib import import_module
from pathlib import Path

from upsun_rules.catalog import all_rules

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = (ROOT / "schema/upsun_schema", ROOT / "rules/upsun_rules", ROOT / "server/upsun_lint")
CHECKS = ROOT / "rules/upsun_rules/checks"

SHARED_FILES = {"__init__"}


@cache
def modules() -> dict[str, Path]:
    """Every module of the three packages by its dotted name."""
    found = {}
    for package in PACKAGES:
        for path in package.rglob("*.py"):
            parts = path.relative_to(package.parent).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def repeated(names: Iterator[tuple[str, str]]) -> dict[str, list[str]]:
    """The names that occur more than once, with their places."""
    places: dict[str, list[str]] = {}
    for name, place in names:
        places.setdefault(name, []).append(place)
    return {name: found for name, found in places.items() if len(found) > 1}


def imported(name: str) -> set[str]:
    """The modules of ours that a module imports at its top level, for type checking included."""
    found: set[str] = set()
    statements = list(tree(modules()[name]).body)
    while statements:
        statement = statements.pop()
        if isinstance(statement, ast.If):
            statements += [*statement.body, *statement.orelse]
        elif isinstance(statement, ast.Import):
            found |= {alias.name for alias in statement.names}
        elif isinstance(statement, ast.ImportFrom) and statement.module is not None:
            below = {f"{statement.module}.{alias.name}" for alias in statement.names}
            found |= {one if one in modules() else statement.module for one in below}
    return found & modules().keys() - {name}


def test_no_file_name_occurs_twice() -> None:
    assert repeated((path.stem, name) for name, path in modules().items() if path.stem not in SHARED_FILES) == {}


def test_no_public_class_name_occurs_twice() -> None:
    classes = (
        (node.name, name)
        for name, path in modules().items()
        for node in tree(path).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert repeated(classes) == {}


def test_no_modules_import_each_other() -> None:
    # A circle is a `CycleError`, which shows it.
    TopologicalSorter({name: imported(name) for name in modules()}).prepare()


def test_every_module_of_checks_has_a_topic_and_pages() -> None:
    documented = {rule.module.rpartition(".")[2] for rule in all_rules().values()}
    for path in CHECKS.glob("[!_]*.py"):
        topic = getattr(import_module(f"upsun_rules.checks.{path.stem}"), "TOPIC", "")
        assert topic and topic == topic.strip(), path
        assert path.stem in documented, f"{path}: no rules"
    for slug in all_rules():
        assert (ROOT / f"docs/rules/{slug}.md").is_file(), slug


def strings(path: Path) -> set[str]:
    """Every string in the tests of a file, without its docstrings and comments."""
    return {
        node.value for node in ast.walk(tree(path)) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_every_module_of_checks_has_a_file_of_tests_about_each_of_its_rules() -> None:
    missing = []
    for slug, rule in all_rules().items():
        name = rule.module.rpartition(".")[2]
        path = ROOT / f"tests/rules/test_{name}.py"
        # What the parser, the schema or the engine reports is tested with them.
        if rule.subject and not (path.is_file() and slug in strings(path)):
            missing.append(f"{path.relative_to(ROOT)}: {slug}")
    assert missing == []


def test_what_is_not_reported_by_a_function_has_tests_besides_its_examples() -> None:
    files = [path for path in (ROOT / "tests").rglob("test_*.py") if path.name != "test_examples.py"]
    tested = set().union(*map(strings, files))
    assert [slug for slug, rule in all_rules().items() if not rule.subject and slug not in tested] == []
