"""The console script, also run by `python -m upsun_lint`."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable

__all__ = ["main"]


def main() -> None:
    """Run the command line of this process and end it."""
    # Hardly anything becomes garbage before the process ends, and collecting takes a tenth of the time of a check. Only
    # the server, which runs for long, turns the collector on again.
    gc.disable()
    try:
        status = _run()
    except KeyboardInterrupt:
        status = 130
    # Everything is written; an orderly shutdown of the interpreter would take another tenth.
    os._exit(status)


def _run() -> int:
    if sys.argv[1:] in (["server"], ["server", "--stdio"]):
        return _guarded(_serve)
    from upsun_lint.code_archive import CodeArchive

    archive = CodeArchive()
    archive.use()
    status = _guarded(_run_command)
    archive.save()
    return status


def _guarded(run: Callable[[], int]) -> int:
    """Run something, and report a bug in it."""
    try:
        return run()
    except Exception:
        import traceback

        from upsun_lint.writing.output import error

        traceback.print_exc()
        error("this is a bug in upsun-lint; please report it with the lines above")
        return 2


def _serve() -> int:
    """Serve an editor at once: the client waits for the first answer, and what other commands need is 50 ms."""
    from upsun_lint.lsp.start import serve

    return serve()


def _run_command() -> int:
    from upsun_lint.cli import run
    from upsun_lint.failure import Failure
    from upsun_lint.writing.output import error, finish, prepare

    prepare()
    try:
        status = run(sys.argv[1:])
        finish()
    except Failure as failure:
        error(str(failure))
        return 2
    return status


if __name__ == "__main__":
    main()
