"""The rules of a `Makefile`: `make worker`. Only plain rules are understood; a file with more in it is left alone.

Source: GNU make manual, chapters 4 (rules), 5 (recipes), 6 (variables).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence

from upsun_rules.resolution.application_files import ApplicationFiles
from upsun_rules.resolution.calls import options_of
from upsun_rules.resolution.logical_lines import logical_lines
from upsun_rules.shell.app_paths import app_path
from upsun_rules.shell.expansion import Expansion, ScriptPart
from upsun_rules.shell.parsing import Word
from upsun_schema.expression import expression
from upsun_schema.record import NamedTuple
from upsun_schema.wording import nearest
from upsun_schema.yaml.document import TextDocument
from upsun_schema.yaml.nodes import Region
from upsun_schema.yaml.text import Span

__all__ = ["expand", "script_names"]

_FILES = ("GNUmakefile", "makefile", "Makefile")
_WITH_VALUES = frozenset({"-C", "--directory", "-f", "--file", "--makefile", "-I", "-o", "-W", "-l"})
_ASSIGNMENT = expression(r"(?:export\s+|override\s+)?([\w.-]+)\s*(\?|:|::|\+|!)?=\s*(.*)")
_RULE = expression(r"([^\s:=#][^:=#]*):{1,2}(?!=)([^=;#]*)(;.*)?(?:#.*)?")
_NOT_PLAIN = expression(r"(?:if(?:n?eq|n?def)|else|endif|define|-?include|sinclude|vpath|load)\b|\$\(eval\b")
_REFERENCE = expression(r"\$(?:\$|\(([^()]*)\)|\{([^{}]*)\}|(.))")
_DEEPEST = 20


class _Rule(NamedTuple):
    """A rule: what it needs first, and the lines of its recipe."""

    needs: tuple[str, ...]
    lines: tuple[Span, ...]


class _Makefile(NamedTuple):
    """The rules and variables of a file; `is_plain` is false if there is more in it."""

    rules: dict[str, _Rule]
    variables: dict[str, str]
    first: str
    is_plain: bool


def expand(words: Sequence[Word], folder: str, files: ApplicationFiles) -> Expansion | None:
    """The recipes that a call of make runs; None if that cannot be told."""
    before = options_of(words[1:], _WITH_VALUES)
    start = folder if (moved := before.value("-C", "--directory")) is None else app_path(moved, folder)
    path = None if start is None else _path(before.value("-f", "--file", "--makefile"), start, files)
    document = None if path is None else files.text(path)
    if start is None or path is None or document is None or not all(word.literal for word in before.rest):
        return None
    makefile = _read(document)
    given = dict(word.text.split("=", 1) for word in before.rest if "=" in word.text)
    goals = [word.text for word in before.rest if "=" not in word.text and not word.text.startswith("-")]
    parts: list[ScriptPart] = []
    for goal in goals or [makefile.first]:
        if goal not in makefile.rules:
            return _absent(goal, path, start, makefile, files)
        order = list(_order(goal, makefile, set(), 0))
        if None in order:
            return None
        for name in order:
            for span in makefile.rules[name or ""].lines:
                part = _part(span, name or "", document, {**makefile.variables, **given}, makefile, start)
                if part is None:
                    return None
                parts.append(part)
    return Expansion(tuple(parts), path) if parts else None


def script_names(folder: str, files: ApplicationFiles) -> list[str]:
    """The targets of the `Makefile` of a folder."""
    path = _path(None, folder, files)
    document = None if path is None else files.text(path)
    rules = _read(document).rules if document is not None else {}
    return [name for name in rules if not name.startswith(".") and not set(name) & set("%$/")]


def _path(given: Word | None, folder: str, files: ApplicationFiles) -> str | None:
    if given is not None:
        return app_path(given, folder)
    paths = [posixpath.join(folder, name) for name in _FILES]
    return next((path for path in paths if files.has_file(path)), None)


def _absent(goal: str, path: str, folder: str, makefile: _Makefile, files: ApplicationFiles) -> Expansion | None:
    """A target that no rule makes. A pattern, or a file of that name, might be what make uses."""
    patterns = any("%" in name or "$" in name for name in makefile.rules)
    located = app_path(goal, folder)
    if not makefile.is_plain or patterns or not goal or (located is not None and files.has_file(located)):
        return None
    return Expansion((), path, goal, next(iter(nearest(goal, list(makefile.rules))), ""))


def _order(goal: str, makefile: _Makefile, seen: set[str], depth: int) -> Iterator[str | None]:
    """Yield the targets that are made for a goal, it last; None for one that cannot be told."""
    if goal in seen:
        return
    seen.add(goal)
    rule = makefile.rules.get(goal)
    if rule is None:
        return
    if depth > _DEEPEST or any("$" in need for need in rule.needs) or not makefile.is_plain:
        yield None
        return
    for need in rule.needs:
        yield from _order(need, makefile, seen, depth + 1)
    yield goal


def _read(document: TextDocument) -> _Makefile:
    needs: dict[str, list[str]] = {}
    recipes: dict[str, list[Span]] = {}
    variables: dict[str, str] = {}
    names: list[str] = []
    first, is_plain = "", True
    for span in logical_lines(document.text):
        line = document.text[span.start : span.end]
        if line.startswith("\t"):
            for name in names:
                recipes[name].append(span)
            continue
        text = " ".join(part.strip() for part in line.split("\\\n")).strip()
        if not text or text.startswith("#"):
            continue
        names = []
        if _NOT_PLAIN.match(text):
            is_plain = False
        elif assignment := _ASSIGNMENT.fullmatch(text):
            variables[assignment[1]] = assignment[3]
            is_plain = is_plain and assignment[2] not in ("+", "!")
        elif rule := _RULE.fullmatch(text):
            names = rule[1].split()
            # A recipe may begin on the line of its rule: `worker: ; php worker.php`.
            inline = _inline(line, span) if rule[3] is not None else None
            is_plain = is_plain and (rule[3] is None or inline is not None)
            for name in names:
                needs.setdefault(name, []).extend(rule[2].replace("|", " ").split())
                recipes.setdefault(name, []).extend([] if inline is None else [inline])
            first = first or next((name for name in names if not name.startswith(".")), "")
        else:
            is_plain = False
    rules = {name: _Rule(tuple(needs[name]), tuple(lines)) for name, lines in recipes.items()}
    return _Makefile(rules, variables, first, is_plain and ".ONESHELL" not in rules)


def _inline(line: str, span: Span) -> Span | None:
    """The place of the recipe that is on the line of its rule, behind a semicolon; None if it goes on in the next."""
    at = line.index(";") + 1
    at += len(line[at:]) - len(line[at:].lstrip())
    return None if "\n" in line or not line[at:].strip() else Span(span.start + at, span.end)


def _part(
    span: Span, target: str, document: TextDocument, variables: Mapping[str, str], makefile: _Makefile, folder: str
) -> ScriptPart | None:
    """One line of a recipe as the shell gets it; None if it calls a function of make."""
    written = document.text[span.start : span.end]
    lead = len(written) - len(written.lstrip("\t @+-"))
    needs = makefile.rules[target].needs
    automatic = {"@": target, "<": needs[0] if needs else "", "^": " ".join(needs), "MAKE": "make"}
    text = _expanded(written[lead:], {**variables, **automatic}, 0)
    if text is None:
        return None
    region = Region(document.whole, span.start + lead, span.end)
    return ScriptPart(text, region, folder, target, is_same=text == region.text)


def _expanded(text: str, variables: Mapping[str, str], depth: int) -> str | None:
    """A text with the values of variables; one that the file does not set comes from the environment."""
    pieces: list[str] = []
    at = 0
    for match in _REFERENCE.finditer(text):
        name = match[1] or match[2] or match[3]
        pieces.append(text[at : match.start()])
        at = match.end()
        if match[0] == "$$":
            pieces.append("$")
        elif name is None or depth > _DEEPEST or not re.fullmatch(r"[\w.-]+|[@<^]", name):
            return None
        elif name in variables:
            value = _expanded(variables[name], variables, depth + 1)
            if value is None or len(value) > _LONGEST:
                return None
            pieces.append(value)
        else:
            pieces.append(f"${{{name}}}")
    return "".join([*pieces, text[at:]])


_LONGEST = 4_096
