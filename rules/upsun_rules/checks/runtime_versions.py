"""Rules about what the code asks of its runtime, against the image that is configured."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from upsun_rules.finding import Finding, Related, Severity
from upsun_rules.lookups.resolved_texts import files_of
from upsun_rules.resolution.application_files import ApplicationFiles, child, text_of
from upsun_rules.rule import rule
from upsun_schema.configuration.model import Application
from upsun_schema.configuration.project import Project
from upsun_schema.expression import expression
from upsun_schema.record import NamedTuple
from upsun_schema.yaml.document import TextDocument
from upsun_schema.yaml.nodes import Region, Scalar

TOPIC = "Versions of the runtime"


class _Demand(NamedTuple):
    """A constraint, where it is, and what happens when it is not met."""

    constraint: str
    place: Region
    path: str
    outcome: str
    severity: Severity = Severity.OF_RULE


@rule("runtime-version-mismatch", Severity.WARNING, docs="languages", keys=("type",))
def runtime_version_mismatch(application: Application, project: Project) -> Iterator[Finding]:
    """The code asks for another version of the runtime than the image has.

    `composer install` stops if the constraint for `php` in `composer.json` is not met. Bundler stops if the version of
    `ruby` in the `Gemfile` is another one, and installing a Python project stops at `requires-python`. The web process
    and all workers use the same image, so one version has to suit all of them.

    Change the version in `type`, or the constraint. The version for Node.js in `engines` is only reported as
    information, since npm only warns. So are versions in `.nvmrc`, `.node-version`, `.python-version` and
    `.ruby-version`, and a version in `go.mod` that is newer than the image: other programs read these files.

    ```yaml title="wrong: .upsun/config.yaml"
    applications:
      app:
        type: 'php:8.3'
    ```

    ```json title="wrong: composer.json"
    {"require": {"php": "^8.4"}}
    ```

    ```yaml title="right: .upsun/config.yaml"
    applications:
      app:
        type: 'php:8.4'
    ```

    ```json title="right: composer.json"
    {"require": {"php": "^8.4"}}
    ```
    """
    kind = application.type
    if kind is None:
        return
    name, _, version = kind.text.partition(":")
    demands = _DEMANDS.get(name)
    if demands is None or not version:
        return
    from upsun_rules.frameworks.version_ranges import may_satisfy

    unmet = (
        demand
        for demand in demands(files_of(application, project))
        if not (demand.path in _FILES and _SELECTS.search(_hooks(application)))
        and not may_satisfy(demand.constraint, version, is_npm=name == "nodejs")
    )
    # A second file with the same version says nothing new.
    if (first := next(unmet, None)) is not None:
        yield _mismatch(kind, first)


_FILES = (".nvmrc", ".node-version", ".python-version", ".ruby-version")
_SELECTS = expression(r"\b(?:nvm|fnm|volta|asdf|mise|rtx|pyenv|rbenv|chruby|n[ \t]+(?:auto|install))\b")
"""Programs that install the version in such a file."""


def _hooks(application: Application) -> str:
    return "\n".join(hook.text for hook in application.hooks.values())


def _mismatch(kind: Scalar, demand: _Demand) -> Finding:
    constraint = demand.constraint.replace("`", "'")
    return Finding(
        kind.region,
        f"`{demand.path}` asks for `{constraint}`, which `{kind.text}` does not meet; {demand.outcome}"[:200],
        label="another version is needed",
        related=(Related(demand.place, "the constraint"),),
        severity=demand.severity,
    )


def _php(files: ApplicationFiles) -> Iterator[_Demand]:
    yield from _json(files, "composer.json", ("require", "php"), "`composer install` stops", Severity.OF_RULE)


def _node(files: ApplicationFiles) -> Iterator[_Demand]:
    outcome = "npm warns, other package managers stop"
    yield from _json(files, "package.json", ("engines", "node"), outcome, Severity.INFO)
    yield from _file(files, (".nvmrc", ".node-version"), "developers and other programs use that version")


def _json(
    files: ApplicationFiles, name: str, keys: tuple[str, ...], outcome: str, severity: Severity
) -> Iterator[_Demand]:
    path = name
    document = files.tree(path)
    node = child(document.root, *keys) if document is not None else None
    if node is not None and (text := text_of(node)):
        yield _Demand(text, node.region, path, outcome, severity)


_VERSION = expression(r"(?:#[^\n]*\n|\s)*(?:v|ruby-|python-|cpython-)?(\d+(?:\.\d+){0,2})[ \t]*(?:\n|\Z)")
"""The first line of a file with a version; others, such as `lts/*` and `pypy3.10`, are left alone."""


def _file(
    files: ApplicationFiles, names: tuple[str, ...], outcome: str, severity: Severity = Severity.INFO
) -> Iterator[_Demand]:
    """Yield the version in a file that holds nothing else."""
    present = files.files("")
    for name in names:
        document = files.text(name) if name in present else None
        match = _VERSION.match(document.text) if document is not None else None
        if document is not None and match is not None:
            yield _Demand(match[1], Region(document.whole, match.start(1), match.end(1)), name, outcome, severity)


_GO = expression(r"^go[ \t]+(\d+\.\d+)", re.MULTILINE)


def _go(files: ApplicationFiles) -> Iterator[_Demand]:
    document = files.text("go.mod")
    match = _GO.search(document.text) if document is not None else None
    if document is not None and match is not None:
        place = Region(document.whole, match.start(1), match.end(1))
        yield _Demand(f">={match[1]}", place, "go.mod", "the build has to download a newer Go", Severity.INFO)


_RUBY_FILE = expression(r"^[ \t]*ruby[ \t(]+file:[ \t]*[\"']\.ruby-version", re.MULTILINE)
_RUBY = expression(r"^[ \t]*ruby[ \t(]+[\"']([^\"'\n]+)[\"']", re.MULTILINE)


def _ruby(files: ApplicationFiles) -> Iterator[_Demand]:
    path = "Gemfile"
    document = files.text(path)
    match = _RUBY.search(document.text) if document is not None else None
    if document is not None and match is not None:
        place = Region(document.whole, match.start(1), match.end(1))
        yield _Demand(match[1], place, path, "Bundler stops")
    is_read = document is not None and _RUBY_FILE.search(document.text) is not None
    outcome = "Bundler stops" if is_read else "developers and other programs use that version"
    yield from _file(files, (".ruby-version",), outcome, Severity.OF_RULE if is_read else Severity.INFO)


def _python(files: ApplicationFiles) -> Iterator[_Demand]:
    document = files.text("pyproject.toml")
    yield from _requires_python(document) if document is not None and "requires-python" in document.text else ()
    yield from _file(files, (".python-version",), "uv and pyenv use that version instead")


def _requires_python(document: TextDocument) -> Iterator[_Demand]:
    import tomllib

    try:
        project = tomllib.loads(document.text).get("project")
    except (tomllib.TOMLDecodeError, RecursionError):
        return
    constraint = project.get("requires-python") if isinstance(project, dict) else None
    if isinstance(constraint, str):
        at = document.text.index("requires-python")
        place = Region(document.whole, at, at + len("requires-python"))
        yield _Demand(constraint, place, "pyproject.toml", "installing the project stops")


_DEMANDS: dict[str, Callable[[ApplicationFiles], Iterator[_Demand]]] = {
    "php": _php,
    "nodejs": _node,
    "ruby": _ruby,
    "python": _python,
    "golang": _go,
}
