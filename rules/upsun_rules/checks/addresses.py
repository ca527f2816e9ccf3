"""Rules about the addresses of routes, and about routes that are missing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from upsun_rules.editing.blocks import insert_property
from upsun_rules.finding import Edit, Finding, Fix, Lack, Severity
from upsun_rules.lookups.inside import inside
from upsun_rules.rule import rule
from upsun_schema.configuration.model import Route
from upsun_schema.configuration.project import Project
from upsun_schema.expression import expression
from upsun_schema.keys.shape import shape_at
from upsun_schema.wording import listed, shortened
from upsun_schema.yaml.nodes import BROKEN, Alias, Include, Mapping, Pair, Scalar

TOPIC = "Addresses of routes"

_SCHEME = expression(r"https?://", re.IGNORECASE)
_ALMOST = expression(r"(?P<scheme>https?)(?P<sign>:/?|//|:?\\\\)(?=[^/\\])", re.IGNORECASE)
_BRACES = expression(r"\{([^{}]*)\}")
_PLACEHOLDERS = ("default", "all")


@rule("route-address", Severity.ERROR, docs="routes")
def route_address(route: Route, project: Project) -> Iterator[Finding]:
    """The key of a route is not an address that the platform can serve.

    A route begins with `http://` or `https://`, followed by a host and a path. `{default}` represents the default
    domain of the project, and `{all}` each of its domains. Other placeholders do not exist.

    The platform cannot match any request to another key. It rejects the push or ignores the route.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
    routes:
      'https:/shop.{default}/':
        type: upstream
        upstream: 'app:http'
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
    routes:
      'https://shop.{default}/':
        type: upstream
        upstream: 'app:http'
    ```
    """
    key = route.key.resolved
    if not isinstance(key, Scalar) or key.tag == BROKEN or _is_setting(route.name) or "<" in route.name:
        return
    written = isinstance(route.key, Scalar)
    text = route.name
    scheme = _SCHEME.match(text)
    if scheme is None:
        message = f"`{shortened(text)}` is not an address, which begins with `http://` or `https://`"
        better = _with_scheme(text)
        fixes: tuple[Fix, ...] = ()
        if better is not None and better not in project.routes and written:
            message += f": write `{better}`" if len(better) < 60 else ""
            quote = "" if key.style else "'"
            edit = Edit(inside(key, 0, len(text)), f"{quote}{better}{quote}")
            fixes = (Fix(f"Write `{better}`", (edit,), safe=_ALMOST.match(text) is not None),)
        yield Finding(route.key.region, message, fixes=fixes)
        return
    host = re.split("[/?#]", text[scheme.end() :], maxsplit=1)[0]
    unknown = [one for one in _BRACES.findall(text) if one not in _PLACEHOLDERS]
    if not host:
        yield Finding(route.key.region, f"`{shortened(text)}` has no host; write one, as in `{scheme[0]}{{default}}/`")
    elif re.search(r"\s", text):
        yield Finding(route.key.region, f"`{shortened(text)}` contains a space, which an address cannot have")
    elif unknown:
        names = listed((f"{{{name}}}" for name in unknown), limit=3)
        message = f"{names} is not a valid placeholder in a route (expected `{{default}}` or `{{all}}`)"
        yield Finding(route.key.region, message)
    elif "{" in (rest := _BRACES.sub("", text)) or "}" in rest:
        yield Finding(route.key.region, f"a brace is missing in `{shortened(text)}`; write `{{default}}` or `{{all}}`")


def _is_setting(name: str) -> bool:
    """Whether a key is a setting of a route that is not indented below one."""
    branches = shape_at("routes", "*").branches
    return any(name in branch.properties for branch in branches)


def _with_scheme(text: str) -> str | None:
    """The address that was probably meant; None where nothing is clear."""
    if (almost := _ALMOST.match(text)) is not None:
        return f"{almost['scheme'].lower()}://{text[almost.end() :]}"
    if text.startswith("/") and not text.startswith("//"):
        return f"https://{{default}}{text}"
    if re.match(r"(?:[\w-]+\.)*\{(?:default|all)\}(?:/|$)", text):
        return f"https://{text}"
    return None


@rule("route-without-type", Severity.ERROR, docs="routes")
def route_without_type(route: Route) -> Iterator[Finding]:
    """A route has no `type`.

    Each route needs a `type`: `upstream`, `redirect` or `proxy`. The platform's schema rejects a route without one.

    A route with an `upstream` is an upstream route. `--fix` adds the type.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
    routes:
      'https://{default}/':
        upstream: 'app:http'
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
    routes:
      'https://{default}/':
        type: upstream
        upstream: 'app:http'
    ```
    """
    body = route.body
    if body is None or route.entry("type") is not None or body.merges_unknown or _is_setting(route.name):
        return
    upstream, to = route.entry("upstream"), route.entry("to")
    if upstream is None and to is None:
        return
    kind = "upstream" if upstream is not None else "redirect"
    message = "this route has no `type`, which the platform requires; "
    message += f"write `type: {kind}`" if upstream is not None else "write `type: redirect` or `type: proxy`"
    edit = _typed(route, body, upstream) if upstream is not None and to is None else None
    fixes = (Fix("Add `type: upstream`", (edit,), safe=True),) if edit is not None else ()
    yield Finding(route.key.region, message, fixes=fixes, lacks=Lack(body, ("type",)))


def _typed(route: Route, body: Mapping, upstream: Pair) -> Edit | None:
    if isinstance(route.pair.value, Alias | Include) or upstream not in body.pairs or upstream is not body.pairs[0]:
        return None
    if body.flow:
        region = upstream.key.region
        return Edit(region._replace(end=region.start), "type: upstream, ")
    return insert_property(body, "type: upstream\n", before=upstream)


@rule("missing-routes", Severity.WARNING, docs="routes")
def missing_routes(project: Project) -> Iterator[Finding]:
    """A project has several applications and no route.

    A single application is served at `https://{default}/` without a route. With several, the platform cannot know
    which of them requests are for. Its own linter, which is not released yet, reports an error.

    Add a route for each application that answers requests.

    ```yaml title="wrong"
    applications:
      api:
        type: 'php:8.4'
        source:
          root: api
      shop:
        type: 'php:8.4'
        source:
          root: shop
    ```

    ```yaml title="right"
    applications:
      api:
        type: 'php:8.4'
        source:
          root: api
      shop:
        type: 'php:8.4'
        source:
          root: shop
    routes:
      'https://api.{default}/':
        type: upstream
        upstream: 'api:http'
      'https://{default}/':
        type: upstream
        upstream: 'shop:http'
    ```
    """
    if len(project.applications) < 2 or project.section("routes") or not project.knows_every("routes"):
        return
    if any(document.is_broken for document in project.documents.values()) or not _are_applications(project):
        return
    for document in project.documents.values():
        for pair in document.root.pairs if isinstance(document.root, Mapping) else ():
            if pair.name == "applications":
                names = listed(project.applications, limit=4)
                message = (
                    f"there is no route, so the platform cannot know which of {names} answers requests; add routes"
                )
                yield Finding(pair.key.region, message)
                return


def _are_applications(project: Project) -> bool:
    """Whether each application has an image, so that none is a section or a key in the wrong place."""
    return all(one.type is not None or one.entry("stack") is not None for one in project.applications.values())
