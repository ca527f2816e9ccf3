"""What a shell offers for a word of the command line: commands, rules, formats, applications and workers."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from upsun_lint.failure import Failure
from upsun_lint.run.settings import FORMATS
from upsun_schema.configuration.project import Project, find_project

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

__all__ = ["container_names", "format_names", "item", "names_in", "paths", "rule_names"]


def item(value: str, kind: str = "plain") -> CompletionItem:
    """Something to offer; for the kinds `file` and `dir`, the shell offers paths."""
    from click.shell_completion import CompletionItem

    return CompletionItem(value, type=kind)


def names_in(project: Project) -> list[str]:
    """The names of the applications and workers of a project, and the full names of the workers."""
    workers = [worker for one in project.applications.values() for worker in one.workers.values()]
    names = [*project.applications, *(one.name for one in workers), *(one.full_name for one in workers)]
    return list(dict.fromkeys(names))


def container_names(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The applications and workers of the project around the working directory, and folders."""
    root = find_project(os.curdir)
    names = [] if root is None else names_in(Project(root))
    return [*_items(names, incomplete), item(incomplete, "dir")]


def paths(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Files and folders."""
    return [item(incomplete, "file")]


def rule_names(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The rules, their topics, and the policies of the project; behind a comma, the next one."""
    from upsun_lint.run.rule_names import topics
    from upsun_rules.catalog import every_rule

    before, comma, last = incomplete.rpartition(",")
    names = [*every_rule(), *topics(), *_policies()]
    return [item(before + comma + one.value) for one in _items(dict.fromkeys(names), last)]


def _policies() -> list[str]:
    from upsun_lint.run.settings_files import find
    from upsun_lint.run.settings_reader import load

    try:
        path = find(find_project(os.curdir) or os.curdir)
        return [policy.slug for policy in load(path).policies] if path is not None else []
    except Failure:
        return []


def format_names(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The report formats."""
    return _items(FORMATS, incomplete)


def _items(names: object, incomplete: str) -> list[CompletionItem]:
    assert isinstance(names, list | tuple | dict)
    return [item(name) for name in names if name.startswith(incomplete)]
