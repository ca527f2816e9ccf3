"""What bash understands in a shell text, and dash, the shell of hooks and crons, does not."""

from __future__ import annotations

from functools import lru_cache

from upsun_schema.expression import expression

TYPE_CHECKING = False
if TYPE_CHECKING:
    from upsun_rules.shell.bash_constructs import BashConstruct

__all__ = ["bash_constructs"]

# Nothing that bash adds can be written without one of these.
_SIGNS = expression(
    r"\[\[|[<>(]\(|&>|>&\s*[^\s\d-]|<<<|\|&|;&|==|\+=|=\(|\{[^{}\n]*(?:,|\.\.)|\(\s*<|\$'|\$\{(?:!|\w+(?:\[|/|:\s*[\d$-]|\^|,|@))"
    r"|\b(?:source|function|pipefail|select|declare|typeset|shopt|pushd|popd|mapfile|readarray|let|ERR)\b"
)
# One of these is in all that matches: to compile the expression takes a two-hundredth of a small check.
_PARTS = (
    *("[[", "(", "&", "<<<", "==", "+=", "{", "$'", "source", "function", "pipefail", "select", "declare", "typeset"),
    *("shopt", "pushd", "popd", "mapfile", "readarray", "let", "ERR"),
)
_SHEBANG = expression(r"\s*#!.*\b(?:bash|zsh|ksh)\b")


@lru_cache(maxsize=512)
def bash_constructs(text: str) -> tuple[BashConstruct, ...]:
    """What dash does not know in a text, in order. Nothing where the text asks for another shell or is not readable."""
    if not any(part in text for part in _PARTS) or not _SIGNS.search(text) or _SHEBANG.match(text):
        return ()
    from upsun_rules.shell.bash_constructs import find_constructs  # Few projects need it.

    return find_constructs(text)
