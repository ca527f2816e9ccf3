"""The rule about relationships that form a circle."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from upsun_rules.finding import Finding, Related, Severity
from upsun_rules.rule import rule
from upsun_schema.configuration.connections import connections
from upsun_schema.configuration.model import Relationship
from upsun_schema.configuration.project import Project
from upsun_schema.record import NamedTuple

TOPIC = "Relationships"


_MOST_SHOWN = 50
"""The number of containers of a circle that are shown."""

_MOST_EFFORT = 200_000
"""The number of containers that the search for all circles may visit."""


_ROUNDS = 2
"""How often containers that lead nowhere are left out. Mostly no other is left then."""


@rule("circular-relationships", Severity.ERROR, docs="configure-apps/multi-app/relationships")
def circular_relationships(project: Project) -> Iterator[Finding]:
    """Relationships form a circle.

    The platform does not allow relationships between applications that lead back to where they started, directly or
    through others. If a service such as Varnish is part of the circle, the platform skips one of the relationships
    without an error, and that connection does not work.

    Let both sides communicate through a queue or database, or over the public URL.

    ```yaml title="wrong"
    applications:
      shop:
        type: 'php:8.4'
        relationships:
          search: 'search:http'
      search:
        type: 'python:3.14'
        relationships:
          shop: 'shop:http'
    routes:
      'https://{default}/':
        type: upstream
        upstream: 'shop:http'
    ```

    ```yaml title="right"
    applications:
      shop:
        type: 'php:8.4'
        relationships:
          search: 'search:http'
          queue: 'rabbit:rabbitmq'
      search:
        type: 'python:3.14'
        relationships:
          queue: 'rabbit:rabbitmq'
    services:
      rabbit:
        type: 'rabbitmq:4.3'
    routes:
      'https://{default}/':
        type: upstream
        upstream: 'shop:http'
    ```
    """
    every = _steps(project)
    knots = _knots(every)
    steps = {
        name: [step for step in ways if knots[step.relationship.target or ""] == knots[name]]
        for name, ways in every.items()
    }
    reported: set[frozenset[str]] = set()
    told: set[int] = set()
    effort = 0
    for start in steps:
        # If containers have more circles than any real project, one of them is enough.
        if not steps[start] or (effort > _MOST_EFFORT and knots[start] in told):
            continue
        circle, visited = _circle(steps, start)
        effort += visited
        names = frozenset(step.origin for step in circle)
        if not circle or names in reported:
            continue
        reported.add(names)
        told.add(knots[start])
        shown = [f"`{step.origin}`" for step in circle[:_MOST_SHOWN]]
        way = " → ".join([*shown, *(["…"] if len(circle) > _MOST_SHOWN else []), f"`{start}`"])
        if names & project.services.keys():
            what = "the platform skips one of them, and that connection does not work"
        else:
            what = "the platform does not allow them"
        message = f"circular relationships: {way}; {what}"
        if len(circle) == 1:
            message = f"application `{start}` has a relationship to itself, which the platform does not allow"
        yield Finding(
            circle[0].relationship.target_region,
            message,
            related=tuple(
                Related(step.relationship.target_region, f"`{step.origin}` points to `{step.relationship.target}`")
                for step in circle[1:_MOST_SHOWN]
            ),
        )


class _Step(NamedTuple):
    """A relationship of a container, as a step to another one."""

    origin: str
    relationship: Relationship


def _steps(project: Project) -> dict[str, list[_Step]]:
    """The steps from each container, without those that are certainly in no circle."""
    ways = connections(project)
    for _ in range(_ROUNDS):
        ways = {name: some for name, some in ways.items() if some}
        ways = {name: [one for one in some if one.target in ways] for name, some in ways.items()}
    return {name: [_Step(name, one) for one in some] for name, some in ways.items()}


def _knots(steps: dict[str, list[_Step]]) -> dict[str, int]:
    """A number for each group of containers that lead to each other. The others are not in a circle.

    This is Tarjan's search for strongly connected components, without recursion.
    """
    knots: dict[str, int] = {}
    found: dict[str, int] = {}
    lowest: dict[str, int] = {}
    path: list[str] = []
    for top in steps:
        waiting = [] if top in found else [(top, iter(steps[top]))]
        while waiting:
            name, ways = waiting[-1]
            if name not in found:
                found[name] = lowest[name] = len(found)
                path.append(name)
            target = next((step.relationship.target or "" for step in ways), None)
            if target is None:
                waiting.pop()
                if waiting:
                    lowest[waiting[-1][0]] = min(lowest[waiting[-1][0]], lowest[name])
                if lowest[name] == found[name]:
                    while name not in knots:
                        knots[path.pop()] = found[name]
            elif target not in found:
                waiting.append((target, iter(steps[target])))
            elif target not in knots:
                lowest[name] = min(lowest[name], found[target])
    return knots


def _circle(steps: dict[str, list[_Step]], start: str) -> tuple[list[_Step], int]:
    """The shortest way from a container back to itself (empty if there is none), and how many were visited."""
    came_by: dict[str, _Step] = {}
    waiting = deque([start])
    while waiting:
        here = waiting.popleft()
        for step in steps[here]:
            target = step.relationship.target or ""
            if target == start:
                way = [step]
                while way[-1].origin != start:
                    way.append(came_by[way[-1].origin])
                return way[::-1], len(came_by) + len(way)
            if target not in came_by:
                came_by[target] = step
                waiting.append(target)
    return [], len(came_by)
