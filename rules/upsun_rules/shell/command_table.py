"""The data of `commands.json`: what is known of the commands people run."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from upsun_schema.data_files import json_beside

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


__all__ = ["table"]


@lru_cache(maxsize=1)
def table() -> Mapping[str, Any]:
    """The data of `commands.json`: what runs other commands, and what the known commands do.

    - `shells`: programs that take a script with `-c`.
    - `prefixes`: programs that run the command behind them. `values` are their options that take a value; then come
      `operands` words, or one of `subcommands` (one of `keep` instead begins the command; `optional` ones may be left
      out), or `assignments`. With an option in `except` they run nothing else, one in `script` takes a script, and
      under `timeout` the last word before the command is the time it is given.
    - `interpreters`: programs that run the file behind them. `values` as above, `module` names a module instead, one of
      `stops` means there is no file; `extensionless` ones are looked through only for a file without an extension.
    - `values`: the options that take a value, by program. `tool-directories`: where installed programs are found.
    - `reasons` and `commands`: see `upsun_rules.shell.recognition`.
    """
    return MappingProxyType(json_beside(__file__, "commands.json"))
