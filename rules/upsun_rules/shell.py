"""Shell text (start commands, crons, hooks) as a syntax tree: its commands, loops, variables and what it ends with.

Everything is read from the tree that tree-sitter-bash builds; no text is ever searched by pattern. Positions are
0-based code points in the text that was given to `parse`, end exclusive.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from tree_sitter import Language, Node

__all__ = ["Command", "Loop", "Script", "Sleep", "Span", "Trap", "Word", "parse", "sleep_seconds", "table"]

# The grammar needs quadratic time on some garbage, and quadratic memory on a pipeline of thousands of commands.
# No hook comes near these sizes; what does is answered as unreadable.
_LONGEST_BYTES = 16_384
_MOST_PIPES = 1_000


class Span(NamedTuple):
    """A stretch of the text: 0-based code points, end exclusive."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a command.

    `text` is the word with its quotes and backslashes removed. When `literal` is false the shell still has to
    compute a part of it, and that part stands in `text` as it was written (`--queue=$QUEUE`).
    """

    text: str
    literal: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Command:
    """One simple command, with what surrounds it.

    `words` begin after the prefixes that only run something else; `prefixes` names those, outermost first
    (`exec nohup nice -n 5 php artisan x` has the words `php artisan x` and the prefixes `exec`, `nohup`, `nice`).
    `program` is the base name of what really runs, looking through interpreters: `php artisan x`, `./artisan x` and
    `/app/artisan x` are all "artisan", `python -m celery` is "celery". It is "" when only the shell can tell.
    `arguments` are the words after the program. `name` is the word that names the program.

    `foreground` is true when the shell waits for it on its way through the script: it is not in the background, in a
    function, in a substitution or in an endless loop, nor does it stand behind an `exec`, an `exit` or an endless loop.
    `loop` is the endless loop it is in, as an index into `Script.loops`; `repeated` is true in any loop.

    `timeout` is the seconds granted by `timeout N`, infinite when there is none or it is unknown or disabled.
    `start` and `end` cover the command with its prefixes and assignments, without redirections. In a script handed
    to `sh -c` inside quotes that change the text (backslashes), all positions are those of the whole quoted word, and
    `exact` is false: such a command must not be edited.
    """

    words: tuple[Word, ...]
    name: Word
    program: str
    interpreter: str | None
    arguments: tuple[Word, ...]
    prefixes: tuple[str, ...]
    assignments: tuple[str, ...]
    timeout: float
    start: int
    end: int
    exact: bool
    foreground: bool
    ampersand: Span | None
    loop: int | None
    repeated: bool
    conditional: bool
    in_function: bool
    in_substitution: bool
    piped: bool
    negated: bool
    nested: bool

    @property
    def background(self) -> bool:
        """Whether a lone `&` sends this command, or a list or group around it, to the background."""
        return self.ampersand is not None


@dataclass(frozen=True, slots=True)
class Sleep:
    """A `sleep` inside an endless loop.

    `seconds` is infinite for `sleep infinity` and None when the shell computes it. `always` is false when a condition
    inside the loop decides whether it is reached.
    """

    command: Command
    seconds: float | None
    always: bool


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop whose condition never fails and that holds no `break`, as `while true`, `until false`, `for ((;;))`.

    `commands` are those of the condition and the body, without those of an endless loop further inside.
    `exact` is as for commands.
    """

    index: int
    start: int
    end: int
    exact: bool
    ampersand: Span | None
    commands: tuple[Command, ...]
    sleeps: tuple[Sleep, ...]

    @property
    def background(self) -> bool:
        """Whether the loop itself is sent to the background."""
        return self.ampersand is not None

    @property
    def pause(self) -> float | None:
        """Seconds slept on every round; None when there is no such sleep or one of them is computed."""
        seconds = [sleep.seconds for sleep in self.sleeps if sleep.always]
        known = [value for value in seconds if value is not None]
        return sum(known) if known and len(known) == len(seconds) else None


@dataclass(frozen=True, slots=True)
class Trap:
    """A `trap`: `handler` is the text to run ("" ignores the signals, "-" restores them); `signals` lack "SIG"."""

    command: Command
    handler: str
    signals: tuple[str, ...]

    @property
    def ignores_stop(self) -> bool:
        """Whether the platform's stop signal, SIGTERM, is thrown away."""
        return not self.handler and "TERM" in self.signals


