"""The recipes of a `justfile`: `just worker`. Recipes with conditions or functions in them are left alone.

Source: just.systems/man (recipes, parameters, dependencies, settings).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence

from upsun_rules.resolution.application_files import ApplicationFiles
from upsun_rules.resolution.calls import CallOptions, options_of
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

_FILES = ("justfile", "Justfile", ".justfile")
_WITH_VALUES = frozenset({"-f", "--justfile", "-d", "--working-directory", "--dotenv-path", "-E", "--color"})
_NOT_RUN = ("-l", "--list", "--summary", "-s", "--show", "--evaluate", "--dump", "-e", "--edit", "-n", "--dry-run")
_NOT_KNOWN = ("--set", "-c", "--command", "--shell", "--choose")
_RECIPE = expression(r"@?([A-Za-z_][\w-]*)((?:[ \t][^:]*)?):(?!=)(.*)")
_ASSIGNMENT = expression(r"(?:export[ \t]+)?([A-Za-z_][\w-]*)[ \t]*:=[ \t]*(.*)")
_ALIAS = expression(r"alias[ \t]+([\w-]+)[ \t]*:=[ \t]*([\w-]+)[ \t]*(?:#.*)?")
_SETTING = expression(r"set[ \t]+([\w-]+)[ \t]*(?::=[ \t]*(.*))?")
_LITERAL = expression(r"'([^']*)'|\"([^\"\\]*)\"")
_PARAMETER = expression(r"([+*]?)\$?([A-Za-z_][\w-]*)(?:=('[^']*'|\"[^\"\\]*\"))?")
_PARAMETERS = expression(r"(?:[ \t]+[+*]?\$?[A-Za-z_][\w-]*(?:=(?:'[^']*'|\"[^\"\\]*\"))?)*[ \t]*")
_NEED = expression(r"[\w-]+")
_INTERPOLATION = expression(r"\{\{(\{\{|[^{}]*\}\})")
_SHELLS = ("sh", "bash", "dash")
_DEEPEST = 20


class _Parameter(NamedTuple):
    """A parameter of a recipe; `default` is None if a value must be given, `sign` is `+` or `*` if it takes several."""

    name: str
    sign: str
    default: str | None


class _Recipe(NamedTuple):
    """A recipe: the recipes that run before it and the lines of its body; None for what is not understood."""

    parameters: tuple[_Parameter, ...] | None
    needs: tuple[str, ...] | None
    attributes: frozenset[str]
    lines: tuple[Span, ...] = ()


class _Justfile(NamedTuple):
    """The recipes, aliases and variables of a file; `is_plain` is false if others may come from elsewhere."""

    recipes: dict[str, _Recipe]
    aliases: dict[str, str]
    variables: dict[str, str]
    settings: dict[str, str]
    is_plain: bool


def expand(words: Sequence[Word], folder: str, files: ApplicationFiles) -> Expansion | None:
    """The recipes that a call of just runs; None if that cannot be told."""
    before = options_of(words[1:], _WITH_VALUES)
    path = _path(before, folder, files)
    document = None if path is None else files.text(path)
    if path is None or document is None or before.has(*_NOT_RUN, *_NOT_KNOWN):
        return None
    if not all(word.literal for word in before.rest):
        return None
    justfile = _read(document)
    moved = before.value("-d", "--working-directory")
    home = posixpath.dirname(path) if moved is None else app_path(moved, folder)
    texts = [word.text for word in before.rest]
    given = dict(text.split("=", 1) for text in texts if re.match(r"[A-Za-z_][\w-]*=", text))
    rest = [text for text in texts if text.partition("=")[0] not in given] or list(justfile.recipes)[:1]
    found: list[ScriptPart] = []
    while rest:
        name = justfile.aliases.get(rest[0], rest[0])
        recipe = justfile.recipes.get(name)
        if recipe is None:
            near = next(iter(nearest(name, [*justfile.recipes, *justfile.aliases])), "")
            return Expansion((), path, name, near) if justfile.is_plain and not set(name) & set(":/") else None
        values, rest = _arguments(recipe, rest[1:])
        parts = [] if values is None else _run(name, {**given, **values}, justfile, document, home, folder)
        if not parts:
            return None
        found += parts
    return Expansion(tuple(found), path) if found else None


def script_names(folder: str, files: ApplicationFiles) -> list[str]:
    """The recipes and aliases of the nearest `justfile`."""
    path = _path(CallOptions({}, ()), folder, files)
    document = None if path is None else files.text(path)
    justfile = None if document is None else _read(document)
    return [] if justfile is None else [*(name for name in justfile.recipes if name[0] != "_"), *justfile.aliases]


def _path(options: CallOptions, folder: str, files: ApplicationFiles) -> str | None:
    given = options.value("-f", "--justfile")
    if given is not None:
        return app_path(given, folder)
    paths = [files.nearest(name, folder) for name in _FILES]
    return max((path for path in paths if path is not None), key=lambda path: path.count("/"), default=None)


def _arguments(recipe: _Recipe, words: list[str]) -> tuple[dict[str, str] | None, list[str]]:
    """The values of a recipe's parameters, and the words that are left for other recipes; None for values unknown."""
    if recipe.parameters is None:
        return None, []
    values: dict[str, str] = {}
    for parameter in recipe.parameters:
        if parameter.sign and words:
            values[parameter.name], words = " ".join(words), []
        elif words:
            values[parameter.name], words = words[0], words[1:]
        elif parameter.default is None and parameter.sign != "*":
            return None, []
        else:
            values[parameter.name] = parameter.default or ""
    return values, words


