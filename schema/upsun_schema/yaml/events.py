"""The events of YAML text: from libyaml where it is there, from pure Python if not.

They are the same from both. Where they differ in what they accept (a tab after a colon), libyaml decides, since the
platform's error messages show that its own parser is built on it.
"""

from __future__ import annotations

from collections.abc import Iterator

from upsun_schema.expression import expression
from upsun_schema.yaml.building import MAX_DEPTH, Builder, SyntaxFault
from upsun_schema.yaml.event import ALIAS, COLLECTIONS, DOCUMENT, END, MAP, SCALAR, converted
from upsun_schema.yaml.libyaml import CParser, MarkedYAMLError, YAMLError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from upsun_schema.yaml.event import Event


__all__ = ["are_valid", "events", "replay", "starts"]


def events(text: str, *, pure: bool = False) -> Iterator[Event]:
    """Yield the events of a YAML text. Raises `SyntaxFault` at the place where the text stops being YAML."""
    try:
        yield from _pure_events(text) if pure or CParser is None else _c_events(text)
    except MarkedYAMLError as error:
        raise _fault(error, text) from None
    except YAMLError as error:
        raise SyntaxFault(str(error), 0) from None


def _c_events(text: str) -> Iterator[Event]:
    """Yield the events of libyaml, and read on where only an old version of it would not.

    ruamel.yaml.clib has libyaml 0.1.7, which reads no `:` and no `?` in plain text inside braces and brackets, as in
    `{start: artisan queue:work}`; 0.2 does. There another character replaces it, and the text is read again.
    """
    read, substitutes = 0, _Substitutes(text)
    while True:
        parser = CParser(substitutes.text)
        # What the parser takes for a whole text, and for the missing value of it as a key, may turn out to be neither:
        # the last two events are held back.
        before = last = None
        try:
            for _ in range(read):
                parser.get_event()
            next_event = parser.get_event
            while (event := next_event()) is not None:
                if substitutes.meant and event[0] == SCALAR:
                    event = (*event[:3], substitutes.restored(event[3]), *event[4:])
                if before is not None:
                    read += 1
                    yield before
                before, last = last, event
            yield from _both(before, last)
            return
        except MarkedYAMLError as error:
            if not substitutes.put(error):
                yield from _both(before, last)
                raise


def _both(before: Event | None, last: Event | None) -> list[Event]:
    """The events that were held back."""
    return [event for event in (before, last) if event is not None]


_OBJECTS_TO_COLON = expression(r":(?![ \t\r\n\x85\u2028\u2029,?\[\]{}]|\Z)")
# A word of plain text, wherever it is: no tag, no anchor, no key in quotes.
_WORD = expression(r"(?<=[\s,\[{])[\w./~+$-](?:[\w./~+$=@%;()|^<>?-]|:(?![\s,?\[\]{}]|\Z))*+")
_PRIVATE_USE = range(0xE000, 0xF900)
# How many code points may be read again for the sake of an old libyaml. Only what nobody writes by hand needs more.
_MOST_READ_AGAIN = 1_000_000


