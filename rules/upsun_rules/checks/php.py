"""Rules about PHP extensions."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_rules.editing.blocks import append_entry, column, indented, line_end, newline, step_of
from upsun_rules.finding import Edit, Finding, Fix, Related, Severity
from upsun_rules.lookups.resolved_texts import files_of
from upsun_rules.resolution.application_files import ApplicationFiles, child
from upsun_rules.rule import rule
from upsun_schema.configuration.model import Application, Container, Instance, Relationship, Service, items
from upsun_schema.configuration.project import Project
from upsun_schema.images.php_extensions import ExtensionStatus, PhpExtensions
from upsun_schema.images.table import parse_type
from upsun_schema.wording import is_placeholder, listed, nearest, shortened
from upsun_schema.yaml.nodes import BROKEN, Include, Mapping, Node, Region, Scalar, Sequence

TOPIC = "PHP"


@rule("php-extension", Severity.ERROR, docs="languages/php/extensions", keys=("runtime",))
def php_extension(application: Application) -> Iterator[Finding]:
    """`runtime.extensions` lists an extension that cannot be enabled.

    Each PHP version has its own set of extensions. The platform rejects a name that it does not know. `openssl`, for
    example, is not an extension here: it is a part of PHP and always enabled. `--fix` removes such a line.

    The names come from a copy of the platform's public registry. A name that is not in the copy and resembles none of
    its names is a warning, and so is one that only other PHP versions have, because the copy may be outdated.

    `disabled_extensions` is checked as well: what is built into PHP cannot be disabled.

    This rule is about `php:` images. A composable image has other extensions.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        runtime:
          extensions:
            - redis
            - openssl
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        runtime:
          extensions:
            - redis
    ```
    """
    version = _php_version(application)
    table = PhpExtensions.embedded()
    if version is None or not table.knows(version):
        return
    enabled = application.at("runtime", "extensions")
    for item in enabled.items if isinstance(enabled, Sequence) else []:
        node = _named(item)
        if node is not None and table.status(node.text, version) is None and isinstance(enabled, Sequence):
            yield _not_there(node, item, enabled, version, table)
    for item in items(application.at("runtime", "disabled_extensions")):
        node = _named(item)
        if node is not None and table.status(node.text, version) is ExtensionStatus.BUILT_IN:
            message = f"`{node.text}` is built into PHP {version} and cannot be disabled; remove it"
            yield Finding(node.region, message, severity=Severity.WARNING)


def _php_version(application: Application) -> str | None:
    """The version of a single-runtime PHP image; None for any other image."""
    parsed = parse_type(application.type.text) if application.type is not None else None
    if parsed is None or parsed[0] != "php" or application.entry("stack") is not None:
        return None
    return parsed[1]


def _named(item: Node) -> Scalar | None:
    """What names an extension in an item of a list."""
    node = item.resolved
    if isinstance(node, Mapping):
        found = node.value("name")
        node = found if found is not None else node
    if not isinstance(node, Scalar) or node.is_null or node.tag == BROKEN or is_placeholder(node.text):
        return None
    return node


def _not_there(node: Scalar, item: Node, listing: Sequence, version: str, table: PhpExtensions) -> Finding:
    name = node.text
    if name.lower() in table.core:
        removal = _without_item(item, listing)
        return Finding(
            node.region,
            f"`{name}` is a part of PHP, not an extension to enable, and the platform rejects it; remove it",
            fixes=(Fix(f"Remove `{name}`", (removal,), safe=True),) if removal is not None else (),
        )
    if others := table.versions(name):
        return Finding(
            node.region,
            f"`{name}` is not an extension of PHP {version} in the table of {table.date}; PHP {others[0]} has it",
            severity=Severity.WARNING,
        )
    meant = nearest(name.replace("-", "_"), table.names(version))
    message = f"`{shortened(name)}` is not an extension of PHP {version}"
    if not meant:
        message += f" in the table of {table.date}"
        return Finding(node.region, message, severity=Severity.WARNING)
    fixes = [
        Fix(f"Change it to `{one}`", (Edit(node.region, f"{node.style}{one}{node.style}"),))
        for one in meant
        if item is node or isinstance(item, Mapping)
    ]
    return Finding(node.region, f"{message}; did you mean {listed(meant, 'or')}?", fixes=tuple(fixes))


def _without_item(item: Node, listing: Sequence) -> Edit | None:
    """The edit that removes an item of a list that has others."""
    if item not in listing.items or len(listing.items) < 2 or item.piece is not listing.piece:
        return None
    text, index = item.piece.text, listing.items.index(item)
    if listing.flow:
        if index:
            return Edit(Region(item.piece, listing.items[index - 1].end, item.end), "")
        return Edit(Region(item.piece, item.outer, listing.items[1].outer), "")
    start = max(text.rfind("\n", 0, item.outer), text.rfind("\r", 0, item.outer)) + 1
    end = line_end(text, item.end)
    if text[start : item.outer].strip() != "-" or "\n" in item.source:
        return None
    ending = newline(item.piece) if text.startswith(newline(item.piece), end) else ""
    return Edit(Region(item.piece, start, end + len(ending)), "")


_DRIVERS = ("pdo_pgsql", "pgsql")


@rule("postgresql-without-driver", Severity.WARNING, docs="languages/php/extensions", keys=("type",))
def postgresql_without_driver(application: Application, project: Project) -> Iterator[Finding]:
    """A PHP application has a relationship to PostgreSQL and no extension to connect to it.

    The extensions for MySQL are enabled by default, those for PostgreSQL are not. Without `pdo_pgsql` or `pgsql`, the
    first query fails, in the web process and in the workers.

    Most frameworks need `pdo_pgsql`. If nothing in the application connects to the database through PHP, suppress this
    warning.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        relationships:
          database: 'db:postgresql'
    services:
      db:
        type: 'postgresql:18'
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        runtime:
          extensions:
            - pdo_pgsql
        relationships:
          database: 'db:postgresql'
    services:
      db:
        type: 'postgresql:18'
    ```
    """
    version = _php_version(application)
    table = PhpExtensions.embedded()
    body = application.body
    if version is None or body is None or body.merges_unknown:
        return
    if any(table.status(driver, version) is not ExtensionStatus.AVAILABLE for driver in _DRIVERS):
        return
    runtime, listing = application.value("runtime"), application.at("runtime", "extensions")
    if isinstance(runtime, Include) or (listing is not None and not isinstance(listing, Sequence)):
        return
    nodes = [_named(item) for item in items(listing)]
    if any(node is None or node.text.lower() in _DRIVERS for node in nodes):
        return
    found = _to_postgresql(application, project)
    if not found:
        return
    first, *others = found
    edit = _with_extension(application, body, listing, "pdo_pgsql")
    yield Finding(
        first.key.region,
        f"`{first.target}` is PostgreSQL, and PHP cannot connect to it without the extension `pdo_pgsql` or `pgsql`",
        related=tuple(Related(one.key.region, "this leads to PostgreSQL, too") for one in others[:3]),
        fixes=(Fix("Enable `pdo_pgsql`", (edit,)),) if edit is not None else (),
    )


def _to_postgresql(application: Application, project: Project) -> list[Relationship]:
    """The relationships of an application and its containers that lead to PostgreSQL, each place once."""
    found: dict[Region, Relationship] = {}
    for container in (application, *application.instances):
        for relationship in container.readable_relationships:
            service = project.services.get(relationship.target or "")
            if service is not None and service.image in ("postgresql", "postgresql-replica", "postgres-replica"):
                found.setdefault(relationship.key.region, relationship)
    return list(found.values())


def _with_extension(application: Application, body: Mapping, listing: Node | None, name: str) -> Edit | None:
    """The edit that enables an extension."""
    runtime = application.entry("runtime")
    if listing is None:
        step = step_of(body.pairs[0].key) if body.pairs else 2
        before = application.entry("relationships")
        text = f"extensions:\n{indented(f'- {name}', step)}\n"
        return append_entry(runtime, body, "runtime", text, before=before if before in body.pairs else None)
    if not isinstance(listing, Sequence) or not listing.items or listing.items[-1].piece is not listing.piece:
        return None
    last = listing.items[-1]
    if listing.flow:
        return Edit(Region(last.piece, last.end, last.end), f", {name}")
    if not isinstance(last, Scalar):
        return None
    end = line_end(last.piece.text, last.end)
    indent = " " * (column(last) - len("- "))
    return Edit(Region(last.piece, end, end), f"{newline(last.piece)}{indent}- {name}")


@rule("php-extension-required", Severity.WARNING, docs="languages/php/extensions", keys=("type",))
def php_extension_required(application: Application, project: Project) -> Iterator[Finding]:
    """`composer.json` requires a PHP extension that is not enabled.

    `composer install` stops in the build if an extension below `require` is missing, as `ext-redis`. Extensions that
    the image has but does not enable by default have to be listed in `runtime.extensions`.

    This rule is about `php:` images. It is silent about extensions that the platform does not know.

    ```yaml title="wrong: .upsun/config.yaml"
    applications:
      app:
        type: 'php:8.4'
    ```

    ```json title="wrong: composer.json"
    {"require": {"ext-redis": "*"}}
    ```

    ```yaml title="right: .upsun/config.yaml"
    applications:
      app:
        type: 'php:8.4'
        runtime:
          extensions:
            - redis
    ```

    ```json title="right: composer.json"
    {"require": {"ext-redis": "*"}}
    ```
    """
    version, body = _php_version(application), application.body
    runtime, listing = application.value("runtime"), application.at("runtime", "extensions")
    if version is None or body is None or body.merges_unknown or isinstance(runtime, Include):
        return
    if listing is not None and not isinstance(listing, Sequence):
        return
    nodes = [_named(item) for item in items(listing)]
    if None in nodes:
        return
    enabled = {node.text.lower() for node in nodes if node is not None}
    for name, place in _required(files_of(application, project)):
        if name not in enabled and PhpExtensions.embedded().status(name, version) is ExtensionStatus.AVAILABLE:
            edit = _with_extension(application, body, listing, name)
            yield Finding(
                application.key.region if listing is None else listing.region,
                f"`composer.json` requires the extension `{name}`, which is not enabled, so `composer install` stops",
                label="missing extension",
                related=(Related(place, "the requirement"),),
                fixes=(Fix(f"Enable `{name}`", (edit,), safe=True),) if edit is not None else (),
            )


def _required(files: ApplicationFiles) -> Iterator[tuple[str, Region]]:
    """Yield the extensions that `composer.json` requires, each with its place."""
    document = files.tree("composer.json")
    required = child(document.root, "require") if document is not None else None
    for pair in required.pairs if isinstance(required, Mapping) else ():
        if (name := pair.name or "").startswith("ext-"):
            yield name.removeprefix("ext-").lower(), pair.key.region


@rule("php-variable-without-php", Severity.INFO, docs="configure-apps/image-properties/variables", keys=("variables",))
def php_variable_without_php(container: Container) -> Iterator[Finding]:
    """Variables with the prefix `php` are set where there is no PHP.

    The variables below `php` are settings of PHP, as in `php.ini`. An image of another language does not read them.

    Remove them. Environment variables are below `env`.

    ```yaml title="wrong"
    applications:
      app:
        type: 'python:3.14'
        web:
          commands:
            start: python app.py
        variables:
          php:
            memory_limit: 512M
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'python:3.14'
        web:
          commands:
            start: python app.py
        variables:
          env:
            MEMORY_LIMIT: 512M
    ```
    """
    pair = container.children("variables").get("php")
    if pair is None or isinstance(container, Service):
        return
    holder = container.application if isinstance(container, Instance) else container
    image = (holder.text("type") or "").partition(":")[0]
    if image in _WITHOUT_PHP:
        yield Finding(
            pair.key.region, f"these are settings of PHP, which the image `{image}` does not have; remove them"
        )


_WITHOUT_PHP = frozenset({"dotnet", "elixir", "golang", "java", "nodejs", "python", "ruby", "rust"})
