from __future__ import annotations

import json
import os
import stat
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.server.command import modes_count, upsun_lint, write
from upsun_lint.failure import Failure
from upsun_lint.fixing.fixes import FileChange, FixedProject, TextEdit, apply_fixes, diff, edited, encode, save
from upsun_rules.finding import Edit, Finding, Fix, Severity
from upsun_schema.configuration.project import Project, decode
from upsun_schema.yaml.nodes import Region

CONFIG = ".upsun/config.yaml"

WRONG = """\
applications:
  app: # the shop
    type: "php:8.4"
    mount:   # one slip
      'uploads': { source: storage }
    variabels:
      env: {}
"""
RIGHT = WRONG.replace("mount:", "mounts:").replace("variabels:", "variables:")

only_unknown_keys = ("--select", "unknown-key")


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


# -- applied by the command --------------------------------------------------------------------------------------------


def test_fixes_are_applied_and_reported(tmp_path: Path) -> None:
    file = write(tmp_path, WRONG)
    ran = upsun_lint("--fix", *only_unknown_keys)
    assert ran.status == 0
    assert file.read_text() == RIGHT
    assert "Fixed 2 findings in 1 file:\n  .upsun/config.yaml:4:5: unknown-key: Rename it to `mounts`\n" in ran.out
    assert ran.out.endswith("All good: 1 application in 1 project.\n")
    again = upsun_lint("--fix", *only_unknown_keys)
    assert "Fixed" not in again.out
    assert file.read_text() == RIGHT


def test_a_diff_changes_nothing_and_can_be_applied(tmp_path: Path) -> None:
    file = write(tmp_path, WRONG)
    ran = upsun_lint("--diff", *only_unknown_keys)
    assert ran.status == 1
    assert file.read_text() == WRONG
    assert ran.err == "--fix would fix 2 findings in 1 file.\n"
    subprocess.run(["git", "apply", "--whitespace=nowarn", "-"], input=ran.stdout, check=True, cwd=tmp_path)
    assert file.read_text() == RIGHT
    ran = upsun_lint("--diff", *only_unknown_keys)
    assert (ran.status, ran.out, ran.err) == (0, "", "--fix would change nothing.\n")
    assert upsun_lint("--diff", "--quiet", *only_unknown_keys).err == ""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (WRONG.replace("\n", "\r\n").encode(), RIGHT.replace("\n", "\r\n").encode()),
        (b"\xef\xbb\xbf" + WRONG.encode(), b"\xef\xbb\xbf" + RIGHT.encode()),
        (WRONG.rstrip("\n").encode(), RIGHT.rstrip("\n").encode()),
        (
            WRONG.replace("the shop", "caf\xe9").encode("latin-1"),
            RIGHT.replace("the shop", "caf\xe9").encode("latin-1"),
        ),
        (WRONG.replace("the shop", "漢字 🙂").encode(), RIGHT.replace("the shop", "漢字 🙂").encode()),
    ],
    ids=["CRLF", "BOM", "no line break at the end", "not UTF-8", "wide"],
)
def test_nothing_outside_the_edits_changes(tmp_path: Path, before: bytes, after: bytes) -> None:
    file = write(tmp_path, before)
    ran = upsun_lint("--diff", *only_unknown_keys)
    subprocess.run(["git", "apply", "--check", "-"], input=ran.stdout, check=True, cwd=tmp_path)
    upsun_lint("--fix", *only_unknown_keys)
    assert file.read_bytes() == after


def test_a_file_in_utf16_is_left_alone(tmp_path: Path) -> None:
    data = WRONG.encode("utf-16")
    file = write(tmp_path, data)
    ran = upsun_lint("--fix", *only_unknown_keys)
    assert ran.status == 1
    assert "Fixed" not in ran.out
    assert ran.err == "upsun-lint: .upsun/config.yaml: this file was left alone, since it is not in UTF-8\n"
    assert file.read_bytes() == data


@pytest.mark.skipif(os.name == "nt", reason="modes and links of POSIX")
def test_the_mode_stays_and_links_are_followed(tmp_path: Path) -> None:
    real = write(tmp_path, WRONG, "shared/real.yaml")
    real.chmod(0o640)
    (tmp_path / ".upsun").mkdir()
    link = tmp_path / CONFIG
    link.symlink_to("../shared/real.yaml")
    upsun_lint("--fix", *only_unknown_keys)
    assert link.is_symlink()
    assert real.read_text() == RIGHT
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert [entry.name for entry in (tmp_path / "shared").iterdir()] == ["real.yaml"]


