"""The job for GitLab as the guide has it included, run by gitlab-ci-local: in a shell of this machine, not in an image."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import packages
from tests.patience import PATIENCE
from tests.server.command import CLEAN, write

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs/guide/gitlab.md"
REPORT = "gl-code-quality-report.json"
RIGHT = "applications:\n  app:\n    type: 'php:8.4'\n    source: {root: /}\n"
WRONG = RIGHT + "    mount: {}\n"

INCLUDE, CHANGES_ONLY = re.findall(r"^```yaml\n(.*?)^```$", GUIDE.read_text("utf-8"), re.DOTALL | re.MULTILINE)

pytestmark = pytest.mark.skipif(os.name == "nt", reason="a POSIX shell")


# Stands for `python`: the environment that it makes is ours, in which what the lock names is there already.
PYTHON = """\
#!/usr/bin/env bash
if [[ "$1" != -I || "${!PYTHON@}" != "" ]]; then exit 90; fi
case "$*" in
  *"-m venv"*) mkdir -p "$4/bin" && cp "$0" "$4/bin/python" ;;
  *--require-hashes*) grep -q '^pygls==' "${@: -1}" ;;
  *) exec REAL "$@" ;;
esac
"""


@pytest.fixture(scope="module")
def runner() -> list[str]:
    """The command of gitlab-ci-local, in the last version for Node.js 20."""
    node = shutil.which("node") or pytest.skip("there is no Node.js")
    return [node, str(packages.package("gitlab-ci-local", "4.73.0") / "dist/index.js")]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    write(folder, (ROOT / "ci/gitlab.yml").read_bytes(), "ci/gitlab.yml")
    definition, number = re.subn("remote: .*", "local: ci/gitlab.yml", INCLUDE)
    assert number == 1
    write(folder, definition, ".gitlab-ci.yml")
    # It copies the repository for jobs in images, of which there is none.
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/rsync").symlink_to(shutil.which("true") or "/bin/true")
    (tmp_path / "bin/python").write_text(PYTHON.replace("REAL", sys.executable))
    (tmp_path / "bin/python").chmod(0o755)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "remote", "add", "origin", "https://gitlab.example/me/shop.git")
    return folder


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=x", "-c", "user.email=x@localhost")
    return subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


def pipeline(runner: list[str], repository: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Commit what is there and run its pipeline: the jobs whose rules say so."""
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "x")
    path = (str(repository.parent / "bin"), str(Path(sys.executable).parent), CLEAN["PATH"])
    variables = {"UPSUN_LINT_PACKAGE": "upsun-lint"} | variables
    given = (word for name, value in variables.items() for word in ("--variable", f"{name}={value}"))
    return subprocess.run(
        [*runner, "--force-shell-executor", "--color=false", *given],
        cwd=repository,
        # The package to install is there already: pip looks for no other.
        env=CLEAN | {"PATH": os.pathsep.join(path), "HOME": str(repository.parent), "PIP_NO_INDEX": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def places(repository: Path) -> list[tuple[str, int]]:
    """The file and the line of each entry of the report that the job leaves."""
    assert f"codequality: {REPORT}\n" in (ROOT / "ci/gitlab.yml").read_text("utf-8")
    report: list[dict[str, Any]] = json.loads((repository / REPORT).read_text("utf-8"))
    return [(one["location"]["path"], one["location"]["lines"]["begin"]) for one in report]


def test_findings_are_printed_and_saved_as_a_report(runner: list[str], repository: Path) -> None:
    write(repository / "a b", WRONG)
    ran = pipeline(runner, repository)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "error[unknown-key]" in ran.stdout
    assert places(repository) == [("a b/.upsun/config.yaml", 5)]


def test_nothing_found_is_a_report_too(runner: list[str], repository: Path) -> None:
    write(repository, RIGHT)
    ran = pipeline(runner, repository)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert places(repository) == []


def test_without_a_configuration_there_is_no_job(runner: list[str], repository: Path) -> None:
    ran = pipeline(runner, repository)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert not (repository / REPORT).exists()


def test_variables_choose_what_is_installed_and_checked(runner: list[str], repository: Path) -> None:
    write(repository / "one", WRONG)
    write(repository / "two", WRONG)
    ran = pipeline(runner, repository, UPSUN_LINT_PATHS="two")
    assert places(repository) == [("two/.upsun/config.yaml", 5)], ran.stdout + ran.stderr


def test_the_address_of_the_package_is_required(runner: list[str], repository: Path) -> None:
    write(repository, RIGHT)
    ran = pipeline(runner, repository, UPSUN_LINT_PACKAGE="")
    assert ran.returncode == 1
    assert "set UPSUN_LINT_PACKAGE" in ran.stdout
    assert not (repository / REPORT).exists()


def test_a_failed_installation_fails_the_job(runner: list[str], repository: Path) -> None:
    write(repository, RIGHT)
    ran = pipeline(runner, repository, UPSUN_LINT_PACKAGE="upsun-lint==0.0.0a0")
    assert ran.returncode == 1
    assert "No matching distribution found for upsun-lint==0.0.0a0" in ran.stdout
    assert not (repository / REPORT).exists()


def test_only_what_a_merge_request_changes(runner: list[str], repository: Path) -> None:
    write(repository, WRONG)
    write(repository, (repository / ".gitlab-ci.yml").read_text("utf-8") + CHANGES_ONLY, ".gitlab-ci.yml")
    assert pipeline(runner, repository).returncode == 0
    assert not (repository / REPORT).exists()
    base = git(repository, "rev-parse", "HEAD").strip()
    write(repository, WRONG + "    hoks: {}\n")
    request = {"CI_PIPELINE_SOURCE": "merge_request_event", "CI_MERGE_REQUEST_DIFF_BASE_SHA": base}
    ran = pipeline(runner, repository, **request)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert places(repository) == [(".upsun/config.yaml", 6)]
