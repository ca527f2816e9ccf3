"""Rules about relationships that a change renames, removes or points to something else."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from upsun_rules.finding import Edit, Finding, Fix, Related, Severity
from upsun_rules.lookups.lasting_data import holds_data
from upsun_rules.lookups.placed_texts import Running
from upsun_rules.lookups.resolved_texts import resolved_running
from upsun_rules.lookups.service_variables import split_variable
from upsun_rules.rule import rule
from upsun_rules.shell.parsing import parse
from upsun_schema.configuration.change import Change
from upsun_schema.configuration.model import Application, Container, Instance, Relationship, Service
from upsun_schema.record import NamedTuple
from upsun_schema.wording import listed
from upsun_schema.yaml.nodes import Region

TOPIC = "Changes of relationships"


@rule("relationship-variables-lost", Severity.ERROR, docs="development/variables")
def relationship_variables_lost(change: Change) -> Iterator[Finding]:
    """A change renames or removes a relationship whose variables are still used.

    The variables of a relationship begin with its name: `database` provides `$DATABASE_HOST` and others. Under another
    name, they have other names, and the old ones are empty. A command, a hook, a cron job or the file `.environment`
    that still uses the old ones connects to nothing.

    Change the uses, or keep the name of the relationship. Variables with a default, and those that the configuration or
    the text itself sets, are not reported.

    ```yaml title="before"
    applications:
      app:
        type: 'python:3.14'
        relationships:
          broker: 'memory:redis'
        workers:
          tasks:
            commands:
              start: celery -A app -b "redis://$BROKER_HOST:$BROKER_PORT/0" worker
    services:
      memory:
        type: 'redis-persistent:8.0'
    ```

    ```yaml title="wrong"
    applications:
      app:
        type: 'python:3.14'
        relationships:
          queue: 'memory:redis'
        workers:
          tasks:
            commands:
              start: celery -A app -b "redis://$BROKER_HOST:$BROKER_PORT/0" worker
    services:
      memory:
        type: 'redis-persistent:8.0'
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'python:3.14'
        relationships:
          queue: 'memory:redis'
        workers:
          tasks:
            commands:
              start: celery -A app -b "redis://$QUEUE_HOST:$QUEUE_PORT/0" worker
    services:
      memory:
        type: 'redis-persistent:8.0'
    ```
    """
    for one in _own_relationships(change):
        kept = {relationship.prefix for relationship in one.after.relationships.values()}
        matched = change.relationships(one.before, one.after)
        gone: list[tuple[Relationship, Relationship | None]] = [
            *matched.renamed,
            *((old, None) for old in matched.removed),
        ]
        for old, new in gone:
            uses = _uses(one, old.prefix, change) if old.prefix not in kept else _NO_USES
            if uses.names:
                yield _lost(one, old, new, uses)


@rule("relationship-target-changed", Severity.WARNING, docs="configure-apps/image-properties/relationships")
def relationship_target_changed(change: Change) -> Iterator[Finding]:
    """A change points a relationship to another service, and the old one still exists.

    The application then works with the other service from the deployment on. A service that is new in the change is
    empty, and what the old one holds no longer appears. A service of another type speaks another protocol, although the
    variables have the same names.

    Copy the data before you change the relationship. If the other service is of the same type and existed before, this
    is info.

    ```yaml title="before"
    applications:
      app:
        type: 'php:8.4'
        relationships:
          database: 'old:mysql'
    services:
      old:
        type: 'mariadb:11.8'
    ```

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        relationships:
          database: 'new:mysql'
    services:
      old:
        type: 'mariadb:11.8'
      new:
        type: 'mariadb:12.3'
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        relationships:
          database: 'old:mysql'
          next: 'new:mysql'
    services:
      old:
        type: 'mariadb:11.8'
      new:
        type: 'mariadb:12.3'
    ```
    """
    for one in _own_relationships(change):
        for old, new in change.relationships(one.before, one.after).same:
            if old.target is None or new.target is None or change.leads_to_same(old.target, new.target):
                continue
            found = change.after.services.get(new.target)
            left = change.before.services.get(old.target)
            if found is not None and left is not None and left.name in change.after.services:
                yield _repointed(change, left, new, found)


# -- whose relationships -----------------------------------------------------------------------------------------------


class _Own(NamedTuple):
    """The containers whose relationships count for one container, before and after, and its application now."""

    who: Container
    before: Container
    after: Container
    application: Application

    def runs(self, text: Running) -> bool:
        """Whether these relationships count where a text runs."""
        is_heir = self.who is self.after and _source(text.container) is self.after
        return not text.is_build and (text.container is self.who or is_heir)


def _own_relationships(change: Change) -> Iterator[_Own]:
    """Yield each container that had its own relationships. What a new override drops, other rules report."""
    applications = {id(new): new for _, new in (*change.applications.same, *change.applications.renamed)}
    for before, after in change.containers():
        old, new = _source(before), _source(after)
        if old is before:
            application = after.application if isinstance(after, Instance) else applications[id(after)]
            yield _Own(after, old, new, application)


def _source(container: Container) -> Container:
    return container.effective.source("relationships") if isinstance(container, Instance) else container


# -- what is lost ------------------------------------------------------------------------------------------------------


class _Uses(NamedTuple):
    """The variables that are still used, where, in how many commands, and in which files that these read."""

    names: list[str]
    places: list[Region]
    commands: int
    files: list[str]


_NO_USES = _Uses([], [], 0, [])


def _uses(one: _Own, prefix: str, change: Change) -> _Uses:
    """The uses of the variables of a relationship in the texts that ran with it."""
    names: dict[str, None] = {}
    places: list[Region] = []
    commands = 0
    scripts: dict[str, None] = {}
    for text in resolved_running(one.application, change.after):
        used = list(_used_in(text, prefix)) if one.runs(text) else []
        names |= dict.fromkeys(used)
        uses = [text.text.script.variables[name] for name in used]
        places += (use.chain[-1].region if use.chain else text.text.at(use) for use in uses)
        commands += any(not use.chain for use in uses)
        scripts |= dict.fromkeys(change.after.place(use.chain[-1].region).document.path for use in uses if use.chain)
    in_file = [name for name in _used_in_file(one, change) if _is_of(name, prefix)]
    files = [*([".environment"] if in_file else []), *scripts]
    return _Uses(list(dict.fromkeys([*names, *in_file])), list(dict.fromkeys(places)), commands, files)


def _is_of(name: str, prefix: str) -> bool:
    parts = split_variable(name)
    return parts is not None and parts[0] == prefix


def _used_in(one: Running, prefix: str) -> Iterator[str]:
    script, container = one.text.script, one.container
    source = container.effective.source("variables") if isinstance(container, Instance) else container
    for name, use in script.variables.items():
        is_set = name in script.assigned or name in source.variable_names
        if _is_of(name, prefix) and not is_set and not use.has_default:
            yield name


def _used_in_file(one: _Own, change: Change) -> list[str]:
    """The variables that `.environment` uses; it counts in every container of an application."""
    if one.after is not one.application:
        return []
    root = (one.application.text("source", "root") or "").strip("/.")
    text = change.after.read(posixpath.join(root, ".environment")) or ""
    script = parse(text) if "$" in text else None
    if script is None or script.has_error:
        return []
    return [
        name
        for name, span in script.variables.items()
        if name not in script.assigned and re.search(rf"\$\{{{name}:?[-=+?]", text[span.start : span.end]) is None
    ]


def _lost(one: _Own, old: Relationship, new: Relationship | None, uses: _Uses) -> Finding:
    became = f"is now called `{new.name}`" if new is not None else "is removed"
    where = [f"`{path}`" for path in uses.files[:2]]
    if uses.commands:
        where.append("a command" if uses.commands == 1 else f"{uses.commands} commands")
    message = f"the relationship `{old.name}` {became}: {listed((f'${name}' for name in uses.names), limit=3)} "
    message += f"{'is' if len(uses.names) == 1 else 'are'} empty, but still used in {' and '.join(where)}"
    block = one.after.entry("relationships")
    place = new.key.region if new is not None else (block.key.region if block is not None else one.after.key.region)
    related = tuple(Related(region, "this is empty now") for region in uses.places[:3])
    is_only_name = new is not None and new.target_region != new.key.region
    fixes = (Fix(f"Call it `{old.name}` again", (Edit(new.key.region, old.name),)),) if new and is_only_name else ()
    return Finding(place, message, related=related, fixes=fixes, explains=tuple(uses.places))


def _repointed(change: Change, before: Service, new: Relationship, found: Service) -> Finding:
    message = f"the relationship `{new.name}` now leads to `{found.name}` instead of `{before.name}`"
    if before.image != found.image:
        message += f", which is `{found.image}` instead of `{before.image}`: what uses it must speak its protocol"
        return Finding(new.target_region, message)
    if holds_data(found) and any(one.name == found.name for one in change.services.added):
        return Finding(new.target_region, f"{message}, and that is new and empty; copy the data first")
    return Finding(new.target_region, f"{message}, which has other data", severity=Severity.INFO)
