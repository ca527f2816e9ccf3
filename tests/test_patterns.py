"""No regular expression of the packages takes long for any text: each is given texts that repeat what it repeats."""

from __future__ import annotations

import ast
import importlib
import re
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

import pytest

from tests.benchmarks.edits import ROOT

SIZES = (28, 2_000, 20_000)
SECONDS = 0.25
"""How long one text may take, of CPU. What is linear takes a thousandth of it, what is quadratic several times it."""

_METHODS = frozenset({"match", "search", "fullmatch", "finditer", "findall", "sub", "subn", "split"})
_FOUND_BY = {"finditer": "search", "findall": "search", "sub": "search", "subn": "search", "split": "search"}


class Use(NamedTuple):
    """A regular expression, how it is used, and the places where it is written."""

    pattern: re.Pattern[Any]
    methods: frozenset[str]
    places: tuple[str, ...]


# -- what is written ---------------------------------------------------------------------------------------------------


def uses() -> tuple[list[Use], list[str]]:
    """Every regular expression of the packages, and the places of those that are made of what only a run knows."""
    found: dict[re.Pattern[Any], tuple[set[str], list[str]]] = {}
    unknown: list[str] = []
    trees = {path: ast.parse(path.read_text("utf-8")) for path in sorted(_sources())}
    everywhere = _called(trees.values())
    for path, tree in trees.items():
        names = vars(importlib.import_module(_module(path)))
        here = _called([tree])
        assigned = _names_of(tree)
        for node in ast.walk(tree):
            if not _is_of_re(node):
                continue
            assert isinstance(node, ast.Call)
            place = f"{path.relative_to(ROOT)}:{node.lineno}"
            try:
                pattern = re.compile(*(_value(argument, names) for argument in _arguments(node)))
            except NameError:
                unknown.append(place)
                continue
            # Where a method is called at once, the expression is its own name.
            key = assigned.get(node) or ast.unparse(node)
            own = {_function(node)} & _METHODS or here.get(key) or everywhere.get(key) or {"match", "search"}
            methods, places = found.setdefault(pattern, (set(), []))
            methods |= {_FOUND_BY.get(method, method) for method in own}
            places.append(place)
    return [Use(pattern, frozenset(methods), tuple(at)) for pattern, (methods, at) in found.items()], unknown


def _sources() -> Iterator[Path]:
    for folder in ("schema/upsun_schema", "rules/upsun_rules", "server/upsun_lint"):
        yield from (path for path in (ROOT / folder).rglob("*.py") if path.name != "__main__.py")


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts[1:]).removesuffix(".__init__")


def _is_of_re(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and bool(node.args) and _function(node) in {*_METHODS, "compile", "expression"}


def _function(node: ast.Call) -> str:
    """What makes a pattern of a text: a function of `re`, or `expression`; nothing if it is something else."""
    if isinstance(node.func, ast.Name):
        return node.func.id if node.func.id == "expression" else ""
    is_of_re = isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "re"
    return node.func.attr if is_of_re and isinstance(node.func, ast.Attribute) else ""


def _arguments(node: ast.Call) -> list[ast.expr]:
    """The pattern and its flags."""
    flags = [keyword.value for keyword in node.keywords if keyword.arg == "flags"]
    return [node.args[0], *(node.args[1:2] if _function(node) in ("compile", "expression") else []), *flags]


def _value(node: ast.expr, names: dict[str, object]) -> Any:
    return eval(compile(ast.Expression(node), "<pattern>", "eval"), names)


def _names_of(tree: ast.Module) -> dict[ast.AST, str]:
    """The names that expressions are assigned to."""
    assigned = [node for node in ast.walk(tree) if isinstance(node, ast.Assign)]
    return {node.value: node.targets[0].id for node in assigned if isinstance(node.targets[0], ast.Name)}


def _called(trees: Iterable[ast.Module]) -> dict[str, set[str]]:
    """Which methods are called on each name or expression."""
    found: dict[str, set[str]] = defaultdict(set)
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in _METHODS:
                of = ast.unparse(node.value)
                found[of.rpartition(".")[2] if isinstance(node.value, ast.Attribute) else of].add(node.attr)
    return found


# -- what takes longest ------------------------------------------------------------------------------------------------

_ENDS = ("", "\0")
_OF_CATEGORY = {
    codes.CATEGORY_DIGIT: "1",
    codes.CATEGORY_NOT_DIGIT: "a",
    codes.CATEGORY_SPACE: " ",
    codes.CATEGORY_NOT_SPACE: "a",
    codes.CATEGORY_WORD: "a",
    codes.CATEGORY_NOT_WORD: "-",
}


def hostile(pattern: re.Pattern[Any]) -> Iterator[tuple[str, str, str]]:
    """Yield texts in three parts: what leads to a repetition, what is repeated, and what then does not match."""
    tree = parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE)
    seen = set()
    for before, unit in _repetitions(tree, ""):
        for lead in ("", before):
            if unit and (lead, unit) not in seen:
                seen.add((lead, unit))
                yield from ((lead, unit, end) for end in _ENDS)


