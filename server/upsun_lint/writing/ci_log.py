"""The log of a CI: which system reads it, and how a text in it stays text.

Some systems obey lines of the log. What a report quotes from a project must not become such a line.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

__all__ = ["annotation_format", "inert", "inert_json", "inert_xml"]

_SYSTEMS = (("GITHUB_ACTIONS", "github"), ("TF_BUILD", "azure"), ("TEAMCITY_VERSION", "teamcity"))
"""The variables by which systems are known that read annotations from the log."""

_MARK = re.compile(r"##(?=vso\[|teamcity\[|\[)")
"""What makes a system obey a line, wherever in the line it is."""

_COMMAND = re.compile(r"^(\s*):(?=:)", re.MULTILINE)
"""What makes GitHub obey a line: it ignores the blanks at the beginning."""


def annotation_format(environment: Mapping[str, str] = os.environ) -> str | None:
    """Return the format of the annotations that the system around this process reads from its log, if any."""
    return next((form for name, form in _SYSTEMS if environment.get(name, "").lower() not in ("", "false")), None)


def inert(text: str) -> str:
    """Return a text for people in which no line is a command to the system that reads the log, if one does."""
    if annotation_format() is None:
        return text
    return _COMMAND.sub(r"\1: ", _MARK.sub("## ", text))


def inert_json(text: str) -> str:
    """Return a JSON text with the same content in which nothing is a command. Strings alone can hold two hashes."""
    return text.replace("##", r"#\u0023")


def inert_xml(text: str) -> str:
    """The same XML with character references where a line or a mark would be a command."""
    return _COMMAND.sub(r"\1&#58;", text.replace("##", "#&#35;"))
