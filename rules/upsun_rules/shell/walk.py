"""The walk through a syntax tree that collects the parts of a script."""

from __future__ import annotations

import math
from collections.abc import Sequence
from types import MappingProxyType

from upsun_rules.shell.app_paths import MOVES, folder_after
from upsun_rules.shell.expansion import Call
from upsun_rules.shell.script import (
    Absence,
    ChainStep,
    Command,
    CommandSpan,
    Loop,
    Redirect,
    ResolvedText,
    Script,
    Sleep,
    Trap,
    VariableUse,
    Word,
)
from upsun_rules.shell.tree import LOOPS, Source, tree_of
from upsun_rules.shell.words import program_of, seconds_of, sleep_seconds, strip, word_nodes, word_of, words_of
from upsun_schema.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tree_sitter import Node

    from upsun_rules.shell.expansion import Resolver

__all__ = ["Walk"]

_DEEPEST = 8
_MOST_EXPANSIONS = 40


class _Shell:
    """A shell that runs: the folder that it is in, relative to the application's; None where that is unknown."""

    __slots__ = ("folder",)

    def __init__(self, folder: str | None) -> None:
        self.folder = folder


class _Place(NamedTuple):
    """The context of a node, passed down while walking."""

    source: Source
    shell: _Shell
    last: bool = True
    reached: bool = True
    ampersand: CommandSpan | None = None
    loop: int | None = None
    repeated: bool = False
    conditional: bool = False
    conditional_in_loop: bool = False
    in_function: bool = False
    in_substitution: bool = False
    in_subshell: bool = False
    prefixes: tuple[str, ...] = ()
    timeout: float = math.inf
    chain: tuple[ChainStep, ...] = ()

    def under_condition(self) -> _Place:
        return self._replace(conditional=True, conditional_in_loop=True)

    def aside(self) -> _Place:
        """The place of something that does not decide how the script ends."""
        return self._replace(last=False) if self.last else self


_SEQUENCES = frozenset({"program", "subshell", "compound_statement", "do_group", "else_clause", "case_item"})
_CONDITIONALS = frozenset({"if_statement", "elif_clause"})
_SUBSTITUTIONS = frozenset({"command_substitution", "process_substitution"})
_SIMPLE = frozenset({"command", "declaration_command", "unset_command", "test_command"})