def _run(
    name: str, given: Mapping[str, str], justfile: _Justfile, document: TextDocument, home: str | None, folder: str
) -> list[ScriptPart]:
    """What a recipe runs, with what runs before it; nothing if that cannot be told."""
    found: list[ScriptPart] = []
    for one in _order(name, justfile, set(), 0):
        recipe = None if one is None else justfile.recipes[one]
        start = folder if recipe is not None and "no-cd" in recipe.attributes else home
        if one is None or recipe is None or not _is_readable(recipe, justfile):
            return []
        variables = {**justfile.variables, **given} if one == name else {**justfile.variables}
        parts = list(_parts(one, recipe, variables, document, start))
        if None in parts:
            return []
        found += [part for part in parts if part is not None]
    return found


def _order(name: str, justfile: _Justfile, seen: set[str], depth: int) -> Iterator[str | None]:
    """Yield the recipes that run for one, it last; None for one that cannot be told."""
    if name in seen:
        return
    seen.add(name)
    recipe = justfile.recipes.get(justfile.aliases.get(name, name))
    if recipe is None or recipe.needs is None or depth > _DEEPEST:
        yield None
        return
    for need in recipe.needs:
        yield from _order(justfile.aliases.get(need, need), justfile, seen, depth + 1)
    yield name


def _is_readable(recipe: _Recipe, justfile: _Justfile) -> bool:
    """Whether a recipe is run by a shell, in a folder that is known."""
    shell = _LITERAL.search(justfile.settings.get("shell", "'sh'"))
    names = {attribute.partition(":")[0].partition("(")[0].strip() for attribute in recipe.attributes}
    is_shell = shell is not None and (shell[1] or shell[2] or "").rpartition("/")[2] in _SHELLS
    return is_shell and "working-directory" not in names | justfile.settings.keys() and "script" not in names


def _parts(
    name: str, recipe: _Recipe, variables: Mapping[str, str], document: TextDocument, folder: str | None
) -> Iterator[ScriptPart | None]:
    """Yield each line of a recipe as the shell gets it, or the whole of one that is a script."""
    texts = [document.text[span.start : span.end] for span in recipe.lines]
    if texts and texts[0].lstrip().startswith("#!"):
        program = texts[0].split()[-1].rpartition("/")[2]
        whole = Span(recipe.lines[0].start, recipe.lines[-1].end)
        yield _part(name, whole, "", variables, document, folder) if program in _SHELLS else None
        return
    for span, text in zip(recipe.lines, texts, strict=True):
        if text.strip():
            yield _part(name, span, "@-", variables, document, folder)


