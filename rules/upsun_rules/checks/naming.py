"""Rules about the names of applications, workers, services, tasks and relationships."""

from __future__ import annotations

import re
from collections.abc import Iterator

from upsun_rules.finding import Finding, Related, Severity
from upsun_rules.rule import rule
from upsun_schema.configuration.model import Application, Container, Service, Task, Web, Worker
from upsun_schema.configuration.project import Project
from upsun_schema.expression import expression
from upsun_schema.keys.shape import kinds_of
from upsun_schema.wording import listed, shortened
from upsun_schema.yaml.nodes import BROKEN, Scalar

TOPIC = "Names"

_MOST_CHARACTERS = 32
_RESERVED = "router"
_PLACEHOLDER = expression(r"<[^<>]*>|\{\{|^[A-Z]+_NAME(_[A-Z0-9]+)?$")
"""A name in a template or in documentation: `<APP_NAME>`, `{{ app }}`, `APP_NAME`."""


@rule("invalid-name", Severity.WARNING, docs="configure-apps")
def invalid_name(container: Container) -> Iterator[Finding]:
    """The name of an application, worker, service or task is not valid.

    A valid name has 1 to 32 characters: lowercase letters, digits, `-` and `_`, with a letter or digit at both ends. It
    does not contain `--`, because the platform calls a worker `application--worker`, and it is not `router`, which the
    platform uses itself. A name that YAML does not read as text, such as `5` or `yes`, needs quotes.

    How serious this is depends on what is known:

    - Uppercase letters in the name of an application are an error: the platform rejects them. So are uppercase letters
      and `_` in the name of a network storage.
    - Everything else is a warning. These limits come from the platform's own linter, which is not released yet.

    Choose the name early. A renamed application or service is a new one, and the data of the old one is deleted.

    ```yaml title="wrong"
    applications:
      WebShop:
        type: 'php:8.4'
        workers:
          mail--send:
            commands:
              start: php bin/console messenger:consume async --time-limit=3600
    ```

    ```yaml title="right"
    applications:
      webshop:
        type: 'php:8.4'
        workers:
          mail-send:
            commands:
              start: php bin/console messenger:consume async --time-limit=3600
    ```
    """
    key = container.key.resolved
    if isinstance(container, Web) or not isinstance(key, Scalar) or key.tag == BROKEN:
        return
    if _is_plainly_valid(container.name) and kinds_of(key) == {"string"}:
        return
    # What is not an application or a service at all has other problems, and they come first.
    if container.body is None or any(name not in container.entries for name in container.shape.required):
        return
    name, what = container.name, _what(container)
    if kinds_of(key) != {"string"}:
        yield Finding(
            container.key.region, f"`{name}` is not a valid name, because YAML does not read it as text; quote it"
        )
        return
    if _PLACEHOLDER.search(name):
        return
    faults = list(_faults(name))
    severity = Severity.WARNING
    if isinstance(container, Application) and name != name.lower():
        severity = Severity.ERROR
    elif isinstance(container, Service) and container.image == "network-storage" and re.search("[A-Z_]", name):
        severity = Severity.ERROR
        faults = ["it has uppercase letters or `_`, which a network storage cannot have", *faults[1:]]
    if faults:
        effect = "; the platform rejects it" if severity is Severity.ERROR else ""
        message = f"`{shortened(name)}` is not a valid name for {what}: {'; '.join(faults[:2])}{effect}"
        yield Finding(container.key.region, message, severity=severity)


_PLAIN = expression(r"[a-z](?:[a-z0-9]|-(?!-))*(?<!-)")


def _is_plainly_valid(name: str) -> bool:
    """Whether a name is valid for anything, as nearly all are."""
    return _PLAIN.fullmatch(name) is not None and len(name) <= _MOST_CHARACTERS and name != _RESERVED


