"""Rules about configuration below the root of a repository."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import chain, islice

from upsun_rules.finding import Finding, Severity
from upsun_rules.rule import rule
from upsun_schema.configuration.git_index import git_index
from upsun_schema.configuration.project import CONFIG_FOLDER, SKIPPED_FOLDERS, Project
from upsun_schema.expression import expression
from upsun_schema.wording import listed
from upsun_schema.yaml.nodes import Mapping

TOPIC = "Files below the root"

_MOST_LEVELS = 20
_MOST_SHOWN = 3
_MOST_FILES = 1_000

_FOLDERS = expression(r"(.*/\.(?:upsun|platform))/[^/]*\.ya?ml")


@rule("nested-configuration", Severity.WARNING, docs="core-concepts/yaml/yaml-structure")
def nested_configuration(project: Project) -> Iterator[Finding]:
    """A `.upsun` folder is below the root of a repository that has one at its root.

    The platform reads the `.upsun` folder at the root of the repository. It ignores any other, and with it everything
    that it configures.

    Move its applications, services and routes to the `.upsun` folder at the root. `source.root` says where the code of
    an application is. A folder that is a Git repository itself is a separate project and is not reported.

    At the root of a repository, the folders below it with a tracked `.upsun` or `.platform` folder are an information:
    they may be examples.

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
    roots = (document.root for document in project.documents.values())
    first = next((root.pairs[0].key.region for root in roots if isinstance(root, Mapping) and root.pairs), None)
    if first is None:
        return
    above = _configured_above(project.root)
    if above is not None:
        way = os.path.relpath(os.path.join(above, CONFIG_FOLDER), project.root).replace(os.sep, "/")
        message = f"the platform ignores this `.upsun` folder, because it reads `{way}`; move what is here to there"
        yield Finding(first, message)
    elif below := _configured_below(project.root):
        shown = listed(below[:_MOST_SHOWN], "and") + (f", and {len(below) - _MOST_SHOWN} more" if below[3:] else "")
        message = f"the platform reads only the `.upsun` folder at the root, and ignores {shown}"
        yield Finding(first, message, severity=Severity.INFO)


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


def _configured_below(root: str) -> list[str]:
    """The folders below the top of a repository that have tracked configuration. What was deleted since is left out."""
    index = git_index(root)
    if index is None:
        return []
    tracked = chain(*(index.holding(f"/{name}/") for name in (CONFIG_FOLDER, ".platform")))
    there = (path for path in islice(tracked, _MOST_FILES) if os.path.lexists(os.path.join(root, path)))
    folders = (found[1] for path in there if (found := _FOLDERS.fullmatch(path)))
    return sorted({one for one in folders if SKIPPED_FOLDERS.isdisjoint(one.split("/"))})
