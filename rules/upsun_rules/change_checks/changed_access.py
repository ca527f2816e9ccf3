"""Rules about what a change opens: access to containers, and traffic out of them."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_rules.finding import Finding, Related, Severity
from upsun_rules.rule import rule
from upsun_schema.configuration.change import Change, is_unchanged
from upsun_schema.configuration.model import Application, Container, Instance, View, items
from upsun_schema.record import NamedTuple
from upsun_schema.wording import listed
from upsun_schema.yaml.nodes import Node, Region, Sequence

TOPIC = "Changes of access"

_ROLES = ("viewer", "contributor", "admin")
_USUAL_ROLE = "contributor"


@rule("access-loosened", Severity.WARNING, docs="configure-apps/image-properties/access")
def access_loosened(change: Change) -> Iterator[Finding]:
    """A change lets more people open a shell on a container.

    `access` names the least role that is needed for SSH: `admin`, `contributor` or `viewer`. Without it, that is
    `contributor`. Whoever can open a shell sees the credentials of all relationships of the container and can change
    the files in its mounts. Workers without their own `access` have that of the application.

    Keep the role, or give the container only the relationships that these people may use.

    ```yaml title="before"
    applications:
      app:
        type: 'php:8.4'
        access:
          ssh: admin
    ```

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        access:
          ssh: contributor
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.5'
        access:
          ssh: admin
    ```
    """
    for one in _effective(change, "access"):
        was, now = _role(one.before), _role(one.after)
        if was in _ROLES and now in _ROLES and _ROLES.index(now) < _ROLES.index(was):
            message = f"{one.who} can be entered by the role `{now}` after the deployment, no longer only by `{was}`"
            yield Finding(one.place, message, related=one.workers)


@rule("firewall-loosened", Severity.WARNING, docs="configure-apps/image-properties/firewall")
def firewall_loosened(change: Change) -> Iterator[Finding]:
    """A change allows a container more traffic out.

    `firewall` lists the traffic that a container may send out; everything else is blocked. Without it, everything is
    allowed. Workers without their own `firewall` have that of the application.

    Keep the rules. If only a rule is added or changed, this is info, so that somebody can check it.

    ```yaml title="before"
    applications:
      app:
        type: 'php:8.4'
        firewall:
          outbound:
            - domains: ["api.example.com"]
              ports: [443]
    ```

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.5'
        firewall:
          outbound:
            - domains: ["api.example.com"]
              ports: [443]
    ```
    """
    for one in _effective(change, "firewall"):
        was, now = _rules(one.before), _rules(one.after)
        if was is None:
            continue
        if now is None:
            message = f"{one.who} has no `firewall` after the deployment: all traffic out is allowed"
            yield Finding(one.place, message, related=one.workers)
            continue
        added = [item for item in now if not any(is_unchanged(known, item) for known in was)]
        if added:
            message = (
                f"{one.who} may send more traffic out after the deployment: a rule of `firewall` is new or changed"
            )
            yield Finding(added[0].region, message, related=one.workers, severity=Severity.INFO)


class _Effective(NamedTuple):
    """The containers whose value of a property counts for another one, before and after; `workers` inherit it."""

    who: str
    place: Region
    before: View
    after: View
    workers: tuple[Related, ...]


def _effective(change: Change, name: str) -> Iterator[_Effective]:
    """Yield each application, and each container that sets a property itself, before or after."""
    for before, after in change.containers():
        old, new = _source(before, name), _source(after, name)
        if old is not before and new is not after:
            continue
        pair = new.entry(name) or after.entry(name)
        place = pair.key.region if pair is not None else after.key.region
        heirs = [one for one in getattr(after, "workers", {}).values() if one.entry(name) is None]
        related = tuple(Related(one.key.region, "this worker inherits it") for one in heirs[:3])
        yield _Effective(_named(after, [one.name for one in heirs]), place, old, new, related)


def _source(container: Container, name: str) -> Container:
    return container.effective.source(name) if isinstance(container, Instance) else container


def _named(container: Container, heirs: list[str]) -> str:
    if isinstance(container, Application):
        who = f"the application `{container.name}`"
        return f"{who}, with {'worker' if len(heirs) == 1 else 'workers'} {listed(heirs, limit=3)}," if heirs else who
    return "the web process" if container.path[-1] == "web" else f"the worker `{container.name}`"


def _role(view: View) -> str:
    return view.text("access", "ssh") or _USUAL_ROLE


def _rules(view: View) -> list[Node] | None:
    """The rules of a firewall; None if everything is allowed."""
    block = view.at("firewall", "outbound")
    return items(block) if isinstance(block, Sequence) else None
