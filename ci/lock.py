"""Write the locks: the exact versions, with hashes, of what upsun-lint needs to run and to be built.

Run it with `make lock`. `requirements.txt` is for running, `build-requirements.txt` for building. The job for GitLab is
one file for its users, so the first one is in it as well.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

CI = Path(__file__).resolve().parent
PROJECT = CI.parent / "pyproject.toml"
HEAD = "# Written by `make lock`, from pyproject.toml.\n"


def locked(requirements: list[str], python: str) -> str:
    """The lock of requirements for this version of Python and all later ones."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "--universal", "--generate-hashes", "--no-annotate"]
    options = ["--no-header", "--quiet", "--upgrade", "--python-version", python]
    ran = subprocess.run([*command, *options, "-"], input="\n".join(requirements), stdout=subprocess.PIPE, text=True)
    if ran.returncode:
        sys.exit(ran.returncode)
    return HEAD + ran.stdout


def in_job(job: str, lock: str) -> str:
    """The job for GitLab with another lock."""
    lines = "".join(f"      {line}\n" for line in lock.splitlines())
    new, number = re.subn(r"(?<=    UPSUN_LINT_LOCK: \|\n)(?: {6}.*\n)*", lambda match: lines, job)
    assert number == 1
    return new


def main() -> None:
    """Write the three files."""
    project = tomllib.loads(PROJECT.read_text("utf-8"))
    python = project["project"]["requires-python"].removeprefix(">=")
    lock = locked(project["project"]["dependencies"], python)
    (CI / "requirements.txt").write_text(lock, "utf-8")
    (CI / "build-requirements.txt").write_text(locked(project["build-system"]["requires"], python), "utf-8")
    job = CI / "gitlab.yml"
    job.write_text(in_job(job.read_text("utf-8"), lock), "utf-8")


if __name__ == "__main__":
    main()
