"""Write what follows from the rules: their reference in docs/rules, where it is published, the schema of the settings.

python docs/generate.py           write it
python docs/generate.py --check   exit 1 if what is written is not what the rules say
"""

from __future__ import annotations

import ast
import inspect
import json
import os
import re
import sys
import tempfile
import tomllib
from collections import defaultdict
from pathlib import Path

from upsun_lint.reports import full_text as text_report
from upsun_lint.run.result import Report, Result
from upsun_lint.run.rule_names import topics
from upsun_lint.run.shellcheck import Shellcheck, find
from upsun_lint.writing.terminal import PLAIN
from upsun_rules.catalog import every_rule
from upsun_rules.engine import judge, lint
from upsun_rules.finding import Finding, Severity
from upsun_rules.options import Options
from upsun_rules.rule import NEEDS, SUBJECTS, Example, Rule
from upsun_schema.configuration.change import Change
from upsun_schema.configuration.model import (
    Application,
    Container,
    Cron,
    Instance,
    Mount,
    Relationship,
    Route,
    Service,
    Task,
    Variable,
    View,
    Worker,
)
from upsun_schema.configuration.project import Project, find_projects
from upsun_schema.keys.shape import DOCS_BASE

ROOT = Path(__file__).resolve().parents[1]
RULES = ROOT / "docs" / "rules"
REFERENCE = ROOT / "rules" / "upsun_rules" / "published.py"
CONTRIBUTING = ROOT / "CONTRIBUTING.md"
SETTINGS = ROOT / "server" / "upsun_lint" / "run" / "settings.schema.json"

_COLUMNS = 100

MODELS: dict[str, type] = {
    model.__name__: model
    for model in (
        *(View, Container, Instance, Worker, Application, Service, Task, Cron, Route),
        *(Relationship, Mount, Variable, Project),
    )
}
"""The classes that a rule reads, in the order of their table in CONTRIBUTING."""

_ABOUT_CHANGES = (
    "This rule is about [a change](../guide/changes.md): it runs with `--since`, and in editors with the setting "
    "`compareWithHead`."
)


# -- pages -----------------------------------------------------------------------------------------------------------


def pages() -> dict[str, str]:
    """Every page by its file name."""
    rules = list(every_rule().values())
    return {"README.md": index(rules), **{f"{rule.slug}.md": page(rule) for rule in rules}}


def page(rule: Rule) -> str:
    """The page of a rule."""
    wrong = [example for example in rule.examples if example.wrong]
    if not wrong or len(wrong) == len(rule.examples):
        raise SystemExit(f"{rule.slug}: a rule needs a wrong and a right example in its docstring")
    title, _, body = rule.documentation.partition("\n")
    found = [findings_of(rule, example) for example in wrong]
    parts = [
        f"# {rule.slug}\n\n**{title}**",
        f"Severity: {rule.severity.label} · Topic: {rule.heading} · [All rules](README.md)",
        *([_ABOUT_CHANGES] if rule.subject == "Change" else []),
        body.strip(),
        "## Output\n\n" + "\n\n".join(f"```text\n{output}```" for output, _ in found),
        "## Fix\n\n" + fixes([finding for _, some in found for finding in some]),
        f"On the platform: <{DOCS_BASE}{rule.docs}>",
        f"To suppress it in one place, write `# upsun-lint: ignore[{rule.slug}] reason` on the line or above it.",
    ]
    return "\n\n".join(parts) + "\n"


def options(rule: Rule) -> Options:
    """The options that a rule needs to report anything."""
    return Options(reviewer=Shellcheck(find(os.getcwd()))) if rule.slug in Options().idle else Options()


