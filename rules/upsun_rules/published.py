"""Where upsun-lint is published; `make docs` writes this from `pyproject.toml`, `project.urls`."""

__all__ = ["HOME", "PAGES"]

HOME = "https://example.org/upsun-lint"
"""The address of the repository, the same in every document; on example.org while it has no public home."""

PAGES = ""
"""The address of a rule's page, with `{rule}` for its name; empty while the reference has no public home."""
