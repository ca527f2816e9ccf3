"""`upsun-lint show`: the effective configuration of each worker."""

from __future__ import annotations

import os
import sys

import click

from upsun_lint.commands.arguments import color, one_format
from upsun_lint.failure import Failure
from upsun_lint.places.paths import display_path
from upsun_lint.reports import worker_report as formats
from upsun_lint.run import targets
from upsun_lint.run.effective import EffectiveWorker, effective_workers
from upsun_lint.run.targets import Target
from upsun_lint.writing import output
from upsun_lint.writing.ci_log import inert
from upsun_lint.writing.terminal import terminal
from upsun_schema.wording import nearest

__all__ = ["show"]


@click.command(options_metavar="[OPTIONS]")
@click.argument("worker", required=False, metavar="[WORKER]")
@click.option("--project", "-C", "path", metavar="PATH", help="The project. [default: the one you are in]")
@one_format("tree", "yaml", "json", text="The output format.")
@color
def show(worker: str | None, path: str | None, form: str, color: str) -> int:
    """Show the effective configuration of each worker, and where each value comes from.

    A value is the worker's own, inherited from its application, or the platform's default; for an override, the output
    lists what the worker loses. WORKER is the name of a worker, or application--worker.
    """
    project = targets.open_project(_target(path))
    found = _chosen(effective_workers(project), worker)
    if any(document.is_broken for document in project.all_documents):
        output.error("parts of the configuration are not valid YAML and may be missing here; see upsun-lint check")
    if form == "tree":
        output.write(inert(_tree(found, color)))
    else:
        output.write(formats.as_json(found) if form == "json" else formats.as_yaml(found))
    return 0


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


def _chosen(found: list[EffectiveWorker], name: str | None) -> list[EffectiveWorker]:
    """The workers of that name or full name; Failure with close matches if there are none."""
    if name is None:
        return found
    chosen = [one for one in found if name in (one.worker.name, one.worker.full_name)]
    if chosen:
        return chosen
    if not found:
        raise Failure(f"there is no worker `{name}`: this project has no workers")
    of_application = [one.worker.name for one in found if one.worker.application.name == name]
    if of_application:
        raise Failure(f"`{name}` is an application; its workers are {_names(of_application)}")
    names = dict.fromkeys([*(one.worker.name for one in found), *(one.worker.full_name for one in found)])
    close = nearest(name, names)
    if close:
        raise Failure(f"there is no worker `{name}`; did you mean {_names(close, 'or')}?")
    raise Failure(
        f"there is no worker `{name}`; there are {_names(list(dict.fromkeys(one.worker.name for one in found)))}"
    )


def _names(names: list[str], word: str = "and") -> str:
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} {word} {quoted[-1]}"
