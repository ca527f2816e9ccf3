"""`upsun-lint rules`, `explain` and `schema`: what is checked, in words and as data."""

from __future__ import annotations

import sys

import click

from upsun_lint.commands.arguments import color, one_format, rule_named
from upsun_lint.reports import explanation
from upsun_lint.run import settings
from upsun_lint.writing import output
from upsun_lint.writing.terminal import terminal
from upsun_rules.catalog import all_rules

__all__ = ["explain", "rules", "schema"]


@click.command(options_metavar="[OPTIONS]")
@click.argument("rule", metavar="RULE")
@color
def explain(rule: str, color: str) -> int:
    """Explain a rule: what it finds, what the platform does, and how to fix it, with examples."""
    output.write(explanation.explain(rule_named(rule), terminal(sys.stdout, color)))
    return 0


@click.command(options_metavar="[OPTIONS]")
@one_format("text", "json", "markdown", text="The output format; markdown is the full documentation.")
@color
def rules(form: str, color: str) -> int:
    """List the rules."""
    found = list(all_rules().values())
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

    output.write(settings.schema_text() if of_settings else exported_schema())
    return 0
