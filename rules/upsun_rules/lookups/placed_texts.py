"""The commands that keep an application running, as a shell reads them, and which container runs each."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_rules.lookups.command_text import ShellText, script_of
from upsun_rules.lookups.shell_sources import written_commands
from upsun_schema.configuration.model import Application, Instance
from upsun_schema.record import NamedTuple

__all__ = ["RUN_KEYS", "Running", "running"]


RUN_KEYS = ("hooks", "web", "workers", "crons")
"""The keys of an application that can have a `Running` below them."""


class Running(NamedTuple):
    """A shell text that is valid, and where it runs.

    `place` is `build`, `deploy`, `post_deploy`, `cron`, `web` or `worker`. `container` has the relationships, mounts
    and variables that count there: cron jobs and the hooks after the build run in the web container.
    """

    place: str
    container: Application | Instance
    text: ShellText

    @property
    def is_build(self) -> bool:
        """Whether it runs in the build, where there are no mounts and no services."""
        return self.place == "build"

    @property
    def is_hook(self) -> bool:
        """Whether it is a hook that runs in the web container at each deployment."""
        return self.place in ("deploy", "post_deploy")


def running(application: Application) -> list[Running]:
    """The shell texts of an application; one that several workers share by an alias is there for each."""
    if "running" not in application.memory:
        application.memory["running"] = list(_find(application))
    found: list[Running] = application.memory["running"]
    return found


_STARTS = ("pre_start", "start", "post_start")
_PLACES = {
    **{hook: (hook,) for hook in ("build", "deploy", "post_deploy")},
    **dict.fromkeys(("web", "worker"), _STARTS),
    "cron": ("start", "cmd"),
}
"""Each place with the keys of its commands; a `stop` runs only at the end."""


def _find(application: Application) -> Iterator[Running]:
    for stage, key, text, container in written_commands(application):
        if key in _PLACES.get(stage, ()) and not (script := script_of(text)).has_error:
            yield Running(stage, container, ShellText(text, script))
