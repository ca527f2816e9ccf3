"""What the modules of the compiled wheel must not have, since mypyc would silently make something else of it."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from tests.test_house import modules, tree

ROOT = Path(__file__).resolve().parents[1]

WHOLE = {
    *("Counter", "Folders", "accumulate", "all", "any", "dict", "extend", "frozenset", "fromkeys", "isdisjoint"),
    *("join", "list", "listed", "max", "min", "next", "set", "sorted", "sum", "tuple", "update"),
}
"""Functions that a generator expression may be passed to: mypyc compiles it as such, or they take all of it anyway."""


@cache
def packaging() -> ModuleType:
    spec = spec_from_file_location("compiled", ROOT / "packaging" / "compiled.py")
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def compiled_modules() -> list[Path]:
    found: list[Path] = packaging().modules()
    return found


def test_the_types_are_right_for_the_compiler(tmp_path: Path) -> None:
    """It sees a little less than `make lint` does: a named tuple is not a tuple for it."""
    for package in ("schema/upsun_schema", "rules/upsun_rules"):
        shutil.copytree(ROOT / package, tmp_path / Path(package).name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "mypy.ini").write_text(packaging().CONFIGURATION, "utf-8")
    names = [str(path.relative_to(ROOT).relative_to(path.relative_to(ROOT).parts[0])) for path in compiled_modules()]
    ran = subprocess.run([sys.executable, "-m", "mypy", *names], cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def kept_generators(code: ast.AST) -> Iterator[int]:
    """Yield the lines of generator expressions that are kept or passed on: mypyc makes lists of them.

    One that never ends then takes all memory, `next` of it fails, and what was saved by stopping early is lost.
    """
    for parent in ast.walk(code):
        for node in ast.iter_child_nodes(parent):
            if isinstance(node, ast.GeneratorExp) and not is_taken_at_once(parent):
                yield node.lineno


def is_taken_at_once(parent: ast.AST) -> bool:
    if isinstance(parent, ast.Call):
        return isinstance(parent.func, ast.Name | ast.Attribute) and name_of(parent.func) in WHOLE
    if isinstance(parent, ast.Assign):
        return isinstance(parent.targets[0], ast.Tuple)
    return isinstance(parent, ast.Starred | ast.YieldFrom | ast.For | ast.comprehension)


def name_of(function: ast.Name | ast.Attribute) -> str:
    return function.id if isinstance(function, ast.Name) else function.attr


@pytest.mark.parametrize("path", compiled_modules(), ids=lambda path: path.stem)
def test_no_generator_expression_is_kept(path: Path) -> None:
    assert list(kept_generators(tree(path))) == [], "write a list, or a function that yields"


def test_no_compiled_class_is_asked_for_its_slots() -> None:
    assert [path.stem for path in compiled_modules() if any(map(is_slots, ast.walk(tree(path))))] == []


def is_slots(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "__slots__"


def test_nothing_is_defined_where_no_type_checker_looks() -> None:
    """What is below the `else` of `if TYPE_CHECKING` cannot be reached for mypyc: it ends with a `RuntimeError`."""
    assert [path.stem for path in compiled_modules() if any(map(is_hidden, ast.walk(tree(path))))] == []


def is_hidden(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test) and bool(node.orelse)


def test_nothing_refers_weakly() -> None:
    """Weak references to objects of a compiled class with a dictionary end the process with mypyc 2.4."""
    assert [name for name, path in modules().items() if "weakref" in path.read_text("utf-8")] == []


def test_no_other_class_inherits_from_a_compiled_one() -> None:
    compiled = compiled_modules()
    classes = {one.name for path in compiled for one in classes_of(path)}
    others = [path for path in modules().values() if path not in compiled]
    assert [one.name for path in others for one in classes_of(path) if classes & bases_of(one)] == []


def classes_of(path: Path) -> list[ast.ClassDef]:
    return [node for node in ast.walk(tree(path)) if isinstance(node, ast.ClassDef)]


def bases_of(one: ast.ClassDef) -> set[str]:
    return {base.id for base in one.bases if isinstance(base, ast.Name)}


@pytest.mark.parametrize(
    ("code", "is_kept"),
    [
        ("names = (one for one in many)", True),
        ("return_ = chain(first, (one for one in many))", True),
        ("first = next((one for one in many), None)", False),
        ("both = sorted(one for one in many)", False),
        ("low, high = (number(one) for one in ends)", False),
        ("texts = ', '.join(one for one in many)", False),
    ],
)
def test_kept_ones_are_found(code: str, is_kept: bool) -> None:
    assert bool(list(kept_generators(ast.parse(code)))) is is_kept
