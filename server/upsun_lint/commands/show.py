"""`upsun-lint show`: the effective configuration of workers and web containers."""

from __future__ import annotations

import os
import sys

import click

from upsun_lint.commands.arguments import given, one_format
from upsun_lint.commands.completing import container_names, names_in
from upsun_lint.commands.option_kinds import COLOR
from upsun_lint.failure import Failure
from upsun_lint.places.paths import display_path
from upsun_lint.reports import worker_report as formats
from upsun_lint.run import targets
from upsun_lint.run.effective import EffectiveWorker, effective_web, effective_workers
from upsun_lint.run.targets import Target
from upsun_lint.writing import output
from upsun_lint.writing.ci_log import inert
from upsun_lint.writing.terminal import terminal
from upsun_schema.configuration.project import Project, find_project
from upsun_schema.wording import nearest

__all__ = ["show"]


@click.command(options_metavar="[OPTIONS]")
@click.argument("words", nargs=-1, metavar="[PROJECT] [APPLICATION|WORKER]", shell_complete=container_names)
@click.option("--project", "-C", "path", metavar="PATH", help="The project. [default: the one you are in]")
@one_format("tree", "yaml", "json", text="The output format.")
@given(COLOR)
def show(words: tuple[str, ...], path: str | None, form: str, color: str) -> int:
    """Show the effective configuration of each worker, and where each value comes from.

    A value is the worker's own, inherited from its application, or the platform's default; for an override, the output
    lists what the worker loses. WORKER is the name of a worker, or application--worker. For the name of an APPLICATION,
    it is the configuration of its web container. PROJECT is a folder; the default is the project you are in.
    """
    path, name = _split(words, path)
    project = targets.open_project(_target(path))
    found = _chosen(project, name)
    if any(document.is_broken for document in project.all_documents):
        output.error("parts of the configuration are not valid YAML and may be missing here; see upsun-lint check")
    if form == "tree":
        output.write(inert(_tree(found, color)))
    else:
        output.write(formats.as_json(found) if form == "json" else formats.as_yaml(found))
    return 0


def _split(words: tuple[str, ...], path: str | None) -> tuple[str | None, str | None]:
    """The project and the name that the words of a command line are; a name counts before a folder of that name."""
    if len(words) > (2 if path is None else 1):
        raise Failure("show takes at most a PROJECT and the name of an application or a worker")
    if path is None and len(words) == 2:
        return words[0], words[1]
    if path is None and words and os.path.isdir(words[0]) and not _is_name(words[0]):
        return words[0], None
    return path, words[0] if words else None


def _is_name(word: str) -> bool:
    """Whether the project around the working directory has an application or a worker of that name."""
    root = find_project(os.curdir)
    return root is not None and word in names_in(Project(root))


def _target(path: str | None) -> Target:
    found = targets.find([] if path is None else [path])
    found = [one for one in found if path is not None and one.root == os.path.abspath(path)] or found
    if len(found) > 1:
        names = [display_path(one.root) for one in found]
        raise Failure(f"{path}: there are several projects: {', '.join(names[:3])}{', …' if len(names) > 3 else ''}")
    return Target(found[0].root, None)


def _tree(found: list[EffectiveWorker], color: str) -> str:
    if not found:
        return "There are no workers in this project.\n"
    return formats.as_tree(found, terminal(sys.stdout, color))


def _chosen(project: Project, name: str | None) -> list[EffectiveWorker]:
    """The containers of that name; Failure with close matches if there are none."""
    if name is None:
        return effective_workers(project)
    if name in project.applications:
        return [effective_web(project, project.applications[name])]
    found = effective_workers(project)
    if chosen := [one for one in found if name in (one.worker.name, one.full_name)]:
        return chosen
    names = names_in(project)
    if not names:
        raise Failure(f"there is no application or worker `{name}`: this project has none")
    if close := nearest(name, names):
        raise Failure(f"there is no application or worker `{name}`; did you mean {_names(close, 'or')}?")
    hint = "; for a project, write its path" if os.sep in name or "/" in name else ""
    short = [one for one in names if "--" not in one or one in (each.worker.name for each in found)]
    verb = "is" if len(short) == 1 else "are"
    raise Failure(f"there is no application or worker `{name}`; there {verb} {_names(short[:20])}{hint}")


def _names(names: list[str], word: str = "and") -> str:
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} {word} {quoted[-1]}"
