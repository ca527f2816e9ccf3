"""What other systems run us by: the action, the workflow, the templates, the hooks, the problem matcher."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.server.command import CLEAN, process, write

ROOT = Path(__file__).resolve().parents[2]
RUN = ROOT / ".github/action/run.sh"
WRONG = "applications:\n  app:\n    type: 'php:8.4'\n    mount: {}\n  b: {type: 'php:8.4', workers: {w: {}}}\n"

on_posix = pytest.mark.skipif(os.name == "nt", reason="a POSIX shell")


def tool(name: str) -> str:
    """Return a program of the development environment; skip where it is not installed."""
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    return found or pytest.skip(f"{name} is not installed")


@pytest.mark.parametrize(
    ("schema", "file"),
    [
        ("github-actions", "action.yml"),
        ("github-workflows", ".github/workflows/ci.yml"),
        ("gitlab-ci", "ci/gitlab.yml"),
    ],
)
def test_a_definition_follows_its_schema(schema: str, file: str) -> None:
    command = [tool("check-jsonschema"), "--builtin-schema", f"vendor.{schema}", file]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout


def test_nothing_in_the_action_and_the_workflow_can_be_injected_or_is_unpinned() -> None:
    command = [tool("zizmor"), "--offline", "--no-progress", "action.yml", ".github/workflows/ci.yml"]
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
if [[ "$2" == venv ]]; then
  mkdir -p "$3/bin"
  cp "$0" "$3/bin/python"
  printf '#!/usr/bin/env bash\\nexec "%s" -m upsun_lint "$@"\\n' "$REAL_PYTHON" >"$3/bin/upsun-lint"
  chmod +x "$3/bin/upsun-lint"
else
  echo "$@" >>"$RUNNER_TEMP/installed"
fi
"""


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
def test_the_action_takes_inputs_as_words_and_nothing_else(tmp_path: Path) -> None:
    write(tmp_path, WRONG)
    ran = run_action(tmp_path, paths="$(touch pwned)\n--fix", arguments="--fail-on=error")
    assert ran.returncode == 2
    assert "$(touch pwned): there is no such file or folder" in ran.stderr
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
def test_the_hook_runs_on_what_is_committed(tmp_path: Path) -> None:
    command = tool("pre-commit")
    subprocess.run(["git", "init", "-q", "."], cwd=tmp_path, check=True)
    write(tmp_path, WRONG)
    write(tmp_path, "not: ours\n", "other.yaml")
    subprocess.run(["git", "add", "."], cwd=tmp_path, check=True)
    source = tmp_path / "source"
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    files = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True).stdout.split(b"\0")
    for name in map(os.fsdecode, files):
        if (ROOT / name).is_file() and name.startswith((".pre-commit", "pyproject", "README", "LICENSE", "s", "rules")):
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, source / name)
    identity = ["-c", "user.name=x", "-c", "user.email=x@localhost"]
    for words in (["init", "-q", "."], ["add", "."], [*identity, "commit", "-qm", "x"]):
        subprocess.run(["git", *words], cwd=source, check=True)
    ran = subprocess.run(
        [command, "try-repo", str(source), "upsun-lint", "--files", ".upsun/config.yaml", "other.yaml"],
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


@pytest.mark.parametrize("file", [".pre-commit-hooks.yaml", "docs/guide/pre-commit.md"])
def test_the_hook_sees_all_that_the_platform_may_read(file: str) -> None:
    patterns = re.findall(r"^ +files: (.*ya\?ml\$)$", (ROOT / file).read_text(), re.MULTILINE)
    assert patterns
    for pattern in patterns:
        for path in (".upsun/config.yaml", ".upsun/apps/rails.yaml", "shop/.upsun/config.yml"):
            assert re.search(pattern, path)
        for path in ("upsun/config.yaml", "x.upsun/config.yaml", ".upsun/run.sh", ".upsun.yaml"):
            assert not re.search(pattern, path)
