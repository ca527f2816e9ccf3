"""Paths of files as people and CI systems see them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache

__all__ = ["checkout_path", "display_path"]

_CHECKOUTS = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR", "BUILD_SOURCESDIRECTORY")
"""The variables in which GitHub, GitLab and Azure name the folder that holds the repository."""


def display_path(root: str, path: str = "", base: str = os.curdir) -> str:
    """The path of a project's file relative to `base` (by default the working directory), with forward slashes."""
    here = "" if os.path.isabs(root) and os.path.isabs(base) else os.getcwd()
    return _relative(root, path, base, here)


@lru_cache(maxsize=100)
def _relative(root: str, path: str, base: str, _: str) -> str:
    """The same; the last parameter is the working directory, which the answer depends on. A file has many findings."""
    full = os.path.normpath(os.path.join(root, path))
    with suppress(ValueError):  # It is on another drive.
        full = os.path.relpath(full, base)
    return full.replace(os.sep, "/")


def checkout_path(path: str, environment: Mapping[str, str] = os.environ) -> str:
    """A path (relative to the working directory) as a CI needs it: relative to the root of the repository.

    It is unchanged if no CI names that folder, or the file is elsewhere.
    """
    full = os.path.realpath(path)
    for name in _CHECKOUTS:
        folder = environment.get(name)
        if folder and full.startswith(os.path.realpath(folder).rstrip(os.sep) + os.sep):
            return os.path.relpath(full, os.path.realpath(folder)).replace(os.sep, "/")
    return path