@pytest.mark.skipif(os.name == "nt", reason="modes of POSIX")
def test_a_read_only_file_is_left_alone_even_for_root(tmp_path: Path) -> None:
    file = write(tmp_path, WRONG)
    other = write(tmp_path, WRONG.replace("app:", "other:"), ".upsun/other.yaml")
    file.chmod(0o444)
    ran = upsun_lint("--fix", *only_unknown_keys)
    assert ran.status == 2
    assert ran.err == "upsun-lint: .upsun/config.yaml: this file was left alone, since it is read-only\n"
    assert "\n  .upsun/other.yaml:6:5: unknown-key: " in ran.out and "\n  .upsun/config.yaml" not in ran.out
    assert file.read_text() == WRONG
    assert stat.S_IMODE(file.stat().st_mode) == 0o444
    assert other.read_text() == RIGHT.replace("app:", "other:")
    assert upsun_lint("--diff", *only_unknown_keys).out == ""


@pytest.mark.skipif(not modes_count(), reason="this user may write anything")
def test_a_file_that_may_not_be_written_is_a_failure(tmp_path: Path) -> None:
    file = write(tmp_path, WRONG)
    file.parent.chmod(0o555)
    ran = upsun_lint("--fix", *only_unknown_keys)
    file.parent.chmod(0o755)
    assert ran.status == 2
    assert ran.err == "upsun-lint: .upsun/config.yaml: this file cannot be written: permission denied\n"
    assert file.read_text() == WRONG


def test_only_the_files_asked_about_are_changed(tmp_path: Path) -> None:
    one = write(tmp_path, WRONG)
    other = write(tmp_path, WRONG.replace("app:", "other:"), ".upsun/other.yaml")
    upsun_lint("--fix", *only_unknown_keys, ".upsun/other.yaml")
    assert one.read_text() == WRONG
    assert other.read_text() == RIGHT.replace("app:", "other:")


def test_only_what_is_shown_is_fixed(tmp_path: Path) -> None:
    file = write(tmp_path, WRONG)
    write(tmp_path, "severities = {unknown-key = 'hint'}", ".upsun-lint.toml")
    upsun_lint("--fix", *only_unknown_keys)
    assert file.read_text() == WRONG
    upsun_lint("--fix", *only_unknown_keys, "--severity", "hint")
    assert file.read_text() == RIGHT


def test_fixed_standard_input_is_printed(tmp_path: Path) -> None:
    ran = upsun_lint("--fix", *only_unknown_keys, "--stdin-filename", CONFIG, "-", stdin=WRONG.encode())
    assert (ran.status, ran.out) == (0, RIGHT)
    assert "Fixed 2 findings" in ran.err
    ran = upsun_lint("--fix", *only_unknown_keys, "--stdin-filename", CONFIG, "-", stdin=RIGHT.encode())
    assert (ran.status, ran.out) == (0, RIGHT)
    ran = upsun_lint("--diff", *only_unknown_keys, "--stdin-filename", CONFIG, "-", stdin=WRONG.encode())
    assert ran.status == 1
    assert "+    mounts:   # one slip\n" in ran.out
    utf16 = WRONG.encode("utf-16")
    ran = upsun_lint("--fix", *only_unknown_keys, "--stdin-filename", CONFIG, "-", stdin=utf16)
    assert (ran.status, ran.stdout) == (1, utf16)
    assert not (tmp_path / ".upsun").exists()


# -- chosen and judged -------------------------------------------------------------------------------------------------


def whole(project: Project, path: str = CONFIG) -> Region:
    document = project.documents[path]
    base, piece = document.pieces[-1]
    return Region(piece, -base, len(document.text) - base)


def finding(project: Project, before: str, after: str) -> list[Finding]:
    """A finding at each place where a text is, whose fix replaces it."""
    found = []
    for path, document in project.documents.items():
        start = document.text.find(before)
        while start >= 0:
            at = document.at(start)
            assert at is not None
            region = Region(at[0], at[1], at[1] + len(before))
            fix = Fix(f"{before} to {after}", (Edit(region, after),), safe=True)
            found.append(Finding(region, f"{before} in {path}", fixes=(fix,), severity=Severity.ERROR, rule="r"))
            start = document.text.find(before, start + len(before))
    return found


def fixed_project(text: str, *changes: tuple[str, str]) -> FixedProject:
    def lint(project: Project) -> list[Finding]:
        return [one for before, after in changes for one in finding(project, before, after)]

    return apply_fixes(Project("/nonexistent", {CONFIG: text}), lint, lambda project, one: True, lambda path: True)


def after(found: FixedProject) -> str | None:
    return found.changes[0].after if found.changes else None


def test_fixes_are_applied_until_none_is_left() -> None:
    found = fixed_project("a: one one\n", ("one", "two"), ("two", "six"))
    assert after(found) == "a: six six\n"
    assert len(found.fixed) == 4


def test_overlapping_fixes_wait_for_the_next_round() -> None:
    found = fixed_project("a: one two\n", ("one two", "1 two"), ("two", "2"))
    assert after(found) == "a: 1 2\n"


