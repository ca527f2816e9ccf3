"""The policies in a settings file: `[[policies]]`, each with a JSON Schema in the table or in a file."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from types import MappingProxyType

from upsun_lint.failure import Failure
from upsun_rules.finding import Severity
from upsun_rules.policy import PLACES, Policy
from upsun_schema.expression import expression
from upsun_schema.record import NamedTuple
from upsun_schema.wording import nearest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from upsun_rules.policies.policy_schema import PolicySchema

__all__ = ["PolicyFailure", "PolicyTable", "built", "place_in", "tables"]

_MOST = 200
_NAME = expression(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LEVELS = {level.label: level for level in Severity if level is not Severity.OF_RULE}
_KEYS: Mapping[str, type] = MappingProxyType(
    {"name": str, "subject": str, "schema": object, "severity": str, "message": str, "docs": str, "references": dict}
)
_REQUIRED = ("name", "subject", "schema")
_LONGEST = 500


class PolicyFailure(Failure):
    """A policy that cannot be used. `index` says which one (from 0), `key` which of its keys is meant."""

    def __init__(self, text: str, index: int, key: str = "") -> None:
        super().__init__(text)
        self.index = index
        self.key = key

    def placed(self, path: str, text: str) -> PolicyFailure:
        """The same failure with the place in the text of its file: `path:line:column: …`, both from 1."""
        start, _ = place_in(text, self.index, self.key)
        line, column = text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)
        words = str(self).removeprefix(f"{path}: ")
        return PolicyFailure(f"{path}:{line}:{column}: {words}", self.index, self.key)


class PolicyTable(NamedTuple):
    """A policy as it is written: `schema` is the path of a file, or the schema itself.

    `references` are the paths of files that replace addresses in the network.
    """

    name: str
    subject: str
    schema: str | Mapping[str, object]
    severity: Severity
    message: str
    docs: str
    references: Mapping[str, str]


# -- tables ------------------------------------------------------------------------------------------------------------


def tables(value: object, source: str, name: str) -> tuple[PolicyTable, ...]:
    """The policies of a settings file. Failure, beginning with `source`, for any mistake but in their schemas."""
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise Failure(f"{source}: `{name}` must be a list of tables, each beginning with `[[{name}]]`")
    if len(value) > _MOST:
        raise Failure(f"{source}: `{name}` has more than {_MOST} entries")
    found: dict[str, PolicyTable] = {}
    for index, item in enumerate(value):
        one = _table(item, source, index)
        if one.name in found:
            raise PolicyFailure(f"{source}: there are two policies with the name `{one.name}`", index, "name")
        found[one.name] = one
    return tuple(found.values())


def _table(item: dict[str, object], source: str, index: int) -> PolicyTable:
    def refuse(key: str, words: str) -> PolicyFailure:
        return PolicyFailure(f"{source}: {words}", index, key)

    for key in _REQUIRED:
        if key not in item:
            raise refuse("", f"a policy is missing the required key `{key}`")
    for key, value in item.items():
        if key not in _KEYS:
            close = nearest(key, _KEYS)
            raise refuse(key, f"unknown key `{key}` in a policy" + (f"; did you mean `{close[0]}`?" if close else ""))
        if _KEYS[key] is str and not (isinstance(value, str) and 0 < len(value) <= _LONGEST):
            raise refuse(key, f"`{key}` of a policy must be a text of at most {_LONGEST} characters")
    references = item.get("references", {})
    if not isinstance(references, dict) or not all(isinstance(path, str) and path for path in references.values()):
        raise refuse("references", "`references` of a policy must map addresses to paths of `.json` files")
    name, subject, severity = str(item["name"]), str(item["subject"]), str(item.get("severity", "error"))
    schema, docs = item["schema"], str(item.get("docs", ""))
    if not _NAME.fullmatch(name):
        raise refuse("name", f"`{name}` is not a valid name of a policy (expected lowercase words with dashes)")
    if subject not in PLACES:
        raise refuse("subject", f"`{subject}` is not a valid subject (expected {', '.join(PLACES)})")
    if severity not in _LEVELS:
        raise refuse("severity", f"`{severity}` is not a valid severity (expected {', '.join(_LEVELS)})")
    if not (isinstance(schema, dict) or (isinstance(schema, str) and schema)):
        raise refuse("schema", "`schema` of a policy must be the path of a JSON file or a table with the JSON Schema")
    if docs and not re.match(r"https?://[^\s/]+", docs):
        raise refuse("docs", "`docs` of a policy must be an address that begins with https://")
    return PolicyTable(name, subject, schema, _LEVELS[severity], str(item.get("message", "")), docs, references)


# -- schemas -----------------------------------------------------------------------------------------------------------


def built(
    found: tuple[PolicyTable, ...], source: str, folder: str, within: str
) -> tuple[tuple[Policy, ...], frozenset[str]]:
    """The policies with their schemas read, and the absolute paths of the files these are in.

    `folder` is absolute: paths start from it. Only files in the folder `within` are read. PolicyFailure if a schema
    cannot be used.
    """
    if not found:
        return (), frozenset()
    try:
        from upsun_rules.policies.policy_schema import PolicySchema, SchemaMistake
    except ImportError as missing:  # In the browser there is no native code.
        text = f"{source}: policies need the Python package `{missing.name}`, which cannot be loaded here"
        raise PolicyFailure(text, 0) from None

    policies: list[Policy] = []
    files: set[str] = set()
    for index, one in enumerate(found):
        try:
            schema = PolicySchema(_json(one.schema), folder, within, one.references)
        except SchemaMistake as mistake:
            raise PolicyFailure(f"{source}: policy `{one.name}`: {mistake}", index, "schema") from None
        files |= schema.files | _named_file(one, folder)
        policies.append(_policy(one, schema, source))
    return tuple(policies), frozenset(files)


def _policy(one: PolicyTable, schema: PolicySchema, source: str) -> Policy:
    origin = one.schema if isinstance(one.schema, str) else source
    return Policy(one.name, one.subject, schema, one.severity, one.message, one.docs, origin)


def _named_file(one: PolicyTable, folder: str) -> set[str]:
    return {os.path.normpath(os.path.join(folder, one.schema))} if isinstance(one.schema, str) else set()


def _json(schema: str | Mapping[str, object]) -> object:
    """A schema of a TOML table as JSON has it: TOML has dates, too, which become texts."""
    if isinstance(schema, str):
        return schema
    import json

    return json.loads(json.dumps(schema, default=str))


# -- places ------------------------------------------------------------------------------------------------------------


def place_in(text: str, index: int, key: str) -> tuple[int, int]:
    """Where a key of a policy is written in a settings file, as offsets; without the key, where its table begins."""
    headers = list(re.finditer(r"(?m)^[ \t]*\[\[[^\]\n]*\bpolicies[ \t]*\]\]", text))
    if index >= len(headers):
        match = re.search(r"(?m)^[ \t]*policies\b", text)
        return match.span() if match is not None else (0, 0)
    header = headers[index]
    following = headers[index + 1].start() if index + 1 < len(headers) else len(text)
    start = header.end()
    found = _key(text, start, following, key) if key else None
    return found or _trimmed(text, *header.span())


def _key(text: str, start: int, end: int, key: str) -> tuple[int, int] | None:
    written = re.escape(key)
    forms = rf"^[ \t]*(?:\[[^\]\n]*\bpolicies\.)?(?P<key>[\"']?{written}[\"']?)(?=[ \t]*[=.\]])"
    match = re.compile(forms, re.MULTILINE).search(text, start, end)
    return match.span("key") if match is not None else None


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    return start + len(text[start:end]) - len(text[start:end].lstrip()), end
