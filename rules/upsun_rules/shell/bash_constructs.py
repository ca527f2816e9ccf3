"""The constructs of bash in a shell text that dash does not know.

Each is found on the syntax tree, so that what is quoted, or handed to another shell, is left alone.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from upsun_rules.shell.script import CommandSpan, ScriptEdit
from upsun_rules.shell.tree import tree_of
from upsun_rules.shell.words import word_nodes
from upsun_schema.expression import expression
from upsun_schema.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["BashConstruct", "find_constructs"]


class BashConstruct(NamedTuple):
    """One thing that dash does not know.

    `kind` groups those of one sort. `what` names it and `effect` says what dash does with it. `edits` write it in a way
    that every shell knows; with `same` they mean the same to bash. `fatal` is true where dash cannot read the text.
    """

    kind: str
    span: CommandSpan
    what: str
    effect: str
    edits: tuple[ScriptEdit, ...] = ()
    remedy: str = ""
    same: bool = False
    fatal: bool = False


_BUILTINS = frozenset({"declare", "typeset", "shopt", "pushd", "popd", "mapfile", "readarray", "let"})
_REFUSED = "dash stops there with a syntax error"
_BRACES = expression(r"\{([^{}]*)\}")
_RANGE = expression(r"(?:-?\d+|[A-Za-z])\.\.(?:-?\d+|[A-Za-z])(?:\.\.-?\d+)?")
_EXPANSIONS = frozenset({"/", "//", "/#", "/%", "^", "^^", ",", ",,", "@", "!"})


def find_constructs(text: str) -> tuple[BashConstruct, ...]:
    """What dash does not know in a text, in order; nothing where the text is not readable."""
    root = tree_of(text)
    if root is None:
        return ()
    found: list[BashConstruct] = []
    waiting = [root]
    while waiting:
        node = waiting.pop()
        found.extend(_constructs(node, text))
        waiting.extend(node.children)
    return tuple(sorted(found, key=lambda construct: construct.span))


def _constructs(node: Node, text: str) -> Iterator[BashConstruct]:
    find = _FINDERS.get(node.type)
    if find is not None:
        yield from find(node, text)


def _span(node: Node) -> CommandSpan:
    return CommandSpan(node.start_byte, node.end_byte)


def _written(node: Node, text: str) -> str:
    return text[node.start_byte : node.end_byte]


def _test(node: Node, text: str) -> Iterator[BashConstruct]:
    opener, closer = node.children[0], node.children[-1]
    if opener.type == "[[":
        edits = _single_bracket(node, text)
        effect = "it is not a command there, so the condition is always false"
        yield BashConstruct("[[", _span(opener), "`[[`", effect, edits, "Write it with `[`")
    elif opener.type == "[" and closer.type == "]":
        for part in node.children:
            yield from _double_equals(part)
    elif opener.type == "((":
        yield BashConstruct("((", _span(opener), "`(( ))`", "it runs what is inside as a command", fatal=False)


def _single_bracket(node: Node, text: str) -> tuple[ScriptEdit, ...]:
    """The edits that make `[[ … ]]` a `[ … ]`; none where it holds what only the former can do."""
    opener, closer = node.children[0], node.children[-1]
    edits = [ScriptEdit(opener.start_byte, opener.end_byte, "[")]
    waiting = list(node.children[1:-1])
    while waiting:
        part = waiting.pop()
        if part.type in ("&&", "||", "=~", "<", ">", "(", "regex") or part.type == "extglob_pattern":
            plain = part.type == "extglob_pattern" and _written(part, text).replace("_", "").isalnum()
            if not plain:
                return ()
        elif part.type == "==":
            edits.append(ScriptEdit(part.start_byte, part.end_byte, "="))
        elif part.type in ("simple_expansion", "expansion", "command_substitution") and not _is_quoted(part):
            edits += [ScriptEdit(part.start_byte, part.start_byte, '"'), ScriptEdit(part.end_byte, part.end_byte, '"')]
            continue
        elif part.type == "concatenation":
            return ()
        if part.type != "string":
            waiting.extend(part.children)
    edits.append(ScriptEdit(closer.start_byte, closer.end_byte, "]"))
    return tuple(sorted(edits))


def _is_quoted(node: Node) -> bool:
    return node.parent is not None and node.parent.type == "string"


def _double_equals(node: Node) -> Iterator[BashConstruct]:
    waiting = [node]
    while waiting:
        part = waiting.pop()
        if part.type == "==":
            edit = ScriptEdit(part.start_byte, part.end_byte, "=")
            effect = 'it reports "unexpected operator" and the condition is false'
            yield BashConstruct("==", _span(part), "`==` in `[ ]`", effect, (edit,), "Change it to `=`", same=True)
        elif part.type in ("binary_expression", "unary_expression"):
            waiting.extend(part.children)


def _command(node: Node, text: str) -> Iterator[BashConstruct]:
    words = word_nodes(node)
    if not words:
        return
    name, arguments = _written(words[0], text), [_written(word, text) for word in words[1:]]
    span = _span(words[0])
    if name == "source" and arguments:
        yield _source(span, words[1], arguments[0])
    elif name == "set":
        yield from _pipefail(words, arguments)
    elif name == "test":
        for word in words[1:]:
            yield from _double_equals(word)
    elif name == "trap" and "ERR" in arguments[1:]:
        place = _span(words[1 + arguments.index("ERR", 1)])
        yield BashConstruct("ERR", place, "the signal `ERR`", "it refuses the `trap` and stops there")
    elif name == "select":
        yield BashConstruct("select", span, "`select`", _REFUSED, fatal=True)
    elif name in _BUILTINS:
        yield _builtin(name, span)


def _source(span: CommandSpan, target: Node, path: str) -> BashConstruct:
    edits = [ScriptEdit(span.start, span.end, ".")]
    if target.type == "word" and "/" not in path:
        # dash looks for a name without a slash in the PATH alone.
        edits.append(ScriptEdit(target.start_byte, target.start_byte, "./"))
    effect = "the file is not read"
    return BashConstruct("source", span, "`source`", effect, tuple(edits), "Change it to `.`", same=True)


def _pipefail(words: list[Node], arguments: list[str]) -> Iterator[BashConstruct]:
    for index, argument in enumerate(arguments):
        if argument != "pipefail" or index == 0:
            continue
        option, word = words[index], words[index + 1]
        letters = arguments[index - 1][1:].replace("o", "", 1)
        before = ScriptEdit(option.start_byte, option.end_byte, f"-{letters}")
        edits: tuple[ScriptEdit, ...] = (before, ScriptEdit(option.end_byte, word.end_byte, ""))
        if not letters:
            alone = len(words) == 3
            edits = () if alone else (ScriptEdit(words[index - 1].end_byte, word.end_byte, ""),)
        effect = "it stops at this line, and nothing after it runs"
        yield BashConstruct("pipefail", _span(word), "`pipefail`", effect, edits, "Remove `pipefail`")


def _builtin(name: str, span: CommandSpan) -> BashConstruct:
    return BashConstruct(name, span, f"`{name}`", "it finds no such command")


def _declaration(node: Node, text: str) -> Iterator[BashConstruct]:
    keyword = node.children[0]
    if keyword.type in _BUILTINS:
        yield _builtin(keyword.type, _span(keyword))


def _array(node: Node, text: str) -> Iterator[BashConstruct]:
    yield BashConstruct("array", _span(node.parent or node), "arrays", _REFUSED, fatal=True)


def _assignment(node: Node, text: str) -> Iterator[BashConstruct]:
    name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
    sign = next((child for child in node.children if child.type == "+="), None)
    if sign is None or name is None or name.type != "variable_name" or (value is not None and value.type == "array"):
        return
    written = _written(name, text)
    edits = (ScriptEdit(sign.start_byte, sign.end_byte, f"=${{{written}}}"),)
    effect = "it takes the assignment for the name of a command"
    yield BashConstruct("+=", _span(sign), "`+=`", effect, edits, f"Write it with `${{{written}}}`", same=True)


def _function(node: Node, text: str) -> Iterator[BashConstruct]:
    keyword, name = node.children[0], node.child_by_field_name("name")
    if keyword.type != "function" or name is None:
        return
    has_parentheses = any(child.type == "(" for child in node.children)
    after = "" if has_parentheses else "()"
    edits = (
        ScriptEdit(keyword.start_byte, name.start_byte, ""),
        ScriptEdit(name.end_byte, name.end_byte, after),
    )
    span = _span(keyword)
    remedy = "Write it with `()` alone"
    yield BashConstruct("function", span, "`function`", _REFUSED, edits, remedy, same=True, fatal=True)


def _redirect(node: Node, text: str) -> Iterator[BashConstruct]:
    sign = next((child for child in node.children if child.type in ("&>", "&>>", ">&")), None)
    target = node.child_by_field_name("destination")
    if sign is None or target is None:
        return
    if sign.type == ">&":
        if node.children[0] is not sign and node.children[0].type == "file_descriptor":
            return
        if target.type != "word" or _written(target, text) == "-" or _written(target, text).isdigit():
            return
        effect = 'it stops there with "bad fd number"'
    else:
        effect = "it starts the command in the background and does not redirect what it prints"
    edits = (
        ScriptEdit(sign.start_byte, sign.end_byte, ">>" if sign.type == "&>>" else ">"),
        ScriptEdit(target.end_byte, target.end_byte, " 2>&1"),
    )
    remedy = f"Write `{edits[0].text} … 2>&1`"
    yield BashConstruct("&>", _span(sign), f"`{sign.type}` before a file", effect, edits, remedy)


def _pipeline(node: Node, text: str) -> Iterator[BashConstruct]:
    for child in node.children:
        if child.type == "|&":
            edit = ScriptEdit(child.start_byte, child.end_byte, "2>&1 |")
            yield BashConstruct("|&", _span(child), "`|&`", _REFUSED, (edit,), "Write `2>&1 |`", same=True, fatal=True)


def _substitution(node: Node, text: str) -> Iterator[BashConstruct]:
    children = node.children
    if len(children) != 3 or children[1].type != "file_redirect" or children[1].children[0].type != "<":
        return
    sign = children[1].children[0]
    edit = ScriptEdit(
        sign.start_byte, sign.end_byte, "cat" if text[sign.end_byte : sign.end_byte + 1] == " " else "cat "
    )
    yield BashConstruct(
        "$(<", _span(node), "`$(< file)`", "it gives an empty text", (edit,), "Write `$(cat …)`", same=True
    )


def _expansion(node: Node, text: str) -> Iterator[BashConstruct]:
    operators = [child for child in node.children if child.type not in ("${", "}")]
    name = next((child for child in operators if child.type in ("variable_name", "subscript")), None)
    signs = {_written(child, text) for child in operators if not child.is_named or child.type == "operator"}
    is_slice = ":" in signs
    if (name is not None and name.type == "subscript") or signs & _EXPANSIONS or is_slice:
        effect = 'it stops there with "bad substitution"'
        yield BashConstruct("${", _span(node), _quoted(_written(node, text)), effect)


def _quoted(written: str) -> str:
    return "`" + written[:40].replace("`", "'") + "`"


def _ansi(node: Node, text: str) -> Iterator[BashConstruct]:
    effect = "it keeps the `$` and the backslashes"
    yield BashConstruct("$'", _span(node), "`$'…'`", effect)


def _is_for_curl(word: Node, text: str) -> bool:
    """Whether a word is an argument of curl, which reads the braces of an address itself."""
    command = word.parent
    name = command.child_by_field_name("name") if command is not None and command.type == "command" else None
    return name is not None and posixpath.basename(_written(name, text)) == "curl"


def _braces(node: Node, text: str) -> Iterator[BashConstruct]:
    """Find `{a,b}` and `{1..3}` outside quotes, in the words of a command or of a `for`."""
    if node.parent is not None and node.parent.type in ("concatenation", "variable_assignment"):
        return
    parts = node.children if node.type == "concatenation" else [node]
    bare = "".join(
        _written(part, text)
        if part.type in ("word", "brace_expression", "{", "}")
        else "\0" * (part.end_byte - part.start_byte)
        for part in parts
    )
    match = next((one for one in _BRACES.finditer(bare) if _expands(one, bare)), None)
    if match is None or len(bare) != node.end_byte - node.start_byte:
        return
    written = _written(node, text)
    group = written[match.start() : match.end()]
    if "\n" in group or ("://" in written[: match.start()] and _is_for_curl(node, text)):
        return
    edits: tuple[ScriptEdit, ...] = ()
    if "," in match[1] and "\0" not in match[1] and len(_BRACES.findall(bare)) == 1:
        options = match[1].split(",")
        words = [f"{written[: match.start()]}{option}{written[match.end() :]}" for option in options]
        edits = (ScriptEdit(node.start_byte, node.end_byte, " ".join(word for word in words if word)),)
    span = CommandSpan(node.start_byte + match.start(), node.start_byte + match.end())
    yield BashConstruct(
        "{", span, _quoted(group), "it takes this for a single name with braces in it", edits, "Write the words out"
    )


def _expands(match: re.Match[str], bare: str) -> bool:
    escaped = match.start() > 0 and bare[match.start() - 1] in "\\$"
    return not escaped and ("," in match[1] or _RANGE.fullmatch(match[1]) is not None)


def _process(node: Node, text: str) -> Iterator[BashConstruct]:
    what = f"`{text[node.start_byte : node.start_byte + 1]}( )`"
    yield BashConstruct("<(", _span(node), what, _REFUSED, fatal=True)


def _here_string(node: Node, text: str) -> Iterator[BashConstruct]:
    yield BashConstruct("<<<", _span(node.children[0]), "`<<<`", _REFUSED, fatal=True)


def _c_for(node: Node, text: str) -> Iterator[BashConstruct]:
    yield BashConstruct("for ((", _span(node.children[0]), "`for ((…))`", _REFUSED, fatal=True)


def _compound(node: Node, text: str) -> Iterator[BashConstruct]:
    if node.children[0].type == "((":
        yield BashConstruct("((", _span(node.children[0]), "`(( ))`", "it runs what is inside as a command")


_FINDERS = {
    "test_command": _test,
    "command": _command,
    "declaration_command": _declaration,
    "array": _array,
    "variable_assignment": _assignment,
    "function_definition": _function,
    "file_redirect": _redirect,
    "pipeline": _pipeline,
    "command_substitution": _substitution,
    "expansion": _expansion,
    "ansi_c_string": _ansi,
    "concatenation": _braces,
    "brace_expression": _braces,
    "word": _braces,
    "process_substitution": _process,
    "herestring_redirect": _here_string,
    "c_style_for_statement": _c_for,
    "compound_statement": _compound,
}
