"""The rule about the folder of an application's code."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator
from itertools import islice

from upsun_rules.editing.blocks import rewrite
from upsun_rules.finding import Finding, Fix, Severity
from upsun_rules.rule import rule
from upsun_schema.configuration.model import Application
from upsun_schema.configuration.project import Project
from upsun_schema.wording import is_placeholder, listed, nearest, shortened
from upsun_schema.yaml.nodes import BROKEN, Scalar

TOPIC = "The code of an application"

_MOST_FOLDERS = 1_000


@rule("missing-source-root", Severity.WARNING, docs="configure-apps/image-properties/source")
def missing_source_root(project: Project) -> Iterator[Finding]:
    """`source.root` names a folder that does not exist.

    `source.root` is the folder of an application's code, relative to the root of the repository. Without it, the
    application has no code, and its build fails.

    This rule looks at the files beside `.upsun`, and is silent if there are none.

    ```yaml title="wrong: .upsun/config.yaml"
    applications:
      app:
        type: 'php:8.4'
        source:
          root: bakend
    ```

    ```php title="wrong: backend/index.php"
    <?php
    ```

    ```yaml title="right: .upsun/config.yaml"
    applications:
      app:
        type: 'php:8.4'
        source:
          root: backend
    ```

    ```php title="right: backend/index.php"
    <?php
    ```
    """
    if not (top := _names(project, "")):
        return
    for application in project.applications.values():
        node = application.at("source", "root")
        if not isinstance(node, Scalar) or node.tag == BROKEN or is_placeholder(node.text) or "\0" in node.text:
            continue
        path = posixpath.normpath(node.text.strip("/") or ".")
        if path.startswith("..") or project.exists(path, folder=True):
            continue
        folder = posixpath.dirname(path)
        names = _names(project, folder) if folder else top
        around = [name for name in names if project.exists(posixpath.join(folder, name), folder=True)]
        yield _missing(application, node, path, around)


def _names(project: Project, path: str) -> list[str]:
    """The names in a folder, without hidden ones."""
    try:
        with os.scandir(os.path.join(project.root, path)) as entries:
            return [entry.name for entry in islice(entries, _MOST_FOLDERS) if not entry.name.startswith(".")]
    except OSError:
        return []


def _missing(application: Application, node: Scalar, path: str, around: list[str]) -> Finding:
    meant = [posixpath.join(posixpath.dirname(path), name) for name in nearest(posixpath.basename(path), around)]
    message = f"the repository has no folder `{shortened(path)}`, so application `{application.name}` has no code"
    message += f"; did you mean {listed(meant, 'or')}?" if meant else ""
    fixes = tuple(Fix(f"Change it to `{one}`", (rewrite(node, one),)) for one in meant)
    return Finding(node.region, message, fixes=fixes)
