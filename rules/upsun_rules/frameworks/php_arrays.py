"""The array that a PHP configuration file returns, as far as it is written in literals."""

from __future__ import annotations

from upsun_schema.expression import expression
from upsun_schema.yaml.text import Span

__all__ = ["PhpArray", "returned_array"]

_TOKEN = expression(
    r"\s+|//[^\n]*|\#(?!\[)[^\n]*|/\*(?:[^*]|\*(?!/))*\*/|(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\$]|\\.)*\")"
    r"|(?P<arrow>=>)|(?P<word>[\w\\$]+)|(?P<sign>.)"
)
_DEEPEST = 50
_CLOSES = {"[": "]", "(": ")", "{": "}"}


class PhpArray:
    """An array: its entries with literal keys, each with the place of the key and the value.

    A value is a text, another array, or None for anything else. `is_whole` is false if there are other entries.
    """

    __slots__ = ("entries", "is_whole")

    def __init__(self) -> None:
        self.entries: dict[str, tuple[Span, str | PhpArray | None]] = {}
        self.is_whole = True

    def below(self, name: str) -> str | PhpArray | None:
        """The value of a key; None if it is missing or not a literal."""
        return self.entries[name][1] if name in self.entries else None


class _Frame:
    """A bracket that is open, and what was read since its last comma. `array` is None for other brackets."""

    __slots__ = ("array", "closer", "key", "span", "value", "values")

    def __init__(self, closer: str, array: PhpArray | None) -> None:
        self.closer = closer
        self.array = array
        self.key: tuple[str, Span] | None = None
        self.values = 0
        self.value: str | PhpArray | None = None
        self.span: Span | None = None


def returned_array(text: str) -> PhpArray | None:
    """The array behind the `return` of a file; None if there is none, or if it is not a single literal."""
    frames: list[_Frame] = []
    found: PhpArray | None = None
    words = ("", "")
    for match in _TOKEN.finditer(text):
        kind, token = match.lastgroup, match[0]
        if kind is None:
            continue
        if found is not None:
            return found if token == ";" else None
        frame = frames[-1] if frames else None
        if token in _CLOSES:
            is_array = token == "[" or (token == "(" and words[1] == "array")
            starts = is_array and "return" in (words[1], words[0] if token == "(" else "")
            if frame is not None or starts:
                array = PhpArray() if is_array and (frame is None or frame.array is not None) else None
                frames.append(_Frame(_CLOSES[token], array))
        elif frame is not None and token == frame.closer:
            _end_entry(frame)
            frames.pop()
            if not frames:
                found = frame.array
            else:
                _note(frames[-1], frame.array, Span(match.start(), match.end()))
        elif frame is not None and frame.array is not None:
            _read(frame, kind, token, Span(match.start(), match.end()))
        if len(frames) > _DEEPEST:
            return None
        words = (words[1], token)
    return None


def _read(frame: _Frame, kind: str, token: str, span: Span) -> None:
    if kind == "text":
        _note(frame, token[1:-1], span)
    elif kind == "arrow":
        if frame.key is None and frame.values == 1 and isinstance(frame.value, str) and frame.span is not None:
            frame.key, frame.values, frame.value = (frame.value, frame.span), 0, None
        else:
            frame.values, frame.value = 2, None
    elif token == ",":
        _end_entry(frame)
    elif token != "array":
        frame.values, frame.value = 2, None


def _note(frame: _Frame, value: str | PhpArray | None, span: Span) -> None:
    """Note a value; one of several, as in `$a + [1]`, is not known."""
    frame.values += 1
    frame.value, frame.span = (value if frame.values == 1 else None), span


def _end_entry(frame: _Frame) -> None:
    if frame.array is not None and (frame.key is not None or frame.values):
        if frame.key is None or "\\" in frame.key[0]:
            frame.array.is_whole = False
        else:
            name, span = frame.key
            frame.array.entries[name] = (Span(span.start + 1, span.end - 1), frame.value if frame.values == 1 else None)
    frame.key, frame.values, frame.value = None, 0, None