class _Substitutes:
    """A text in which other characters replace those that only an old libyaml objects to."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.meant: dict[str, str] = {}
        self.left = _MOST_READ_AGAIN

    def put(self, error: MarkedYAMLError) -> bool:
        """Put a substitute where the parser objected; return whether that was possible."""
        mark = error.problem_mark
        if mark is None or error.problem is None:
            return False
        at = mark.index
        if "unexpected ':'" in error.problem:
            found = _OBJECTS_TO_COLON.match(self.text, at) is not None
        else:
            found = "expected ','" in error.problem and self.text.startswith("?", at)
        substitute = self._substitute(self.text[at]) if found else None
        if substitute is None:
            return False
        self.left -= at
        if self.left < 0:
            return False
        self.text = f"{self.text[:at]}{substitute}{self._with_substitutes(self.text[at + 1 :])}"
        return True

    def _with_substitutes(self, text: str) -> str:
        """The text with substitutes in all words that the parser would object to, one after the other."""
        if "%" in text:  # In a directive, words are something else.
            return text
        table = str.maketrans({sign: self._substitute(sign) or sign for sign in ":?"})
        return _WORD.sub(lambda word: word[0].translate(table), text)

    def _substitute(self, char: str) -> str | None:
        """The substitute for a character; None where the text has every candidate itself."""
        for known, meant in self.meant.items():
            if meant == char:
                return known
        candidates = map(chr, _PRIVATE_USE)
        substitute = next((one for one in candidates if one not in self.text and one not in self.meant), None)
        if substitute is not None:
            self.meant[substitute] = char
        return substitute

    def restored(self, text: str) -> str:
        """A text with the characters that are meant."""
        for substitute, meant in self.meant.items():
            text = text.replace(substitute, meant)
        return text


def _pure_events(text: str) -> Iterator[Event]:
    """Yield the events of the pure parser, after putting spaces for the tabs that only libyaml accepts."""
    from ruamel.yaml import YAML

    while True:
        try:
            found = list(YAML(typ="safe", pure=True).parse(text))
        except MarkedYAMLError as error:
            mark = error.problem_mark
            spaced = None if mark is None or mark.index is None else _without_separating_tabs(text, mark.index)
            if spaced is None:
                raise
            text = spaced
        else:
            yield from map(converted, found)
            return


def _without_separating_tabs(text: str, index: int) -> str | None:
    """The text with spaces for the tabs at an offset; None where they indent a line, which nothing accepts."""
    line_start = max(text.rfind("\n", 0, index), text.rfind("\r", 0, index)) + 1
    end = index
    while end < len(text) and text[end] == "\t":
        end += 1
    if end == index or not text[line_start:index].strip():
        return None
    return text[:index] + " " * (end - index) + text[end:]


def _fault(error: MarkedYAMLError, text: str) -> SyntaxFault:
    mark = error.problem_mark or error.context_mark
    offset = mark.index if mark is not None else 0
    reason = error.problem or error.context or "not valid YAML"
    unfinished = offset >= len(text.rstrip()) or "end of stream" in reason
    # What was opened and never closed began where the context began.
    if unfinished and error.context_mark is not None:
        offset = error.context_mark.index
    return SyntaxFault(reason, min(offset, len(text)), unfinished=unfinished)


def replay(next_event: Callable[[], Event | None], builder: Builder) -> int | None:
    """Tell a builder the events of one document; where a second one begins, if there is one."""
    documents = 0
    while (event := next_event()) is not None:
        kind = event[0]
        if kind == SCALAR:
            _, start, end, text, style, tag, anchor = event
            builder.scalar(start, end, text, style, tag, anchor)
        elif kind == END:
            builder.close(event[2])
        elif kind in COLLECTIONS:
            _, start, _, tag, anchor, flow = event
            builder.open(start, tag, anchor, is_map=kind == MAP, flow=flow)
        elif kind == ALIAS:
            builder.alias(event[1], event[2], event[3])
        elif kind == DOCUMENT:
            documents += 1
            if documents == 2:
                second: int = event[1]
                return second
    return None


def starts(found: Iterator[Event]) -> Iterator[int]:
    """Where documents begin, as far as the text is valid."""
    try:
        for event in found:
            if event[0] == DOCUMENT:
                yield event[1]
    except SyntaxFault:
        return


def are_valid(found: Iterator[Event]) -> bool:
    """Whether a text is valid YAML and not nested too deep, as far as the parser can tell."""
    depth = 0
    try:
        for event in found:
            if event[0] in COLLECTIONS:
                depth += 1
                if depth > MAX_DEPTH:  # libyaml would take ever longer for each level.
                    return False
            elif event[0] == END:
                depth -= 1
    except SyntaxFault:
        return False
    return True
