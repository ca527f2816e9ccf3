"""Reads shell text as a shell does, up to what it cannot read.

This is the grammar of POSIX together with what bash adds to it, so that a text is only refused when every shell
refuses it. The syntax tree of `tree.py` cannot answer this: it accepts an empty `then`, and refuses some valid texts.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from upsun_rules.shell.tokens import RefusedError, ShellFault, ShellToken, TokenReader, UnsureError

__all__ = ["fault_of"]

_REDIRECTION = frozenset({"<<<", "<<", "<<-", "<&", "<>", ">&", ">>", ">|", "&>", "&>>", "<", ">"})
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


def fault_of(text: str) -> ShellFault | None:
    """The first syntax error of a shell text; None where there is none, or none for sure."""
    try:
        _Reader(text).read()
    except RefusedError as refused:
        return refused.fault
    except UnsureError:
        return None
    return None


class _Reader(TokenReader):
    """Reads the commands of a text from its beginning to its end, and raises at what it cannot read."""

    def read(self) -> None:
        try:
            self._list(())
            token = self._peek()
            if token.kind != "end":
                raise self._unexpected(token)
        except RefusedError:
            if self.readings_differ:
                raise UnsureError from None
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
                raise RefusedError(token.start, token.end, f"`{missing}` is missing before `{token.text}`")
            self._and_or()
            count += 1
            token = self._peek()
            if token.kind == "newline" or token.text in (";", "&"):
                self._next()
            elif token.kind != "end" and token.text not in closers:
                raise self._unexpected(token)
        self.depth -= 1
        return count

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
                raise UnsureError  # To bash, a `!` alone is a command.
        self._command()

    def _after(self, operator: ShellToken) -> None:
        """Go on behind an operator that needs a command on each side."""
        self._newlines()
        token = self._peek()
        if token.kind == "end":
            raise RefusedError(operator.start, operator.end, f"no command follows `{operator.text}`")
        if token.kind == "operator" and token.text != "(" and token.text not in _REDIRECTION:
            why = f"a command is missing between `{operator.text}` and `{token.text}`"
            raise RefusedError(token.start, token.end, why)

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
            raise UnsureError
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
                    raise RefusedError(token.start, token.end, "unexpected `(`: quote it if it is part of an argument")
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
            raise RefusedError(operator.start, operator.end, f"no file name follows `{operator.text}`")
        self._next()
        if operator.text in ("<<", "<<-"):
            if "$" in target.text or "`" in target.text:
                raise UnsureError
            self.here.append((re.sub(r"['\"\\]", "", target.text), operator.text == "<<-"))

    # -- compound commands

    def _filled(self, opener: ShellToken, closers: tuple[str, ...], whole: ShellToken) -> ShellToken:
        """Read the commands that must be behind a word such as `then`, and return the closer."""
        count = self._list(closers)
        token = self._peek()
        if token.kind == "end":
            raise self._open(whole, closers)
        if not count:
            why = f"`{opener.text}` has no command before `{token.text}`"
            raise RefusedError(opener.start, opener.end, f"{why}; `:` is one that does nothing")
        return self._next()

    def _open(self, opener: ShellToken, closers: Collection[str]) -> RefusedError:
        """The refusal of a text that ends before what `opener` opens is closed."""
        end = _OPENERS.get(opener.text, ")")
        missing = next((word for word in ("then", "do") if word in closers), end)
        what = "" if missing == end else f", and so is `{end}`"
        return RefusedError(opener.start, opener.end, f"`{missing}` is missing for this `{opener.text}`{what}")

    def _block(self, opener: ShellToken, closer: str) -> None:
        self._filled(opener, (closer,), opener)

    def _if(self) -> None:
        opener = self._next()
        part = self._filled(opener, ("then",), opener)
        while part.text != "fi":
            following = ("fi",) if part.text == "else" else ("elif", "else", "fi")
            if part.text == "elif":
                part = self._filled(part, ("then",), opener)
            part = self._filled(part, following, opener)

    def _loop_body(self, opener: ShellToken) -> None:
        """Read what is between `do`, which was just read, and `done`."""
        begin = ShellToken("word", "do", *self.last_span)
        self._filled(begin, ("done",), opener)

    def _for(self) -> None:
        opener = self._next()
        name = self._peek()
        if name.text == "(" and self.text.startswith("((", name.start):
            self.token, self.at = None, name.start
            if not self._arithmetic(self.at + 2):
                raise UnsureError
        elif name.kind != "word":
            raise RefusedError(opener.start, opener.end, f"`{opener.text}` needs the name of a variable")
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
            raise RefusedError(token.start, token.end, f"`do` is missing before {token.named}")
        self._next()
        self._loop_body(opener)

    def _case(self) -> None:
        opener = self._next()
        if self._peek().kind != "word":
            raise RefusedError(opener.start, opener.end, "`case` needs a word to look at")
        self._next()
        self._newlines()
        token = self._peek()
        if token.text != "in":
            raise RefusedError(opener.start, opener.end, "`in` is missing for this `case`")
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

    def _pattern(self, token: ShellToken, opener: ShellToken) -> None:
        while True:
            if token.kind == "end":
                raise self._open(opener, ())
            if token.kind != "word":
                raise UnsureError  # dash takes any sign for a pattern.
            token = self._next()
            if token.text == ")" and token.kind == "operator":
                return
            if token.kind == "end":
                raise self._open(opener, ())
            if token.text != "|" or token.kind != "operator":
                raise RefusedError(token.start, token.end, f"`)` is missing before {token.named}, after a pattern")
            token = self._next()

    def _function(self) -> None:
        self.readings_differ = True
        keyword = self._next()
        if self._peek().kind != "word":
            raise RefusedError(keyword.start, keyword.end, "`function` needs a name")
        self._next()
        if self._peek().text == "(":
            self._next()
            if self._peek().text != ")":
                raise UnsureError
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
            self._skip_blanks()
            if self.at >= len(self.text):
                raise UnsureError
            if self.text.startswith("]]", self.at) and self.text[self.at + 2 : self.at + 3] in "\n \t;&|)":
                self.readings_differ |= any(sign in self.text[begin : self.at] for sign in "&|;<>()")
                self.at += 2
                if self._peek().kind == "word":
                    raise UnsureError
                return
            if not self._part():
                self.at += 1

    def _unexpected(self, token: ShellToken) -> RefusedError:
        if token.kind in ("end", "newline"):
            start, end = self.last_span
            return RefusedError(start, end, f"a command is missing after `{self.text[start:end]}`")
        if token.kind == "word" and token.text in _PARTS:
            why = f"unexpected `{token.text}`: no `{_PARTS[token.text]}` is open here"
        elif token.text == ")":
            why = "unexpected `)`: nothing opens it"
        elif token.kind == "operator" and token.text != "(":
            why = f"unexpected `{token.text}`: a command is missing before it"
        else:
            why = f"unexpected `{token.text}`"
        return RefusedError(token.start, token.end, why)