def _part(
    name: str, span: Span, signs: str, variables: Mapping[str, str], document: TextDocument, folder: str | None
) -> ScriptPart | None:
    written = document.text[span.start : span.end]
    lead = len(written) - len(written.lstrip(f"\t {signs}"))
    region = Region(document.whole, span.start + lead, span.end)
    text = _interpolated(region.text, variables)
    return None if text is None else ScriptPart(text, region, folder, name, is_same=text == region.text)


def _interpolated(text: str, variables: Mapping[str, str]) -> str | None:
    """A text with the values of variables; None if it computes something else."""
    pieces: list[str] = []
    at = 0
    for match in _INTERPOLATION.finditer(text):
        inner = match[1].removesuffix("}}").strip()
        value = "{{" if match[1] == "{{" else variables.get(inner)
        if value is None:
            literal = _LITERAL.fullmatch(inner)
            value = None if literal is None else literal[1] or literal[2] or ""
        if value is None:
            return None
        pieces += [text[at : match.start()], value]
        at = match.end()
    rest = text[at:]
    return None if "{{" in rest else "".join([*pieces, rest])


def _read(document: TextDocument) -> _Justfile:
    found = _Justfile({}, {}, {}, {}, is_plain=True)
    bodies: dict[str, list[Span]] = {}
    attributes: list[str] = []
    name, is_plain = "", True
    for span in logical_lines(document.text):
        line = document.text[span.start : span.end]
        if line[:1] in (" ", "\t") or not line.strip():
            bodies.setdefault(name, []).append(span)
        elif line.startswith("["):
            name = ""
            attributes += [part.strip() for part in line.strip().strip("[]").split(",")]
        elif not line.startswith("#"):
            recipe = _RECIPE.fullmatch(line)
            name = recipe[1] if recipe is not None and _is_for_linux(attributes) else ""
            if name and recipe is not None:
                found.recipes[name] = _recipe(recipe[2], recipe[3], attributes)
            elif recipe is None:
                is_plain = _note(line, found) and is_plain
            attributes = []
    for name in found.recipes:
        lines = bodies.get(name, [])
        found.recipes[name] = found.recipes[name]._replace(lines=_without_blank_end(lines, document.text))
    return found._replace(is_plain=is_plain and "fallback" not in found.settings)


def _is_for_linux(attributes: Sequence[str]) -> bool:
    systems = {"linux", "macos", "openbsd", "unix", "windows"} & set(attributes)
    return not systems or bool(systems & {"linux", "unix"})


def _note(line: str, found: _Justfile) -> bool:
    """Note an alias, a setting or a variable; false for what may bring in other recipes."""
    if alias := _ALIAS.fullmatch(line):
        found.aliases[alias[1]] = alias[2]
    elif setting := _SETTING.fullmatch(line):
        found.settings[setting[1]] = setting[2] or ""
    elif assignment := _ASSIGNMENT.fullmatch(line):
        literal = _LITERAL.fullmatch(assignment[2].partition("#")[0].strip())
        if literal is not None:
            found.variables[assignment[1]] = literal[1] or literal[2] or ""
    else:
        return False
    return True


def _recipe(parameters: str, needs: str, attributes: Sequence[str]) -> _Recipe:
    is_known = _PARAMETERS.fullmatch(parameters) is not None
    listed = tuple(
        _Parameter(match[2], match[1], match[3][1:-1] if match[3] else None)
        for match in _PARAMETER.finditer(parameters)
    )
    words = needs.partition("#")[0].split()
    are_plain = all(_NEED.fullmatch(word) for word in words)
    return _Recipe(listed if is_known else None, tuple(words) if are_plain else None, frozenset(attributes))


def _without_blank_end(lines: Sequence[Span], text: str) -> tuple[Span, ...]:
    end = len(lines)
    while end and not text[lines[end - 1].start : lines[end - 1].end].strip():
        end -= 1
    return tuple(lines[:end])
