"""The archive of byte code: modules are what their sources say, whatever is in it."""

from __future__ import annotations

import marshal
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import upsun_lint
import upsun_rules
import upsun_schema
from upsun_lint import code_archive

PROJECT = """\
applications:
  app:
    type: 'php:8.4'
    workers:
      queue: {commands: {start: 'php queue.php &'}}
"""

ASKING = """
import sys
from upsun_lint.code_archive import CodeArchive
archive = CodeArchive()
archive.use()
import upsun_lint.cli
from upsun_rules import catalog
print(type(catalog.__spec__.loader).__name__)
"""


class Installation:
    """A copy of our packages, whose sources a test may change, and a project."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for package in (upsun_lint, upsun_rules, upsun_schema):
            source = Path(str(package.__file__)).parent
            shutil.copytree(source, folder / source.name, ignore=shutil.ignore_patterns("__pycache__"))
        self.project = folder / "project"
        (self.project / ".upsun").mkdir(parents=True)
        (self.project / ".upsun" / "config.yaml").write_text(PROJECT, "utf-8")

    def python(self, *arguments: str, **variables: str) -> str:
        """What Python prints, on both streams."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        environment |= {"PYTHONPATH": str(self.folder), **variables}
        ran = subprocess.run(
            [sys.executable, *arguments], capture_output=True, text=True, cwd=self.project, env=environment, check=False
        )
        return ran.stdout + ran.stderr

    def check(self, **variables: str) -> str:
        """The report of a check."""
        return self.python("-m", "upsun_lint", "--format", "concise", **variables)

    def loader(self) -> str:
        """The kind of the loader of a module."""
        return self.python("-c", ASKING).strip()

    @property
    def archive(self) -> Path:
        (found,) = (self.folder / "upsun_lint" / "__pycache__").glob("code_archive.*[!c]")
        return found


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(tmp_path)


def test_modules_are_taken_from_it_once_it_is_there(installation: Installation) -> None:
    assert installation.loader() == "SourceFileLoader"
    first = installation.check()
    assert "backgrounded-start-command" in first
    assert installation.loader() == "_Loader"
    written = installation.archive.stat()
    assert installation.check() == first
    assert installation.archive.stat().st_mtime_ns == written.st_mtime_ns


def test_a_module_that_changed_is_read_again(installation: Installation) -> None:
    installation.check()
    source = installation.folder / "upsun_rules" / "checks" / "worker_lifetimes.py"
    text = source.read_text("utf-8")
    assert "moves the command to the background" in text
    source.write_text(text.replace("moves the command to the background", "another message"), "utf-8")
    for _ in range(2):
        assert "another message" in installation.check()
    source.write_text(text, "utf-8")
    assert "another message" not in installation.check()


def test_a_data_file_that_changed_is_read_again(installation: Installation) -> None:
    installation.check()
    table = installation.folder / "upsun_schema" / "images" / "images.json"
    text = table.read_text("utf-8")
    assert installation.check() == installation.check()
    table.write_text(text.replace('"8.4"', '"8.999"'), "utf-8")
    for _ in range(2):
        assert "8.999" in installation.check()
    table.write_text(text, "utf-8")
    assert "8.999" not in installation.check()


def test_data_files_are_not_parsed_again(installation: Installation) -> None:
    asking = "import sys; from upsun_lint.__main__ import _run; sys.argv = ['upsun-lint', '.']; _run(); print('json' in sys.modules)"
    assert [installation.python("-c", asking).splitlines()[-1] for _ in range(2)] == ["True", "False"]


def test_a_module_that_is_new_is_found(installation: Installation) -> None:
    installation.check()
    rule = installation.folder / "upsun_rules" / "checks" / "queue_consumers.py"
    shutil.copy(rule, rule.with_name("zzz.py"))
    assert "two rules are called" in installation.check()
    rule.with_name("zzz.py").unlink()
    assert "two rules are called" not in installation.check()


def test_modules_of_another_report_are_added(installation: Installation) -> None:
    installation.check()
    before = installation.archive.stat().st_size
    assert installation.python("-m", "upsun_lint", "--format", "sarif").startswith("{")
    assert installation.archive.stat().st_size > before
    kept = installation.archive.stat().st_mtime_ns
    installation.check()
    assert installation.archive.stat().st_mtime_ns == kept


def with_contents(whole: bytes, contents: object) -> bytes:
    """The head of an archive, and other contents."""
    written = marshal.dumps(contents)
    return whole[: len(code_archive._HEAD)] + len(written).to_bytes(code_archive._LENGTH, "little") + written


DAMAGES = {
    "empty": lambda whole: b"",
    "zeros": lambda whole: bytes(len(whole)),
    "not one": lambda whole: b"PK\x03\x04",
    "cut in the head": lambda whole: whole[: len(code_archive._HEAD) + 3],
    "cut in the contents": lambda whole: whole[:1_000],
    "cut in the code": lambda whole: whole[:-1_000],
    "no contents": lambda whole: with_contents(whole, None),
    "other contents": lambda whole: with_contents(whole, ({"upsun_lint.cli": ()}, {}, [1])),
    "longer": lambda whole: whole + b"\0",
    "of another version": lambda whole: whole.replace(upsun_lint.__version__.encode(), b"0.0.9", 1),
    "of another Python": lambda whole: b"\0\0\r\n" + whole[4:],
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_an_archive_that_is_not_valid_is_replaced(installation: Installation, damage: Callable[[bytes], bytes]) -> None:
    report = installation.check()
    whole = installation.archive.read_bytes()
    installation.archive.write_bytes(damage(whole))
    assert installation.check() == report
    assert installation.archive.read_bytes() == whole


def test_where_it_cannot_be_written_nothing_is_left_behind(installation: Installation) -> None:
    installation.check()
    archive = installation.archive
    archive.unlink()
    (archive / "in the way").mkdir(parents=True)
    assert "backgrounded-start-command" in installation.check()
    assert [one for one in archive.parent.iterdir() if one.suffix != ".pyc"] == [archive]


def test_packages_of_another_folder_are_not_mixed_in(installation: Installation, tmp_path: Path) -> None:
    installation.check()
    other = tmp_path / "other" / "upsun_rules"
    shutil.copytree(installation.folder / "upsun_rules", other)
    source = other / "checks" / "worker_lifetimes.py"
    source.write_text(
        source.read_text("utf-8").replace("moves the command to the background", "another message"), "utf-8"
    )
    assert "another message" in installation.check(PYTHONPATH=os.pathsep.join((str(other.parent), str(tmp_path))))
    assert "another message" not in installation.check()


def test_code_that_python_checks_in_another_way_is_left_to_python(installation: Installation) -> None:
    installation.python("-m", "compileall", "-q", "--invalidation-mode", "checked-hash", str(installation.folder))
    for _ in range(2):
        assert "backgrounded-start-command" in installation.check()
    assert installation.loader() == "SourceFileLoader"


def test_nothing_is_written_where_python_shall_not(installation: Installation) -> None:
    installation.check(PYTHONDONTWRITEBYTECODE="1")
    assert not list(installation.folder.glob("upsun_lint/__pycache__/*"))


def test_a_traceback_shows_the_source(installation: Installation) -> None:
    installation.check()
    source = installation.folder / "upsun_lint" / "reports" / "concise.py"
    source.write_text("def render(*_, **__):\n    raise RuntimeError('this one')  # on this line\n", "utf-8")
    for _ in range(2):
        found = installation.check()
        assert "raise RuntimeError('this one')  # on this line" in found
        assert f'"{source}", line 2, in render' in found
