"""The commands of the command line, one module each."""

from __future__ import annotations

__all__ = ["COMPLETION", "DEFAULT", "MODULES"]

DEFAULT = "check"
MODULES = {
    "check": "check",
    "ignore-all": "ignore_all",
    "show": "show",
    "explain": "rules",
    "rules": "rules",
    "schema": "rules",
    "images": "image_tables",
    "init": "first_files",
    "completion": "completion_script",
    "server": "language_server",
}
"""Each command with its module; only the requested one is imported."""

COMPLETION = "_UPSUN_LINT_COMPLETE"
"""The environment variable in which the script of a shell asks for what to offer."""
