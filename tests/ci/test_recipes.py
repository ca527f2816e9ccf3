"""The recipes of the guide with real git histories: each change that breaks the project fails the job or the commit."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.ci.test_definitions import ROOT, tool
from tests.ci.test_gitlab import git
from tests.patience import PATIENCE
from tests.server.command import CLEAN, Ran, process, write
from upsun_schema.yaml.document import Document
from upsun_schema.yaml.nodes import Mapping, Node, Scalar, Sequence

pytestmark = pytest.mark.skipif(os.name == "nt", reason="a POSIX shell")

APP = """\
applications:
  app:
    type: 'php:8.4'
    source: {root: /}
    relationships: {database: 'db:mysql'}
    mounts:
      'var/files': {source: service, service: files, source_path: uploads}
    web:
      locations: {'/': {root: public, passthru: /index.php}}
"""
SERVICES = """\
services:
  db: {type: 'mariadb:11.8'}
  files: {type: 'network-storage:1.0'}
"""
ROUTES = "routes:\n  'https://{default}/': {type: upstream, upstream: 'app:http'}\n"

CHANGES = {
    "a service renamed": {".upsun/services.yaml": SERVICES.replace("  db:", "  data:")},
    "an application renamed": {".upsun/app.yaml": APP.replace("  app:", "  shop:")},
    "a network storage renamed": {".upsun/services.yaml": SERVICES.replace("  files:", "  media:")},
    "a service of another type": {".upsun/services.yaml": SERVICES.replace("mariadb:11.8", "postgresql:18")},
    "services.yaml deleted": {".upsun/services.yaml": None},
}


def guide(name: str) -> list[Any]:
    """The YAML of a page of the guide, as plain data."""
    texts = re.findall(r"^```yaml\n(.*?)^```$", (ROOT / f"docs/guide/{name}.md").read_text(), re.DOTALL | re.MULTILINE)
    return [plain(Document(name, text).root) for text in texts]


def plain(node: Node | None) -> Any:
    node = None if node is None else node.resolved
    if isinstance(node, Mapping):
        return {pair.name: plain(pair.value) for pair in node.pairs}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return node.text if isinstance(node, Scalar) else None


def apply(folder: Path, change: dict[str, str | None]) -> None:
    for path, text in change.items():
        if text is None:
            (folder / path).unlink()
        else:
            write(folder, text, path)


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """A repository with a project on the branch `main`."""
    folder = tmp_path / "origin"
    for path, text in (("app", APP), ("services", SERVICES), ("routes", ROUTES)):
        write(folder, text, f".upsun/{path}.yaml")
    git(folder, "init", "-q", "-b", "main", ".")
    commit(folder)
    return folder


def commit(folder: Path) -> None:
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "x", "--allow-empty")


def request(origin: Path, change: dict[str, str | None]) -> Path:
    """A clone of a branch with a change, as a CI checks it out; `main` has moved on since."""
    git(origin, "checkout", "-qb", "feature")
    apply(origin, change)
    commit(origin)
    git(origin, "checkout", "-q", "main")
    write(
        origin,
        ROUTES + "  'https://www.{default}/': {type: redirect, to: 'https://{default}/'}\n",
        ".upsun/routes.yaml",
    )
    commit(origin)
    clone = origin.with_name("clone")
    git(origin, "clone", "-q", "-b", "feature", str(origin), str(clone))
    return clone


def on_github(clone: Path) -> Ran:
    (workflow,) = [
        one
        for one in guide("github")
        if isinstance(one, dict) and "pull_request" in str(one.get("on")) and "--since" in str(one)
    ]
    checkout, lint = workflow["jobs"]["upsun-lint"]["steps"]
    assert checkout["with"]["fetch-depth"] == "0"
    arguments = lint["with"]["arguments"].replace("${{ github.base_ref }}", "main").splitlines()
    return process("check", *arguments, "--", ".", cwd=clone)


def on_gitlab(clone: Path) -> Ran:
    (job,) = [one["upsun-lint"] for one in guide("gitlab") if "upsun-lint" in one and "--since" in str(one)]
    assert job["variables"]["GIT_DEPTH"] == "0"
    program, _, arguments = job["script"][0].partition(" -I -m upsun_lint ")
    assert program == "$home/upsun-lint/bin/python"
    base = git(clone, "merge-base", "origin/main", "HEAD").strip()
    return process(*shlex.split(arguments.replace("$CI_MERGE_REQUEST_DIFF_BASE_SHA", base)), cwd=clone)


@pytest.mark.parametrize("run", [on_github, on_gitlab])
@pytest.mark.parametrize("change", CHANGES)
def test_a_request_that_breaks_the_project_fails(origin: Path, change: str, run: Any) -> None:
    ran = run(request(origin, CHANGES[change]))
    assert ran.status == 1, ran.out + ran.err


@pytest.mark.parametrize("run", [on_github, on_gitlab])
def test_a_harmless_request_passes(origin: Path, run: Any) -> None:
    ran = run(request(origin, {".upsun/app.yaml": "# a remark\n" + APP.replace("type: 'php:8.4'", "type: 'php:8.5'")}))
    assert (ran.status, ran.err) == (0, "")
    assert ran.out == "All good: 1 application in 1 project.\n"


def hooks(folder: Path, since: bool) -> None:
    """Install the local hook of the guide."""
    (hook,) = [one for one in guide("pre-commit") if isinstance(one, list) and one[0].get("repo") == "local"]
    words = hook[0]["hooks"][0]
    shipped = plain(Document("hooks", (ROOT / ".pre-commit-hooks.yaml").read_text()).root)[0]
    for key in ("entry", "pass_filenames", "always_run"):
        assert words[key] == shipped[key]
    arguments = ["--since=HEAD"] if since else []
    text = f"{{id: upsun-lint, name: x, entry: {sys.executable} -m {words['entry'].replace('-', '_', 1)}, language: system, pass_filenames: {words['pass_filenames']}, always_run: {words['always_run']}, args: {arguments}}}"
    write(folder, f"repos:\n  - repo: local\n    hooks: [{text}]\n", ".pre-commit-config.yaml")
    command = [tool("pre-commit"), "install"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, env=environment(folder))


def environment(folder: Path) -> dict[str, str]:
    identity = {f"GIT_{who}_{what}": "x" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    return CLEAN | identity | {"PRE_COMMIT_HOME": str(folder.parent / "home")}


def try_commit(folder: Path) -> subprocess.CompletedProcess[str]:
    git(folder, "add", "-A")
    return subprocess.run(
        ["git", "commit", "-m", "x"],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@pytest.mark.parametrize("since", [False, True])
@pytest.mark.parametrize("change", CHANGES)
def test_a_commit_that_breaks_the_project_is_refused(origin: Path, change: str, since: bool) -> None:
    hooks(origin, since)
    assert try_commit(origin).returncode == 0
    apply(origin, CHANGES[change])
    ran = try_commit(origin)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "error[" in ran.stdout + ran.stderr
    git(origin, "reset", "-q", "--hard")
    write(origin, "# a remark\n" + APP, ".upsun/app.yaml")
    assert try_commit(origin).returncode == 0
