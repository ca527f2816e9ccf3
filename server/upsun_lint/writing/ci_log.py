"""The log of a CI: which system reads it, and how to print text that is not a command to it.

Some systems execute commands in the log. Text quoted from a project must not become one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from upsun_schema.expression import expression

__all__ = ["annotation_format", "inert", "inert_json", "inert_xml"]

_SYSTEMS = (("GITHUB_ACTIONS", "github"), ("TF_BUILD", "azure"), ("TEAMCITY_VERSION", "teamcity"))
"""The variables that identify the systems that read annotations from the log."""

_MARK = expression(r"##(?=vso\[|teamcity\[|\[)")
"""The beginning of a command anywhere in a line."""

_COMMAND = expression(r"^(\s*):(?=:)", re.MULTILINE)
"""The beginning of a command of GitHub, which ignores leading blanks."""


def annotation_format(environment: Mapping[str, str] = os.environ) -> str | None:
    """The format of the annotations that the CI system of this process reads from its log, if any."""
    return next((form for name, form in _SYSTEMS if environment.get(name, "").lower() not in ("", "false")), None)


def inert(text: str) -> str:
    """A text for people in which no line is a command to the CI system, if there is one."""
    if annotation_format() is None:
        return text
    return _COMMAND.sub(r"\1: ", _MARK.sub("## ", text))


def inert_json(text: str) -> str:
    """A JSON text with the same content in which nothing is a command. Two hashes occur only in strings."""
    return text.replace("##", r"#\u0023")


def inert_xml(text: str) -> str:
    """The same XML with character references where a line or a mark would be a command."""
    return _COMMAND.sub(r"\1&#58;", text.replace("##", "#&#35;"))
