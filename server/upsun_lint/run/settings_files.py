"""Where the settings of a project are: in its folder, or in one above it up to that of the repository."""

from __future__ import annotations

import os

from upsun_lint.failure import Failure
from upsun_lint.places.paths import display_path
from upsun_lint.run.settings import FILE, SHARED_FILE, up_to_repository
from upsun_schema.files import is_inside

__all__ = ["find"]


def find(root: str) -> str | None:
    """The settings file of the project in a folder; None if there is none.

    Failure for a link that leaves the repository, since a message must not show the content of other files.
    """
    folders = up_to_repository(os.path.abspath(root))
    for holder in folders:
        own = os.path.join(holder, FILE)
        if os.path.lexists(own):
            if not is_inside(own, folders[-1]):
                raise Failure(f"{display_path(own)}: this symbolic link leads out of the repository")
            return own  # Even if it cannot be read: it must not be skipped.
        shared = os.path.join(holder, SHARED_FILE)
        if os.path.isfile(shared) and is_inside(shared, folders[-1]) and _mentions_us(shared):
            return shared
    return None


def _mentions_us(path: str) -> bool:
    from upsun_lint.run.settings_reader import mentions_us  # Most projects have no settings.

    return mentions_us(path)