class Walk:
    """Collects the parts of a tree. It walks without recursion, so nesting has no limit.

    `resolver` knows what a command runs in its place.
    """

    def __init__(self, resolver: Resolver | None = None) -> None:
        self.resolver = resolver
        self.expansions = 0
        self.absences: list[Absence] = []
        self.texts: list[ResolvedText] = []
        self.commands: list[Command] = []
        self.loops: list[tuple[CommandSpan, _Place]] = []
        self.sleeps: list[tuple[int, Sleep]] = []
        self.tail: list[Command | int] = []
        self.left_behind: list[Command | int] = []
        self.variables: dict[str, VariableUse] = {}
        self.uses: list[tuple[str, VariableUse]] | None = None
        self.assigned: set[str] = set()
        self.traps: list[Trap] = []
        self.redirects: list[Redirect] = []
        self.values: dict[str, Word | None] = {}
        self.stack: list[tuple[Node, _Place]] = []
        self.moved_words: dict[int, list[Node]] = {}

    def script(self) -> Script:
        """The script that was collected."""
        loops = tuple(
            Loop(
                span.start,
                span.end,
                place.source.exact,
                place.ampersand,
                tuple(command for command in self.commands if command.loop == index),
                tuple(self._valued(sleep) for owner, sleep in self.sleeps if owner == index),
                place.chain,
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
            redirects=tuple(self.redirects),
            absences=tuple(self.absences),
            texts=tuple(self.texts),
        )

    def _valued(self, sleep: Sleep) -> Sleep:
        """Fill in the time of `sleep $PAUSE`, where the script gives the variable one value."""
        arguments = sleep.command.arguments
        if sleep.seconds is not None or len(arguments) != 1:
            return sleep
        value = self.values.get(arguments[0].text.strip("${}"))
        return sleep if value is None else sleep._replace(seconds=seconds_of(value))

    def run(self, source: Source) -> None:
        """Walk through a text."""
        self.stack.append((source.root, _Place(source, _Shell(""))))
        while self.stack:
            node, place = self.stack.pop()
            self._visit(node, place)

    def _push(self, items: Sequence[tuple[Node, _Place]]) -> None:
        self.stack.extend(reversed(items))

    def _visit(self, node: Node, place: _Place) -> None:
        kind = node.type
        if kind in _SIMPLE:
            self._simple(node, place)
        elif kind in _SEQUENCES:
            if kind == "subshell":
                place = place._replace(in_subshell=True, shell=_Shell(place.shell.folder))
            self._sequence(node.children, place)
        elif kind in _CONDITIONALS:
            self._condition(node, place)
        elif kind in LOOPS:
            self._loop(node, place)
        elif kind in _SUBSTITUTIONS:
            shell = _Shell(place.shell.folder)
            self._sequence(node.children, place._replace(last=False, in_substitution=True, shell=shell))
        elif kind == "list":
            self._list(node, place)
        elif kind in ("pipeline", "negated_command"):
            self._push([(child, place) for child in node.named_children])
        elif kind == "case_statement":
            self._push([(child, place.under_condition()) for child in node.named_children])
        elif kind == "function_definition":
            inside = place._replace(last=False, in_function=True, loop=None, repeated=False)
            self._push([(child, inside) for child in node.named_children])
        elif kind == "redirected_statement":
            self._redirected(node, place)
        elif kind == "comment":
            pass
        else:
            self._other(node, place)

    def _other(self, node: Node, place: _Place) -> None:
        """Look into everything that is not a statement: words, expansions, assignments, redirections."""
        if node.type in ("simple_expansion", "expansion"):
            self._use(node, place)
        elif node.type == "variable_assignment":
            self._assign(node.child_by_field_name("name"), place, node.child_by_field_name("value"))
        elif node.type == "file_redirect":
            self._redirect(node, place)
        self._push([(child, place) for child in node.named_children])

    def _redirect(self, node: Node, place: _Place) -> None:
        target = node.child_by_field_name("destination")
        sign = next((child.type for child in node.children if not child.is_named), "")
        if target is not None:
            source, span = place.source, place.source.span(node)
            word = word_of(target, source)
            end = word.end if source.exact else span.end
            folder = None if place.in_function else place.shell.folder
            self.redirects.append(Redirect(sign, word, span.start, end, source.exact, place.in_function, folder))

    def _use(self, node: Node, place: _Place) -> None:
        for child in node.named_children:
            if child.type in ("variable_name", "subscript"):
                name = child if child.type == "variable_name" else child.child_by_field_name("name")
                if name is not None:
                    text = place.source.text(name.start_byte, name.end_byte)
                    if not text.isdecimal():
                        self._note_use(text, node, child, place)
                return

    def _note_use(self, name: str, node: Node, child: Node, place: _Place) -> None:
        source = place.source
        behind = source.text(child.end_byte, node.end_byte).lstrip(":")
        has_default = node.type == "expansion" and behind[:1] in ("-", "=", "+", "?")
        known = self.variables.get(name)
        if self.uses is not None:
            span = source.span(node)
            self.uses.append((name, VariableUse(span.start, span.end, source.chain(node, place.chain), has_default)))
        if known is None:
            span = source.span(node)
            self.variables[name] = VariableUse(span.start, span.end, source.chain(node, place.chain), has_default)
        elif has_default:
            self.variables[name] = known._replace(has_default=True)

    def _assign(self, name: Node | None, place: _Place, value: Node | None = None) -> None:
        if name is not None and name.type == "variable_name":
            text = place.source.text(name.start_byte, name.end_byte)
            self.values[text] = word_of(value, place.source) if value and text not in self.assigned else None
            self.assigned.add(text)

    def _sequence(self, children: Sequence[Node], place: _Place) -> None:
        """Walk statements that run one after the other."""
        statements = [child for child in children if child.is_named and child.type != "comment"]
        items: list[tuple[Node, _Place]] = []
        ended = False
        for position, child in enumerate(statements):
            here = place if not ended else place._replace(reached=False)
            follower = child.next_sibling
            if follower is not None and follower.type == "&":
                here = here._replace(ampersand=here.ampersand or here.source.span(follower))
            ends = here.ampersand is None and not ended and self._never_returns(child, here)
            is_last = not ended and (ends or position == len(statements) - 1)
            ended = ended or ends
            items.append((child, here if is_last else here.aside()))
        self._push(items)

    def _never_returns(self, node: Node, place: _Place) -> bool:
        """Whether nothing after this foreground statement is ever reached."""
        while node.type == "redirected_statement":
            body = node.child_by_field_name("body")
            if body is None:
                return False
            node = body
        if node.type in LOOPS:
            return self._is_endless(node, place)
        if node.type != "command":
            return False
        words = words_of(node, place.source)
        return bool(words) and (words[0].text == "exit" or (words[0].text == "exec" and len(words) > 1))

    def _list(self, node: Node, place: _Place) -> None:
        """Walk `a && b` and `a || b`."""
        left, right = node.named_children[0], node.named_children[-1]
        alternative = any(child.type == "||" for child in node.children)
        right_place = place.under_condition() if alternative else place
        self._push([(left, place if alternative else place.aside()), (right, right_place)])

    def _condition(self, node: Node, place: _Place) -> None:
        """Walk `if` and `elif`: what is asked, then what depends on it."""
        children = node.children
        then = next((index for index, child in enumerate(children) if child.type == "then"), len(children))
        branches = ("elif_clause", "else_clause")
        body = [child for child in children[then + 1 :] if child.type not in branches]
        inside = place.under_condition()
        self._push([(child, inside) for child in children[then + 1 :] if child.type in branches])
        self._sequence(body, inside)
        self._sequence(children[1:then], place.aside())

    def _loop(self, node: Node, place: _Place) -> None:
        source = place.source
        self._assign(node.child_by_field_name("variable"), place)
        if self._is_endless(node, place):
            index = len(self.loops)
            self.loops.append((source.span(node), place._replace(chain=source.chain(node, place.chain))))
            if place.last:
                (self.left_behind if place.ampersand else self.tail).append(index)
            inside = place._replace(last=False, loop=index, repeated=True, conditional_in_loop=False)
        else:
            inside = place._replace(last=False, repeated=True, conditional_in_loop=True)
        body = node.child_by_field_name("body")
        head = [child for child in node.children if child.is_named and child != body]
        if body is not None:
            self._push([(body, inside)])
        if node.type == "while_statement":
            self._sequence(head, inside)
        else:
            self._push([(child, inside) for child in head])

    def _is_endless(self, node: Node, place: _Place) -> bool:
        if node.start_byte in place.source.broken_loops or node.type == "for_statement":
            return False
        conditions = [child for child in node.children_by_field_name("condition") if child.is_named]
        if node.type == "c_style_for_statement":
            return not conditions
        endless = "false" if node.children[0].type == "until" else "true"
        return len(conditions) == 1 and _outcome(conditions[0], place.source) == endless

    def _redirected(self, node: Node, place: _Place) -> None:
        body = node.child_by_field_name("body")
        redirects = [child for child in node.named_children if child != body]
        if body is not None and body.type == "command":
            # `run > log more` : the grammar takes the words after the file for files too.
            moved = [word for item in redirects for word in item.children_by_field_name("destination")[1:]]
            self.moved_words[body.id] = moved
        items = [(body, place)] if body is not None else []
        self._push(items + [(child, place) for child in redirects])

    def _simple(self, node: Node, place: _Place) -> None:
        """Take one simple command, or the commands of the script it hands to a shell."""
        nodes = word_nodes(node) + self.moved_words.pop(node.id, [])
        words = tuple(word_of(item, place.source) for item in nodes)
        inner = [child for child in node.named_children if child.type not in ("word", "raw_string", "number")]
        if not words:
            self._push([(child, place.aside()) for child in inner])
            return
        stripped = strip(words)
        place = place._replace(
            prefixes=place.prefixes + stripped.prefixes,
            timeout=min(place.timeout, stripped.timeout),
        )
        if stripped.script is not None:
            script = nodes[stripped.script]
            if self._nested(script, words[stripped.script], place):
                self._push([(child, place.aside()) for child in inner if child != script])
                return
        command = self._command(node, words[stripped.skipped :], place)
        if self.resolver is None or not self._expanded(
            command, Call(words, stripped.skipped, place.shell.folder), place
        ):
            self._add(command, place)
        self._push([(child, place.aside()) for child in inner])

    def _nested(self, node: Node, word: Word, place: _Place) -> bool:
        """Walk the script in a word; false when it is not shell."""
        root = tree_of(word.text)
        if root is None or not word.text.strip():
            return False
        quote = 0 if node.type == "word" else 1
        verbatim = place.source.text(node.start_byte + quote, node.end_byte - quote) == word.text
        if verbatim and place.source.exact:
            source = Source(root, word.text, base=word.start + quote)
        else:
            source = Source(root, word.text, fixed=CommandSpan(word.start, word.end))
        self.stack.append((root, place._replace(source=source, shell=_Shell(place.shell.folder))))
        return True

    def _expanded(self, command: Command, call: Call, place: _Place) -> bool:
        """Walk what a command runs in its place; false where it is not known."""
        may_expand = self.resolver is not None and len(place.chain) < _DEEPEST
        expansion = self.resolver.expand(call) if self.resolver is not None and may_expand else None
        if expansion is None:
            return False
        if not expansion.parts:
            self.absences.append(Absence(command, expansion.path, expansion.name, expansion.near))
            return False
        self.texts += [ResolvedText(command, part.text, part.region, part.is_same) for part in expansion.parts]
        roots = [tree_of(part.text) for part in expansion.parts]
        known = {step.region for step in place.chain}
        circular = [part for part in expansion.parts if part.region in known]
        if circular:
            self.absences.append(Absence(command, expansion.path, circular[0].name, is_circle=True))
        self.expansions += len(roots)
        if circular or None in roots or self.expansions > _MOST_EXPANSIONS:
            return False
        written = " ".join(word.text for word in call.words)
        inside: list[tuple[Node, _Place]] = []
        for part, root in zip(expansion.parts, roots, strict=True):
            if root is not None:
                span = CommandSpan(command.start, command.end)
                source = Source(root, part.text, fixed=span, within=part.region if part.is_same else None)
                chain = (*place.chain, ChainStep(written, part.region, part.name))
                shell = place.shell if part.in_shell else _Shell(part.folder)
                here = place if part is expansion.parts[-1] else place.aside()
                inside.append((root, here._replace(source=source, shell=shell, chain=chain)))
        self._push(inside)
        return True

    def _command(self, node: Node, words: tuple[Word, ...], place: _Place) -> Command:
        source = place.source
        span = source.span(node)
        index, program = program_of(words)
        apart = place.in_function or place.in_substitution or place.loop is not None or place.ampersand is not None
        return Command(
            words=words,
            name=words[index],
            program=program,
            arguments=words[index + 1 :],
            prefixes=place.prefixes,
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
            in_subshell=place.in_subshell,
            chain=place.source.chain(node, place.chain),
            folder=None if place.in_function else place.shell.folder,
        )

    def _add(self, command: Command, place: _Place) -> None:
        """File a command under everything it belongs to."""
        self.commands.append(command)
        if command.program in MOVES and not place.in_function:
            place.shell.folder = folder_after(command)
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


def _outcome(node: Node, source: Source) -> str | None:
    """The text "true" or "false" if a loop's condition is certain, otherwise None."""
    negated = False
    while node.type == "negated_command" and node.named_children:
        negated = not negated
        node = node.named_children[0]
    text = source.text(node.start_byte, node.end_byte)
    if node.type in ("test_command", "compound_statement"):
        return "true" if text.strip("[]() \t") in ("1", "true") and not negated else None
    words = words_of(node, source) if node.type == "command" else ()
    if not words:
        return None
    name = words[0].text.rpartition("/")[2]
    if name == "test" and len(words) == 2 and words[1].text:
        name = "true"
    outcome = {"true": "true", ":": "true", "sleep": "true", "false": "false"}.get(name)
    if outcome is None or not negated:
        return outcome
    return "false" if outcome == "true" else "true"