@dataclass(frozen=True, slots=True)
class Script:
    """What a shell text runs.

    - `commands`: every simple command in source order. A shell that is handed a literal script (`sh -c '…'`) stands
      for the commands of that script, which are marked `nested`.
    - `loops`: the endless loops, by `Loop.index` and `Command.loop`.
    - `tail`: what holds the script at its end: the last of the foreground, several for branches, both sides of `||`
      and pipelines. Empty when that is not a command (an assignment, a loop that ends).
    - `left_behind`: what the script sends to the background as its very last act, so that it ends at once.
    - `variables`: the variables whose value is used, with the place of the first use.
    - `assigned`: the variables the script gives a value itself.
    - `has_error`: the text is not valid shell (or absurdly long). Everything else is then empty: nothing may be
      concluded from half-understood text, so every rule is silent.
    """

    commands: tuple[Command, ...] = ()
    loops: tuple[Loop, ...] = ()
    tail: tuple[Command | Loop, ...] = ()
    left_behind: tuple[Command | Loop, ...] = ()
    variables: Mapping[str, Span] = field(default_factory=dict)
    assigned: frozenset[str] = frozenset()
    traps: tuple[Trap, ...] = ()
    has_error: bool = False

    @property
    def foreground(self) -> tuple[Command, ...]:
        """The commands the shell waits for, one after the other."""
        return tuple(command for command in self.commands if command.foreground)

    @property
    def waits(self) -> bool:
        """Whether the shell waits for its background jobs with `wait`."""
        return any(command.program == "wait" and not command.background for command in self.commands)


@lru_cache(maxsize=512)
def parse(text: str) -> Script:
    """Read a shell text. Never raises, whatever the text: what is not shell has `has_error`."""
    root = _tree(text)
    if root is None:
        return Script(has_error=True)
    walk = _Walk()
    walk.run(_Source(root, text))
    return walk.script()


@lru_cache(maxsize=1)
def table() -> Mapping[str, Any]:
    """Return the data of `commands.json`: what runs other commands, and what the known commands do.

    - `shells`: programs that take a script with `-c`.
    - `prefixes`: programs that run the command behind them. `values` are their options that take a value; then come
      `operands` words, or one of `subcommands` (one of `keep` instead begins the command; `optional` ones may be left
      out), or `assignments`. With an option in `except` they run nothing else, one in `script` takes a script, and
      under `timeout` the last word before the command is the time it is given.
    - `interpreters`: programs that run the file behind them. `values` as above, `module` names a module instead, one of
      `stops` means there is no file; `extensionless` ones are looked through only for a file without an extension.
    - `values`: the options that take a value, by program. `tool-directories`: where installed programs are found.
    - `reasons` and `commands`: see `upsun_rules.recognition`.
    """
    import json
    from pathlib import Path

    data: dict[str, Any] = json.loads(Path(__file__).with_name("commands.json").read_text(encoding="utf-8"))
    return MappingProxyType(data)


def sleep_seconds(command: Command) -> float | None:
    """Seconds a `sleep` command sleeps; infinite for `sleep infinity`, None when unknown or not a sleep."""
    if command.program != "sleep" or not command.arguments:
        return None
    seconds = [_seconds(word) for word in command.arguments]
    known = [value for value in seconds if value is not None]
    return sum(known) if len(known) == len(seconds) else None


@lru_cache(maxsize=1)
def _language() -> Language:
    import tree_sitter
    import tree_sitter_bash

    return tree_sitter.Language(tree_sitter_bash.language())


def _tree(text: str) -> Node | None:
    """Return the root of the syntax tree, or None when the text is not shell."""
    from tree_sitter import Parser

    try:
        data = text.encode()
    except UnicodeEncodeError:  # a lone surrogate
        return None
    if len(data) > _LONGEST_BYTES or data.count(b"|") > _MOST_PIPES or b"\0" in data:
        return None
    root = Parser(_language()).parse(data).root_node
    return None if root.has_error else root


def _seconds(word: Word) -> float | None:
    """Return the seconds of a duration as `sleep` and `timeout` read it: `5`, `0.5s`, `2m`, `1h`, `1d`, `infinity`."""
    if not word.literal:
        return None
    text = word.text.lower()
    if text in ("inf", "infinity"):
        return math.inf
    unit = {"s": 1, "m": 60, "h": 3600, "d": 86400}.get(text[-1:], 0)
    number = text[:-1] if unit else text
    if not number.replace(".", "", 1).isdecimal() or not number.isascii():
        return None
    return float(number) * (unit or 1)


