"""The modules that commands of Python import."""

from __future__ import annotations

import pytest

from tests.support import CONFIG, apply_fix, findings

RULE = "unknown-module"
FILES = {
    "shop/__init__.py": "",
    "shop/celery.py": "app = 1\n",
    "shop/jobs/__init__.py": "from .other import *\n",
    "shop/late/__init__.py": "",
    "manage.py": "",
    "plain/module.py": "",
    "src/lib/__init__.py": "",
    "requirements.txt": "celery\nshops-api\n",
}
TEXT = """\
applications:
  app:
    type: 'python:3.14'
{}    workers:
      queue:
        commands:
          start: {}
"""


def reported(command: str, more: str = "", **files: str) -> list[str]:
    renamed = {path.replace("__", "/"): text for path, text in files.items()}
    return [one.message for one in findings({CONFIG: TEXT.format(more, command), **FILES, **renamed}, RULE)]


@pytest.mark.parametrize(
    ("command", "word", "near"),
    [
        ("celery -A shop.celary:app worker", "celary", "celery"),
        ("celery --app=shop.celary.app worker", "celary", "celery"),
        ("python3 -m shop.tasks", "tasks", ""),
        ("python -m celery -A shpo worker", "shpo", "shop"),
        ("gunicorn -w 4 -b localhost:8000 shop.wsgi:application", "wsgi", ""),
        ("uvicorn shop.late.asig:app --port 80", "asig", ""),
        ("arq shop.celary.WorkerSettings", "celary", "celery"),
        ("cd shop && python -m celary", "celary", "celery"),
    ],
)
def test_a_module_that_is_not_there(command: str, word: str, near: str) -> None:
    (message,) = reported(command)
    assert f"no module `{word}`" in message
    assert (f"did you mean `{near}`" in message) is bool(near)


@pytest.mark.parametrize(
    "command",
    [
        "celery -A shop worker",
        "celery -A shop.celery worker",
        "celery -A shop.app worker",
        "celery -A $APP worker",
        "celery -A other worker",
        "celery -A lib worker",
        "celery -A shop.celery:app worker",
        "celery --workdir x -A shpo worker",
        "python -m http.server",
        "python -m shop.jobs.anything",
        "python -m plain.other",
        "python -m shops_api",
        "cd $DIR && python -m shpo",
        "gunicorn -c python:shop_conf shop:app",
        "uvicorn --app-dir src shpo:app",
    ],
)
def test_a_module_that_may_be_there(command: str) -> None:
    assert reported(command) == []


def test_a_module_that_something_else_provides() -> None:
    command = "celery -A shpo worker"
    assert len(reported(command)) == 1
    assert reported(command, "    variables: {env: {PYTHONPATH: lib}}\n") == []
    assert reported(command, "    hooks: {build: make code}\n") == []
    assert reported(command, "    hooks: {build: python build.py shpo}\n") == []
    files = {CONFIG: TEXT.format("", command), **FILES, ".environment": "export PYTHONPATH=lib\n"}
    assert findings(files, RULE) == []


def test_the_name_that_is_meant_is_a_fix() -> None:
    files = {CONFIG: TEXT.format("", "celery -A shop.celary:app worker"), **FILES}
    (finding,) = findings(files, RULE)
    assert finding.region.text == "shop.celary:app"
    assert apply_fix(files, finding) == files[CONFIG].replace("celary", "celery")


def test_a_module_in_a_script_is_at_the_command() -> None:
    files = {CONFIG: TEXT.format("", "./w.sh"), "w.sh": "set -e\ncelery -A shop.celary:app worker\n", **FILES}
    (finding,) = findings(files, RULE)
    assert finding.region.text == "./w.sh" and finding.fixes == ()
    assert finding.related[0].region.text == "celery -A shop.celary:app worker"
