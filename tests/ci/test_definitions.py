"""What other systems run us by: the action, the workflow, the templates, the hooks, the problem matcher."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.server.command import CLEAN, process, write

ROOT = Path(__file__).resolve().parents[2]
RUN = ROOT / ".github/action/run.sh"
WRONG = "applications:\n  app:\n    type: 'php:8.4'\n    mount: {}\n  b: {type: 'php:8.4', workers: {w: {}}}\n"

on_posix = pytest.mark.skipif(os.name == "nt", reason="a POSIX shell")


def tool(name: str) -> str:
    """A program of the development environment; skip where it is not installed."""
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    return found or pytest.skip(f"{name} is not installed")


@pytest.mark.parametrize(
    ("schema", "file"),
    [
        ("github-actions", "action.yml"),
        ("github-workflows", ".github/workflows/ci.yml"),
        ("github-workflows", ".github/workflows/release.yml"),
        ("github-workflows", ".github/workflows/site.yml"),
        ("gitlab-ci", "ci/gitlab.yml"),
    ],
)
def test_a_definition_follows_its_schema(schema: str, file: str) -> None:
    command = [tool("check-jsonschema"), "--builtin-schema", f"vendor.{schema}", file]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout


def test_nothing_in_the_action_and_the_workflow_can_be_injected_or_is_unpinned() -> None:
    command = [tool("zizmor"), "--offline", "--no-progress", "action.yml", ".github/workflows"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout


def test_no_input_is_written_into_a_script() -> None:
    scripts = re.findall(r"run: (?:[|>]\n(?: +.*\n)+|.*)", (ROOT / "action.yml").read_text())
    assert scripts
    assert not any("${{" in script for script in scripts)


# -- the script of the action ------------------------------------------------------------------------------------------

PIP = """\
#!/usr/bin/env bash
# Stands for `python`: makes an environment whose upsun-lint is ours, and installs nothing.
if [[ "$3" == venv ]]; then
  mkdir -p "$4/bin"
  cp "$0" "$4/bin/python"
elif [[ "$3" == upsun_lint ]]; then
  exec "$REAL_PYTHON" "$@"
else
  echo "$@" >>"$RUNNER_TEMP/installed"