def _repetitions(tree: Any, before: str) -> Iterator[tuple[str, str]]:
    for code, value in tree:
        for inner in _inside(code, value):
            yield from _repetitions(inner, before)
        if code in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT) and value[1] > 100:
            yield from ((before, unit) for unit in _examples(value[2]))
        before += next(iter(_examples([(code, value)])), "")


def _inside(code: Any, value: Any) -> list[Any]:
    if code in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
        return [value[2]]
    if code is codes.SUBPATTERN:
        return [value[3]]
    if code is codes.BRANCH:
        return list(value[1])
    if code is codes.ATOMIC_GROUP:
        return [value]
    return [value[1]] if code in (codes.ASSERT, codes.ASSERT_NOT) else []


def _examples(tree: Any) -> list[str]:
    """Some short texts that a part of an expression matches."""
    found = [""]
    for code, value in tree:
        found = [one + other for one in found for other in _example(code, value)][:6]
    return found


def _example(code: Any, value: Any) -> list[str]:
    if code is codes.LITERAL:
        return [chr(value)]
    if code is codes.NOT_LITERAL:
        return ["a" if value != ord("a") else "b"]
    if code is codes.ANY:
        return ["a", " "]
    if code is codes.IN:
        return _of_class(value)
    if code in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
        return [one * max(value[0], 1) for one in _examples(value[2])] + ([""] if not value[0] else [])
    if code is codes.BRANCH:
        return [one for branch in value[1] for one in _examples(branch)]
    return [one for inner in _inside(code, value) for one in _examples(inner)] if code is not codes.ASSERT_NOT else [""]


def _of_class(items: Any) -> list[str]:
    chars = []
    for code, value in items:
        if code is codes.LITERAL:
            chars.append(chr(value))
        elif code is codes.RANGE:
            chars.append(chr(value[0]))
        elif code is codes.CATEGORY:
            chars.append(_OF_CATEGORY.get(value, "a"))
    if items[0][0] is not codes.NEGATE:
        return chars
    matched = re.compile("|".join(map(re.escape, chars)) or "(?!)")
    return [char for char in "a 1:-'\"#.\t{" if matched.match(char) is None]


def slow(use: Use) -> str | None:
    """What an expression takes long for; None where there is nothing."""
    for lead, unit, end in hostile(use.pattern):
        for size in SIZES:
            text = lead + unit * (size // len(unit)) + end
            for method in sorted(use.methods):
                started = time.process_time()
                getattr(use.pattern, method)(text.encode("latin-1") if isinstance(use.pattern.pattern, bytes) else text)
                if time.process_time() - started > SECONDS:
                    return f"{method} of {lead!r} + {unit!r} * n + {end!r} at {size}"
    return None


USES, UNKNOWN = uses()


def test_nearly_every_pattern_is_known() -> None:
    assert len(USES) > 150
    # These are built at run time.
    assert len(UNKNOWN) <= 22, UNKNOWN


@pytest.mark.parametrize("use", USES, ids=lambda use: use.places[0])
def test_no_text_takes_a_pattern_long(use: Use) -> None:
    assert slow(use) is None, f"{use.pattern.pattern} at {', '.join(use.places)}"
