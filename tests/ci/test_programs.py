"""What needs no Python: the program, the npm packages with it, and the file system of the container image.

Docker is not here: the steps of the Dockerfile are carried out in a folder instead. What this cannot show is whether the
base image has what the steps need.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import PATIENCE
from tests.server.command import write

ROOT = Path(__file__).resolve().parents[2]
TEXT = "applications:\n  app:\n    type: 'php:8.4'\n    access: {ssh: admin}\n    workers: {queue: {commands: {start: ./run &}}}\n"
SETTINGS = "[[policies]]\nname = 'p'\nsubject = 'worker'\nschema = {properties = {access = {const = {}}}}\n"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="commands of POSIX")


def ran(*command: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
    words = [str(word) for word in command]
    return subprocess.run(words, capture_output=True, text=True, timeout=4 * PATIENCE, **options)  # type: ignore[call-overload, no-any-return]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("program") / "upsun-lint"
    made = ran(sys.executable, ROOT / "editors" / "vscode" / "freeze.py", folder)
    assert made.returncode == 0, made.stderr
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    # Settings are looked for up to the root of the repository.
    (tmp_path / ".git").mkdir()
    write(tmp_path, TEXT)
    write(tmp_path, SETTINGS, ".upsun-lint.toml")
    return tmp_path


def check(done: subprocess.CompletedProcess[str]) -> None:
    """It has found what a rule and what a policy finds."""
    assert done.returncode == 1, done.stderr
    assert "backgrounded-start-command" in done.stdout
    assert "policy:p" in done.stdout


def test_the_program_needs_no_python(program: Path, project: Path) -> None:
    nowhere = {"PATH": str(project / "nowhere")}
    check(ran(program / "upsun-lint", "--format", "concise", cwd=project, env=nowhere))
    write(project, TEXT, "other/.upsun/config.yaml")
    write(project, TEXT, "more/.upsun/config.yaml")
    check(ran(program / "upsun-lint", "--jobs", "2", "--format", "concise", "other", "more", cwd=project, env=nowhere))
    assert "crons" in ran(program / "upsun-lint", "explain", "crons-on-worker", env=nowhere).stdout


@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
def test_npx_runs_the_program(program: Path, project: Path, tmp_path: Path) -> None:
    target = json.loads(ran("node", "-p", "JSON.stringify(`${process.platform}-${process.arch}`)").stdout)
    packages = tmp_path / "packages"
    made = ran(sys.executable, ROOT / "packaging" / "npm" / "build.py", packages, f"{target}={program}")
    assert made.returncode == 0, made.stderr
    archives = []
    for name in (f"upsun-lint-{target}", "upsun-lint"):
        packed = ran("npm", "pack", "--silent", cwd=packages / name)
        archives.append(packages / name / packed.stdout.strip())
    user = tmp_path / "user"
    write(user, '{"private": true}', "package.json")
    quiet = ("--offline", "--no-audit", "--no-fund", "--ignore-scripts")
    installed = ran("npm", "install", *quiet, *archives, cwd=user)
    assert installed.returncode == 0, installed.stderr
    node = shutil.which("node")
    assert node is not None
    only_node = {"PATH": f"{Path(node).parent}", "HOME": str(tmp_path)}
    check(ran("npx", "--offline", "upsun-lint", "--format", "concise", project, cwd=user, env=os.environ | only_node))
    shutil.rmtree(user / "node_modules" / f"upsun-lint-{target}")
    lost = ran("npx", "--offline", "upsun-lint", cwd=user)
    assert (lost.returncode, lost.stderr.count("\n")) == (2, 1)


def test_the_packages_of_a_release_have_every_platform(tmp_path: Path) -> None:
    (tmp_path / "program").mkdir()
    build = (sys.executable, ROOT / "packaging" / "npm" / "build.py", tmp_path / "out")
    assert ran(*build, f"linux-x64={tmp_path}", "--release").returncode == 2
    names = ("linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64", "win32-x64")
    assert ran(*build, *(f"{name}={tmp_path / 'program'}" for name in names), "--release").returncode == 0
    manifest = json.loads((tmp_path / "out" / "upsun-lint" / "package.json").read_text("utf-8"))
    assert set(manifest["optionalDependencies"]) == {f"upsun-lint-{name}" for name in names}
    assert set(manifest["optionalDependencies"].values()) == {manifest["version"]}


def test_the_file_system_of_the_image_works(project: Path, tmp_path: Path) -> None:
    text = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    image, source = tmp_path / "image", tmp_path / "source"
    source.mkdir()
    build, _, final = text.rpartition("\nFROM ")
    for instruction, words in re.findall(r"^(COPY|RUN) (.*)$", build, re.MULTILINE):
        if instruction == "COPY":
            *files, target = words.split()
            (source / target).mkdir(parents=True, exist_ok=True)
            for name in files:
                if (ROOT / name).is_dir():
                    shutil.copytree(ROOT / name, source / target, dirs_exist_ok=True)
                else:
                    shutil.copy(ROOT / name, source / target)
        else:
            command = re.sub(r"(?<= )/(?=(opt|dist)\b)", f"{image}/", f" {words}").replace(
                "python -m venv", f"{sys.executable} -m venv"
            )
            done = ran("sh", "-ec", command, cwd=source)
            assert done.returncode == 0, done.stderr
    entry = json.loads(re.findall(r"^ENTRYPOINT (.*)$", final, re.MULTILINE)[0])
    check(ran(f"{image}{entry[0]}", *entry[1:], "check", "--format", "concise", cwd=project))


def test_a_release_agrees_with_itself(tmp_path: Path) -> None:
    for name in ("ci/release.py", "pyproject.toml", "server/upsun_lint/__init__.py"):
        write(tmp_path, (ROOT / name).read_text("utf-8"), name)
    write(tmp_path, "# Changelog\n\n## Unreleased\n", "CHANGELOG.md")
    script = tmp_path / "ci" / "release.py"
    refused = ran(sys.executable, script, "v9.9.9")
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 3)
    version = re.findall(r'= "(.*)"', (tmp_path / "server/upsun_lint/__init__.py").read_text("utf-8"))[0]
    write(tmp_path, f"# Changelog\n\n## {version}\n", "CHANGELOG.md")
    home = (ROOT / "pyproject.toml").read_text("utf-8").replace("https://example.org/", "https://git.example/")
    write(tmp_path, home, "pyproject.toml")
    agreed = ran(sys.executable, script, f"v{version}")
    assert (agreed.returncode, agreed.stderr) == (0, "")