fi
"""


HOSTILE = "import pathlib; pathlib.Path({mark!r}).open('a').write(__file__ + chr(10)); raise SystemExit(7)\n"


def hostile_checkout(folder: Path, mark: Path) -> None:
    """Write modules that leave a mark when they are imported, named as what Python, pip and we import."""
    names = [
        "venv.py", "pip.py", "click.py", "sitecustomize.py", "usercustomize.py", "ensurepip/__init__.py", "os.py",
        "json.py", "subprocess.py", "encodings/__init__.py", "upsun_lint/__main__.py", "upsun_lint/__init__.py",
        "upsun_schema.py", "hatchling/build.py", "hatchling/__init__.py", "setup.py", "multiprocessing.py",
    ]  # fmt: skip
    for name in names:
        write(folder, HOSTILE.format(mark=str(mark)), name)
    write(folder, "[install]\nindex-url = https://localhost:1/\n", "pip.conf")
    write(folder, "[build-system]\nrequires = []\nbuild-backend = 'setup'\nbackend-path = ['.']\n", "pyproject.toml")


def run_action(folder: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    fake = folder / "bin"
    temporary = folder / "temporary"
    fake.mkdir()
    temporary.mkdir()
    (fake / "python").write_text(PIP)
    (fake / "python").chmod(0o755)
    environment = CLEAN | {
        "PATH": f"{fake}{os.pathsep}{os.environ['PATH']}",
        "REAL_PYTHON": sys.executable,
        "RUNNER_TEMP": str(temporary),
        "GITHUB_ACTION_PATH": str(ROOT),
        "GITHUB_OUTPUT": str(temporary / "output"),
        "GITHUB_STEP_SUMMARY": str(temporary / "summary.md"),
        "GITHUB_ACTIONS": "true",
        **{f"UPSUN_LINT_{name.upper()}": value for name, value in inputs.items()},
    }
    return subprocess.run([str(RUN)], cwd=folder, env=environment, capture_output=True, text=True, check=False)


@on_posix
def test_the_action_annotates_and_fails(tmp_path: Path) -> None:
    write(tmp_path / "my project", WRONG)
    ran = run_action(tmp_path, paths="my project\n")
    assert ran.returncode == 1, ran.stderr
    assert "::error file=my project/.upsun/config.yaml,line=4," in ran.stdout
    assert "error[unknown-key]" in ran.stdout
    assert (tmp_path / "temporary/installed").read_text().split()[-1] == str(ROOT)


@on_posix
def test_the_action_takes_inputs_as_plain_words(tmp_path: Path) -> None:
    write(tmp_path, WRONG)
    ran = run_action(tmp_path, paths="$(touch pwned)\n--fix", arguments="--fail-on=error")
    assert ran.returncode == 2
    assert "$(touch pwned): no such file or folder" in ran.stderr
    assert not (tmp_path / "pwned").exists()
    assert (tmp_path / ".upsun/config.yaml").read_text() == WRONG


@on_posix
def test_the_action_hands_a_report_to_the_upload_and_does_not_fail(tmp_path: Path) -> None:
    write(tmp_path, WRONG)
    ran = run_action(tmp_path, sarif="true")
    assert ran.returncode == 0, ran.stderr
    name, _, path = (tmp_path / "temporary/output").read_text().strip().partition("=")
    assert name == "sarif-file"
    assert json.loads(Path(path).read_text())["version"] == "2.1.0"
    assert "::error" not in ran.stdout
    assert "unknown-key" in (tmp_path / "temporary/summary.md").read_text()


@on_posix
def test_the_action_fails_where_nothing_could_be_checked_even_if_it_uploads(tmp_path: Path) -> None:
    ran = run_action(tmp_path, sarif="true")
    assert ran.returncode == 2
    assert not (tmp_path / "temporary/output").exists()


@on_posix
def test_the_action_imports_nothing_from_the_checkout(tmp_path: Path) -> None:
    checkout, temporary, mark = tmp_path / "checkout", tmp_path / "temporary", tmp_path / "imported"
    temporary.mkdir()
    write(checkout, WRONG)
    hostile_checkout(checkout, mark)
    environment = CLEAN | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{CLEAN['PATH']}",
        "RUNNER_TEMP": str(temporary),
        "GITHUB_ACTION_PATH": str(ROOT),
        "GITHUB_ACTIONS": "true",
        "PYTHONPATH": str(checkout),
        "PYTHONSTARTUP": str(checkout / "venv.py"),
        "PYTHONINSPECT": "1",
    }
    ran = subprocess.run(
        [str(RUN)], cwd=checkout, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert not mark.exists(), mark.read_text()
    if "No matching distribution found" in ran.stderr:
        pytest.skip("there is no package index here")
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "::error file=.upsun/config.yaml,line=4," in ran.stdout
    # What is there would be imported: by Python without -I.
    subprocess.run([sys.executable, "-m", "venv", "x"], cwd=checkout, env=CLEAN, capture_output=True, check=False)
    assert mark.exists()


# -- the locks ---------------------------------------------------------------------------------------------------------


LOCKS = ("ci/requirements.txt", "ci/build-requirements.txt")


def pins(lock: str) -> dict[str, str]:
    """The versions by the canonical names of packages."""
    found = re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / lock).read_text("utf-8"), re.MULTILINE)
    return dict(found)


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_says_exactly_what_is_installed_and_not_from_where(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8").replace("\\\n", " ")
    entries = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert len(entries) == len(pins(lock))
    for entry in entries:
        assert re.fullmatch(r"[a-z0-9-]+==[^ ;]+ *(; [^-]+?)?( +--hash=sha256:[0-9a-f]{64})+", entry), entry
    assert not re.search(r"://|index|find-links|file:", text)


@pytest.mark.parametrize(
    ("lock", "section", "key"), [(LOCKS[0], "project", "dependencies"), (LOCKS[1], "build-system", "requires")]
)
def test_a_lock_has_what_we_need(lock: str, section: str, key: str) -> None:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))[section][key]
    found = pins(lock)
    for requirement in map(Requirement, wanted):
        name = canonicalize_name(requirement.name)
        assert name in found, f"{name} is missing: run make lock"
        assert requirement.specifier.contains(found[name]), f"{name}: run make lock"


def test_the_job_for_gitlab_has_the_lock_in_it() -> None:
    job = (ROOT / "ci/gitlab.yml").read_text("utf-8")
    (lines,) = re.findall(r"    UPSUN_LINT_LOCK: \|\n((?: {6}.*\n)+)", job)
    assert textwrap.dedent(lines) == (ROOT / LOCKS[0]).read_text("utf-8")


@pytest.mark.parametrize("file", ["Dockerfile", ".github/action/run.sh", "ci/gitlab.yml"])
def test_everything_is_installed_with_hashes_or_without_an_index(file: str) -> None:
    text = (ROOT / file).read_text("utf-8").replace("\\\n", " ")
    installs = re.findall(r"(?:pip install|pip wheel|^install) [^\n&]*", text, re.MULTILINE)
    assert len(installs) >= 2
    for command in installs:
        ours = '"$UPSUN_LINT_PACKAGE"' in command or '"$@"' in command
        assert "--require-hashes" in command or "--no-index" in command or ours, command


# -- the problem matcher -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("color", ["never", "always"])
def test_the_problem_matcher_reads_what_concise_prints(tmp_path: Path, color: str) -> None:
    write(tmp_path, WRONG)
    ran = process("--format", "concise", "--severity", "hint", "--color", color, cwd=tmp_path)
    matchers = json.loads((ROOT / ".github/upsun-lint-matcher.json").read_text())["problemMatcher"]
    found = []
    for line in ran.out.splitlines():
        for matcher in matchers:
            (pattern,) = matcher["pattern"]
            if match := re.match(pattern["regexp"], line):
                names = ("file", "line", "column", "code")
                found.append(tuple(match[pattern[name]] for name in names))
    assert (".upsun/config.yaml", "4", "5", "unknown-key") in found
    assert len(found) == len(ran.out.splitlines()) - 1


# -- pre-commit --------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="pre-commit clones a repository")
def test_the_hook_checks_the_project(tmp_path: Path) -> None:
    command = tool("pre-commit")
    subprocess.run(["git", "init", "-q", "."], cwd=tmp_path, check=True)
    write(tmp_path, WRONG)
    write(tmp_path, "not: ours\n", "other.yaml")
    subprocess.run(["git", "add", "."], cwd=tmp_path, check=True)
    source = tmp_path / "source"
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    files = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True).stdout.split(b"\0")
    for name in map(os.fsdecode, files):
        if (ROOT / name).is_file() and name.startswith(
            (".pre-commit", "pyproject", "hatch", "README", "LICENSE", "s", "rules")
        ):
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, source / name)
    identity = ["-c", "user.name=x", "-c", "user.email=x@localhost"]
    for words in (["init", "-q", "."], ["add", "."], [*identity, "commit", "-qm", "x"]):
        subprocess.run(["git", *words], cwd=source, check=True)
    ran = subprocess.run(
        [command, "try-repo", str(source), "upsun-lint", "--files", "other.yaml"],
        cwd=tmp_path,
        env=CLEAN | {"PRE_COMMIT_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    if "pip" in ran.stdout + ran.stderr and "Could not find" in ran.stdout + ran.stderr:
        pytest.skip("there is no package index here")
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "error[unknown-key]" in ran.stdout
    assert "other.yaml" not in ran.stdout
