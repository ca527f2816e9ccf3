"""Rules about the `web` block: what is served where, and what starts the web process."""

from __future__ import annotations

import re
from collections.abc import Iterator

from upsun_rules.editing.blocks import rewrite
from upsun_rules.finding import Edit, Finding, Fix, Related, Severity
from upsun_rules.lookups.inside import inside
from upsun_rules.lookups.patterns import fault_of
from upsun_rules.options import Options
from upsun_rules.rule import rule
from upsun_schema.configuration.model import Application, Route, View
from upsun_schema.configuration.project import Project
from upsun_schema.expression import expression
from upsun_schema.keys.shape import kinds_of
from upsun_schema.wording import is_placeholder, listed, shortened
from upsun_schema.yaml.nodes import BROKEN, Keys, Mapping, Node, Pair, Scalar

TOPIC = "Web"

_PLACEHOLDER = expression(r"<[A-Z][A-Z_ -]*>")
_NOT_IN_PATHS = '^#?<>[]{}|"` '


def _locations(application: Application) -> list[View]:
    """The locations of an application, with their paths as names."""
    node = application.at("web", "locations")
    entries = node.entries if isinstance(node, Mapping) else {}
    return [View(name, pair) for name, pair in entries.items()]


@rule("location-path", Severity.ERROR, docs="configure-apps/image-properties/web#locations", keys=("web",))
def location_path(application: Application) -> Iterator[Finding]:
    """The key of a location is not a path.

    The keys below `web.locations` are paths that begin with `/`. The longest one that a request begins with decides
    what is served. Patterns are not allowed: a location such as `^/(api|auth)` never matches.

    Write one location for each path. For patterns, use `rules` below a location.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        web:
          locations:
            '/':
              root: public
            '^/(api|auth)':
              passthru: /index.php
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        web:
          locations:
            '/':
              root: public
            '/api':
              passthru: /index.php
            '/auth':
              passthru: /index.php
    ```
    """
    locations = _locations(application)
    for location in locations:
        key, path = location.key.resolved, location.name
        if not isinstance(key, Scalar) or key.tag == BROKEN or _PLACEHOLDER.search(path):
            continue
        odd = [one for one in _NOT_IN_PATHS if one in path]
        fixes: tuple[Fix, ...] = ()
        if odd:
            marks = listed(("space" if one == " " else "backtick" if one == "`" else one for one in odd), limit=4)
            why = f"it contains {marks}, and patterns belong below `rules`"
        elif not path.startswith("/"):
            why = "it does not begin with `/`, so no request matches it"
            # Relative paths have a slash too many or a dot, which is another mistake.
            better = f"/{path}"
            if re.fullmatch(r"[\w-][\w./-]*", path) and better not in {other.name for other in locations}:
                why += f"; write `{shortened(better)}`"
                fixes = (Fix(f"Write `{better}`", (rewrite(key, better),), safe=True),) if key is location.key else ()
        elif part := _odd_part(path.strip("/")):
            why = f"it contains {part}"
        else:
            continue
        yield Finding(location.key.region, f"`{shortened(path)}` is not a valid location: {why}", fixes=fixes)


@rule("location-root", Severity.ERROR, docs="configure-apps/image-properties/web#locations", keys=("web",))
def location_root(application: Application) -> Iterator[Finding]:
    """The `root` of a location is not a folder inside the application.

    `root` is a path from the root of the application, without a leading `/`, and without `.` or `..`. An empty text is
    the root of the application itself. The platform rejects other paths.

    `--fix` removes the slash, and replaces `/` and `.` with an empty text.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        web:
          locations:
            '/':
              root: /public
              passthru: /index.php
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        web:
          locations:
            '/':
              root: public
              passthru: /index.php
    ```
    """
    for location in _locations(application):
        pair = location.entry("root")
        node = None if pair is None else pair.value.resolved
        if pair is None or not isinstance(node, Scalar) or kinds_of(node) != {"string"} or node.tag == BROKEN:
            continue
        text = node.text
        if not text or is_placeholder(text):
            continue
        better = re.sub(r"^(?:\.?/+)+", "", text)
        if text == ".":
            better = ""
        part = _odd_part(text.strip("/"))
        if text.startswith("/"):
            why = "it begins with `/`, but it is a path inside the application"
        elif part is not None:
            why = f"it contains {part}"
        else:
            continue
        fixes: tuple[Fix, ...] = ()
        if better != text and _odd_part(better.strip("/")) is None:
            why += f"; write `{better}`" if better else '; write `""` for the application itself'
            if pair.value is node:
                written = "''" if not better and not node.style else better
                edit = rewrite(node, written) if node.style or better else Edit(node.region, '""')
                fixes = (Fix(f"Write `{better}`" if better else 'Write `""`', (edit,), safe=True),)
        yield Finding(pair.value.region, f"`{shortened(text)}` is not a valid root: {why}", fixes=fixes)


def _odd_part(path: str) -> str | None:
    """The part that no path of the platform has, in words: an empty one, `.` or `..`."""
    parts = path.split("/") if path else []
    return next(("an empty part" if not part else f"`{part}`" for part in parts if part in ("", ".", "..")), None)


