"""Hover texts for the packages in `dependencies`."""

from __future__ import annotations

from upsun_lint.lsp.hovers.subject import Subject, docs_link
from upsun_lint.lsp.session.markup import bullets, code, paragraphs
from upsun_schema.yaml.nodes import Scalar

__all__ = ["about_dependency"]

_INSTALLERS = {
    "php": "Composer, as a global package",
    "python": "pip, with Python 2",
    "python2": "pip, with Python 2",
    "python3": "pip, with Python 3",
    "ruby": "Bundler",
    "nodejs": "npm, as a global package",
}


def about_dependency(subject: Subject, language: str, package: str) -> str | None:
    """How a package gets into the containers; None where it is not known."""
    installer = _INSTALLERS.get(language)
    if installer is None:
        return None
    node = subject.container.at("dependencies", language, package) if subject.container is not None else None
    if not isinstance(node, Scalar):
        return None  # Composer's long form.
    version = "" if node.is_null else node.text
    return paragraphs(
        f"**Package** {code(package)}" + (f", version {code(version)}" if version else ""),
        bullets(
            [
                f"**Installed by** {installer}, before the build hook.",
                "**Its programs** are on the `PATH` in the build and at runtime, in the workers too.",
            ]
        ),
        docs_link("configure-apps/app-reference/single-runtime-image#dependencies"),
    )
