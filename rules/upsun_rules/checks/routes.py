"""Rules about routes: whether their upstream exists and can answer."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_rules.finding import Edit, Finding, Fix, Related, Severity
from upsun_rules.lookups.definitions import definitions, meant_by, no_such_endpoint
from upsun_rules.lookups.inside import inside
from upsun_rules.options import Options
from upsun_rules.rule import rule
from upsun_schema.configuration.endpoints import endpoints_of
from upsun_schema.configuration.model import Application, Route, Service
from upsun_schema.configuration.project import Project
from upsun_schema.keys.shape import kinds_of
from upsun_schema.wording import is_placeholder, listed, nearest
from upsun_schema.yaml.nodes import Keys, Region

TOPIC = "Routes"


@rule("route-upstream", Severity.ERROR, docs="routes")
def route_upstream(route: Route, project: Project, options: Options) -> Iterator[Finding]:
    """A route points to something that cannot answer requests.

    The `upstream` of a route is `application:http`, or `service:endpoint` for a service that answers requests, such as
    Varnish. The push is rejected if that application or service does not exist, or if the endpoint is missing or
    unknown. A worker cannot be an upstream because it accepts no connections.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
    routes:
      'https://{default}/':
        type: upstream
        upstream: app
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
    upstream = route.upstream
    if upstream is None or kinds_of(upstream) != {"string"} or route.text("type") not in (None, "upstream"):
        return
    if is_placeholder(upstream.text):
        return
    name, colon, endpoint = upstream.text.partition(":")
    place = inside(upstream, 0, len(name))
    found = project.named(name)
    if not name:
        yield Finding(upstream.region, "the upstream needs an application and its endpoint, such as `app:http`")
    elif not found:
        yield from _no_such_upstream(route, project, name, place)
    elif not endpoint:
        choice = "http" if isinstance(found[0], Application) else _default_of(found[0], options)
        example = f"{name}:{choice or '<endpoint>'}"
        message = f"the upstream needs an endpoint: write `{example}`"
        end = inside(upstream, 0, len(name) + len(colon))
        fix = Fix(f"Write `{example}`", (Edit(end, example),))
        is_plain = end.text == name + colon
        yield Finding(upstream.region, message, fixes=(fix,) if choice and is_plain else ())
    elif len(found) == 1:
        endpoints = endpoints_of(found[0], options.images)
        if endpoints is not None and not endpoints.has(endpoint):
            region = inside(upstream, len(name) + 1, len(upstream.text))
            meant = nearest(endpoint, endpoints.names) or list(endpoints.names[:1])
            fixes = [Fix(f"Change it to `{other}`", (Edit(region, other),)) for other in meant]
            message = no_such_endpoint(found[0], endpoint, endpoints)
            yield Finding(region, message, fixes=tuple(fixes) if region.text == endpoint else ())


def _no_such_upstream(route: Route, project: Project, name: str, place: Region) -> Iterator[Finding]:
    if (worker := project.worker_called(name)) is not None:
        message = f"`{name}` is a worker, and nothing can connect to a worker; use an application"
        yield Finding(place, message, related=(Related(worker.key.region, "the worker is defined here"),))
    else:
        meant = meant_by(project, name, route)
        message = f"application or service `{name}` does not exist"
        if meant:
            message += f"; did you mean {listed(meant, 'or', limit=4)}?"
        fixes = [Fix(f"Change it to `{other}`", (Edit(place, other),)) for other in meant if place.text == name]
        lacks = (Keys("applications", (name,)), Keys("services", (name,)))
        yield Finding(place, message, related=definitions(project), fixes=tuple(fixes), lacks=lacks)


def _default_of(target: Application | Service, options: Options) -> str | None:
    endpoints = endpoints_of(target, options.images)
    return None if endpoints is None else endpoints.default