class _Source:
    """A text being walked, and where its bytes lie in the text that `parse` was given."""

    __slots__ = ("_base", "_fixed", "_offsets", "broken_loops", "data", "nested", "root")

    def __init__(
        self, root: Node, text: str, *, nested: bool = False, base: int = 0, fixed: Span | None = None
    ) -> None:
        data = text.encode()
        self.root = root
        self.data = data
        self.broken_loops = _loops_with_break(root)
        self.nested = nested
        self._base = base
        self._fixed = fixed
        self._offsets: list[int] | None = None
        if len(text) != len(data):
            self._offsets = [0]
            for character in text:
                self._offsets.append(self._offsets[-1] + len(character.encode()))

    @property
    def exact(self) -> bool:
        return self._fixed is None

    def span(self, node: Node) -> Span:
        if self._fixed is not None:
            return self._fixed
        start, end = node.start_byte, node.end_byte
        if self._offsets is not None:
            start, end = bisect_left(self._offsets, start), bisect_left(self._offsets, end)
        return Span(self._base + start, self._base + end)

    def text(self, start: int, end: int) -> str:
        return self.data[start:end].decode()


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a node stands, handed down while walking."""

    source: _Source
    last: bool = True
    reached: bool = True
    ampersand: Span | None = None
    loop: int | None = None
    repeated: bool = False
    conditional: bool = False
    conditional_in_loop: bool = False
    in_function: bool = False
    in_substitution: bool = False
    piped: bool = False
    negated: bool = False
    prefixes: tuple[str, ...] = ()
    timeout: float = math.inf

    def under_condition(self) -> _Place:
        return replace(self, conditional=True, conditional_in_loop=True)

    def aside(self) -> _Place:
        """Return the place of something that does not decide how the script ends."""
        return replace(self, last=False) if self.last else self


_SEQUENCES = frozenset({"program", "subshell", "compound_statement", "do_group", "else_clause", "case_item"})
_CONDITIONALS = frozenset({"if_statement", "elif_clause"})
_LOOPS = frozenset({"while_statement", "for_statement", "c_style_for_statement"})
_SUBSTITUTIONS = frozenset({"command_substitution", "process_substitution"})
_SIMPLE = frozenset({"command", "declaration_command", "unset_command", "test_command"})


class _Walk:
    """Collects what a tree holds. Walks with a stack of its own: nesting has no limit."""

    def __init__(self) -> None:
        self.commands: list[Command] = []
        self.loops: list[tuple[Span, _Place]] = []
        self.sleeps: list[tuple[int, Sleep]] = []
        self.tail: list[Command | int] = []
        self.left_behind: list[Command | int] = []
        self.variables: dict[str, Span] = {}
        self.assigned: set[str] = set()
        self.traps: list[Trap] = []
        self.stack: list[tuple[Node, _Place]] = []
        self.moved_words: dict[int, list[Node]] = {}

    def script(self) -> Script:
        loops = tuple(
            Loop(
                index,
                span.start,
                span.end,
                place.source.exact,
                place.ampersand,
                tuple(command for command in self.commands if command.loop == index),
                tuple(sleep for owner, sleep in self.sleeps if owner == index),
            )
            for index, (span, place) in enumerate(self.loops)
        )
        return Script(
            commands=tuple(sorted(self.commands, key=lambda command: command.start)),
            loops=loops,
            tail=tuple(loops[item] if isinstance(item, int) else item for item in self.tail),
            left_behind=tuple(loops[item] if isinstance(item, int) else item for item in self.left_behind),
            variables=MappingProxyType(self.variables),
            assigned=frozenset(self.assigned),
            traps=tuple(self.traps),
        )

    def run(self, source: _Source) -> None:
        self.stack.append((source.root, _Place(source)))
        while self.stack:
            node, place = self.stack.pop()
            self.visit(node, place)

    def push(self, items: Sequence[tuple[Node, _Place]]) -> None:
        self.stack.extend(reversed(items))

    def visit(self, node: Node, place: _Place) -> None:
        kind = node.type
        if kind in _SIMPLE:
            self.simple(node, place)
        elif kind in _SEQUENCES:
            self.sequence(node.children, place)
        elif kind in _CONDITIONALS:
            self.condition(node, place)
        elif kind in _LOOPS:
            self.loop(node, place)
        elif kind in _SUBSTITUTIONS:
            self.sequence(node.children, replace(place, last=False, in_substitution=True))
        elif kind == "list":
            self.list(node, place)
        elif kind == "pipeline":
            piped = replace(place, piped=True)
            self.push([(child, piped) for child in node.named_children])
        elif kind == "case_statement":
            self.push([(child, place.under_condition()) for child in node.named_children])
        elif kind == "function_definition":
            inside = replace(place, last=False, in_function=True, loop=None, repeated=False)
            self.push([(child, inside) for child in node.named_children])
        elif kind == "redirected_statement":
            self.redirected(node, place)
        elif kind == "negated_command":
            self.push([(child, replace(place, negated=True)) for child in node.named_children])
        elif kind == "comment":
            pass
        else:
            self.other(node, place)

    def other(self, node: Node, place: _Place) -> None:
        """Look into what is no statement: words, expansions, assignments, redirections."""
        if node.type in ("simple_expansion", "expansion"):
            self.use(node, place)
        elif node.type == "variable_assignment":
            self.assign(node.child_by_field_name("name"), place)
        self.push([(child, place) for child in node.named_children])

    def use(self, node: Node, place: _Place) -> None:
        for child in node.named_children:
            if child.type in ("variable_name", "subscript"):
                name = child if child.type == "variable_name" else child.child_by_field_name("name")
                if name is not None:
                    text = place.source.text(name.start_byte, name.end_byte)
                    if not text.isdecimal():
                        self.variables.setdefault(text, place.source.span(node))
                return

    def assign(self, name: Node | None, place: _Place) -> None:
        if name is not None and name.type == "variable_name":
            self.assigned.add(place.source.text(name.start_byte, name.end_byte))

    def sequence(self, children: Sequence[Node], place: _Place) -> None:
        """Walk statements that run one after the other."""
        statements = [child for child in children if child.is_named and child.type != "comment"]
        items: list[tuple[Node, _Place]] = []
        ended = False
        for position, child in enumerate(statements):
            here = place if not ended else replace(place, reached=False)
            follower = child.next_sibling
            if follower is not None and follower.type == "&":
                here = replace(here, ampersand=here.ampersand or here.source.span(follower))
            ends = here.ampersand is None and not ended and self.never_returns(child, here)
            is_last = not ended and (ends or position == len(statements) - 1)
            ended = ended or ends
            items.append((child, here if is_last else here.aside()))
        self.push(items)

    def never_returns(self, node: Node, place: _Place) -> bool:
        """Whether nothing after this foreground statement is ever reached."""
        while node.type == "redirected_statement":
            body = node.child_by_field_name("body")
            if body is None:
                return False
            node = body
        if node.type in _LOOPS:
            return self.is_endless(node, place)
        if node.type != "command":
            return False
        words = _words(node, place.source)
        return bool(words) and (words[0].text == "exit" or (words[0].text == "exec" and len(words) > 1))

    def list(self, node: Node, place: _Place) -> None:
        """Walk `a && b` and `a || b`."""
        left, right = node.named_children[0], node.named_children[-1]
        alternative = any(child.type == "||" for child in node.children)
        right_place = place.under_condition() if alternative else place
        self.push([(left, place if alternative else place.aside()), (right, right_place)])

    def condition(self, node: Node, place: _Place) -> None:
        """Walk `if` and `elif`: what is asked, then what depends on it."""
        children = node.children
        then = next((index for index, child in enumerate(children) if child.type == "then"), len(children))
        branches = ("elif_clause", "else_clause")
        body = [child for child in children[then + 1 :] if child.type not in branches]
        inside = place.under_condition()
        self.push([(child, inside) for child in children[then + 1 :] if child.type in branches])
        self.sequence(body, inside)
        self.sequence(children[1:then], place.aside())

    def loop(self, node: Node, place: _Place) -> None:
        source = place.source
        self.assign(node.child_by_field_name("variable"), place)
        if self.is_endless(node, place):
            index = len(self.loops)
            self.loops.append((source.span(node), place))
            if place.last:
                (self.left_behind if place.ampersand else self.tail).append(index)
            inside = replace(place, last=False, loop=index, repeated=True, conditional_in_loop=False)
        else:
            inside = replace(place, last=False, repeated=True, conditional_in_loop=True)
        body = node.child_by_field_name("body")
        head = [child for child in node.children if child.is_named and child != body]
        if body is not None:
            self.push([(body, inside)])
        if node.type == "while_statement":
            self.sequence(head, inside)
        else:
            self.push([(child, inside) for child in head])

    def is_endless(self, node: Node, place: _Place) -> bool:
        if node.start_byte in place.source.broken_loops or node.type == "for_statement":
            return False
        conditions = [child for child in node.children_by_field_name("condition") if child.is_named]
        if node.type == "c_style_for_statement":
            return not conditions
        endless = "false" if node.children[0].type == "until" else "true"
        return len(conditions) == 1 and _outcome(conditions[0], place.source) == endless

    def redirected(self, node: Node, place: _Place) -> None:
        body = node.child_by_field_name("body")
        redirects = [child for child in node.named_children if child != body]
        if body is not None and body.type == "command":
            # `run > log more` : the grammar takes the words after the file for files too.
            moved = [word for item in redirects for word in item.children_by_field_name("destination")[1:]]
            self.moved_words[body.id] = moved
        items = [(body, place)] if body is not None else []
        self.push(items + [(child, place) for child in redirects])

    def simple(self, node: Node, place: _Place) -> None:
        """Take one simple command, or the commands of the script it hands to a shell."""
        nodes = _word_nodes(node) + self.moved_words.pop(node.id, [])
        words = tuple(_word(item, place.source) for item in nodes)
        inner = [child for child in node.named_children if child.type not in ("word", "raw_string", "number")]
        if not words:
            self.push([(child, place.aside()) for child in inner])
            return
        stripped = _strip(words)
        place = replace(
            place,
            prefixes=place.prefixes + stripped.prefixes,
            timeout=min(place.timeout, stripped.timeout),
        )
        if stripped.script is not None:
            script = nodes[stripped.script]
            if self.nested(script, words[stripped.script], place):
                self.push([(child, place.aside()) for child in inner if child != script])
                return
        self.add(self.command(node, words[stripped.skipped :], place), place)
        self.push([(child, place.aside()) for child in inner])

    def nested(self, node: Node, word: Word, place: _Place) -> bool:
        """Walk the script in a word; false when it is not shell."""
        root = _tree(word.text)
        if root is None or not word.text.strip():
            return False
        quote = 0 if node.type == "word" else 1
        verbatim = place.source.data[node.start_byte + quote : node.end_byte - quote] == word.text.encode()
        if verbatim and place.source.exact:
            source = _Source(root, word.text, nested=True, base=word.start + quote)
        else:
            source = _Source(root, word.text, nested=True, fixed=Span(word.start, word.end))
        self.stack.append((root, replace(place, source=source)))
        return True

    def command(self, node: Node, words: tuple[Word, ...], place: _Place) -> Command:
        source = place.source
        span = source.span(node)
        index, program, interpreter = _program(words)
        assignments = [child.child_by_field_name("name") for child in node.children]
        apart = place.in_function or place.in_substitution or place.loop is not None or place.ampersand is not None
        return Command(
            words=words,
            name=words[index],
            program=program,
            interpreter=interpreter,
            arguments=words[index + 1 :],
            prefixes=place.prefixes,
            assignments=tuple(source.text(name.start_byte, name.end_byte) for name in assignments if name is not None),
            timeout=place.timeout,
            start=span.start,
            end=max(span.end, words[-1].end),
            exact=source.exact,
            foreground=place.reached and not apart,
            ampersand=place.ampersand,
            loop=place.loop,
            repeated=place.repeated,
            conditional=place.conditional,
            in_function=place.in_function,
            in_substitution=place.in_substitution,
            piped=place.piped,
            negated=place.negated,
            nested=source.nested,
        )

    def add(self, command: Command, place: _Place) -> None:
        """File a command under everything it belongs to."""
        self.commands.append(command)
        if place.last:
            (self.left_behind if command.background else self.tail).append(command)
        if command.program == "sleep" and place.loop is not None:
            seconds = sleep_seconds(command)
            self.sleeps.append((place.loop, Sleep(command, seconds, not place.conditional_in_loop)))
        elif command.program == "trap" and len(command.arguments) > 1:
            handler, *signals = command.arguments
            self.traps.append(Trap(command, handler.text, tuple(_signal(word.text) for word in signals)))
        elif command.program in ("read", "getopts"):
            self.assigned.update(word.text for word in command.arguments if word.literal)


def _signal(text: str) -> str:
    name = text.upper().removeprefix("SIG")
    return {"0": "EXIT", "1": "HUP", "2": "INT", "3": "QUIT", "9": "KILL", "15": "TERM"}.get(name, name)


def _loops_with_break(root: Node) -> set[int]:
    """Return the first bytes of the loops that hold a `break` of their own."""
    found: set[int] = set()
    stack: list[tuple[Node, int | None]] = [(root, None)]
    while stack:
        node, loop = stack.pop()
        if node.type in _LOOPS:
            loop = node.start_byte
        elif node.type == "function_definition":
            loop = None
        elif node.type == "command_name" and loop is not None and node.text in (b"break", b"return"):
            found.add(loop)
        stack.extend((child, loop) for child in node.named_children)
    return found


def _outcome(node: Node, source: _Source) -> str | None:
    """Return "true" or "false" when a loop's condition is certain, else None."""
    negated = False
    while node.type == "negated_command" and node.named_children:
        negated = not negated
        node = node.named_children[0]
    text = source.text(node.start_byte, node.end_byte)
    if node.type in ("test_command", "compound_statement"):
        return "true" if text.strip("[]() \t") in ("1", "true") and not negated else None
    words = _words(node, source) if node.type == "command" else ()
    if not words:
        return None
    name = words[0].text.rpartition("/")[2]
    if name == "test" and len(words) == 2 and words[1].text:
        name = "true"
    outcome = {"true": "true", ":": "true", "sleep": "true", "false": "false"}.get(name)
    if outcome is None or not negated:
        return outcome
    return "false" if outcome == "true" else "true"


