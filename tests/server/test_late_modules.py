"""Modules that are loaded late are what they always are, for whoever asks for something in them."""

from __future__ import annotations

import subprocess
import sys

import pytest

LATE = """
import sys
from upsun_lint.late_modules import defer
defer()
from upsun_lint import cli
import upsun_schema.yaml.parser
assert "ruamel.yaml.main" not in sys.modules
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
from upsun_schema.yaml.parser import YAMLError
print(ruamel.yaml.error.YAMLError is YAMLError, ruamel.yaml.YAMLError is YAMLError)
"""
    assert run(code) == "True True\n"


def test_inspect_is_whole() -> None:
    assert (
        run("import inspect; print(inspect.cleandoc('a\\n  b') == 'a\\nb', inspect.isfunction(defer))") == "True True\n"
    )
    assert run("import inspect; print(inspect.signature(lambda a: 0))") == "(a)\n"
