"""Where commands, and the scripts that they run, use the variables of a relationship."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_rules.lookups.environment import environment
from upsun_rules.lookups.inside import inside
from upsun_rules.lookups.resolved_texts import files_of
from upsun_rules.lookups.service_variables import split_variable
from upsun_rules.lookups.shell_sources import written_commands
from upsun_rules.resolution.resolver import FileResolver
from upsun_rules.shell.parsing import variable_uses
from upsun_schema.configuration.model import Application, Instance
from upsun_schema.configuration.project import Project
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.nodes import Region

__all__ = ["UsedVariable", "used_variables", "uses_of_prefix"]


class UsedVariable(NamedTuple):
    """A use of a variable: its name and the place of that name; the whole use where that place is unknown.

    `container` is the one whose process has it. With `in_script`, the place is in a file that a command runs.
    """

    name: str
    region: Region
    container: Application | Instance
    in_script: bool

    @property
    def is_exact(self) -> bool:
        """Whether the place is that of the name."""
        return self.region.text == self.name


def used_variables(application: Application, project: Project) -> Iterator[UsedVariable]:
    """Yield the uses of variables in the commands of an application, those in the build left out."""
    resolver = FileResolver(files_of(application, project))
    seen: set[Region] = set()
    for stage, _, text, container in written_commands(application):
        for name, use in variable_uses(text.text, resolver) if stage not in ("build", "source") else ():
            whole = use.chain[-1].region if use.chain else inside(text, use.start, use.end)
            region = _name_in(whole, name)
            if region not in seen:
                seen.add(region)
                yield UsedVariable(name, region, container, in_script=bool(use.chain))


def _name_in(whole: Region, name: str) -> Region:
    for lead in (f"${name}", f"${{{name}", f"${{#{name}"):
        if whole.text.startswith(lead):
            start = whole.start + len(lead) - len(name)
            return Region(whole.piece, start, start + len(name))
    return whole


def uses_of_prefix(prefix: str, application: Application, project: Project) -> Iterator[UsedVariable]:
    """Yield the uses of the variables that a relationship of an application provides, by the prefix of their names."""
    for use in used_variables(application, project):
        parts = split_variable(use.name)
        if parts is not None and parts[0] == prefix:
            known = environment(use.container, project).get(use.name)
            if known is not None and known.origin == "relationship":
                yield use
