"""Rules about the receivers of Symfony Messenger."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_rules.finding import Finding, Fix, Related, Severity
from upsun_rules.lookups.command_text import shown
from upsun_rules.lookups.messenger import receivers, transports
from upsun_rules.lookups.placed_texts import RUN_KEYS, Running
from upsun_rules.lookups.resolved_texts import chain_steps, files_of, known_commands
from upsun_rules.rule import rule
from upsun_rules.shell.parsing import Command, CommandSpan, Word
from upsun_schema.configuration.model import Application
from upsun_schema.configuration.project import Project
from upsun_schema.wording import listed, nearest
from upsun_schema.yaml.nodes import Pair

TOPIC = "Symfony Messenger"


@rule("unknown-receiver", Severity.WARNING, docs="configure-apps/workers#commands", keys=RUN_KEYS)
def unknown_receiver(application: Application, project: Project) -> Iterator[Finding]:
    """A Symfony Messenger worker names a receiver that the application does not define.

    `messenger:consume` ends with an error if there is no transport of that name below `framework.messenger.transports`.
    The platform restarts the worker, again and again, and no message is handled.

    Correct the name, or add the transport. The receivers of the scheduler (`scheduler_default`) are defined in code and
    are not looked at. This rule reads the YAML files in `config/packages`. It is silent if the configuration is written
    in PHP.

    Source: symfony.com/doc/current/messenger.html (transports, consuming messages).

    ```yaml title="wrong: .upsun/config.yaml"
    applications:
      app:
        type: 'php:8.4'
        workers:
          queue:
            commands:
              start: php bin/console messenger:consume asnyc --time-limit=3600
    ```

    ```yaml title="wrong: config/packages/messenger.yaml"
    framework:
      messenger:
        transports:
          async: '%env(MESSENGER_TRANSPORT_DSN)%'
    ```

    ```yaml title="right: .upsun/config.yaml"
    applications:
      app:
        type: 'php:8.4'
        workers:
          queue:
            commands:
              start: php bin/console messenger:consume async --time-limit=3600
    ```

    ```yaml title="right: config/packages/messenger.yaml"
    framework:
      messenger:
        transports:
          async: '%env(MESSENGER_TRANSPORT_DSN)%'
    ```
    """
    consumers = known_commands(application, project, ("symfony-messenger",))
    defined = transports(files_of(application, project)) if consumers else {}
    for one, command, _ in consumers if defined else ():
        for word in receivers(command):
            if not _is_known(word.text, defined):
                yield _unknown(one, command, word, defined)


def _is_known(name: str, defined: dict[str, Pair]) -> bool:
    return name.removeprefix("messenger.transport.") in defined or name.startswith("scheduler_") or "," in name


def _unknown(one: Running, command: Command, word: Word, defined: dict[str, Pair]) -> Finding:
    near = next(iter(nearest(word.text, defined)), "")
    hint = f"did you mean `{near}`?" if near else f"there are {listed(defined, limit=4)}"
    edit = one.text.edit(word.start, word.end, near) if near and command.exact else None
    first = next(iter(defined.values()))
    return Finding(
        one.text.at(CommandSpan(word.start, word.end)),
        f"`{word.text}` is not a transport of the application, so `{shown(command)}` fails; {hint}",
        label="not defined",
        related=(*chain_steps(command), Related(first.key.region, "the transports")),
        fixes=(Fix(f"Change it to `{near}`", (edit,)),) if edit is not None else (),
    )
