"""The classes of lsprotocol that are made complete late are the same as those that are made at once."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from typing import Any

from tests.patience import PATIENCE

AT_ONCE = "import lsprotocol.types"
LATE = "from upsun_lint.lsp.late_types import import_types; import_types()"

FIELDS = """
import attrs, json
from lsprotocol import types
from lsprotocol.converters import get_converter
get_converter()
def shown(field):
    validator = None if field.validator is None else repr(field.validator).partition(" at 0x")[0]
    return [field.name, str(field.type), repr(field.default), field.init, validator]
classes = {name: one for name, one in types.ALL_TYPES_MAP.items() if isinstance(one, type) and attrs.has(one)}
print(json.dumps({name: [shown(field) for field in attrs.fields(one)] for name, one in classes.items()}))
"""

BEHAVIOR = """
import json
from lsprotocol import types
from lsprotocol.converters import get_converter
converter = get_converter()
one = types.Range(types.Position(1, 2), end=types.Position(3, 4))
failures = []
for make in (lambda: types.Range(), lambda: types.Position("x", 1), lambda: setattr(one.start, "line", "x")):
    try:
        make()
    except Exception as failure:
        failures.append(type(failure).__name__)
report = {"items": [{"range": converter.unstructure(one), "message": "m", "severity": 1}], "kind": "full"}
answer = {"id": 1, "jsonrpc": "2.0", "result": report}
read = converter.structure(answer, types.DocumentDiagnosticResponse)
print(json.dumps([
    repr(one), one == types.Range(types.Position(1, 2), types.Position(3, 4)), one == 5, failures,
    types.Position(1, 2) < types.Position(1, 3), repr(read), converter.unstructure(read),
    converter.unstructure(types.ClientCapabilities()), types.Diagnostic.__doc__, str(types.Diagnostic),
]))
"""

SESSION = """
import json
from upsun_lint.lsp.server import make_server
from lsprotocol import types
make_server().protocol.receive({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": {}}})
classes = [one for one in types.ALL_TYPES_MAP.values() if isinstance(one, type)]
print(json.dumps([sum(isinstance(vars(one).get("__attrs_attrs__"), tuple) for one in classes), len(classes)]))
"""


@cache
def run(first: str, code: str) -> Any:
    found = subprocess.run(
        [sys.executable, "-c", f"{first}\n{code}"], capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert found.returncode == 0, found.stderr
    return json.loads(found.stdout)


def test_the_fields_are_the_same() -> None:
    late = run(LATE, FIELDS)
    assert len(late) > 500
    assert late == run(AT_ONCE, FIELDS)


def test_the_classes_behave_in_the_same_way() -> None:
    late = run(LATE, BEHAVIOR)
    assert len(late[3]) == 3
    assert late == run(AT_ONCE, BEHAVIOR)


def test_most_classes_are_never_made_complete() -> None:
    complete, everything = run(LATE, SESSION)
    assert complete < everything / 8
    assert run(AT_ONCE, SESSION)[0] > everything / 2