def _word_nodes(node: Node) -> list[Node]:
    """Return the nodes of a simple command's words."""
    if node.type == "command":
        fields = ((child, node.field_name_for_child(index)) for index, child in enumerate(node.children))
        return [child for child, field in fields if field in ("name", "argument")]
    if node.type == "test_command":
        return [node.children[0]]
    return [child for child in node.children if child.type not in ("file_redirect", "herestring_redirect")]


def _words(node: Node, source: _Source) -> tuple[Word, ...]:
    return tuple(_word(child, source) for child in _word_nodes(node))


def _word(node: Node, source: _Source) -> Word:
    if node.type == "command_name" and node.named_child_count:
        node = node.named_children[0]
    text, literal = _unquote(node, source)
    span = source.span(node)
    return Word(text, literal, span.start, span.end)


def _unquote(node: Node, source: _Source) -> tuple[str, bool]:
    """Return the text of a word without its quotes, and whether that is all of it."""
    raw = source.text(node.start_byte, node.end_byte)
    kind = node.type
    if kind == "raw_string":
        return raw[1:-1], True
    if kind == "ansi_c_string":
        return raw[2:-1], "\\" not in raw
    if kind in ("string", "translated_string"):
        return _unquote_string(node, source)
    if kind == "concatenation":
        parts = [_unquote(child, source) for child in node.children]
        return "".join(text for text, _ in parts), all(literal for _, literal in parts)
    if kind in ("word", "number") or not node.is_named:
        return (_without_backslashes(raw, None) if "\\" in raw else raw), not node.named_child_count
    return raw, False


