"""The tokens of a shell text: words with everything that can be inside them, operators and here-documents."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Collection

from upsun_schema.expression import expression
from upsun_schema.record import NamedTuple

__all__ = ["RefusedError", "ShellFault", "ShellToken", "TokenReader", "UnsureError"]


class ShellFault(NamedTuple):
    """Why no shell can read a text, and the part of it to look at: 0-based code points, end exclusive."""

    start: int
    end: int
    why: str


class RefusedError(Exception):
    """No shell can read this."""

    def __init__(self, start: int, end: int, why: str) -> None:
        self.fault = ShellFault(start, end, why)


class UnsureError(Exception):
    """Shells read this in different ways."""


class ShellToken(NamedTuple):
    """A part of a text. `kind` is `word`, `operator`, `number` (before a redirection), `newline` or `end`."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def named(self) -> str:
        """How a message names it."""
        return {"newline": "the end of the line", "end": "the end"}.get(self.kind, f"`{self.text}`")


_DEEPEST = 80
_BLANKS = expression(r"(?:[ \t]|\\\n)*")
_COMMENT = expression(r"#[^\n]*")
_OPERATOR = expression(r"&&|\|\||;;&?|;&|<<<|<<-?|<&|<>|>&|>>|>\||&>>?|\|&|[|&;<>()]")
_CHUNK = expression(r"(?:[^ \t\n|&;<>()$`'\"\\]|\\.)+", re.DOTALL)
_IO = expression(r"(?:\d+|\{\w+\})(?=[<>])")
_ARRAY = expression(r"\w+(?:\[[^\]]*\])?\+?=")


