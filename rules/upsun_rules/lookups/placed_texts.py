"""Every shell text of an application: what it is, and which container runs it."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_rules.lookups.command_text import ShellText, written_text
from upsun_rules.shell.parsing import parse
from upsun_schema.configuration.model import Application, Instance
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.memory import remembered
from upsun_schema.yaml.nodes import Pair

__all__ = ["Running", "running"]


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
    key = "placed texts", application.key.start
    return remembered(application.key.piece, key, application, lambda: list(_find(application)))


def _find(application: Application) -> Iterator[Running]:
    web = application.web or application
    for name, pair in application.children("hooks").items():
        if name in ("build", "deploy", "post_deploy"):
            yield from _text(name, application if name == "build" else web, pair)
    for cron in application.crons.values():
        commands = cron.children("commands")
        yield from _text("cron", web, commands.get("start") or cron.entry("cmd"))
    for instance in application.instances:
        place = "web" if instance is application.web else "worker"
        for name, pair in instance.children("commands").items():
            if name in ("pre_start", "start", "post_start"):
                yield from _text(place, instance, pair)


def _text(place: str, container: Application | Instance, pair: Pair | None) -> Iterator[Running]:
    scalar = written_text(pair)
    if scalar is not None and not (script := parse(scalar.text)).has_error:
        yield Running(place, container, ShellText(scalar, script))