def _unquote_string(node: Node, source: _Source) -> tuple[str, bool]:
    """Return the text of a double-quoted string; what the shell computes stays as written."""
    raw = source.data[node.start_byte : node.end_byte]
    opening = raw.find(b'"') + 1
    at, end = node.start_byte + opening, node.end_byte - 1
    pieces: list[str] = []
    literal = True
    for child in node.named_children:
        if child.type in ("string_content", "string"):
            continue
        literal = False
        pieces.append(_without_backslashes(source.text(at, child.start_byte), '$`"\\\n'))
        pieces.append(source.text(child.start_byte, child.end_byte))
        at = child.end_byte
    pieces.append(_without_backslashes(source.text(at, end), '$`"\\\n'))
    return "".join(pieces), literal


def _without_backslashes(text: str, special: str | None) -> str:
    """Remove the backslashes that quote a character: any character, or only those in `special`."""
    if "\\" not in text:
        return text
    pieces: list[str] = []
    characters = iter(text)
    for character in characters:
        if character != "\\":
            pieces.append(character)
            continue
        follower = next(characters, "\\")
        if follower == "\n":
            continue
        pieces.append(follower if special is None or follower in special else character + follower)
    return "".join(pieces)


class _Stripped(NamedTuple):
    """How many words are prefixes, which ones, the time they grant, and the word that holds a script, if any."""

    skipped: int
    prefixes: tuple[str, ...]
    timeout: float
    script: int | None