@rule("location-pattern", Severity.ERROR, docs="configure-apps/image-properties/web#rules", keys=("web",))
def location_pattern(application: Application) -> Iterator[Finding]:
    r"""The pattern of a rule of a location is not a valid regular expression.

    The keys below `rules` are regular expressions (PCRE). One that cannot be compiled makes the platform reject the
    configuration. A common cause is a wildcard such as `*.css`: in a regular expression, that is `\.css$`.

    Only mistakes that are certain are reported: brackets that do not match, a quantifier without anything to repeat, a
    backslash at the end, an empty pattern.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        web:
          locations:
            '/':
              root: public
              rules:
                '*.css':
                  expires: 1d
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        web:
          locations:
            '/':
              root: public
              rules:
                '\.css$':
                  expires: 1d
    ```
    """
    for location in _locations(application):
        for name, pair in location.children("rules").items():
            key = pair.key.resolved
            if not isinstance(key, Scalar) or key.tag == BROKEN:
                continue
            if not name:
                yield Finding(pair.key.region, "the pattern of this rule is empty; write a regular expression")
            elif (fault := fault_of(name)) is not None:
                message = f"`{shortened(name)}` is not a valid regular expression: {fault.why}"
                glob = re.fullmatch(r"\*\.(\w+)", name)
                better = rf"\.{glob[1]}$" if glob is not None else ""
                fixes: tuple[Fix, ...] = ()
                if better and key.style != '"':
                    quoted = better if key.style else f"'{better}'"
                    message += f"; write `{better}`"
                    fixes = (Fix(f"Write `{better}`", (Edit(inside(key, 0, len(name)), quoted),)),)
                yield Finding(inside(key, fault.start, fault.end), message, fixes=fixes)


@rule("passthru-on-php", Severity.INFO, docs="configure-apps/image-properties/web#locations", keys=("web",))
def passthru_on_php(application: Application) -> Iterator[Finding]:
    """A location of a PHP application has `passthru: true`.

    On PHP, `passthru` is the path of the script that answers requests for what is not a file. With `true`, PHP-FPM gets
    the path of the request itself as the script to run, and usually finds none.

    Write the front controller, as in `/index.php`. If the application has a start command for its web process, another
    server answers, and this rule does not apply.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        web:
          locations:
            '/':
              root: public
              passthru: true
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        web:
          locations:
            '/':
              root: public
              passthru: /index.php
    ```
    """
    kind = application.type
    if kind is None or kind.text.partition(":")[0] != "php" or application.at("web", "commands", "start") is not None:
        return
    if application.text("web", "upstream", "protocol") == "http":
        return
    for location in _locations(application):
        pair = location.entry("passthru")
        node = None if pair is None else pair.value.resolved
        if pair is not None and _is_true(node):
            fix = Fix("Write `/index.php`", (Edit(pair.value.region, "/index.php"),))
            yield Finding(
                pair.value.region,
                "with `true`, PHP runs the path of the request as a script; name the script, as in `/index.php`",
                fixes=(fix,) if pair.value is node else (),
            )


def _is_true(node: Node | None) -> bool:
    return isinstance(node, Scalar) and node.value is True


@rule("missing-web-start-command", Severity.WARNING, docs="configure-apps/image-properties/web#web-commands")
def missing_web_start_command(project: Project, options: Options) -> Iterator[Finding]:
    """A route leads to an application that does not start a server.

    Only PHP has a server without a start command. On any other runtime, `web.commands.start` starts it. Without it,
    requests get an error. Static sites need no server: an application with files to serve and without `passthru` is not
    reported.

    The server must listen on `$PORT`, or on `$SOCKET`.

    ```yaml title="wrong"
    applications:
      app:
        type: 'nodejs:24'
    routes:
      'https://{default}/':
        type: upstream
        upstream: 'app:http'
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'nodejs:24'
        web:
          commands:
            start: node server.js
    routes:
      'https://{default}/':
        type: upstream
        upstream: 'app:http'
    ```
    """
    asked: dict[str, Route] = {}
    for route in project.routes.values():
        if route.target is not None and route.target[1] == "http" and route.target[0] not in project.services:
            asked.setdefault(route.target[0], route)
    for name, route in asked.items():
        application = project.applications.get(name)
        if application is not None and _is_without_start(application, options):
            runtime = application.type.text.partition(":")[0] if application.type is not None else ""
            place: Pair = application.entry("web") or application.pair
            yield Finding(
                place.key.region,
                f"`{name}` has no `web.commands.start`, and `{runtime}` starts no server by itself, so requests fail",
                related=(Related(route.key.region, "this route leads to it"),),
                lacks=_lacks_start(application),
            )


def _lacks_start(application: Application) -> tuple[Keys, ...]:
    """The keys that lead to a start command, of the maps that are there."""
    web = application.value("web")
    found = (application.node, "web"), (web, "commands"), (application.at("web", "commands"), "start")
    return tuple(Keys(node, (name,)) for node, name in found if isinstance(node, Mapping))


def _is_without_start(application: Application, options: Options) -> bool:
    images, needs = application.memory.get("needs start", (None, False))
    if images is not options.images:
        needs = _needs_start(application, options)
        application.memory["needs start"] = options.images, needs
    return bool(needs)


def _needs_start(application: Application, options: Options) -> bool:
    """Whether an application answers requests with a server that nothing starts."""
    kind = application.type
    image = None if kind is None else options.images.get(kind.text.partition(":")[0])
    if image is None or image.kind != "runtime" or image.name == "php" or application.entry("stack") is not None:
        return False
    web = application.value("web")
    if web is None:
        return application.body is not None and not application.body.merges_unknown
    if not isinstance(web, Mapping) or web.merges_unknown:
        return False
    commands, locations = web.value("commands"), web.value("locations")
    if commands is not None and (not isinstance(commands, Mapping) or commands.merges_unknown):
        return False
    if isinstance(commands, Mapping) and any(name in commands.entries for name in ("start", "pre_start")):
        return False
    if locations is None:
        return "document_root" not in web.entries
    views = _locations(application)
    return bool(views) and all(_is_passed_on(location) for location in views)


def _is_passed_on(location: View) -> bool:
    """Whether a location serves no files and leaves every request to the application."""
    return _is_true(location.value("passthru")) and location.value("root") is None
