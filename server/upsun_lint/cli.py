"""The command line: runs a command and reports failures."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from upsun_lint.commands import COMPLETION, DEFAULT, MODULES
from upsun_lint.failure import Failure
from upsun_lint.writing.output import discard, error

__all__ = ["run"]


def run(arguments: Sequence[str]) -> int:
    """Run a command line and return its exit status. A failure is one plain line on standard error."""
    try:
        return _run(list(arguments))
    except Failure as failure:
        error(str(failure))
        return 2
    except KeyboardInterrupt:
        return 130
    except OSError as fault:
        # click writes the help text itself.
        discard(sys.stdout)
        error(f"the output cannot be written: {fault.strerror}")
        return 2


def _run(arguments: list[str]) -> int:
    if _is_check(arguments) and COMPLETION not in os.environ:
        from upsun_lint.commands import plain_line

        options = plain_line.read(arguments[1:] if arguments[:1] == [DEFAULT] else arguments)
        if options is not None:
            from upsun_lint.commands.check_run import check

            return check(options)
    from upsun_lint.commands import group

    return group.run(arguments)


def _is_check(arguments: list[str]) -> bool:
    """Whether this is certainly a check: by its name, or because of a path that exists or an option."""
    first = arguments[0] if arguments else DEFAULT
    return first == DEFAULT or first.startswith("-") or (first not in MODULES and os.path.lexists(first))
