"""`upsun-lint rules`, `explain` and `schema`: what is checked, in words and as data."""

from __future__ import annotations

import os
import sys

import click

from upsun_lint.commands.arguments import given, one_format
from upsun_lint.commands.completing import rule_names
from upsun_lint.commands.option_kinds import COLOR
from upsun_lint.failure import Failure
from upsun_lint.places.paths import display_path
from upsun_lint.reports import explanation
from upsun_lint.run import settings_reader
from upsun_lint.run.settings_files import find
from upsun_lint.writing import output
from upsun_lint.writing.terminal import terminal
from upsun_rules.catalog import every_rule
from upsun_rules.rule import POLICY, Rule
from upsun_schema.configuration.project import find_project
from upsun_schema.wording import nearest

__all__ = ["explain", "rules", "schema"]


@click.command(options_metavar="[OPTIONS]")
@click.argument("rule", metavar="RULE", shell_complete=rule_names)
@given(COLOR)
def explain(rule: str, color: str) -> int:
    """Explain a rule or a policy: what it finds, what the platform does, and how to fix it, with examples."""
    found = _catalog(required=rule.startswith(POLICY))
    if rule not in found:
        close = nearest(rule, found)
        raise Failure(f"explain: there is no rule `{rule}`" + (f"; did you mean `{close[0]}`?" if close else ""))
    output.write(explanation.explain(found[rule], terminal(sys.stdout, color)))
    return 0


def _catalog(*, required: bool) -> dict[str, Rule]:
    """Every rule by its name, and the policies of the project around the working directory.

    If they are `required`, settings that cannot be used are a Failure.
    """
    try:
        root = find_project(os.curdir)
        path = find(os.curdir if root is None else root)
        policies = settings_reader.load(display_path(path)).policies if path is not None else ()
    except Failure:
        if required:
            raise
        policies = ()
    return every_rule(policies)


@click.command(options_metavar="[OPTIONS]")
@one_format("text", "json", "markdown", text="The output format; markdown is the full documentation.")
@given(COLOR)
def rules(form: str, color: str) -> int:
    """List the rules, and the policies of the project you are in."""
    found = list(_catalog(required=False).values())
    if form == "text":
        output.write(explanation.as_text(found, terminal(sys.stdout, color)))
    else:
        output.write(explanation.as_json(found) if form == "json" else explanation.as_markdown(found))
    return 0


@click.command(options_metavar="[OPTIONS]")
@click.option("--settings", "of_settings", is_flag=True, help="Print the schema of .upsun-lint.toml instead.")
def schema(of_settings: bool) -> int:
    """Print the JSON Schema (draft-07) of .upsun/*.yaml, for editors and other tools.

    It accepts `!include` where a map, a list or a script may be. Other tools do not check what is included.
    """
    from upsun_schema.keys.exported import exported_schema

    output.write(settings_reader.schema_text() if of_settings else exported_schema())
    return 0
