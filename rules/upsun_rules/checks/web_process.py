"""Rules about where a web process listens."""

from __future__ import annotations

from collections.abc import Iterator

from upsun_rules.finding import Finding, Fix, Severity
from upsun_rules.lookups.placed_texts import Running
from upsun_rules.lookups.resolved_texts import chain_steps, resolved_running
from upsun_rules.rule import rule
from upsun_rules.shell.parsing import Command, CommandSpan, VariableUse
from upsun_schema.configuration.model import Application
from upsun_schema.configuration.project import Project
from upsun_schema.expression import expression
from upsun_schema.yaml.nodes import Mapping, Node, Scalar

TOPIC = "Web process"


@rule("web-does-not-listen", Severity.WARNING, docs="configure-apps/image-properties/web#upstream", keys=("web",))
def web_does_not_listen(application: Application, project: Project) -> Iterator[Finding]:
    """A web process listens where the router does not ask.

    The router passes requests to the port in `$PORT`, which is 8888. With `upstream.socket_family: unix` it uses the
    socket file in `$SOCKET` instead. Only one of the two variables is set. A process that listens at another port, or
    at a variable that is not set, never gets a request, and visitors see error 502.

    Listen at `$PORT`, or set `socket_family: unix` and listen at `$SOCKET`. Images for PHP are not looked at, because
    they use a socket by default.

    ```yaml title="wrong"
    applications:
      app:
        type: 'nodejs:24'
        web:
          commands:
            start: next start -p 3000
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'nodejs:24'
        web:
          commands:
            start: next start -p $PORT
    ```
    """
    image = application.type.text.partition(":")[0] if application.type is not None else ""
    web = application.web
    if web is None or image in ("", "php", "composable") or not _asks_upstream(application):
        return
    unix = web.text("upstream", "socket_family") == "unix"
    start = application.web_start
    for one in resolved_running(application, project):
        if one.place == "web" and one.text.scalar is start:
            unset = "PORT" if unix else "SOCKET"
            if (use := _plain_use(one, unset)) is not None and not _is_set(application, one, unset):
                yield _at_unset(one, use, unix=unix)
            elif not unix:
                yield from _at_other_port(application, one)


def _asks_upstream(application: Application) -> bool:
    """Whether a request can reach the process: not where each location serves files only."""
    locations = application.at("web", "locations")
    if not isinstance(locations, Mapping) or not locations.entries:
        return True
    return any(not _serves_files_only(pair.value.resolved) for pair in locations.entries.values())


def _serves_files_only(location: Node) -> bool:
    passthru = location.value("passthru") if isinstance(location, Mapping) else None
    return passthru is None or (isinstance(passthru, Scalar) and passthru.value is False)


def _plain_use(one: Running, name: str) -> VariableUse | None:
    """Where a variable is used without a value to fall back on."""
    span = one.text.script.variables.get(name)
    if span is None:
        return None
    return None if span.has_default else span


def _is_set(application: Application, one: Running, name: str) -> bool:
    variables = application.web.effective.variables if application.web is not None else application.variables
    return name in one.text.script.assigned or any(variable.name.upper() == name for variable in variables)


def _at_unset(one: Running, use: VariableUse, *, unix: bool) -> Finding:
    edit = one.text.edit(use.start, use.end, "$SOCKET") if unix and not use.chain else None
    what = "`$PORT` is not set with `socket_family: unix`: listen at `$SOCKET`"
    if not unix:
        what = "`$SOCKET` is set only with `upstream: {socket_family: unix}`: add that to `web`, or listen at `$PORT`"
    return Finding(
        one.text.at(use),
        what,
        label="not set",
        related=chain_steps(use),
        fixes=(Fix("Listen at `$SOCKET`", (edit,)),) if edit is not None else (),
    )


_PORT_OPTIONS = {
    "next": ("-p", "--port"),
    "nuxt": ("-p", "--port"),
    "uvicorn": ("--port",),
    "fastapi": ("--port",),
    "streamlit": ("--server.port",),
    "daphne": ("-p", "--port"),
    "flask": ("-p", "--port"),
    "rails": ("-p", "--port"),
    "puma": ("-p", "--port"),
    "rackup": ("-p", "--port"),
    "http-server": ("-p", "--port"),
    "serve": ("-l", "--listen", "-p"),
    "vite": ("--port",),
    "astro": ("--port",),
}
"""The servers whose port is sure to be the one behind these options."""

_BIND_OPTIONS = {"gunicorn": ("-b", "--bind"), "hypercorn": ("-b", "--bind")}
_ADDRESS = expression(r"(?:[\w.\-]*|\[[\da-f:]*\]):(\d{2,5})")
_PORT = "8888"


def _at_other_port(application: Application, one: Running) -> Iterator[Finding]:
    """Report a server that listens at a number, unless something else in the command may listen where it should."""
    script = one.text.script
    uses = {"PORT", "SOCKET"} & set(script.variables)
    says_port = any(_PORT in word.text for command in script.commands for word in command.words)
    if uses or says_port or _is_set(application, one, "PORT"):
        return
    found = [(command, port) for command in script.commands if (port := _port(command)) is not None]
    if len(found) != 1 or not found[0][0].foreground:
        return
    command, (start, end, number) = found[0]
    edit = one.text.edit(start, end, "$PORT") if command.exact else None
    # In single quotes the shell would not read the variable.
    quoted = "'" in one.text.scalar.text[max(start - 20, 0) : end + 1]
    yield Finding(
        one.text.at(CommandSpan(start, end)),
        f"the process listens at port {number}, but the router asks at `$PORT`, which is {_PORT}: no request arrives",
        label="write `$PORT`",
        related=chain_steps(command),
        fixes=(Fix("Listen at `$PORT`", (edit,)),) if edit is not None and not quoted else (),
    )


def _port(command: Command) -> tuple[int, int, str] | None:
    """Where a server's port is written as a number, and the number."""
    options = _PORT_OPTIONS.get(command.program, ())
    binds = _BIND_OPTIONS.get(command.program, ())
    words = command.arguments
    for index, word in enumerate(words):
        name, equals, value = word.text.partition("=")
        if name not in options and name not in binds:
            continue
        holder = word if equals else words[index + 1] if index + 1 < len(words) else None
        if holder is None or not holder.literal:
            return None
        in_place = holder.end - holder.start == len(holder.text)
        if not in_place and not command.chain:
            return None
        text = value if equals else holder.text
        address = _ADDRESS.fullmatch(text)
        number = text if text.isdecimal() and name in options else address[1] if address is not None else None
        start = holder.end - len(number or "") if in_place and not command.chain else holder.start
        return None if number is None else (start, holder.end, number)
    return None
