"""Rules about the files of a project: which files are read, what they include, what is defined twice."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_rules.editing.blocks import indented, insert_property, owned_lines, rewrite, step_of
from upsun_rules.editing.fixed_format import AtTop, at_top, is_application, move_below
from upsun_rules.finding import Edit, Finding, Fix, Related, Severity
from upsun_rules.options import Options
from upsun_rules.rule import Rank, rule
from upsun_schema.configuration.project import SECTION_LINE, SECTIONS, Project
from upsun_schema.wording import listed, nearest, shortened
from upsun_schema.yaml.document import Document
from upsun_schema.yaml.nodes import Include, Keys, Mapping, Pair, Region, Scalar

TOPIC = "Files"


@rule("include-not-found", Severity.ERROR, docs="core-concepts/yaml/platform-yaml-tags")
def include_not_found(project: Project) -> Iterator[Finding]:
    """An `!include` or `!archive` points to a file that does not exist.

    The platform replaces the tag with what it finds at the path. In the properties of an application, the path starts
    at the application's folder (`source.root`). Everywhere else it starts at the `.upsun` folder. This linter also
    accepts a path relative to the file that contains the tag.

    If nothing is there, the configuration cannot be built and the push fails. The same goes for a path that leaves the
    repository and for a file that includes itself.

    This rule also reports a tag whose `type` and `path` are not indented below it. The tag is then empty, and nothing
    is included.

    ```yaml title="wrong"
    applications:
      app: !include apps/shop.yaml
    ```

    ```yaml title="right: .upsun/config.yaml"
    applications:
      app: !include apps/shop.yaml
    ```

    ```yaml title="right: .upsun/apps/shop.yaml"
    type: 'php:8.4'
    ```
    """
    for pair, parent in project.bare_includes:
        beside = [entry for name in ("type", "path") if (entry := parent.get(name)) is not None]
        names = listed(str(entry.name) for entry in beside)
        one = len(beside) == 1
        yield Finding(
            Region(pair.value.piece, pair.value.outer, pair.value.outer + len("!include")),
            f"{names} {'belongs' if one else 'belong'} to this `!include`; indent {'it' if one else 'them'} below it",
            related=tuple(Related(entry.key.region, "indent this") for entry in beside),
            fixes=_indented_below(pair, parent, beside),
            explains=tuple(entry.region for entry in beside),
        )


def _indented_below(pair: Pair, parent: Mapping, beside: list[Pair]) -> tuple[Fix, ...]:
    """The fix that indents the entries right after a pair, if they are there."""
    if parent.flow or pair not in parent.pairs:
        return ()
    first = parent.pairs.index(pair) + 1
    after = parent.pairs[first : first + len(beside)]
    lines = [owned_lines(entry) for entry in after]
    whole = [region for region in lines if region is not None]
    if len(whole) < len(beside) or any(entry not in beside for entry in after):
        return ()
    edits = tuple(Edit(region, indented(region.text, step_of(pair.key))) for region in whole)
    # A `path` alone may be meant as it is: it could be the name of a variable.
    safe = len(beside) > 1
    return (Fix(f"Indent {listed(str(entry.name) for entry in after)} below `!include`", edits, safe),)


@rule("script-included-as-yaml", Severity.ERROR, docs="core-concepts/yaml/platform-yaml-tags")
def script_included_as_yaml(project: Project) -> Iterator[Finding]:
    """A shell script is included as YAML instead of as text.

    Without a `type`, `!include` reads the file as YAML. YAML joins the lines of a script with spaces and drops its
    comments, so the shell gets one long command. A line that contains a colon turns the script into a map, or into a
    syntax error.

    Set `type: string` to include the script unchanged.

    ```yaml title="wrong: .upsun/config.yaml"
    applications:
      app:
        type: 'php:8.4'
        hooks:
          build: !include build.sh
    ```

    ```sh title="wrong: build.sh"
    set -e
    composer install --no-dev
    php bin/console cache:warmup
    ```

    ```yaml title="right: .upsun/config.yaml"
    applications:
      app:
        type: 'php:8.4'
        hooks:
          build: !include {type: string, path: build.sh}
    ```

    ```sh title="right: build.sh"
    set -e
    composer install --no-dev
    php bin/console cache:warmup
    ```
    """
    for include in project.misread:
        node = include.path_node or include.argument
        path = include.path or ""
        yield Finding(
            node.region,
            f"`{shortened(path)}` is included as YAML, which breaks it; write"
            f" `!include {{type: string, path: {shortened(path)}}}`",
            label="a script, not YAML",
            fixes=_as_string(include),
        )


def _as_string(include: Include) -> tuple[Fix, ...]:
    """The fix that includes a file as text."""
    argument = include.argument
    title = "Include it with `type: string`"
    if isinstance(argument, Scalar) and argument.style in ("", "'", '"') and "\n" not in argument.source:
        path = argument.source
        if not argument.style and any(sign in path for sign in ",[]{}"):
            path = f"'{path}'"
        return (Fix(title, (Edit(argument.region, f"{{type: string, path: {path}}}"),), safe=True),)
    if not isinstance(argument, Mapping):
        return ()
    kind = argument.value("type")
    if isinstance(kind, Scalar):
        return (Fix(title, (rewrite(kind, "string"),), safe=True),) if kind.piece is argument.piece else ()
    if argument.flow:
        begin = Region(argument.piece, argument.start + 1, argument.start + 1)
        return (Fix(title, (Edit(begin, "type: string, "),), safe=True),)
    edit = insert_property(argument, "type: string\n")
    return (Fix(title, (edit,), safe=True),) if edit is not None else ()


@rule("unread-file", Severity.INFO, docs="core-concepts/yaml/yaml-structure")
def unread_file(project: Project) -> Iterator[Finding]:
    """A configuration file is in a folder below `.upsun`, where the platform does not read it.

    The platform reads every YAML file that is directly in `.upsun`, whatever its name. It reads files in subfolders
    only if one of those files includes them, for example with `app: !include apps/app.yaml`. It ignores all others
    without a warning.

    Move the file up into `.upsun`, or include it.

    ```yaml title="wrong: .upsun/config.yaml"
    applications:
      app:
        type: 'php:8.4'
        relationships:
          db:
    ```

    ```yaml title="wrong: .upsun/services/all.yaml"
    services:
      db:
        type: 'mariadb:11.8'
    ```

    ```yaml title="right: .upsun/config.yaml"
    applications:
      app:
        type: 'php:8.4'
        relationships:
          db:
    ```

    ```yaml title="right: .upsun/services.yaml"
    services:
      db:
        type: 'mariadb:11.8'
    ```
    """
    for path, document in project.unread.items():
        match = SECTION_LINE.search(document.text)
        if match is not None:
            folder = path.rpartition("/")[0]
            yield Finding(
                Region(document.pieces[0][1], match.start(), match.end() - 1),
                f"the platform does not read this file: it is in `{folder}` and nothing includes it",
                label="never read",
            )


@rule("duplicate-definition", Severity.ERROR, docs="core-concepts/yaml/yaml-structure")
def duplicate_definition(project: Project) -> Iterator[Finding]:
    """An application, service or route is defined in two files.

    The platform combines all files in `.upsun`, but it does not merge two entries with the same name. According to the
    documentation, the second definition counts and the first is dropped. It does not say which file comes second, so do
    not rely on an order.

    Every setting that is only in the dropped definition is lost. Define each entry in one file.

    ```yaml title="wrong: .upsun/app.yaml"
    applications:
      app:
        type: 'php:8.4'
    ```

    ```yaml title="wrong: .upsun/workers.yaml"
    applications:
      app:
        workers:
          queue:
            commands:
              start: php artisan queue:work --max-time=3600
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        workers:
          queue:
            commands:
              start: php artisan queue:work --max-time=3600
    ```
    """
    if len(project.documents) + len(project.included) < 2:
        return
    for section in SECTIONS:
        kind = section.removesuffix("s")
        first: dict[str, Pair] = {}
        for pair in project.section(section):
            other = first.setdefault(pair.name or "", pair)
            # Within one file it is a duplicate key. A file that is included twice does not define anything twice.
            if pair.name is None or pair.is_merge or other is pair:
                continue
            here, there = project.place(pair.key.region).document, project.place(other.key.region).document
            if here is not there:
                yield Finding(
                    pair.key.region,
                    f"{kind} `{pair.name}` is also defined in `{there.path}`; the two are not merged, and only one"
                    " counts",
                    related=(Related(other.key.region, f"{kind} `{pair.name}` is also defined here"),),
                )


@rule("yml-extension", Severity.WARNING, docs="core-concepts/yaml/yaml-structure")
def yml_extension(document: Document) -> Iterator[Finding]:
    """A configuration file ends in `.yml` instead of `.yaml`.

    The documentation names only `.yaml`. Tools disagree about the rest: the released `upsun app:config-validate` skips
    `.yml` files, while a newer linter by the same vendor reads them. If the platform skips the file, it ignores the
    applications, services and routes in it.

    Rename the file to end in `.yaml`.

    ```yaml title="wrong: .upsun/config.yml"
    applications:
      app:
        type: 'php:8.4'
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
    ```
    """
    if document.path.endswith(".yml"):
        name = document.path.rpartition("/")[2]
        yield Finding(
            _beginning(document),
            f"the platform may not read `{name}`; rename it to `{name[:-4]}.yaml`",
        )


@rule("no-applications", Severity.ERROR, docs="configure-apps")
def no_applications(project: Project) -> Iterator[Finding]:
    """No file in `.upsun` defines an application.

    A project needs at least one application. It can be in any of the files in `.upsun`. Without one there is nothing to
    deploy, and the push is rejected.

    ```yaml title="wrong"
    services:
      db:
        type: 'mariadb:11.8'
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        relationships:
          db:
    services:
      db:
        type: 'mariadb:11.8'
    ```
    """
    documents = list(project.documents.values())
    if not documents or project.applications or any(map(_may_have_applications, documents)):
        return
    message = "no file in `.upsun` defines an application; the platform needs at least one"
    yield Finding(_beginning(documents[0]), message)


@rule("both-formats", Severity.ERROR, docs="core-concepts/yaml/yaml-structure", rank=Rank.PLACE)
def both_formats(project: Project, options: Options) -> Iterator[Finding]:
    """The project contains configuration in the format of Upsun Fixed.

    Upsun Flex reads `.upsun`. Upsun Fixed (formerly Platform.sh) reads `.platform` and `.platform.app.yaml`. The
    documentation says that a push with both folders fails. In practice, several public projects have both, and the
    vendor's own linter only warns that Flex ignores `.platform`. Keep the files of the product that you use and delete
    the others.

    This rule also reports content in the Fixed format inside `.upsun`. A `.platform.app.yaml` is one application, with
    its `name` and `type` at the top level. A `services.yaml` from `.platform` has the service names at the top level.
    Upsun Flex needs them under `applications:`, `services:` and `routes:`. It rejects or ignores them at the top level.

    ```yaml title="wrong"
    name: app
    type: 'php:8.4'
    workers:
      queue:
        commands:
          start: php artisan queue:work --max-time=3600
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        workers:
          queue:
            commands:
              start: php artisan queue:work --max-time=3600
    ```
    """
    documents = list(project.documents.values())
    if not documents:
        return
    for document in documents:
        if (found := at_top(document, options.images)) is not None:
            yield _in_the_other_format(found, document)
    folder = next((path for path in _FIXED_FOLDER if project.exists(path)), None)
    if folder is not None:
        message = (
            f"`{folder.partition('/')[0]}` is for Upsun Fixed; the documentation says a push with both folders fails;"
            " remove the one you do not use"
        )
        yield Finding(_beginning(documents[0]), message, severity=Severity.WARNING)
    elif project.exists(_FIXED_APPLICATION):
        message = f"`{_FIXED_APPLICATION}` is for Upsun Fixed and is ignored next to `.upsun`; remove it"
        yield Finding(_beginning(documents[0]), message, severity=Severity.WARNING)


def _in_the_other_format(found: AtTop, document: Document) -> Finding:
    if found.file == _FIXED_APPLICATION:
        below = f"`applications:` and `{found.name}:`" if found.name else "`applications:` and its name"
        words = f"this is the format of `{found.file}` (Upsun Fixed); move it below {below}"
    else:
        words = f"this is the format of `{found.file}` (Upsun Fixed); move it below `{found.section}:`"
    return Finding(
        found.pairs[0].key.region,
        words,
        fixes=move_below(found, document),
        explains=tuple(pair.region for pair in found.pairs),
        gives=(Keys(found.section),),
    )


_FIXED_FOLDER = (".platform/applications.yaml", ".platform/routes.yaml", ".platform/services.yaml")
_FIXED_APPLICATION = ".platform.app.yaml"


def _beginning(document: Document) -> Region:
    """The first key of a file, or the place where it would be."""
    root = document.root
    if isinstance(root, Mapping) and root.pairs:
        return root.pairs[0].key.region
    piece = document.pieces[0][1]
    return Region(piece, 0, 0)


def _may_have_applications(document: Document) -> bool:
    """Whether a file could define applications if it were read in another way or repaired."""
    root = document.root
    if document.is_broken or is_application(document):
        return True
    if not isinstance(root, Mapping):
        return root is not None
    return any(map(_may_hold_applications, root.pairs))


def _may_hold_applications(pair: Pair) -> bool:
    value = pair.value.resolved
    if pair.name == "applications":
        # They may be in another file that is missing, or under keys that cannot be read. A value of a wrong type is
        # reported as such.
        return bool(value.pairs) if isinstance(value, Mapping) else not value.is_null
    if pair.name is None or pair.is_merge or nearest(pair.name, ["applications"]):
        return True
    # Indented into another section by accident.
    return isinstance(value, Mapping) and value.get("applications") is not None
