"""Paths of files as people and CI systems know them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress

__all__ = ["checkout_path", "display_path"]

_CHECKOUTS = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR", "BUILD_SOURCESDIRECTORY")
"""The variables in which GitHub, GitLab and Azure name the folder that holds the repository."""


def display_path(root: str, path: str = "", base: str = os.curdir) -> str:
    """Return the path of a project's file as people see it: relative to where they are, forward slashes.

    That is the working directory, unless it is the folder `base`.
    """
    full = os.path.normpath(os.path.join(root, path))
    with suppress(ValueError):  # It is on another drive.
        full = os.path.relpath(full, base)
    return full.replace(os.sep, "/")


def checkout_path(path: str, environment: Mapping[str, str] = os.environ) -> str:
    """Return a path (relative to the working directory) as a CI means it: relative to the folder of the repository.

    Where no CI says which that is, or the file lies elsewhere, it stays as it is.
    """
    full = os.path.realpath(path)
    for name in _CHECKOUTS:
        folder = environment.get(name)
        if folder and full.startswith(os.path.realpath(folder).rstrip(os.sep) + os.sep):
            return os.path.relpath(full, os.path.realpath(folder)).replace(os.sep, "/")
    return path
