"""Rules about shell scripts in the configuration: start commands, crons, hooks."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_rules.finding import Edit, Finding, Fix, Related, Severity
from upsun_rules.lookups.folded_text import lost_by_folding
from upsun_rules.lookups.shell_sources import SHELL_KEYS, shell_sources
from upsun_rules.rule import rule
from upsun_schema.configuration.model import Container
from upsun_schema.yaml.nodes import Region

TOPIC = "Scripts"


@rule("folded-script", Severity.WARNING, docs="configure-apps/workers#commands", keys=SHELL_KEYS)
def folded_script(container: Container) -> Iterator[Finding]:
    """A script with several lines is folded into one command.

    After `>`, or without any sign, YAML joins the lines with spaces. Several commands become a single one, and the
    later ones are only arguments of the first. They never run, or the shell cannot parse the result.

    Use `|` to keep the lines. For one long command that is split over several lines, `>` is fine.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        workers:
          queue:
            commands:
              start: >
                set -e
                php artisan queue:work --max-time=3600
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        workers:
          queue:
            commands:
              start: |
                set -e
                php artisan queue:work --max-time=3600
    ```
    """
    for source in shell_sources(container):
        scalar = source.scalar
        lost = lost_by_folding(scalar)
        if lost is None:
            continue
        region, what = lost
        sign = Region(scalar.piece, scalar.start, scalar.start + 1) if scalar.style else scalar.region
        yield Finding(
            sign,
            f"{'`>`' if scalar.style else 'YAML'} joins these lines, {what}; use `|`",
            label="joins the lines below" if scalar.style else "",
            related=(Related(region, "probably a separate command"),),
            fixes=(Fix("Keep the lines separate with `|`", (Edit(sign, "|"),), safe=True),) if scalar.style else (),
        )