def _strip(words: tuple[Word, ...]) -> _Stripped:
    """Find where the command begins that the prefixes run."""
    data = table()
    at = 0
    prefixes: list[str] = []
    timeout = math.inf
    while at < len(words):
        name = _base_name(words[at])
        if name in data["shells"]:
            return _Stripped(at, tuple(prefixes), timeout, _script_word(words, at))
        prefix = data["prefixes"].get(name)
        skipped = _skip_prefix(words, at, prefix) if prefix is not None else None
        if skipped is None:
            break
        if "timeout" in prefix:
            timeout = min(timeout, _seconds(words[skipped - 1]) or math.inf)
        prefixes.append(name)
        at = skipped
        if "script" in prefix and words[at].text in prefix["script"] and at + 1 < len(words):
            return _Stripped(at, tuple(prefixes), timeout, at + 1)
    return _Stripped(at, tuple(prefixes), timeout, None)


def _skip_prefix(words: tuple[Word, ...], at: int, prefix: Mapping[str, Any]) -> int | None:
    """Return where the command behind the prefix at `at` begins; None when it does not run one here."""
    subcommands: Sequence[str] = prefix.get("subcommands", ())
    operands: int = prefix.get("operands", 0)
    at += 1
    while at < len(words):
        text = words[at].text
        if text in prefix.get("except", ()):
            return None
        if text in prefix.get("script", ()):
            return at
        if text == "--":
            at += 1
            break
        if text.startswith("-") and len(text) > 1:
            at += 2 if text in prefix.get("values", ()) else 1
        elif text in prefix.get("optional", ()):
            at += 1
        elif subcommands:
            if text in prefix.get("keep", ()):
                return at
            if text not in subcommands:
                return None
            subcommands = ()
            at += 1
        elif operands:
            operands -= 1
            at += 1
        elif prefix.get("assignments") and "=" in text:
            at += 1
        else:
            break
    return at if at < len(words) and not subcommands and not operands else None