def _faults(name: str) -> Iterator[str]:
    """Yield what is wrong with a name, for a message."""
    if not name:
        yield "it is empty"
        return
    if odd := re.findall("[^a-z0-9_-]", name):
        if all("A" <= one <= "Z" for one in odd):
            yield "it has uppercase letters"
        else:
            yield "only lowercase letters, digits, `-` and `_` are allowed"
    if name == _RESERVED:
        yield "the platform uses this name itself"
    if len(name) > _MOST_CHARACTERS:
        yield f"it has {len(name)} characters, and {_MOST_CHARACTERS} are allowed"
    if "--" in name:
        yield "it contains `--`, which separates an application from its worker"
    elif name[0] in "-_" or name[-1] in "-_":
        yield "it must begin and end with a letter or digit"


def _what(container: Container) -> str:
    kinds = {Application: "an application", Worker: "a worker", Service: "a service", Task: "a task"}
    return kinds[type(container)]


@rule("shared-name", Severity.WARNING, docs="configure-apps")
def shared_name(project: Project) -> Iterator[Finding]:
    """An application, a service or a task has the same name as another of these.

    Relationships, routes and mounts name an application or a service without saying which of the two it is. With the
    same name twice, they are ambiguous. The platform's own linter, which is not released yet, reports an error.

    Rename the one that holds no data. A renamed service is a new, empty one.

    ```yaml title="wrong"
    applications:
      search:
        type: 'php:8.4'
        relationships:
          index: 'search:opensearch'
    services:
      search:
        type: 'opensearch:3'
    ```

    ```yaml title="right"
    applications:
      finder:
        type: 'php:8.4'
        relationships:
          index: 'search:opensearch'
    services:
      search:
        type: 'opensearch:3'
    ```
    """
    known: dict[str, Container] = {}
    for view in (*project.applications.values(), *project.services.values(), *project.tasks.values()):
        other = known.setdefault(view.name, view)
        if other is not view and not _PLACEHOLDER.search(view.name):
            kind, other_kind = _what(view), _what(other)
            message = (
                f"`{view.name}` is the name of {other_kind} and of {kind}, so relationships and routes are ambiguous"
            )
            related = (Related(view.key.region, f"{kind} has this name, too"),)
            yield Finding(other.key.region, f"{message}; rename one", related=related)


_RESERVED_RELATIONSHIP = "object-storage"
_PLAIN_RELATIONSHIP = expression(r"[A-Za-z0-9_-]+")


@rule(
    "relationship-name", Severity.WARNING, docs="configure-apps/image-properties/relationships", keys=("relationships",)
)
def relationship_name(container: Container) -> Iterator[Finding]:
    """The name of a relationship is not valid.

    Lowercase letters, digits, `-` and `_` are allowed. The platform turns the name into the prefix of variables: a
    relationship `database` gives `$DATABASE_HOST`.

    `object-storage` is an error. The platform uses this name for its object storage, and a deployment that defines a
    relationship with it fails.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        relationships:
          object-storage: 'db:mysql'
    services:
      db:
        type: 'mariadb:11.8'
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        relationships:
          storage-index: 'db:mysql'
    services:
      db:
        type: 'mariadb:11.8'
    ```
    """
    for name, relationship in container.relationships.items():
        if _PLAIN_RELATIONSHIP.fullmatch(name) and name != _RESERVED_RELATIONSHIP:
            continue  # As nearly always.
        key = relationship.key.resolved
        if not isinstance(key, Scalar) or key.tag == BROKEN or _PLACEHOLDER.search(name):
            continue
        if name == _RESERVED_RELATIONSHIP:
            message = f"`{name}` is reserved for the platform's object storage, and the deployment fails; rename it"
            yield Finding(relationship.key.region, message, severity=Severity.ERROR)
        elif odd := sorted(set(re.findall("[^A-Za-z0-9_-]", name))):
            message = f"`{shortened(name)}` is not a valid name for a relationship: it contains {listed(odd, limit=4)}"
            message += "; only lowercase letters, digits, `-` and `_` are allowed"
            yield Finding(relationship.key.region, message)
