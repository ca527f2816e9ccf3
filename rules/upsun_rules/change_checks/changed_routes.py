"""Rules about routes that a change removes or points to something else."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_rules.finding import Finding, Severity
from upsun_rules.rule import rule
from upsun_schema.configuration.change import Change
from upsun_schema.configuration.model import Route
from upsun_schema.wording import shortened
from upsun_schema.yaml.nodes import Region

TOPIC = "Changes of routes"


@rule("route-removed", Severity.WARNING, docs="define-routes")
def route_removed(change: Change) -> Iterator[Finding]:
    """A change removes a route or gives it another address.

    Requests to the old address get an error after the deployment: links, bookmarks, search engines and webhooks of
    other systems still use it.

    Keep the address as a redirect to the new one. A removed `http://` route is not reported if the same address is
    there with `https://`, since the platform redirects to it.

    ```yaml title="before"
    applications:
      app:
        type: 'php:8.4'
    routes:
      'https://{default}/': {type: upstream, upstream: 'app:http'}
      'https://shop.{default}/': {type: upstream, upstream: 'app:http'}
    ```

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
    routes:
      'https://{default}/': {type: upstream, upstream: 'app:http'}
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
    routes:
      'https://{default}/': {type: upstream, upstream: 'app:http'}
      'https://shop.{default}/': {type: redirect, to: 'https://{default}/'}
    ```
    """
    now = {_address(name) for name in change.after.routes}
    for old, new in change.routes.renamed:
        if not _is_covered(old.name, now):
            message = f"the route {_name(old)} is now {_name(new)}: requests to the old address get an error"
            yield Finding(new.key.region, f"{message}; keep it as a redirect")
    for old in change.routes.removed:
        if not _is_covered(old.name, now):
            message = f"the route {_name(old)} is removed: requests to it get an error; keep it as a redirect"
            yield Finding(change.block("routes", change.path_before(old)), message)


@rule("route-target-changed", Severity.INFO, docs="define-routes")
def route_target_changed(change: Change) -> Iterator[Finding]:
    """A change lets something else answer a route.

    From the deployment on, requests to the address are answered by another application or service. Cookies, sessions
    and cached pages of the old one stay with it.

    Check that the other side answers all paths that are in use. A route whose application or service was only renamed
    is not reported.

    ```yaml title="before"
    applications:
      app:
        type: 'php:8.4'
      next:
        type: 'php:8.5'
    routes:
      'https://{default}/': {type: upstream, upstream: 'app:http'}
      'https://next.{default}/': {type: upstream, upstream: 'next:http'}
    ```

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
      next:
        type: 'php:8.5'
    routes:
      'https://{default}/': {type: upstream, upstream: 'next:http'}
      'https://next.{default}/': {type: upstream, upstream: 'next:http'}
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.5'
      next:
        type: 'php:8.5'
    routes:
      'https://{default}/': {type: upstream, upstream: 'app:http'}
      'https://next.{default}/': {type: upstream, upstream: 'next:http'}
    ```
    """
    for old, new in change.routes.same:
        was, now = _target(old), _target(new)
        if was is None or now is None or change.leads_to_same(was, now):
            continue
        yield Finding(_place(new), f"{_name(new)} is answered by `{now}` after the deployment, no longer by `{was}`")


def _address(name: str) -> str:
    return name.rstrip("/")


def _is_covered(name: str, now: set[str]) -> bool:
    """Whether another route answers or redirects the requests to a removed one."""
    address = _address(name)
    secure = address.replace("http://", "https://", 1)
    everything = secure.replace("{default}", "{all}")
    return bool({address, secure, address.replace("{default}", "{all}"), everything} & now)


def _target(route: Route) -> str | None:
    """The name of the application or service that answers a route; None for a redirect."""
    return route.upstream.text.partition(":")[0] if route.upstream is not None else None


def _place(route: Route) -> Region:
    return route.upstream.region if route.upstream is not None else route.key.region


def _name(route: Route) -> str:
    return f"`{shortened(route.name, most=60)}`"