def _script_word(words: tuple[Word, ...], at: int) -> int | None:
    """Return which word is the script of `sh -c`; None when the shell at `at` is given none."""
    at += 1
    while at < len(words) and words[at].text[:1] in ("-", "+"):
        text = words[at].text
        if text.startswith("-") and not text.startswith("--") and text.endswith("c"):
            return at + 1 if at + 1 < len(words) else None
        at += 2 if text.endswith("o") and not text.startswith("--") else 1
    return None


def _program(words: tuple[Word, ...]) -> tuple[int, str, str | None]:
    """Return which word names the program, its base name, and the interpreter that runs it, if any."""
    name = _base_name(words[0])
    interpreter = name.rstrip("0123456789.")
    options = table()["interpreters"].get(interpreter)
    if options is None:
        return 0, name, None
    at = 1
    while at < len(words):
        text = words[at].text
        if text in options.get("stops", ()):
            break
        if text == options.get("module") and at + 1 < len(words):
            return at + 1, _base_name(words[at + 1]), interpreter
        if not text.startswith("-"):
            script = _base_name(words[at])
            if not script or (options.get("extensionless") and "." in script):
                break
            return at, script, interpreter
        at += 2 if text in options.get("values", ()) else 1
    return 0, interpreter, None


def _base_name(word: Word) -> str:
    """Return the last part of a path, without what package runners and archives add; "" when it is computed."""
    text = word.text if word.text.startswith("@") else word.text.rpartition("/")[2]
    if not word.literal and not all(character.isalnum() or character in "._-" for character in text):
        return ""
    if text.find("@") > 0:
        text = text.partition("@")[0]
    return text.removesuffix(".phar")
