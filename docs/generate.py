"""Write what follows from the rules: their reference in docs/rules, where it is published, the schema of the settings.

python docs/generate.py           write it
python docs/generate.py --check   exit 1 if what is written is not what the rules say
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections import defaultdict
from pathlib import Path

from upsun_rules.engine import all_rules
from upsun_rules.finding import Severity
from upsun_rules.rule import Rule
from upsun_schema.schema import DOCS_BASE

ROOT = Path(__file__).resolve().parents[1]
RULES = ROOT / "docs" / "rules"
REFERENCE = ROOT / "rules" / "upsun_rules" / "reference.py"
SETTINGS = ROOT / "server" / "upsun_lint" / "settings.schema.json"

TOPICS = {
    "shape": "The shape of a file",
    "commands": "What a worker runs",
    "scripts": "Scripts",
    "placement": "What is in the wrong place",
    "sections": "Sections in the wrong place",
    "inheritance": "What an override does",
    "variables": "Variables",
    "mounts": "Mounts",
    "scheduling": "Cron or worker",
    "relationships": "Relationships",
    "routes": "Routes",
    "images": "Images and versions",
    "files": "Files",
}


def pages() -> dict[str, str]:
    """Return every page by its file name."""
    rules = list(all_rules().values())
    return {"README.md": index(rules), **{f"{rule.slug}.md": page(rule) for rule in rules}}


def page(rule: Rule) -> str:
    """Return the page of a rule."""
    title, _, body = rule.documentation.partition("\n")
    topic = TOPICS[rule.topic]
    return (
        f"# {rule.slug}\n\n**{title}**\n\n"
        f"Severity: {rule.severity.label} · Topic: {topic} · [All rules](README.md)\n"
        f"{body.rstrip()}\n\n"
        f"On the platform: <{DOCS_BASE}{rule.docs}>\n\n"
        f"To keep one place quiet, write `# upsun-lint: ignore[{rule.slug}] reason` on its line or above it.\n"
    )


def index(rules: list[Rule]) -> str:
    """Return the list of all rules by topic and by severity."""
    lines = ["# Rules", "", "Generated from the rules by `make docs`.", ""]
    by_topic: dict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        by_topic[rule.topic].append(rule)
    for topic, heading in TOPICS.items():
        lines += [f"## {heading}", "", "| rule | severity | what is wrong |", "| --- | --- | --- |"]
        lines += [
            f"| [{rule.slug}]({rule.slug}.md) | {rule.severity.label} | {rule.title} |" for rule in by_topic[topic]
        ]
        lines.append("")
    lines += ["## By severity", ""]
    for severity in sorted(Severity, reverse=True):
        names = [f"[{rule.slug}]({rule.slug}.md)" for rule in rules if rule.severity is severity]
        if names:
            lines += [f"**{severity.label}**: {', '.join(names)}", ""]
    return "\n".join(lines).rstrip() + "\n"


def reference() -> str:
    """Return the module that tells the rules where their pages are published."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    text = REFERENCE.read_text("utf-8")
    return re.sub(
        r"(?m)^PAGES = .*$", lambda _: f"PAGES = {json.dumps(project.get('urls', {}).get('Rules', ''))}", text
    )


def settings() -> str:
    """Return the schema of the settings with the rules as they are now."""
    schema = json.loads(SETTINGS.read_text("utf-8"))
    schema["definitions"]["rule"]["enum"] = sorted(all_rules())
    severities = {"enum": [*schema["definitions"]["level"]["enum"], "off"]}
    schema["definitions"]["severities"]["properties"] = {
        slug: {"description": rule.title, **severities} for slug, rule in sorted(all_rules().items())
    }
    return json.dumps(schema, indent=2) + "\n"


def stale() -> list[str]:
    """Return the names of the pages that are missing, outdated or left over."""
    wanted = pages()
    there = {file.name: file.read_text("utf-8") for file in RULES.glob("*.md")} if RULES.is_dir() else {}
    names = sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name))
    others = {REFERENCE: reference(), SETTINGS: settings()}
    return [*names, *(file.name for file, text in others.items() if file.read_text("utf-8") != text)]


def main() -> int:
    """Write or check, as the command line says."""
    if "--check" in sys.argv[1:]:
        names = stale()
        if names:
            sys.stderr.write(f"stale ({', '.join(names)}): run `make docs`\n")
        return bool(names)
    RULES.mkdir(exist_ok=True)
    wanted = pages()
    for file in RULES.glob("*.md"):
        if file.name not in wanted:
            file.unlink()
    for name, text in wanted.items():
        (RULES / name).write_text(text, "utf-8")
    REFERENCE.write_text(reference(), "utf-8")
    SETTINGS.write_text(settings(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