class TokenReader(ABC):
    """Reads a text token by token, and raises at what it cannot read.

    A word can contain commands, as in `$(…)`, so reading words needs the grammar: `_list`.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.depth = 0
        self.token: ShellToken | None = None
        self.last_span = (0, 0)
        self.here: list[tuple[str, bool]] = []
        self.readings_differ = False
        """Whether something was read that means one thing in bash and another in a POSIX shell."""

    @abstractmethod
    def _list(self, closers: Collection[str]) -> int:
        """Read commands up to one of the closers or the end, and return how many there were."""

    def _enter(self) -> None:
        """Go one level deeper; whoever calls this leaves it by `depth`."""
        self.depth += 1
        if self.depth > _DEEPEST:
            raise UnsureError

    # -- tokens

    def _newlines(self) -> None:
        while self._peek().kind == "newline":
            self._next()

    def _next(self) -> ShellToken:
        token = self._peek()
        self.token = None
        self.last_span = (token.start, token.end)
        if token.kind == "newline" and self.here:
            self._here_documents()
        return token

    def _here_documents(self) -> None:
        for delimiter, tabs in self.here:
            while self.at < len(self.text):
                end = self.text.find("\n", self.at)
                line = self.text[self.at : end if end >= 0 else len(self.text)]
                self.at = end + 1 if end >= 0 else len(self.text)
                if (line.lstrip("\t") if tabs else line) == delimiter:
                    break
                # dash reads the expansions in it, bash only when it runs.
                self.readings_differ |= any(sign in line for sign in ("${", "$(", "`"))
        self.here = []

    def _peek(self) -> ShellToken:
        if self.token is None:
            self.token = self._read_token()
        return self.token

    def _skip_blanks(self) -> None:
        self.at = _BLANKS.match(self.text, self.at).end()  # type: ignore[union-attr]

    def _read_token(self) -> ShellToken:
        self._skip_blanks()
        if comment := _COMMENT.match(self.text, self.at):
            self.at = comment.end()
        start = self.at
        if start >= len(self.text):
            return ShellToken("end", "", start, start)
        if self.text[start] == "\n":
            self.at += 1
            return ShellToken("newline", "\n", start, self.at)
        if number := _IO.match(self.text, start):
            self.at = number.end()
            return ShellToken("number", number.group(), start, self.at)
        operator = _OPERATOR.match(self.text, start)
        if operator is not None and not self._is_process(start):
            self.at = operator.end()
            return ShellToken("operator", operator.group(), start, self.at)
        while self._part():
            pass
        return ShellToken("word", self.text[start : self.at], start, self.at)

    def _is_process(self, at: int) -> bool:
        return self.text.startswith(("<(", ">("), at)

    # -- parts of words

    def _part(self) -> bool:
        """Skip one part of a word; false where the word ends."""
        text, at = self.text, self.at
        if chunk := _CHUNK.match(text, at):
            self.at = chunk.end()
            if text[self.at : self.at + 1] == "(":
                self._opened_word(chunk.group())
            return True
        character = text[at : at + 1]
        if character == "'":
            self.at = self._closed(at, "'", at + 1)
        elif character == '"':
            self._double_quoted()
        elif character == "`":
            self._backticks()
        elif character == "$":
            self._dollar()
        elif character == "\\":
            self.at += 1
        elif self._is_process(at):
            self._substitution(2)
        else:
            return False
        return True

    def _opened_word(self, chunk: str) -> None:
        """Skip an array behind `name=`; patterns such as `!(a|b)` depend on the settings of bash."""
        if chunk[-1] in "?*+@!":
            raise UnsureError
        if not _ARRAY.fullmatch(chunk):
            return
        self._enter()
        opener, self.at = self.at, self.at + 1
        while self.text[self.at : self.at + 1] != ")":
            if self.at >= len(self.text):
                raise RefusedError(opener, opener + 1, "`)` is missing for this `(`")
            if self.text[self.at] == "#" and self.text[self.at - 1] in " \t\n(":
                self.at = _COMMENT.match(self.text, self.at).end()  # type: ignore[union-attr]
            elif not self._part():
                self.at += 1
        self.depth -= 1
        self.at += 1

    def _closed(self, opener: int, quote: str, begin: int) -> int:
        end = self.text.find(quote, begin)
        if end < 0:
            raise RefusedError(opener, opener + 1, f"this `{quote}` is never closed")
        return end + 1

    def _double_quoted(self) -> None:
        opener = self.at
        self.at += 1
        while True:
            character = self.text[self.at : self.at + 1]
            if character == '"':
                self.at += 1
                return
            if not character:
                raise RefusedError(opener, opener + 1, 'this `"` is never closed')
            if character == "\\":
                self.at += 2
            elif character == "`":
                self._backticks()
            elif character == "$" and self.text[self.at + 1 : self.at + 2] in ("(", "{", "$"):
                self._dollar(quoted=True)
            else:
                self.at += 1

    def _backticks(self) -> None:
        opener = self.at
        self.at += 1
        while (character := self.text[self.at : self.at + 1]) != "`":
            if not character:
                raise RefusedError(opener, opener + 1, "this backtick is never closed")
            self.at += 2 if character == "\\" else 1
        self.at += 1

    def _dollar(self, *, quoted: bool = False) -> None:
        at = self.at
        follower = self.text[at + 1 : at + 2]
        if self.text.startswith("$((", at):
            self._calculation()
        elif follower == "(":
            self._substitution(2)
        elif follower == "{":
            self._parameter(quoted)
        elif follower == "'" and not quoted:
            self._ansi_quoted()
        else:
            self.at += 2 if follower == "$" else 1

    def _calculation(self) -> None:
        """Skip `$((…))`, or what only looks like it."""
        start = self.at
        if self._arithmetic(start + 3):
            return
        try:
            self._substitution(2)
        except RefusedError as refused:
            if refused.fault.start == start and "#" not in self.text[start:]:
                raise
            raise UnsureError from None

    def _ansi_quoted(self) -> None:
        self.at += 2
        while (character := self.text[self.at : self.at + 1]) != "'":
            if not character:
                raise UnsureError
            self.at += 2 if character == "\\" else 1
        self.at += 1

    def _substitution(self, width: int) -> None:
        start, self.at = self.at, self.at + width
        self.token = None
        here, self.here = self.here, []
        self._list((")",))
        closer = self._peek()
        if closer.kind == "end":
            opener = self.text[start : start + width]
            raise RefusedError(start, start + width, f"`)` is missing for this `{opener}`")
        if self.here:
            raise UnsureError
        self.token, self.at, self.here = None, closer.end, here

    def _parameter(self, quoted: bool) -> None:
        """Skip `${…}`."""
        opener = self.at
        self.at += 2
        self._enter()
        while (character := self.text[self.at : self.at + 1]) != "}":
            if not character:
                raise RefusedError(opener, opener + 2, "`}` is missing for this `${`")
            if character == "'" and quoted:
                raise UnsureError
            self.readings_differ |= quoted and character == '"'
            if character in "'\"`$":
                self._part()
            else:
                self.at += 2 if character == "\\" else 1
        self.depth -= 1
        self.at += 1

    def _arithmetic(self, at: int) -> bool:
        """Skip a calculation up to its `))`; false where there is none that is closed."""
        depth = 0
        while at < len(self.text):
            character = self.text[at]
            if character == "(":
                depth += 1
            elif character == ")":
                if not depth:
                    if not self.text.startswith("))", at):
                        return False
                    self.at = at + 2
                    return True
                depth -= 1
            at += 2 if character == "\\" else 1
        return False
