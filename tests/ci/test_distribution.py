"""The distribution: it builds from what the Dockerfile copies, and works where there is no checkout."""

from __future__ import annotations

import email
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from tests.patience import PATIENCE
from tests.server.command import CLEAN, write

ROOT = Path(__file__).resolve().parents[2]
WRONG = "applications:\n  app:\n    type: 'php:8.4'\n    mount: {}\n"


def run(*command: str | Path, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=folder, env=CLEAN | environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that is built from the sdist, which is built from the files that the Dockerfile copies."""
    source = tmp_path_factory.mktemp("source")
    copied = re.findall(r"^COPY (?!--)(.*) \S+$", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    names = [name for line in copied for name in line.split() if not name.startswith("ci/")]
    assert "pyproject.toml" in names
    for name in names:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, source / name)
    built = run(sys.executable, "-m", "build", "--outdir", "dist", folder=source)
    if "Could not find a version that satisfies" in built.stdout + built.stderr:
        pytest.skip("hatchling cannot be fetched")
    assert built.returncode == 0, built.stdout[-2000:]
    (found,) = (source / "dist").glob("*.whl")
    assert len(list((source / "dist").glob("*.tar.gz"))) == 1
    return found


def test_everything_is_in_it(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {f"{package}/py.typed" for package in ("upsun_schema", "upsun_rules", "upsun_lint")} <= names
    assert {
        "upsun_schema/keys/services.json",
        "upsun_schema/keys/upsun.schema.json",
        "upsun_schema/images/images.json",
        "upsun_rules/shell/commands.json",
    } <= names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if name.startswith(("tests", "docs", "examples", "editors"))]


def test_the_page_of_the_package_has_no_link_into_the_checkout(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (one for one in archive.namelist() if one.endswith(".dist-info/METADATA"))
        page = email.message_from_bytes(archive.read(name))
    assert page["Description-Content-Type"] == "text/markdown"
    text = page.get_payload(decode=True)
    assert isinstance(text, bytes)
    home = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["urls"]["Repository"]
    links = [token for token in MarkdownIt().parse(text.decode()) for token in token.children or ()]
    addresses = [one.attrs.get("href" if one.type == "link_open" else "src") for one in links if one.attrs]
    assert f"{home}/raw/main/docs/images/check.svg" in addresses
    assert [one for one in addresses if not str(one).startswith(("https://", "#"))] == []


def test_it_works_outside_the_checkout(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    run(sys.executable, "-m", "venv", home, folder=tmp_path)
    programs = home / ("Scripts" if os.name == "nt" else "bin")
    installed = run(programs / "python", "-m", "pip", "install", "--no-deps", "--no-index", wheel, folder=tmp_path)
    assert installed.returncode == 0, installed.stderr
    # What it depends on is taken from this environment, whose own link to the checkout does not count there.
    others = {"PYTHONPATH": sysconfig.get_path("purelib")}
    write(tmp_path / "project", WRONG)
    command = programs / "upsun-lint"
    checked = run(command, folder=tmp_path / "project", **others)
    assert checked.returncode == 1, checked.stderr
    assert "did you mean `mounts`?" in " ".join(checked.stdout.split())
    for arguments in (["schema"], ["rules"], ["explain", "unknown-key"], ["images"], ["show"], ["server", "--help"]):
        assert run(command, *arguments, folder=tmp_path / "project", **others).returncode == 0
    where = run(
        programs / "python", "-c", "import upsun_lint; print(upsun_lint.__file__)", folder=tmp_path, **others
    ).stdout
    assert Path(where.strip()).is_relative_to(home)
