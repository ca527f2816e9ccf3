"""The environment variables of a process: which ones it has, and where each comes from."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from upsun_rules.lookups.service_variables import PROPERTIES
from upsun_rules.shell.parsing import parse
from upsun_schema.configuration.model import Application, Container, Instance, Web
from upsun_schema.configuration.platform_variables import PLATFORM_VARIABLES
from upsun_schema.configuration.project import Project
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.nodes import Region

__all__ = ["EnvironmentVariable", "environment"]


class EnvironmentVariable(NamedTuple):
    """A variable of a process.

    `origin` is `relationship`, `variables`, `platform` or `.environment`, the script that the shell reads before each
    command. `place` is where it is defined; None for those of the platform. `container` is where a relationship or a
    variable is written: the process's own block, or the application's. `meaning` says what its value is.
    """

    name: str
    origin: str
    place: Region | None = None
    container: Container | None = None
    meaning: str = ""


def environment(
    process: Application | Instance, project: Project, *, build: bool = False
) -> dict[str, EnvironmentVariable]:
    """The variables of a process by name; of the application's own container for an application.

    Variables of the project or of an environment, set in the Console, are not known here. Those that count in the end
    come last, as on the platform (docs: development/variables, precedence).
    """
    found: dict[str, EnvironmentVariable] = {}
    sources = (
        _written(process, "variables"),
        _platform(process, build=build),
        () if build else _relationships(process),
    )
    for variables in (*sources, _sourced(process, project)):
        found.update((one.name, one) for one in variables)
    return found


def _source(process: Application | Instance, name: str) -> Application | Instance:
    return process.effective.source(name) if isinstance(process, Instance) else process


def _written(process: Application | Instance, name: str) -> Iterator[EnvironmentVariable]:
    container = _source(process, name)
    for variable in container.variables:
        if variable.prefix == "env":
            value = variable.node.region.text
            yield EnvironmentVariable(
                variable.name.upper(), "variables", variable.key.region, container, f"`{value[:40]}`"
            )


def _platform(process: Application | Instance, *, build: bool) -> Iterator[EnvironmentVariable]:
    unused = "PORT" if _listens_on_socket(process) else "SOCKET"
    for name, variable in PLATFORM_VARIABLES.items():
        is_there = variable.in_build if build else variable.at_run_time
        if is_there and name != unused:
            yield EnvironmentVariable(name, "platform", meaning=variable.meaning)


def _listens_on_socket(process: Application | Instance) -> bool:
    """Whether a process is given a socket instead of a port. PHP listens on a socket by default."""
    web = process if isinstance(process, Web) else process.web if isinstance(process, Application) else None
    application = process.application if isinstance(process, Instance) else process
    family = web.text("upstream", "socket_family") if web is not None else None
    is_php = application.type is not None and application.type.text.startswith("php:")
    return family == "unix" or (family is None and is_php)


def _relationships(process: Application | Instance) -> Iterator[EnvironmentVariable]:
    container = _source(process, "relationships")
    for relationship in container.readable_relationships:
        for ending in PROPERTIES:
            name = f"{relationship.prefix}_{ending}"
            meaning = f"the {ending.lower().replace('_', ' ')} of `{relationship.target}`"
            yield EnvironmentVariable(name, "relationship", relationship.key.region, container, meaning)


def _sourced(process: Application | Instance, project: Project) -> Iterator[EnvironmentVariable]:
    """Yield what `.environment` sets. The platform reads it as a shell script before each command but the build."""
    application = process.application if isinstance(process, Instance) else process
    document = project.repository.text(posixpath.join(application.folder, ".environment"))
    if document is None:
        return
    script = parse(document.text)
    for name in sorted(script.assigned):
        at = document.text.find(f"{name}=")
        place = Region(document.whole, at, at + len(name)) if at >= 0 else Region(document.whole, 0, 0)
        yield EnvironmentVariable(name, ".environment", place, meaning="set by `.environment`")
