"""ruamel.yaml is what it always is, although only its parser in C is loaded."""

from __future__ import annotations

import subprocess
import sys

import pytest

LATE = """
import sys
import upsun_schema.yaml.events
assert not {"ruamel.yaml.main", "ruamel.yaml.constructor", "datetime"} & {*sys.modules}
"""


def run(code: str) -> str:
    """What a new process prints that loads them late."""
    ran = subprocess.run([sys.executable, "-c", LATE + code], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.mark.parametrize(
    "code",
    [
        "import ruamel.yaml; print(ruamel.yaml.YAML(typ='safe').load('a: [1]'))",
        "import ruamel.yaml; print(ruamel.yaml.YAML(typ='safe', pure=True).load('a: [1]'))",
        "from ruamel.yaml import YAML; print(YAML(typ='safe', pure=True).load('a: [1]'))",
        "from ruamel.yaml import *; print(YAML(typ='safe').load('a: [1]'))",
        "import ruamel.yaml.main; print(ruamel.yaml.main.YAML(typ='safe').load('a: [1]'))",
        "from ruamel import yaml; print(yaml.YAML(typ='safe').load('a: [1]'))",
    ],
)
def test_the_package_of_ruamel_yaml_is_whole(code: str) -> None:
    assert run(code) == "{'a': [1]}\n"


def test_every_module_of_the_package_is_there() -> None:
    names = ["error", "events", "nodes", "tokens", "comments", "scalarstring", "cyaml", "main", "compat", "tag"]
    assert (
        run(f"import ruamel.yaml\nfor name in {names}: assert getattr(ruamel.yaml, name).__name__.endswith(name)") == ""
    )


def test_the_package_is_a_module_like_any_other_once_it_is_used() -> None:
    assert run("import ruamel.yaml as y; print(bool(y.__version__), type(y).__name__, y.__name__)") == (
        "True module ruamel.yaml\n"
    )


def test_an_error_is_the_one_that_the_package_has() -> None:
    code = """
import ruamel.yaml
from upsun_schema.yaml.events import YAMLError
print(ruamel.yaml.error.YAMLError is YAMLError, ruamel.yaml.YAMLError is YAMLError)
"""
    assert run(code) == "True True\n"


@pytest.mark.parametrize("name", ["parser.ParserError", "scanner.ScannerError", "reader.ReaderError"])
def test_a_module_that_was_not_needed_is_whole_afterwards(name: str) -> None:
    module, _, error = name.partition(".")
    code = f"import ruamel.yaml.{module} as m; print(bool(m.__file__), m.{error}.__module__)"
    assert run(code) == f"True ruamel.yaml.{module}\n"


def test_the_parser_in_c_says_where_a_text_is_not_valid() -> None:
    code = """
from upsun_schema.yaml.building import SyntaxFault
from upsun_schema.yaml.events import events
try:
    list(events("a: [1\\nb: ]"))
except SyntaxFault as fault:
    print(fault.reason, fault.offset)
"""
    assert run(code) == "did not find expected ',' or ']' 7\n"


@pytest.mark.parametrize("first", ["", "import ruamel.yaml, _ruamel_yaml\n"])
def test_the_events_of_the_parser_in_c_are_ours(first: str) -> None:
    code = f"""{first}
from upsun_schema.yaml.events import events
from upsun_schema.yaml.libyaml import CParser
text = "a: &b\\n  - {{c: !d 'e'}}\\n  - *f\\n"
parser = CParser(text)
found = list(iter(parser.get_event, None))
print(found == list(events(text)) == list(events(text, pure=True)), {{type(one) for one in found}})
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.stdout == "True {<class 'tuple'>}\n", ran.stderr