def findings_of(rule: Rule, example: Example) -> tuple[str, list[Finding]]:
    """What the command line prints about an example, and the findings of the rule in it."""
    with tempfile.TemporaryDirectory() as folder:
        for path, text in example.files.items():
            file = Path(folder, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
        before = os.getcwd()
        os.chdir(folder)
        try:
            projects = map(Project, find_projects(os.getcwd()))
            results = [
                Result(
                    project,
                    [one for one in _all_findings(project, example, options(rule)) if one.rule == rule.slug],
                )
                for project in projects
            ]
            found = [finding for result in results for finding in result.findings]
            if not found:
                raise SystemExit(f"{rule.slug}: the wrong example in its docstring is not found")
            terminal = PLAIN._replace(columns=_COLUMNS)
            return text_report.render(Report(results), terminal, quiet=True), found
        finally:
            os.chdir(before)


def _all_findings(project: Project, example: Example, options: Options) -> list[Finding]:
    if not example.before:
        return lint(project, options)
    return judge(Change(Project(project.root, example.before, on_disk=False), project), options)


def fixes(found: list[Finding]) -> str:
    """Say how the findings of a rule are fixed."""
    safe = _titles(found, safe=True)
    offered = _titles(found, safe=False)
    lines = []
    if safe:
        lines.append(f"Safe: {safe}. `upsun-lint check --fix` applies it, and editors offer it.")
    if offered:
        lines.append(f"Only offered in editors, because it can change what the configuration does: {offered}.")
    return "\n\n".join(lines) or "There is no automatic fix for this example."


def _titles(found: list[Finding], *, safe: bool) -> str:
    titles = dict.fromkeys(fix.title for finding in found for fix in finding.fixes if fix.safe is safe)
    return "; ".join(title[0].lower() + title[1:] for title in titles)


def index(rules: list[Rule]) -> str:
    """The list of all rules by topic and by severity."""
    lines = ["# Rules", "", "Generated from the rules by `make docs`.", ""]
    by_topic: dict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        by_topic[rule.heading].append(rule)
    for heading, some in sorted(by_topic.items()):
        lines += [f"## {heading}", "", "| rule | severity | what is wrong |", "| --- | --- | --- |"]
        lines += [f"| [{rule.slug}]({rule.slug}.md) | {rule.severity.label} | {rule.title} |" for rule in some]
        lines.append("")
    lines += ["## By severity", ""]
    for severity in sorted(Severity, reverse=True):
        names = [f"[{rule.slug}]({rule.slug}.md)" for rule in rules if rule.severity is severity]
        if names:
            lines += [f"**{severity.label}**: {', '.join(names)}", ""]
    return "\n".join(lines).rstrip() + "\n"


# -- parts of other files --------------------------------------------------------------------------------------------


def reference() -> str:
    """The module that knows where upsun-lint and its rules are published."""
    urls = _urls()
    text = re.sub(
        r"(?m)^PAGES = .*$", lambda _: f"PAGES = {json.dumps(urls.get('Rules', ''))}", REFERENCE.read_text("utf-8")
    )
    return re.sub(r"(?m)^HOME = .*$", lambda _: f"HOME = {json.dumps(urls['Repository'])}", text)


def _urls() -> dict[str, str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    found: dict[str, str] = project["urls"]
    return found


def addresses() -> dict[Path, str]:
    """The documents that name the address of the repository, with the one in `pyproject.toml`."""
    old = re.findall(r'(?m)^HOME = "(.*)"$', REFERENCE.read_text("utf-8"))[0]
    files = [
        ROOT / "README.md",
        *sorted((ROOT / "docs" / "guide").glob("*.md")),
        *sorted((ROOT / "editors").glob("*.md")),
    ]
    texts = {file: file.read_text("utf-8") for file in files if file.is_file()}
    return {file: text.replace(old, _urls()["Repository"]) for file, text in texts.items() if old in text}


def settings() -> str:
    """The schema of the settings with the rules as they are now."""
    schema = json.loads(SETTINGS.read_text("utf-8"))
    every, by_topic = every_rule(), sorted({*topics(), "policies"} - every_rule().keys())
    names, of_topics, _ = schema["definitions"]["rule"]["anyOf"]
    names["enum"], of_topics["enum"] = sorted(every), by_topic
    severities = {"enum": [*schema["definitions"]["level"]["enum"], "off"]}
    schema["definitions"]["severities"]["properties"] = {
        slug: {"description": rule.title, **severities} for slug, rule in sorted(every.items())
    } | {topic: {"description": "All rules of this topic.", **severities} for topic in by_topic}
    return json.dumps(schema, indent=2) + "\n"


def offer(view: type) -> str:
    """What a class offers to rules, as a list: its base, its attributes, its properties and its methods."""
    bases = [base for base in view.__mro__[1:-1] if base.__name__ in MODELS][:1]
    own = [one for one in view.__mro__[:-1] if one is view or one.__name__ not in MODELS]
    parts = [node for one in own for node in ast.walk(ast.parse(inspect.getsource(one)).body[0])]
    attributes = [
        node.attr
        for node in parts
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and ast.unparse(node.value) == "self"
    ]
    methods = [_method(node) for node in parts if isinstance(node, ast.FunctionDef) and not _is_of_class(node)]
    names = [name for name in dict.fromkeys([*attributes, *methods]) if not name.startswith("_")]
    return ", ".join([*(f"as `{base.__name__}`" for base in bases), *(f"`{name}`" for name in names)])


def _decorators(method: ast.FunctionDef) -> set[str]:
    return {ast.unparse(decorator) for decorator in method.decorator_list}


def _is_of_class(method: ast.FunctionDef) -> bool:
    return "classmethod" in _decorators(method)


def _method(method: ast.FunctionDef) -> str:
    """The name of a property, or of a method with its parameters."""
    if _decorators(method) & {"property", "cached_property"}:
        return method.name
    arguments = method.args
    names = [one.arg for one in (*arguments.args[1:], *arguments.kwonlyargs)]
    if arguments.vararg is not None:
        names.append(f"*{arguments.vararg.arg}")
    return f"{method.name}({', '.join(names)})"


def contributing() -> str:
    """CONTRIBUTING.md with the types and parameters that a rule can have, and what it finds in them."""
    rows = [f"| `{name}` | {meaning} |" for name, meaning in SUBJECTS.items()]
    table = ["| first parameter | the rule runs on each |", "| --- | --- |", *rows, ""]
    rows = [f"| `{name}` | {meaning} |" for name, meaning in NEEDS.items()]
    table += ["| further parameter | what it is |", "| --- | --- |", *rows, ""]
    rows = [f"| `{name}` | {offer(view)} |" for name, view in MODELS.items()]
    table += ["| class | what it has |", "| --- | --- |", *rows]
    text = CONTRIBUTING.read_text("utf-8")
    return re.sub(
        r"(?s)(<!-- what a rule can ask for: `make docs` -->\n).*?(\n<!-- end -->)",
        lambda match: match[1] + "\n".join(table) + match[2],
        text,
    )


# -- writing ---------------------------------------------------------------------------------------------------------


def wanted() -> dict[Path, str]:
    """The text of every generated file by its path."""
    found = {RULES / name: text for name, text in pages().items()}
    return {**addresses(), **found, REFERENCE: reference(), SETTINGS: settings(), CONTRIBUTING: contributing()}


def stale() -> list[str]:
    """The names of the files that are missing, outdated or left over."""
    texts = wanted()
    outdated = [file for file, text in texts.items() if not file.is_file() or file.read_text("utf-8") != text]
    left_over = [file for file in RULES.glob("*.md") if file not in texts]
    return sorted(file.name for file in (*outdated, *left_over))


def main() -> int:
    """Write or check, as the command line says."""
    if "--check" in sys.argv[1:]:
        names = stale()
        if names:
            sys.stderr.write(f"stale ({', '.join(names)}): run `make docs`\n")
        return bool(names)
    RULES.mkdir(exist_ok=True)
    texts = wanted()
    for file in RULES.glob("*.md"):
        if file not in texts:
            file.unlink()
    for file, text in texts.items():
        file.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
