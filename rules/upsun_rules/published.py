"""Where the rule reference is published; `make docs` writes this from `pyproject.toml`, `project.urls.Rules`."""

__all__ = ["PAGES"]

PAGES = ""
"""The address of a rule's page, with `{rule}` for its name; empty while the reference has no public home."""
