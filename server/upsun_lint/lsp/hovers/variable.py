"""A variable: under which name a program finds it, what wins over it, and which containers have it."""

from __future__ import annotations

from upsun_lint.lsp.hovers.inherited import containers, heirs, in_words, replacers
from upsun_lint.lsp.hovers.subject import Subject, docs_link
from upsun_lint.lsp.session.markup import bullets, code, paragraphs
from upsun_schema.configuration.model import Application, Instance, Worker

__all__ = ["about_variable"]


def about_variable(subject: Subject, prefix: str, name: str) -> str:
    """Where a program finds a variable and who has it."""
    return paragraphs(
        _found_as(prefix, name),
        bullets(
            [
                "**When:** in the build and at runtime.",
                "**Gives way** to a project or environment variable of the same name.",
                *_who(subject),
            ]
        ),
        "It is in Git, for everyone to read who can read the repository. Secrets are set with "
        f"{code('upsun variable:create --sensitive true')}.",
        docs_link("configure-apps/image-properties/variables"),
    )


def _found_as(prefix: str, name: str) -> str:
    if prefix == "env":
        upper = name.upper()
        note = "" if upper == name else f" Names become upper case: {code(f'${name}')} does not exist."
        return f"**Environment variable** {code(f'${upper}')}.{note}"
    if prefix == "php":
        return f"**php.ini setting** {code(name)}, for PHP applications."
    return (
        f"**Variable** {code(f'{prefix}:{name}')}. It is no environment variable: programs find it by this name in the "
        "base64-encoded JSON of `$PLATFORM_VARIABLES`."
    )


def _who(subject: Subject) -> list[str]:
    container = subject.container
    if isinstance(container, Instance):
        return [f"**Who:** {in_words(container)} only."]
    if not isinstance(container, Application) or not container.workers:
        return []
    found = heirs(container, "variables")
    others = replacers(container, "variables")
    lines = [f"**Who:** {found}."] if found else []
    if others:
        workers = [one.name for one in others if isinstance(one, Worker)]
        without = containers(workers, web=len(workers) < len(others))
        lines.append(f"**Not** in {without}, where `variables` are set that take the place of all of these.")
    return lines