def test_fixes_that_undo_each_other_end() -> None:
    assert after(fixed_project("a: one\n", ("one", "two"), ("two", "one"))) in (None, "a: one\n", "a: two\n")


def test_a_fix_that_leaves_its_finding_is_not_applied() -> None:
    assert after(fixed_project("a: x one\n", ("x", "xx"), ("one", "two"))) == "a: x two\n"


def test_a_fix_that_causes_another_error_is_not_applied() -> None:
    def lint(project: Project) -> list[Finding]:
        worse = finding(project, "worse", "worst")
        return [
            *finding(project, "one", "1"),
            *finding(project, "bad", "worse"),
            *worse,
            *worse,
            *finding(project, "x", "y"),
        ]

    project = Project("/nonexistent", {CONFIG: "a: one bad x\n"})
    found = apply_fixes(project, lint, lambda project, one: True, lambda path: True)
    assert after(found) == "a: 1 bad y\n"
    assert {one.title for one in found.fixed} == {"one to 1", "x to y"}


def test_a_fix_of_a_file_that_may_not_be_changed_is_not_applied() -> None:
    project = Project("/nonexistent", {CONFIG: "a: one\n", ".upsun/b.yaml": "b: one\n"})
    found = apply_fixes(
        project,
        lambda project: finding(project, "one", "two"),
        lambda project, one: True,
        lambda path: path != CONFIG,
    )
    assert found.changes == [FileChange(".upsun/b.yaml", "b: one\n", "b: two\n")]


# -- texts -------------------------------------------------------------------------------------------------------------


@given(st.binary())
def test_every_file_that_is_read_can_be_written_as_it_was(data: bytes) -> None:
    if not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        assert encode(decode(data)) == data


def test_edits_are_applied_together() -> None:
    assert (
        edited("abcdef", [TextEdit(4, 5, ""), TextEdit(0, 1, "A"), TextEdit(2, 2, "-"), TextEdit(6, 6, "!")])
        == "Ab-cdf!"
    )


def test_a_file_that_another_program_changed_is_left_alone(tmp_path: Path) -> None:
    file = write(tmp_path, "a: 1\n")
    with pytest.raises(Failure, match="changed by another program"):
        save(str(tmp_path), FileChange(CONFIG, "a: 2\n", "a: 3\n"))
    assert file.read_text() == "a: 1\n"
    assert [entry.name for entry in file.parent.iterdir()] == ["config.yaml"]


TEXTS = st.lists(st.sampled_from(["a: 1\n", "b: 2\n", "c\r\n", "\u2028\n", "\x0c\n", "last"]), max_size=8).map("".join)


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_a_diff_is_what_git_applies(tmp_path_factory: pytest.TempPathFactory, before: str, after: str) -> None:
    root = tmp_path_factory.mktemp("diff")
    file = write(root, before, "file")
    text = diff("file", FileChange("file", before, after))
    assert bool(text) is (before != after)
    if text and before and after:
        subprocess.run(["git", "apply", "--whitespace=nowarn", "-"], input=encode(text), check=True, cwd=root)
        assert file.read_bytes() == encode(after)


def test_a_diff_fails_as_the_check_does_and_counts_what_it_leaves(tmp_path: Path) -> None:
    write(tmp_path, "applications:\n  app:\n    type: 'php:8.4'\n    workers: {q: {}}\n")
    ran = upsun_lint("--diff", "--severity", "error")
    assert (ran.status, ran.out) == (1, "")
    assert ran.err == "--fix would change nothing; 1 finding would be left.\n"
    (rule,) = {one["rule"] for one in json.loads(upsun_lint("--severity", "error", "--format", "json").out)["findings"]}
    ran = upsun_lint("--diff", "--severity", "error", "--ignore", rule)
    assert (ran.status, ran.err) == (0, "--fix would change nothing.\n")
    write(tmp_path, WRONG + "    workers: {q: {}}\n")
    ran = upsun_lint("--diff", "--severity", "error")
    assert (ran.status, ran.err) == (1, "--fix would fix 2 findings in 1 file; 1 finding would be left.\n")
    ran = upsun_lint("--diff", "--severity", "error", "--stdin-filename", CONFIG, "-", stdin=WRONG.encode())
    assert (ran.status, ran.err) == (1, "--fix would fix 2 findings in 1 file.\n")


@pytest.mark.parametrize(
    "arguments",
    [("--format", "json"), ("--format", "text=x"), ("--statistics",)],
)
def test_a_diff_is_not_a_report(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    write(tmp_path, WRONG)
    ran = upsun_lint("--diff", *arguments)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith("upsun-lint: --diff prints a diff instead of a report: it does not go with --")
    assert ran.err.count("\n") == 1
    assert not Path("x").exists()
    assert upsun_lint("--diff", "--format", "text").status == 1
