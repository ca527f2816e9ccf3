"""Rules about the names and values of variables."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator

from upsun_rules.editing.blocks import in_quotes
from upsun_rules.finding import Edit, Finding, Fix, Related, Severity
from upsun_rules.lookups.secret_names import is_secret_name
from upsun_rules.lookups.service_variables import split_variable
from upsun_rules.lookups.siblings import is_first
from upsun_rules.rule import rule
from upsun_schema.configuration.model import Application, Container, Instance, Relationship, Service, Variable, Worker
from upsun_schema.expression import expression
from upsun_schema.wording import is_placeholder, listed
from upsun_schema.yaml.nodes import BROKEN, Node, Scalar

TOPIC = "Names and values of variables"


def _variables(container: Container) -> list[Variable]:
    """The environment variables of a container; none where an earlier worker has the same block by an alias."""
    if "checked variables" not in container.memory:
        is_checked = not isinstance(container, Worker) or is_first(container, _block)
        container.memory["checked variables"] = (
            container.environment if is_checked and not isinstance(container, Service) else []
        )
    found: list[Variable] = container.memory["checked variables"]
    return found


def _block(worker: Worker) -> Node | None:
    return worker.value("variables")


def _texts(container: Container) -> list[tuple[Variable, Scalar]]:
    """The environment variables that have a text, with it."""
    return container.environment_texts if _variables(container) else []


# -- names -----------------------------------------------------------------------------------------------------------

_NAME = expression(r"[A-Za-z_][A-Za-z0-9_]*")
_CAPITALS = expression(r"[A-Z_][A-Z0-9_]*")
_SET_BY_PLATFORM = frozenset({"PORT", "SOCKET", "CI"})


@rule("variable-name", Severity.WARNING, docs="development/variables", keys=("variables",))
def variable_name(container: Container) -> Iterator[Finding]:
    """The name of an environment variable is not what a program sees, or is not free.

    - A name with other characters than letters, digits and `_` cannot be used in a shell, and most programs cannot read
      it either.
    - The platform sets `PORT`, `SOCKET`, `CI` and everything that begins with `PLATFORM_` itself.
    - A relationship provides variables that begin with its name. `DATABASE_HOST` beside a relationship `database` has
      two values, and the one of the platform wins.
    - The platform writes names in capitals. `log_level` becomes `LOG_LEVEL`. This is info, and a warning if a variable
      with the capital name is there as well.

    ```yaml title="wrong"
    applications:
      app:
        type: 'nodejs:24'
        variables:
          env:
            LOG-LEVEL: info
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'nodejs:24'
        variables:
          env:
            LOG_LEVEL: info
    ```
    """
    variables = _variables(container)
    if not variables:
        return
    names = {variable.name: variable for variable in variables}
    provided = _provided(container)
    for variable in variables:
        name = variable.name
        if is_placeholder(name) or _is_free(name, provided):
            continue
        where = variable.key.region
        if not _NAME.fullmatch(name):
            better = re.sub(r"\W", "_", name)
            yield Finding(where, f"`{name}` is not a name a shell can use; write letters, digits and `_`: `{better}`")
        elif name.upper() in _SET_BY_PLATFORM or name.upper().startswith("PLATFORM_"):
            yield Finding(where, f"the platform sets `{name.upper()}` itself, so this value is not used; remove it")
        elif (relationship := _provider(name.upper(), provided)) is not None:
            yield Finding(
                where,
                f"relationship `{relationship.name}` provides `{name.upper()}`, and its value wins; take another name",
            )
        elif (capital := names.get(name.upper())) is not None and capital is not variable:
            yield Finding(
                where,
                f"names are written in capitals, so `{name}` and `{name.upper()}` are one variable; remove one",
                related=(Related(capital.key.region, "the same variable"),),
            )
        elif name != name.upper():
            message = f"names are written in capitals: a program sees `{name.upper()}` and not `{name}`"
            yield Finding(where, message, severity=Severity.INFO)


def _provided(container: Container) -> dict[str, Relationship]:
    """The relationships of a container by how the names of their variables begin."""
    source = container.effective.source("relationships") if isinstance(container, Instance) else container
    return source.relationship_prefixes


def _is_free(name: str, provided: dict[str, Relationship]) -> bool:
    """Whether a name is in capitals, and nothing but the configuration gives it a value, as is nearly always so."""
    return (
        _CAPITALS.fullmatch(name) is not None
        and name not in _SET_BY_PLATFORM
        and not name.startswith("PLATFORM_")
        and _provider(name, provided) is None
    )


def _provider(name: str, provided: dict[str, Relationship]) -> Relationship | None:
    parts = split_variable(name)
    return None if parts is None else provided.get(parts[0])


# -- values that are no text -----------------------------------------------------------------------------------------


@rule("variable-not-text", Severity.WARNING, docs="configure-apps/image-properties/variables", keys=("variables",))
def variable_not_text(container: Container) -> Iterator[Finding]:
    """The value of an environment variable is not text, so a program may see something else.

    The platform reads YAML 1.1. There `off` and `no` are false, `010` is eight, `22:00` is 1320, `3.10` is 3.1, and
    `2026-01-01` is a date. What a program sees is not what is written.

    Put the value in quotes. If a variable has no value at all, remove it, or write `''` for an empty text.

    This is a hint for values that most likely arrive as they are written, such as `25` and `true`, and for those that
    are missing.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        variables:
          env:
            PROFILER: off
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        variables:
          env:
            PROFILER: 'off'
    ```
    """
    unsure: list[tuple[Variable, Scalar]] = []
    for variable in _variables(container):
        node = variable.node
        if not isinstance(node, Scalar) or node.tag == BROKEN or isinstance(node.value, str):
            continue
        if node.value is None:
            yield _without_value(variable, node)
        elif (read := _as_read(node.value)) == node.text.lower():
            unsure.append((variable, node))
        else:
            yield Finding(
                node.region,
                f"`{node.text[:60]}` is not text: the platform reads it as {read}; put it in quotes",
                label=f"read as {read}",
                fixes=_quote([(variable, node)], safe=True),
            )
    if unsure:
        # One finding for all of them: there may be dozens in a file that quotes nothing.
        first = unsure[0][1]
        numbers = all(not isinstance(node.value, bool) for _, node in unsure)
        names = listed((variable.name for variable, _ in unsure), limit=3)
        yield Finding(
            first.region,
            f"the value of {names} is not text; in quotes it is sure to arrive as it is written",
            related=tuple(Related(node.region, "is not text either") for _, node in unsure[1:20]),
            fixes=_quote(unsure, safe=numbers),
            severity=Severity.HINT,
        )


def _quote(values: list[tuple[Variable, Scalar]], *, safe: bool) -> tuple[Fix, ...]:
    edits = [
        Edit(node.region, in_quotes(node.text, node.piece)) for variable, node in values if variable.pair.value is node
    ]
    piece = values[0][1].piece
    if len(edits) < len(values) or any(node.piece is not piece for _, node in values):
        return ()
    return (Fix("Put it in quotes" if len(edits) == 1 else "Put them in quotes", tuple(edits), safe),)


def _without_value(variable: Variable, node: Scalar) -> Finding:
    where = node.region if node.source else variable.key.region
    message = f"`{variable.name}` has no value, which is not the same as empty text: write `''`, or remove it"
    fixes: tuple[Fix, ...] = ()
    if node.source and variable.pair.value is node:
        fixes = (Fix("Write an empty text", (Edit(node.region, in_quotes("", node.piece)),)),)
    return Finding(where, message, severity=Severity.HINT, fixes=fixes)


def _as_read(value: object) -> str:
    """A value as YAML 1.1 reads it, for a message."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)[:40] if value is None or isinstance(value, str | int | float) else "a date"


# -- secrets ---------------------------------------------------------------------------------------------------------

_SECRET_SHAPES = (
    ("a private key", expression(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----")),
    ("a key of Stripe", expression(r"(?:sk|rk)_(?:live|test)_[0-9A-Za-z]{16,}")),
    ("a key of an AI service", expression(r"sk-(?:ant-|proj-)?[0-9A-Za-z_-]{20,}")),
    ("a token of GitHub", expression(r"gh[pousr]_[0-9A-Za-z]{36,}|github_pat_[0-9A-Za-z_]{22,}")),
    ("a token of GitLab", expression(r"glpat-[0-9A-Za-z_-]{20,}")),
    ("a key of AWS", expression(r"A(?:KIA|SIA)[0-9A-Z]{16}")),
    ("a key of Google", expression(r"AIza[0-9A-Za-z_-]{35}")),
    ("a token of Slack", expression(r"xox[abprs]-[0-9A-Za-z-]{10,}")),
    ("a key of SendGrid", expression(r"SG\.[0-9A-Za-z_-]{16,}\.[0-9A-Za-z_-]{16,}")),
    ("a token of npm", expression(r"npm_[0-9A-Za-z]{36}")),
    ("a key of Laravel", expression(r"base64:[0-9A-Za-z+/]{43}=")),
    ("a signed token", expression(r"eyJ[0-9A-Za-z_-]{10,}\.eyJ[0-9A-Za-z_-]{10,}\.[0-9A-Za-z_-]{10,}")),
)
_SHORTEST_SECRET = 15
"""The length of the shortest text that has one of these shapes, a token of Slack."""

_SIGNS_OF_SECRETS = (
    *("-----BEGIN", "_live_", "_test_", "sk-", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "AKIA"),
    *("ASIA", "AIza", "xoxa-", "xoxb-", "xoxp-", "xoxr-", "xoxs-", "SG.", "npm_", "base64:", "eyJ"),
)
"""One of them is in each of these shapes."""

_URL_WITH_PASSWORD = expression(r"[a-zA-Z][\w+.-]{1,30}://[^\s:/@]{0,200}:([^\s/@]{3,200})@[\w.-]+")
_PASSWORD_NAME = expression(r"(?:.*_)?(?:SECRET|PASSWORD|PASSWD|PASSPHRASE)")
_NOT_A_SECRET = expression(
    r"change|example|placeholder|dummy|your|todo|replace|secret|password|passw0rd|default|xxx|\*\*\*|<|\{|(?-i:\$[A-Z])"
    r"|^[a-z_./:-]+$|^(?:https?|file):|^/",
    re.IGNORECASE,
)
_LONGEST_LOOKED_AT = 5_000


@rule("secret-in-variable", Severity.WARNING, docs="development/variables/set-variables", keys=("variables",))
def secret_in_variable(container: Container) -> Iterator[Finding]:
    """A secret is written in the configuration.

    The configuration is in Git. Everyone who can read the repository, now or later, can read the secret, also after it
    was removed from the newest version.

    Set it with `upsun variable:create --sensitive true` instead, and replace the secret, because it is known. A
    password that is only an example, such as `changeme`, is not reported.

    A value counts as a secret if it looks like a key of a known service or a URL with a password, or if the name says
    so and the value looks random.

    ```yaml title="wrong"
    applications:
      app:
        type: 'python:3.14'
        variables:
          env:
            PAYMENT_API_KEY: 'k7Qm2xW9rT4vB8nL1pZc'
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'python:3.14'
        variables:
          env:
            PAYMENT_API_URL: 'https://payment.example.com'
    ```
    """
    for variable, node in _texts(container):
        what = _secret(variable.name.upper(), node.text[:_LONGEST_LOOKED_AT])
        if what is not None:
            yield Finding(
                variable.key.region,
                f"`{variable.name}` is {what} in Git, readable for everyone with the repository; set it with"
                " `upsun variable:create --sensitive true`, and replace it",
                label="a secret in Git",
            )


def _secret(name: str, text: str) -> str | None:
    """What kind of secret a value is; None where it is not certain to be one."""
    # Most values are short words: a look at them is much faster than a dozen patterns.
    if len(text) >= _SHORTEST_SECRET and any(sign in text for sign in _SIGNS_OF_SECRETS):
        for what, shape in _SECRET_SHAPES:
            if shape.search(text):
                return what
    url = _URL_WITH_PASSWORD.search(text) if "://" in text else None
    if url is not None:
        password = url[1]
        plain = _NOT_A_SECRET.search(password) is not None and not re.search(r"\d", password)
        example = re.search(r"[$<{]|change|example|your|secret|password|guest", password, re.IGNORECASE)
        return None if plain or example else "a URL with a password"
    if not is_secret_name(name) or _NOT_A_SECRET.search(text):
        return None
    if len(text) >= 16 and " " not in text and _entropy(text) >= 3.2 and re.search(r"\d", text):
        return "a secret"
    mixed = sum(bool(re.search(kind, text)) for kind in ("[a-z]", "[A-Z]", r"\d", r"[^\w\s]"))
    is_password = _PASSWORD_NAME.fullmatch(name) and 8 <= len(text) <= 100 and mixed >= 3
    return "a password" if is_password and " " not in text else None


def _entropy(text: str) -> float:
    """The bits of information for each character of a text, by how often each one is used."""
    total = len(text)
    return -sum(count / total * math.log2(count / total) for count in Counter(text).values())


# -- what is not replaced --------------------------------------------------------------------------------------------

_ROUTE_PLACEHOLDER = expression(r"(?<!\{)%?\{(?:default|all)\}(?!\})")
_ENV_PLACEHOLDER = expression(r"\$\{env[:.][^}]*\}|\$\{\{[^}]*\}\}|%env\([^)]*\)%")
_SHELL_VARIABLE = expression(r"(?<!\\)\$(?:([A-Z][A-Z0-9_]*)|\{([A-Z][A-Z0-9_]*)\})")
_PLACEHOLDER_SIGNS = frozenset("{$%")
_ALWAYS_SET = frozenset({"PATH", "HOME", "PORT", "SOCKET", "USER"})


@rule(
    "placeholder-in-variable",
    Severity.WARNING,
    docs="configure-apps/image-properties/variables",
    keys=("variables", "web", "workers"),
)
def placeholder_in_variable(application: Application) -> Iterator[Finding]:
    """The value of a variable has a placeholder that nothing replaces.

    A program gets the value as it is written:

    - `{default}` and `{all}` are replaced in routes only. A program finds its URL in `PLATFORM_ROUTES`.
    - `${env:NAME}` and `%env(NAME)%` belong to other systems.
    - `$PATH` and other variables are not replaced: the value is not read by a shell.

    Set such a variable in the file `.environment`, a shell script in the folder of the application that runs before
    every command:

        export PATH="/app/bin:$PATH"

    References to variables are reported only if they are surely known to the author as such: `$PATH` and `$HOME`, those
    of the platform, those of a relationship, and others of the same configuration.

    ```yaml title="wrong"
    applications:
      app:
        type: 'php:8.4'
        variables:
          env:
            API_URL: 'https://api.{default}/'
    ```

    ```yaml title="right"
    applications:
      app:
        type: 'php:8.4'
        variables:
          env:
            API_URL: 'https://api.example.com/'
    ```
    """
    for container in (application, *application.instances):
        found = _texts(container)
        suspects = [one for one in found if not _PLACEHOLDER_SIGNS.isdisjoint(one[1].text)]
        if not suspects:
            continue
        names = {variable.name for variable, _ in found}
        provided = _provided(container)
        for variable, node in suspects:
            text = node.text[:_LONGEST_LOOKED_AT]
            remedy = "`.environment`"
            if match := _ROUTE_PLACEHOLDER.search(text):
                what = f"`{match[0]}` is replaced in routes only"
            elif match := _ENV_PLACEHOLDER.search(text):
                what = f"`{match[0][:40]}` is not replaced on the platform"
                remedy = "`upsun variable:create`"
            elif (name := _reference(text, names, provided)) is not None:
                what = f"`${name}` is not replaced, because no shell reads the value"
            else:
                continue
            message = f"{what}: `{variable.name}` has it as written; set it with {remedy} instead"
            yield Finding(node.region, message, label="stays as written")


def _reference(text: str, names: set[str], provided: dict[str, Relationship]) -> str | None:
    """The variable that a value surely refers to."""
    for match in _SHELL_VARIABLE.finditer(text):
        name = match[1] or match[2]
        if name in _ALWAYS_SET or name in names or name.startswith("PLATFORM_") or _provider(name, provided):
            return str(name)
    return None
