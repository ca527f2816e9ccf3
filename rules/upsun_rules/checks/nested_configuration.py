"""Rules about configuration below the root of a repository."""

from __future__ import annotations

import os
from collections.abc import Iterator

from upsun_rules.finding import Finding, Severity
from upsun_rules.rule import rule
from upsun_schema.configuration.project import CONFIG_FOLDER, Project
from upsun_schema.yaml.nodes import Mapping, Region

TOPIC = "Files below the root"

_MOST_LEVELS = 20


@rule("nested-configuration", Severity.WARNING, docs="core-concepts/yaml/yaml-structure")
def nested_configuration(project: Project) -> Iterator[Finding]:
    """A `.upsun` folder is below the root of a repository that has one at its root.

    The platform reads the `.upsun` folder at the root of the repository. It ignores any other, and with it everything
    that it configures.

    Move its applications, services and routes to the `.upsun` folder at the root. `source.root` says where the code of
    an application is. A folder that is a Git repository itself is a separate project and is not reported.

    ```yaml title="wrong: .upsun/config.yaml"
    applications:
      app:
        type: 'php:8.4'
    ```

    ```yaml title="wrong: api/.upsun/config.yaml"
    applications:
      api:
        type: 'python:3.14'
    ```

    ```yaml title="right: .upsun/config.yaml"
    applications:
      app:
        type: 'php:8.4'
      api:
        type: 'python:3.14'
        source:
          root: api
    routes:
      'https://{default}/':
        type: upstream
        upstream: 'app:http'
    ```
    """
    above = _configured_above(project.root)
    if above is None:
        return
    for document in project.documents.values():
        if isinstance(document.root, Mapping) and document.root.pairs:
            way = os.path.relpath(os.path.join(above, CONFIG_FOLDER), project.root).replace(os.sep, "/")
            message = f"the platform ignores this `.upsun` folder, because it reads `{way}`; move what is here to there"
            region: Region = document.root.pairs[0].key.region
            yield Finding(region, message)
            return


def _configured_above(root: str) -> str | None:
    """The nearest folder above a project, in the same repository, that has a configuration."""
    folder = root
    for _ in range(_MOST_LEVELS):
        parent = os.path.dirname(folder)
        if parent == folder or os.path.exists(os.path.join(folder, ".git")):
            return None
        folder = parent
        try:
            names = os.listdir(os.path.join(folder, CONFIG_FOLDER))
        except OSError:
            continue
        if any(name.endswith(".yaml") for name in names):
            return folder
    return None
