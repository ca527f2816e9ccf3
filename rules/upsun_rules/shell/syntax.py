"""Whether a shell can read a text, and where it gives up if not.

This reads the grammar of POSIX together with what bash adds to it, so that a text is only refused when every shell
refuses it. The syntax tree of `tree.py` cannot answer this: it accepts an empty `then`, and refuses some valid texts.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

from upsun_schema.expression import expression
from upsun_schema.record import NamedTuple

__all__ = ["ShellFault", "syntax_fault"]


class ShellFault(NamedTuple):
    """Why no shell can read a text, and the part of it to look at: 0-based code points, end exclusive."""

    start: int
    end: int
    why: str


@lru_cache(maxsize=512)
def syntax_fault(text: str) -> ShellFault | None:
    """The first syntax error of a shell text; None where there is none, or none for sure."""
    if len(text) > _LONGEST or (_PLAIN.fullmatch(text) and _RESERVED.isdisjoint(text.split())):
        return None
    try:
        _Reader(text).read()
    except _RefusedError as refused:
        return refused.fault
    except _UnsureError:
        return None
    return None


class _RefusedError(Exception):
    def __init__(self, start: int, end: int, why: str) -> None:
        self.fault = ShellFault(start, end, why)


class _UnsureError(Exception):
    """Shells read this in different ways."""


class _Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int

    @property
    def named(self) -> str:
        return {"newline": "the end of the line", "end": "the end"}.get(self.kind, f"`{self.text}`")


_LONGEST = 16_384
_DEEPEST = 80
_PLAIN = expression(r"[\w./:=@%+,$*\[\]^~ \t\n-]*")
_BLANKS = expression(r"(?:[ \t]|\\\n)*")
_COMMENT = expression(r"#[^\n]*")
_OPERATOR = expression(r"&&|\|\||;;&?|;&|<<<|<<-?|<&|<>|>&|>>|>\||&>>?|\|&|[|&;<>()]")
_REDIRECTION = frozenset({"<<<", "<<", "<<-", "<&", "<>", ">&", ">>", ">|", "&>", "&>>", "<", ">"})
_CHUNK = expression(r"(?:[^ \t\n|&;<>()$`'\"\\]|\\.)+", re.DOTALL)
_IO = expression(r"(?:\d+|\{\w+\})(?=[<>])")
_ARRAY = expression(r"\w+(?:\[[^\]]*\])?\+?=")
_OPENERS = {
    "if": "fi",
    "while": "done",
    "until": "done",
    "for": "done",
    "select": "done",
    "case": "esac",
    "{": "}",
}
_PARTS = {"then": "if", "elif": "if", "else": "if", "fi": "if", "do": "while", "done": "do", "esac": "case", "}": "{"}
_RESERVED = frozenset({*_OPENERS, *_PARTS, "function", "coproc"})
_CASE_ENDS = frozenset({";;", ";&", ";;&"})


class _Reader:
    """Reads a text from its beginning to its end, and raises at what it cannot read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.depth = 0
        self.token: _Token | None = None
        self.last_span = (0, 0)
        self.here: list[tuple[str, bool]] = []
        self.readings_differ = False
        """Whether something was read that means one thing in bash and another in a POSIX shell."""

    def read(self) -> None:
        try:
            self._list(())
            token = self._peek()
            if token.kind != "end":
                raise self._unexpected(token)
        except _RefusedError:
            if self.readings_differ:
                raise _UnsureError from None
            raise

    # -- commands

    def _list(self, closers: Collection[str]) -> int:
        """Read commands up to one of the closers or the end, and return how many there were."""
        self._enter()
        count = 0
        while True:
            self._newlines()
            token = self._peek()
            if token.kind == "end" or token.text in closers:
                break
            missing = next((word for word in ("then", "do") if word in closers), None)
            if token.kind == "word" and token.text in _PARTS and missing is not None:
                raise _RefusedError(token.start, token.end, f"`{missing}` is missing before `{token.text}`")
            self._and_or()
            count += 1
            token = self._peek()
            if token.kind == "newline" or token.text in (";", "&"):
                self._next()
            elif token.kind != "end" and token.text not in closers:
                raise self._unexpected(token)
        self.depth -= 1
        return count

    def _enter(self) -> None:
        """Go one level deeper; whoever calls this leaves it by `depth`."""
        self.depth += 1
        if self.depth > _DEEPEST:
            raise _UnsureError

    def _and_or(self) -> None:
        self._pipeline()
        while self._peek().text in ("&&", "||"):
            self._after(self._next())
            self._pipeline()

    def _pipeline(self) -> None:
        self._negated()
        while self._peek().text in ("|", "|&"):
            self._after(self._next())
            self._negated()

    def _negated(self) -> None:
        while self._peek().text == "!":
            self._next()
            if self._peek().kind in ("newline", "end") or self._peek().text == ";":
                raise _UnsureError  # To bash, a `!` alone is a command.
        self._command()

    def _after(self, operator: _Token) -> None:
        """Go on behind an operator that needs a command on each side."""
        self._newlines()
        token = self._peek()
        if token.kind == "end":
            raise _RefusedError(operator.start, operator.end, f"no command follows `{operator.text}`")
        if token.kind == "operator" and token.text != "(" and token.text not in _REDIRECTION:
            why = f"a command is missing between `{operator.text}` and `{token.text}`"
            raise _RefusedError(token.start, token.end, why)

    def _command(self) -> None:
        self._enter()
        self._one_command()
        self.depth -= 1

    def _one_command(self) -> None:
        token = self._peek()
        word = token.text if token.kind == "word" else ""
        if token.text == "(" and token.kind == "operator":
            self._parenthesis()
        elif word == "{":
            self._block(self._next(), "}")
        elif word == "if":
            self._if()
        elif word in ("while", "until"):
            opener = self._next()
            self._filled(opener, ("do",), opener)
            self._loop_body(opener)
        elif word in ("for", "select"):
            self._for()
        elif word == "case":
            self._case()
        elif word == "function":
            self._function()
        elif word == "[[":
            self._next()
            self._double_bracket()
        elif word == "coproc":
            raise _UnsureError
        elif word == "time":
            self._next()
            self.readings_differ |= self._peek().text in _RESERVED
            if self._peek().kind == "word" or self._peek().text == "(":
                self._command()
            return
        elif word in _PARTS or (token.kind != "word" and token.text not in _REDIRECTION and token.kind != "number"):
            raise self._unexpected(token)
        else:
            self._simple()
            return
        self._redirections()

    def _simple(self) -> None:
        count = 0
        while True:
            token = self._peek()
            if token.kind == "word":
                self._next()
                count += 1
            elif token.kind == "number" or token.text in _REDIRECTION:
                self._redirection()
            elif token.text == "(":
                self._next()
                if count != 1 or self._peek().text != ")":
                    raise _RefusedError(token.start, token.end, "unexpected `(`: quote it if it is part of an argument")
                self._next()
                self._newlines()
                self._command()
                return
            else:
                return

    def _redirections(self) -> None:
        while self._peek().kind == "number" or self._peek().text in _REDIRECTION:
            self._redirection()

    def _redirection(self) -> None:
        if self._peek().kind == "number":
            self._next()
        operator = self._next()
        target = self._peek()
        if target.kind != "word" and not (target.kind == "number" and operator.text in (">&", "<&")):
            raise _RefusedError(operator.start, operator.end, f"no file name follows `{operator.text}`")
        self._next()
        if operator.text in ("<<", "<<-"):
            if "$" in target.text or "`" in target.text:
                raise _UnsureError
            self.here.append((re.sub(r"['\"\\]", "", target.text), operator.text == "<<-"))

    # -- compound commands

    def _filled(self, opener: _Token, closers: tuple[str, ...], whole: _Token) -> _Token:
        """Read the commands that must be behind a word such as `then`, and return the closer."""
        count = self._list(closers)
        token = self._peek()
        if token.kind == "end":
            raise self._open(whole, closers)
        if not count:
            why = f"`{opener.text}` has no command before `{token.text}`"
            raise _RefusedError(opener.start, opener.end, f"{why}; `:` is one that does nothing")
        return self._next()

    def _open(self, opener: _Token, closers: Collection[str]) -> _RefusedError:
        """The refusal of a text that ends before what `opener` opens is closed."""
        end = _OPENERS.get(opener.text, ")")
        missing = next((word for word in ("then", "do") if word in closers), end)
        what = "" if missing == end else f", and so is `{end}`"
        return _RefusedError(opener.start, opener.end, f"`{missing}` is missing for this `{opener.text}`{what}")

    def _block(self, opener: _Token, closer: str) -> None:
        self._filled(opener, (closer,), opener)

    def _if(self) -> None:
        opener = self._next()
        part = self._filled(opener, ("then",), opener)
        while part.text != "fi":
            following = ("fi",) if part.text == "else" else ("elif", "else", "fi")
            if part.text == "elif":
                part = self._filled(part, ("then",), opener)
            part = self._filled(part, following, opener)

    def _loop_body(self, opener: _Token) -> None:
        """Read what is between `do`, which was just read, and `done`."""
        begin = _Token("word", "do", *self.last_span)
        self._filled(begin, ("done",), opener)

    def _for(self) -> None:
        opener = self._next()
        name = self._peek()
        if name.text == "(" and self.text.startswith("((", name.start):
            self.token, self.at = None, name.start
            if not self._arithmetic(self.at + 2):
                raise _UnsureError
        elif name.kind != "word":
            raise _RefusedError(opener.start, opener.end, f"`{opener.text}` needs the name of a variable")
        else:
            self._next()
            self._newlines()
            if self._peek().text == "in" and self._peek().kind == "word":
                self._next()
                while self._peek().kind == "word":
                    self._next()
        token = self._peek()
        if token.text == ";" and token.kind == "operator":
            self._next()
        self._newlines()
        token = self._peek()
        if token.kind == "word" and token.text == "{":
            self._block(self._next(), "}")
            return
        if token.kind == "end":
            raise self._open(opener, ("do",))
        if token.kind != "word" or token.text != "do":
            raise _RefusedError(token.start, token.end, f"`do` is missing before {token.named}")
        self._next()
        self._loop_body(opener)

    def _case(self) -> None:
        opener = self._next()
        if self._peek().kind != "word":
            raise _RefusedError(opener.start, opener.end, "`case` needs a word to look at")
        self._next()
        self._newlines()
        token = self._peek()
        if token.text != "in":
            raise _RefusedError(opener.start, opener.end, "`in` is missing for this `case`")
        self._next()
        while True:
            self._newlines()
            token = self._next()
            if token.kind == "word" and token.text == "esac":
                return
            if token.text == "(" and token.kind == "operator":
                token = self._next()
            self._pattern(token, opener)
            self._list(("esac", *_CASE_ENDS))
            if self._peek().text in _CASE_ENDS:
                self._next()

    def _pattern(self, token: _Token, opener: _Token) -> None:
        while True:
            if token.kind == "end":
                raise self._open(opener, ())
            if token.kind != "word":
                raise _UnsureError  # dash takes any sign for a pattern.
            token = self._next()
            if token.text == ")" and token.kind == "operator":
                return
            if token.kind == "end":
                raise self._open(opener, ())
            if token.text != "|" or token.kind != "operator":
                raise _RefusedError(token.start, token.end, f"`)` is missing before {token.named}, after a pattern")
            token = self._next()

    def _function(self) -> None:
        self.readings_differ = True
        keyword = self._next()
        if self._peek().kind != "word":
            raise _RefusedError(keyword.start, keyword.end, "`function` needs a name")
        self._next()
        if self._peek().text == "(":
            self._next()
            if self._peek().text != ")":
                raise _UnsureError
            self._next()
        self._newlines()
        self._command()

    def _parenthesis(self) -> None:
        """Read a subshell, or what bash takes for a calculation."""
        opener = self._peek()
        if self.text.startswith("((", opener.start):
            self.token, self.readings_differ = None, True
            if self._arithmetic(opener.start + 2):
                return
            self.at = opener.start
        self._next()
        self._block(opener, ")")

    def _double_bracket(self) -> None:
        """Skip a condition of bash."""
        begin = self.at
        while True:
            self.token = None
            self.at = _BLANKS.match(self.text, self.at).end()  # type: ignore[union-attr]
            if self.at >= len(self.text):
                raise _UnsureError
            if self.text.startswith("]]", self.at) and self.text[self.at + 2 : self.at + 3] in "\n \t;&|)":
                self.readings_differ |= any(sign in self.text[begin : self.at] for sign in "&|;<>()")
                self.at += 2
                if self._peek().kind == "word":
                    raise _UnsureError
                return
            if not self._part():
                self.at += 1

    def _unexpected(self, token: _Token) -> _RefusedError:
        if token.kind in ("end", "newline"):
            start, end = self.last_span
            return _RefusedError(start, end, f"a command is missing after `{self.text[start:end]}`")
        if token.kind == "word" and token.text in _PARTS:
            why = f"unexpected `{token.text}`: no `{_PARTS[token.text]}` is open here"
        elif token.text == ")":
            why = "unexpected `)`: nothing opens it"
        elif token.kind == "operator" and token.text != "(":
            why = f"unexpected `{token.text}`: a command is missing before it"
        else:
            why = f"unexpected `{token.text}`"
        return _RefusedError(token.start, token.end, why)

    # -- tokens

    def _newlines(self) -> None:
        while self._peek().kind == "newline":
            self._next()

    def _next(self) -> _Token:
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

    def _peek(self) -> _Token:
        if self.token is None:
            self.token = self._read_token()
        return self.token

    def _read_token(self) -> _Token:
        self.at = _BLANKS.match(self.text, self.at).end()  # type: ignore[union-attr]
        if comment := _COMMENT.match(self.text, self.at):
            self.at = comment.end()
        start = self.at
        if start >= len(self.text):
            return _Token("end", "", start, start)
        if self.text[start] == "\n":
            self.at += 1
            return _Token("newline", "\n", start, self.at)
        if number := _IO.match(self.text, start):
            self.at = number.end()
            return _Token("number", number.group(), start, self.at)
        operator = _OPERATOR.match(self.text, start)
        if operator is not None and not self._is_process(start):
            self.at = operator.end()
            return _Token("operator", operator.group(), start, self.at)
        while self._part():
            pass
        return _Token("word", self.text[start : self.at], start, self.at)

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
            raise _UnsureError
        if not _ARRAY.fullmatch(chunk):
            return
        self._enter()
        opener, self.at = self.at, self.at + 1
        while self.text[self.at : self.at + 1] != ")":
            if self.at >= len(self.text):
                raise _RefusedError(opener, opener + 1, "`)` is missing for this `(`")
            if self.text[self.at] == "#" and self.text[self.at - 1] in " \t\n(":
                self.at = _COMMENT.match(self.text, self.at).end()  # type: ignore[union-attr]
            elif not self._part():
                self.at += 1
        self.depth -= 1
        self.at += 1

    def _closed(self, opener: int, quote: str, begin: int) -> int:
        end = self.text.find(quote, begin)
        if end < 0:
            raise _RefusedError(opener, opener + 1, f"this `{quote}` is never closed")
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
                raise _RefusedError(opener, opener + 1, 'this `"` is never closed')
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
                raise _RefusedError(opener, opener + 1, "this backtick is never closed")
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
        except _RefusedError as refused:
            if refused.fault.start == start and "#" not in self.text[start:]:
                raise
            raise _UnsureError from None

    def _ansi_quoted(self) -> None:
        self.at += 2
        while (character := self.text[self.at : self.at + 1]) != "'":
            if not character:
                raise _UnsureError
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
            raise _RefusedError(start, start + width, f"`)` is missing for this `{opener}`")
        if self.here:
            raise _UnsureError
        self.token, self.at, self.here = None, closer.end, here

    def _parameter(self, quoted: bool) -> None:
        """Skip `${…}`."""
        opener = self.at
        self.at += 2
        self._enter()
        while (character := self.text[self.at : self.at + 1]) != "}":
            if not character:
                raise _RefusedError(opener, opener + 2, "`}` is missing for this `${`")
            if character == "'" and quoted:
                raise _UnsureError
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
