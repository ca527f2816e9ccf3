"""A picture of a project in Mermaid, which GitHub and GitLab draw: what runs, what it connects to, what it shares."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_lint.writing.quoting import visible
from upsun_schema.configuration.model import Application, Instance, Mount, Relationship, Service, Worker
from upsun_schema.configuration.project import Project

__all__ = ["picture"]

_MOST_LINES = 300
_LONGEST = 60


def picture(project: Project) -> str:
    """The picture as the text of a Mermaid flowchart; empty for a project too large to look at."""
    lines = list(_Drawing(project).lines())
    return "\n".join(["flowchart LR", *lines, ""]) if 0 < len(lines) <= _MOST_LINES else ""


class _Drawing:
    def __init__(self, project: Project) -> None:
        self._applications = project.applications
        self._services = project.services
        # Names may contain anything, so boxes have numbers.
        self._boxes: dict[tuple[str, ...], str] = {}

    def lines(self) -> Iterator[str]:
        for application in self._applications.values():
            yield from self._application(application)
        for service in self._services.values():
            yield f"  {self._box('service', service.name)}[({_label(service.name, _kind(service))})]"
        edges: dict[str, None] = {}
        for application in self._applications.values():
            for box, relationships, mounts in self._containers(application):
                edges.update(dict.fromkeys(self._relationships(box, relationships)))
                edges.update(dict.fromkeys(self._mounts(box, mounts)))
        yield from edges

    def _box(self, *what: str) -> str:
        return self._boxes.setdefault(what, f"n{len(self._boxes)}")

    def _application(self, application: Application) -> Iterator[str]:
        name = application.name
        yield f"  subgraph {self._box('frame', name)}[{_label(name, _kind(application))}]"
        yield f"    {self._box('application', name)}[{_label('web')}]"
        for worker in application.workers.values():
            yield f"    {self._box('worker', name, worker.name)}([{_label(worker.name, 'worker')}])"
        yield "  end"

    def _containers(self, application: Application) -> Iterator[tuple[str, list[Relationship], list[Mount]]]:
        web: Application | Instance = application.web or application
        for one in (web, *application.workers.values()):
            what = (
                ("worker", application.name, one.name) if isinstance(one, Worker) else ("application", application.name)
            )
            view = one.effective if isinstance(one, Instance) else one
            yield self._box(*what), list(view.relationships.values()), list(view.mounts.values())

    def _relationships(self, box: str, relationships: list[Relationship]) -> Iterator[str]:
        for one in relationships:
            if one.target in self._services:
                yield f"  {box} --> {self._box('service', one.target)}"
            elif one.target in self._applications:
                yield f"  {box} --> {self._box('application', one.target)}"

    def _mounts(self, box: str, mounts: list[Mount]) -> Iterator[str]:
        """Yield the lines for mounts: those of a service point to it, the others to a folder of the container."""
        own = [one for one in mounts if one.source != "service" or one.service not in self._services]
        for one in mounts:
            if one not in own and one.service is not None:
                yield f"  {box} -. {_label(one.path)} .-> {self._box('service', one.service)}"
        if own:
            words = [f"{one.path} ({one.source})" if one.source else one.path for one in own]
            yield f"  {box} --- {self._box('mounts', box)}[/{_label(*words)}/]"


def _kind(view: Application | Service) -> str:
    return view.type.text if view.type is not None else ""


def _label(*lines: str) -> str:
    """A label of several lines, escaped for Mermaid."""
    shown = [line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…" for line in lines if line]
    return '"' + "<br>".join(_entities(visible(line)) for line in shown) + '"'


def _entities(text: str) -> str:
    """A text with everything but letters, digits and a few signs as Mermaid's entities, `#35;` for `#`."""
    plain = " -_./():"
    return "".join(char if char.isalnum() or char in plain else f"#{ord(char)};" for char in text)
