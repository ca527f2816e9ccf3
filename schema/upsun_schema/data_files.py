"""Our data files: JSON in the folder of the module that reads it."""

from __future__ import annotations

import os
from collections.abc import Callable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias


__all__ = ["json_beside", "parse_json", "read_json_with", "text_beside"]

Reader: TypeAlias = "Callable[[str], Any]"
"""From the path of a JSON file to its value."""


def parse_json(path: str) -> Any:
    """The value of a JSON file."""
    # With its modules and what they need, `json` takes 3 of the 70 milliseconds of a small check.
    import json

    with open(path, encoding="utf-8") as file:
        return json.load(file)


_read: Reader = parse_json


def read_json_with(reader: Reader) -> None:
    """Read data files in another way from now on. The reader must return what `parse_json` does."""
    global _read
    _read = reader


def json_beside(module: str, name: str) -> Any:
    """The value of a data file, in the folder of a module (its `__file__`)."""
    return _read(os.path.join(os.path.dirname(module), name))


def text_beside(module: str, name: str) -> str:
    """The text of a data file, in the folder of a module (its `__file__`).

    `importlib.resources` alone would cost ten milliseconds and 1 MiB.
    """
    with open(os.path.join(os.path.dirname(module), name), encoding="utf-8") as file:
        return file.read()
