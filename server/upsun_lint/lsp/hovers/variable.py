"""Hover texts for variables: the name a program reads, what overrides them, and which containers have them."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_lint.lsp.hovers.inherited import containers, heirs, in_words, replacers
from upsun_lint.lsp.hovers.subject import Subject, docs_link
from upsun_lint.lsp.session.markup import bullets, code, paragraphs, shortened
from upsun_rules.lookups.secret_names import is_secret_name
from upsun_schema.configuration.model import Application, Container, Instance, Worker
from upsun_schema.yaml.nodes import Mapping, Node, Scalar, is_same

__all__ = ["about_variable"]


def about_variable(subject: Subject, prefix: str, name: str) -> str | None:
    """How a program reads a variable, and which containers have it."""
    container = subject.container
    if container is None:
        return None
    return paragraphs(
        _found_as(prefix, name),
        bullets(
            [
                *_replaced(container, prefix, name),
                "**Set** during the build and at runtime."
                if isinstance(container, Application)
                else "**Set** at runtime.",
                "**Overridden by** a project or environment variable with the same name.",
                *_who(subject),
            ]
        ),
        _warning(prefix, name),
        docs_link("configure-apps/image-properties/variables"),
    )


def _replaced(container: Container, prefix: str, name: str) -> Iterator[str]:
    """What an instance changes about the application's variable of the same name."""
    if not isinstance(container, Instance):
        return
    application = container.application
    above, own = _value(application, prefix, name), _value(container, prefix, name)
    if above is None or own is None:
        if application.entry("variables") is not None:
            yield f"**New** here: {code(application.name)} does not set it."
    elif is_same(above, own):
        yield f"**The same** as in {code(application.name)}: a `variables` block has to repeat what it keeps."
    else:
        yield f"**Instead of** {_shown(name, above)} in {code(application.name)}."


def _value(container: Container, prefix: str, name: str) -> Node | None:
    group = container.at("variables", prefix)
    pair = group.entries.get(name) if isinstance(group, Mapping) else None
    return None if pair is None else pair.value


def _shown(name: str, node: Node) -> str:
    value = node.resolved
    if not isinstance(value, Scalar):
        return "a map or list"
    return "another value" if is_secret_name(name.upper()) else code(shortened(value.text) or "''")


def _warning(prefix: str, name: str) -> str:
    if prefix != "env" or not is_secret_name(name.upper()):
        return ""
    return (
        "**A secret?** Everyone with access to the repository can read it. Set secrets with "
        f"{code('upsun variable:create --sensitive true')} instead."
    )


def _found_as(prefix: str, name: str) -> str:
    if prefix == "env":
        upper = name.upper()
        note = (
            "" if upper == name else f" The platform converts names to upper case: {code(f'${name}')} does not exist."
        )
        return f"**Environment variable** {code(f'${upper}')}.{note}"
    if prefix == "php":
        return f"**php.ini setting** {code(name)}, for PHP applications."
    return (
        f"**Variable** {code(f'{prefix}:{name}')}. This is not an environment variable: programs read it from the "
        "base64-encoded JSON in `$PLATFORM_VARIABLES`."
    )


def _who(subject: Subject) -> list[str]:
    container = subject.container
    if isinstance(container, Instance):
        return [f"**Only** in {in_words(container)}."]
    if not isinstance(container, Application) or not container.workers:
        return []
    found = heirs(container, "variables")
    others = replacers(container, "variables")
    lines = [f"**In** {found}."] if found else []
    if others:
        workers = [one.name for one in others if isinstance(one, Worker)]
        without = containers(workers, web=len(workers) < len(others))
        lines.append(f"**Not** in {without}, which replaces the whole `variables` block.")
    return lines
