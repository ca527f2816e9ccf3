"""Hover texts for variables: the name a program reads, what overrides them, and which containers have them."""

from __future__ import annotations

from upsun_lint.lsp.hovers.inherited import containers, heirs, in_words, replacers
from upsun_lint.lsp.hovers.subject import Subject, docs_link
from upsun_lint.lsp.session.markup import bullets, code, paragraphs
from upsun_schema.configuration.model import Application, Instance, Worker

__all__ = ["about_variable"]


def about_variable(subject: Subject, prefix: str, name: str) -> str:
    """How a program reads a variable, and which containers have it."""
    return paragraphs(
        _found_as(prefix, name),
        bullets(
            [
                "**Set** during the build and at runtime.",
                "**Overridden by** a project or environment variable with the same name.",
                *_who(subject),
            ]
        ),
        "Everyone with access to the repository can read it. Set secrets with "
        f"{code('upsun variable:create --sensitive true')} instead.",
        docs_link("configure-apps/image-properties/variables"),
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
