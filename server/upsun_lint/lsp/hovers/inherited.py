"""Hover texts for properties that workers inherit: what an override replaces, and who inherits a block."""

from __future__ import annotations

from upsun_lint.lsp.hovers.key import facts_of, meaning_of
from upsun_lint.lsp.hovers.shown_values import bare
from upsun_lint.lsp.hovers.subject import Subject, docs_link
from upsun_lint.lsp.session.markup import bullets, code, listed, paragraphs
from upsun_schema.configuration.inheritance import Effective
from upsun_schema.configuration.model import Application, Instance, Worker
from upsun_schema.yaml.nodes import Mapping, is_same

__all__ = ["about_inherited", "containers", "heirs", "in_words", "replacers"]

_COST = {
    "relationships": "It cannot connect to them, and the variables with their hosts and credentials are not set.",
    "mounts": "At these paths it has only read-only code, or nothing.",
    "variables": "They are not set in this container.",
    "additional_hosts": "These names do not resolve.",
}
"""What a container cannot do after an override dropped some names of a block."""


def heirs(application: Application, name: str) -> str:
    """The containers that inherit a property from their application, as a phrase; empty if none does."""
    web = application.web
    workers = [worker.name for worker in application.workers.values() if worker.entry(name) is None]
    return containers(workers, web=web is None or web.entry(name) is None)


def replacers(application: Application, name: str) -> list[Instance]:
    """The instances of an application that set a property themselves."""
    return [instance for instance in application.instances if instance.entry(name) is not None]


def containers(workers: list[str], *, web: bool) -> str:
    """Containers of an application as a phrase: 'the web container and worker `queue`'."""
    found = ["the web container"] if web else []
    if workers:
        found.append(f"{'worker' if len(workers) == 1 else 'the workers'} {listed(workers)}")
    return " and ".join(found)


def in_words(instance: Instance) -> str:
    """An instance as a phrase: 'worker `queue`'."""
    return containers([instance.name], web=False) if isinstance(instance, Worker) else containers([], web=True)


def about_inherited(subject: Subject, name: str) -> str | None:
    """What a property means on its container, and which containers end up with its value."""
    meaning = meaning_of(subject)
    container = subject.container
    if meaning is None:
        return None
    if isinstance(container, Instance):
        where = _on_instance(subject, container, container.effective.properties[name])
    elif isinstance(container, Application):
        where = _on_application(subject, container, name)
    else:
        where = ""
    default = "the application's" if isinstance(container, Instance) else None
    return paragraphs(meaning, facts_of(subject, default), where, docs_link(subject.docs))


def _on_instance(subject: Subject, instance: Instance, found: Effective) -> str:
    application = code(instance.application.name)
    if found.pair is None or found.replaced is None:
        default = "none" if found.default == "{}" else found.default
        return f"**Own.** Application {application} has no {code(found.name)} to inherit. Default: {default}."
    place = subject.place(found.replaced.key.region)
    if is_same(found.pair.value, found.replaced.value):
        return f"**Redundant.** It repeats the value of application {application} ({place}), so it can be removed."
    parts = [f"**Replaces** the whole {code(found.name)} block of application {application} ({place})."]
    if found.dropped:
        who = in_words(instance)
        cost = f"{who[:1].upper()}{who[1:]} loses {listed(map(bare, found.dropped), most=12)}."
        parts.append(f"{cost} {_COST.get(found.name, '')}".rstrip())
    elif isinstance(found.replaced.value.resolved, Mapping) and found.name in _COST:
        parts.append("Nothing is lost: every name of that block is set here, too.")
    return " ".join(parts)


def _on_application(subject: Subject, application: Application, name: str) -> str:
    if not application.workers:
        return ""
    lines = [f"**Inherited** by {heirs(application, name) or 'none of its containers'}."]
    for instance in replacers(application, name):
        found = instance.effective.properties[name]
        if found.pair is not None:
            place = subject.place(found.pair.key.region)
            lost = f", which drops {listed(map(bare, found.dropped), most=12)}" if found.dropped else ""
            lines.append(f"**Replaced** in {in_words(instance)} ({place}){lost}.")
    return bullets(lines)
