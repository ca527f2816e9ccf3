"""ShellCheck in the editor: an answer never waits for it. What it finds is shown once it has answered."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from upsun_lint.failure import Failure
from upsun_lint.run.shellcheck import Shellcheck
from upsun_rules.shell.review import Remark, ShellScript

__all__ = ["ShellReviews"]


class ShellReviews:
    """Answers at once with what is known, and remembers what to ask."""

    def __init__(self, shellcheck: Shellcheck) -> None:
        self._shellcheck = shellcheck
        self._waiting: list[ShellScript] = []
        self._has_failed = False

    def remarks(self, scripts: Sequence[ShellScript]) -> list[tuple[Remark, ...]]:
        """The remarks about each text, as far as they are known."""
        self._waiting = self._shellcheck.unknown(scripts)
        return [self._shellcheck.known(script) for script in scripts]

    @property
    def is_waiting(self) -> bool:
        """Whether texts have not been read, and can be."""
        return bool(self._waiting) and not self._has_failed

    async def catch_up(self) -> None:
        """Let the program read what was last asked about. Failure if it cannot; then it is not tried again."""
        waiting, self._waiting = self._waiting, []
        try:
            self._shellcheck.learn(await asyncio.to_thread(self._shellcheck.ask, waiting))
        except Failure:
            self._has_failed = True
            raise
