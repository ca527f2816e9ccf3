"""How a text is written in YAML: without quotes where every reader takes it for that text, in quotes otherwise."""

from __future__ import annotations

from upsun_schema.expression import expression
from upsun_schema.yaml.scalars import value_of

__all__ = ["is_plain", "is_plain_name", "quoted"]

_PLAIN = expression(r"[\w./$](?:[^\s:#]|:(?=\S)|(?<=\S)#| (?! ))*(?<! )")
_FLOW_INDICATOR = expression(r"[,\[\]{}]")
# Text in YAML 1.1, but a number in YAML 1.2, which some editors read.
_NUMBER_12 = expression(r"0o[0-7]+|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")


def is_plain(text: str, *, in_flow: bool = False) -> bool:
    """Whether a text of one line can be a key or a value without quotes; `in_flow`: also inside braces and brackets."""
    return (
        _PLAIN.fullmatch(text) is not None
        and text.isprintable()
        and isinstance(value_of(text, plain=True, tag=None), str)
        and _NUMBER_12.fullmatch(text) is None
        and not (in_flow and _FLOW_INDICATOR.search(text))
    )


def is_plain_name(text: str) -> bool:
    """Whether a text needs no quotes even as a part of `service:endpoint`: a single word without a colon."""
    return is_plain(text, in_flow=True) and " " not in text and ":" not in text


def quoted(text: str, quote: str = "'") -> str:
    """A text of one line in single or double quotes."""
    inner = text.replace("'", "''") if quote == "'" else text.replace("\\", "\\\\").replace('"', '\\"')
    return f"{quote}{inner}{quote}"
