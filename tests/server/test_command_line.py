"""The options that people expect: what is left out, what is shown, what makes the check fail, and where it looks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.server.command import process, upsun_lint, write
from upsun_lint.run.ignored_folders import IgnoredFolders
from upsun_schema.images.table import Images

GOOD = "applications:\n  app:\n    type: 'php:8.4'\n    source: {root: /}\n    workers: {queue: {commands: {start: ./run}}}\n"
BAD = GOOD.replace("source: {root: /}", "wokers: {}")
SETTINGS = ".upsun-lint.toml"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    write(tmp_path, GOOD, "good/.upsun/config.yaml")
    write(tmp_path, BAD, "tests/fixtures/bad/.upsun/config.yaml")
    return tmp_path


# -- what is left out --------------------------------------------------------------------------------------------------


def test_without_a_path_the_folders_below_are_searched(root: Path) -> None:
    assert upsun_lint().status == 1
    assert upsun_lint("--show-files").out.splitlines() == [
        "good/.upsun/config.yaml",
        "tests/fixtures/bad/.upsun/config.yaml",
    ]


@pytest.mark.parametrize("pattern", ["tests", "tests/", "tests/**", "**/bad", "fixtures", "/tests/fixtures/*"])
def test_a_project_can_be_left_out(root: Path, pattern: str) -> None:
    assert upsun_lint("--exclude", pattern).status == 0
    write(root, f'exclude = ["{pattern}"]', SETTINGS)
    assert upsun_lint().status == 0
    assert upsun_lint("tests").status == 2
    assert upsun_lint("tests/fixtures/bad").status == 1, "what is named itself is checked"


def test_a_file_of_a_project_can_be_left_out(root: Path) -> None:
    write(root, 'exclude = [".upsun/old.yaml"]', f"good/{SETTINGS}")
    write(root, "services: {db: {tipe: 'postgresql:17'}}", "good/.upsun/old.yaml")
    assert upsun_lint("good").status == 0
    assert upsun_lint("good", "--no-config").status == 1


@pytest.mark.parametrize(
    ("patterns", "ignored"),
    [
        ("tests", True),
        ("/tests/", True),
        ("bad/", True),
        ("tests/*\n", True),
        ("**/fixtures/**", True),
        ("/bad", False),
        ("fixtures/bad", False),
        ("# tests", False),
        ("*\n!tests\n!fixtures\n!bad\n", False),
        ("tests\n!tests\n", False),
        ("t*\n", True),
        ("", False),
    ],
)
def test_folders_that_git_ignores_are_not_searched(root: Path, patterns: str, ignored: bool) -> None:
    write(root, patterns, ".gitignore")
    assert IgnoredFolders(str(root)).has(str(root / "tests" / "fixtures" / "bad")) is ignored
    assert ("bad/" in upsun_lint("--show-files", "--exclude", "none").out) is not ignored or patterns.startswith("*")
    if shutil.which("git"):
        shutil.rmtree(root / ".git")
        subprocess.run(["git", "init", "-q", "."], cwd=root, check=True)
        asked = subprocess.run(["git", "check-ignore", "-q", "tests/fixtures/bad"], cwd=root)
        assert (asked.returncode == 0) is ignored


def test_a_gitignore_further_down_counts(root: Path) -> None:
    write(root, "/bad", "tests/fixtures/.gitignore")
    assert upsun_lint().status == 0


def test_everything_left_out_is_a_failure(root: Path) -> None:
    ran = upsun_lint("--exclude", "*")
    assert (ran.status, ran.err.count("\n")) == (2, 1)
    assert "all projects below are left out" in ran.err


# -- rules -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["--select", "unknown-key"], 1),
        (["--select", "structure"], 1),
        (["--select", "unknown*"], 1),
        (["--select", "mounts,web"], 0),
        (["--ignore", "*"], 0),
        (["--select", "mounts", "--extend-select", "unknown-key"], 1),
        (["--ignore", "structure"], 0),
    ],
)
def test_topics_and_patterns_name_rules(root: Path, arguments: list[str], status: int) -> None:
    assert upsun_lint(*arguments).status == status


def test_extend_select_overrides_the_settings(root: Path) -> None:
    write(root, 'ignore = ["structure"]', SETTINGS)
    assert upsun_lint().status == 0
    assert upsun_lint("--extend-select", "unknown-key").status == 1
    write(root, 'select = ["mounts"]\nextend_select = ["unknown-key"]', SETTINGS)
    assert upsun_lint().status == 1


def test_the_more_exact_name_of_a_severity_counts(root: Path) -> None:
    write(root, 'severities = {unknown-key = "error", structure = "hint", "*" = "off"}', SETTINGS)
    assert upsun_lint().status == 1


@pytest.mark.parametrize("name", ["mouns", "unknow-key", "zz*", "policy:x"])
def test_a_name_that_means_nothing_is_refused(root: Path, name: str) -> None:
    ran = upsun_lint("--select", name)
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)


# -- the exit status ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [["--exit-zero"], ["--fail-on", "never"]])
def test_the_check_can_be_without_consequence(root: Path, arguments: list[str]) -> None:
    ran = upsun_lint(*arguments, "--format", "concise")
    assert (ran.status, "unknown-key" in ran.out) == (0, True)
    assert upsun_lint(*arguments, "nowhere").status == 2
    write(root, 'fail_on = "never"', SETTINGS)
    assert upsun_lint().status == 0
    assert upsun_lint("--fail-on", "error").status == 1


# -- fixes -------------------------------------------------------------------------------------------------------------


def test_offered_fixes_are_applied_by_the_name_of_their_rule(root: Path) -> None:
    old = write(root, GOOD.replace("php:8.4", "php:8.0"), "good/.upsun/config.yaml")
    assert upsun_lint("--fix", "good").status in (0, 1)
    assert "php:8.0" in old.read_text("utf-8")
    ran = upsun_lint("--fix", "--unsafe-fixes", "image-version", "good")
    assert (ran.status, "php:8.0" in old.read_text("utf-8")) == (0, False), ran.out
    assert upsun_lint("--unsafe-fixes", "image-version").status == 2


# -- what is in force --------------------------------------------------------------------------------------------------


def test_the_settings_are_shown_with_their_files(root: Path) -> None:
    write(root, 'severity = "warning"', "org.toml")
    write(root, 'extends = ["org.toml"]\nignore = ["mounts"]\n[severities]\n"structure" = "off"', SETTINGS)
    shown = upsun_lint("--show-settings", "good", "--fail-on", "never").out
    assert f"# good: settings: {SETTINGS}, org.toml; images: {Images.embedded().date}" in shown
    assert 'severity = "warning"\n' in shown
    assert 'fail_on = "never"\n' in shown
    assert '"mount-path"' in shown
    read = root / "read.toml"
    read.write_text("".join(line + "\n" for line in shown.splitlines() if not line.startswith("#")), "utf-8")
    again = upsun_lint("--show-settings", "good", "--config", "read.toml").out
    assert [line for line in again.splitlines() if line[:1] != "#"] == [
        line for line in shown.splitlines() if line[:1] != "#"
    ]


def test_verbose_says_which_settings_are_used(root: Path) -> None:
    ran = upsun_lint("-v", "good")
    assert (ran.status, ran.err) == (
        0,
        f"good: settings: the defaults; images: {Images.embedded().date}, of this machine\n",
    )


def test_statistics_count_by_rule_and_severity(root: Path) -> None:
    write(root, "[per_path_ignores]\n", SETTINGS)
    write(root, BAD.replace("php:8.4", "php:7.4"), "a/.upsun/config.yaml")
    write(root, BAD.replace("php:8.4", "php:8.1"), "b/.upsun/config.yaml")
    lines = upsun_lint("--statistics", "a", "b", "--severity", "hint").out.splitlines()[:-1]
    numbers = [line.split()[:3] for line in lines]
    assert ["2", "error", "unknown-key"] in numbers
    assert len({(severity, rule) for _, severity, rule in numbers}) == len(numbers)


# -- defaults ----------------------------------------------------------------------------------------------------------


def test_the_presentation_has_defaults(root: Path) -> None:
    write(root, 'format = "concise"', SETTINGS)
    assert upsun_lint().out.startswith("tests/fixtures/bad/.upsun/config.yaml:4:5: error[unknown-key]")
    assert upsun_lint("--format", "json").out.startswith("{")
    assert upsun_lint(environment={"UPSUN_LINT_FORMAT": "json"}).out.startswith("{")
    write(root, 'format = ["concise", "json=out/report.json"]\njobs = 1', SETTINGS)
    (root / "out").mkdir()
    assert upsun_lint().status == 1
    assert (root / "out" / "report.json").is_file()


def test_a_baseline_can_be_a_setting(root: Path) -> None:
    write(root, 'baseline = "known.json"', SETTINGS)
    assert upsun_lint("--update-baseline").status == 0
    assert (root / "known.json").is_file()
    assert upsun_lint().status == 0
    write(root, "", SETTINGS)
    assert upsun_lint(environment={"UPSUN_LINT_BASELINE": "known.json"}).status == 0
    assert upsun_lint().status == 1


@pytest.mark.parametrize(
    "value", ['format = "xml"', "jobs = 0", 'jobs = "2"', "baseline = 1", 'exclude = "a"', "images = 1"]
)
def test_a_bad_default_is_one_line(root: Path, value: str) -> None:
    write(root, value, SETTINGS)
    ran = upsun_lint("good")
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)


# -- images ------------------------------------------------------------------------------------------------------------


def test_the_table_of_images_is_pinned_by_the_settings(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = Images.embedded().to_json().replace(Images.embedded().date, "2099-01-01").replace('"php"', '"pph"')
    cache = root / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.setenv("LOCALAPPDATA", str(cache))
    write(cache, table, "upsun-lint/images.json")
    write(root, table, "good/images.json")
    if sys.platform == "linux":
        assert "unknown-image" in upsun_lint("good", "--format", "concise").out
    write(root, 'images = "included"', f"good/{SETTINGS}")
    assert upsun_lint("good").status == 0
    write(root, 'images = "images.json"', f"good/{SETTINGS}")
    assert "unknown-image" in upsun_lint("good", "--format", "concise").out
    write(root, 'images = "gone.json"', f"good/{SETTINGS}")
    ran = upsun_lint("good")
    assert (ran.status, ran.err.count("\n"), "good/gone.json" in ran.err) == (2, 1, True)


# -- where nothing is --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [".platform/routes.yaml", ".platform.app.yaml"])
def test_a_project_of_upsun_fixed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "", name)
    for arguments in ([], ["."]):
        ran = upsun_lint(*arguments)
        assert (ran.status, "Upsun Fixed" in ran.err, "upsun convert" in ran.err) == (2, True, True)


def test_an_empty_folder_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ran = upsun_lint()
    assert (ran.status, ran.err.count("\n"), ".upsun" in ran.err) == (2, 1, True)


@pytest.mark.parametrize(
    ("word", "command"), [("help", "--help"), ("fix", "--fix"), ("lint", "check"), ("version", "--version")]
)
def test_commands_of_other_tools_are_explained(root: Path, word: str, command: str) -> None:
    ran = upsun_lint(word)
    assert (ran.status, f"upsun-lint {command}" in ran.err) == (2, True)
    assert upsun_lint("-V").out == upsun_lint("--version").out


# -- show --------------------------------------------------------------------------------------------------------------


def test_show_takes_a_project_and_a_name(root: Path) -> None:
    assert upsun_lint("show", "good").out.startswith("app--queue\n")
    assert upsun_lint("show", "good", "queue").out == upsun_lint("show", "-C", "good", "queue").out
    shown = upsun_lint("show", "good", "app").out
    assert shown.startswith("app\nthe web container of application app (good/.upsun/config.yaml:2)\n")
    assert "upsun ssh --app=app" in shown
    assert upsun_lint("show", "good", "app", "x").status == 2
    ran = upsun_lint("show", "good", "ap")
    assert (ran.status, "did you mean `app`?" in ran.err) == (2, True)


def test_a_web_container_has_what_it_inherits_and_its_crons(root: Path) -> None:
    text = GOOD + "    crons: {c: {spec: '0 3 * * *', commands: {start: ./c}}}\n    web: {commands: {start: ./serve}}\n"
    write(root, text, "good/.upsun/config.yaml")
    shown = upsun_lint("show", "good", "app", "--format", "json").out
    assert '"worker": null' in shown
    for name in ("commands", "crons", "relationships", "type"):
        assert f'"{name}": {{' in shown


# -- init --------------------------------------------------------------------------------------------------------------


def test_init_shows_and_then_writes(root: Path) -> None:
    write(root, "name: other\n", ".github/workflows/other.yml")
    ran = upsun_lint("init")
    assert (ran.status, (root / SETTINGS).exists()) == (2, False)
    assert "# .github/workflows/upsun-lint.yml (new)" in ran.out
    ran = upsun_lint("init", "--yes")
    assert ran.status == 0, ran.err
    assert (root / ".github" / "workflows" / "upsun-lint.yml").is_file()
    assert (root / ".pre-commit-config.yaml").is_file()
    assert not (root / ".gitlab-ci.yml").exists()
    assert upsun_lint("good").status == 0, "the settings can be used"


def test_init_changes_nothing_that_exists(root: Path) -> None:
    texts = {name: write(root, "# mine\n", name) for name in (SETTINGS, ".pre-commit-config.yaml", ".gitlab-ci.yml")}
    ran = upsun_lint("init", "--yes")
    assert (ran.status, "There is nothing to write." in ran.out) == (0, True)
    assert {file.read_text("utf-8") for file in texts.values()} == {"# mine\n"}
    assert "# .gitlab-ci.yml (exists: add the job to it)" in ran.out


# -- completion --------------------------------------------------------------------------------------------------------


def offered(root: Path, line: str) -> list[str]:
    """What bash is offered for the last word of a line."""
    words = line.split(" ")
    variables = {"_UPSUN_LINT_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    ran = process(cwd=root, environment=variables)
    return [entry.partition(",")[2] for entry in ran.out.splitlines()]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("upsun-lint ", "show"),
        ("upsun-lint sh", "show"),
        ("upsun-lint --stat", "--statistics"),
        ("upsun-lint check --exit", "--exit-zero"),
        ("upsun-lint --select im", "image-version"),
        ("upsun-lint --select slow-shutdown,im", "slow-shutdown,image-version"),
        ("upsun-lint --select mou", "mounts"),
        ("upsun-lint --format sa", "sarif"),
        ("upsun-lint --fail-on nev", "never"),
        ("upsun-lint explain crons-on", "crons-on-worker"),
        ("upsun-lint completion f", "fish"),
        ("upsun-lint show q", "queue"),
        ("upsun-lint show app--", "app--queue"),
        ("upsun-lint images up", "update"),
    ],
)
def test_a_shell_is_offered_what_fits(root: Path, line: str, expected: str) -> None:
    assert expected in offered(root / "good", line)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_accepts_its_script(root: Path, shell: str) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    script = upsun_lint("completion", shell).out
    file = write(root, script, f"completion.{shell}")
    checked = subprocess.run([program, "-n", str(file)], capture_output=True, text=True)
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_bash_completes(root: Path) -> None:
    bin_folder = root / "bin"
    write(root, f'#!/bin/sh\nexec "{sys.executable}" -m upsun_lint "$@"\n', "bin/upsun-lint").chmod(0o755)
    code = (
        'eval "$(upsun-lint completion bash)"\n'
        'COMP_WORDS=(upsun-lint explain crons-on-w) COMP_CWORD=2; _upsun_lint_completion upsun-lint; echo "${COMPREPLY[@]}"'
    )
    environment = os.environ | {"PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}"}
    ran = subprocess.run(["bash", "-c", code], capture_output=True, text=True, env=environment, cwd=root / "good")
    assert ran.stdout.strip() == "crons-on-worker", ran.stderr


def test_powershell_asks_in_its_own_way(root: Path) -> None:
    assert "Register-ArgumentCompleter" in upsun_lint("completion", "powershell").out
    variables = {
        "_UPSUN_LINT_COMPLETE": "powershell_complete",
        "COMP_WORDS": "upsun-lint\nexplain",
        "COMP_CWORD": "crons-on",
    }
    assert "plain,crons-on-worker\n" in process(cwd=root, environment=variables).out
