from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.server.command import modes_count, upsun_lint, write

WRONG = """\
applications:
  app:
    type: 'php:8.4'
    mount: {}
    variabels: {}
"""
KNOWN = ("--baseline", "known.json")


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def entries(file: Path) -> dict[str, list[dict[str, str]]]:
    content = json.loads(file.read_text())
    assert content["version"] == 1
    return content["projects"]  # type: ignore[no-any-return]


def test_known_findings_are_not_reported_and_do_not_fail(tmp_path: Path) -> None:
    write(tmp_path, WRONG)
    ran = upsun_lint(*KNOWN, "--update-baseline")
    assert (ran.status, ran.err) == (0, "known.json: 2 findings known, 2 of them new; 0 gone.\n")
    assert ran.out == "No new findings; 2 known ones left out.\n"
    assert [(one["path"], one["rule"]) for one in entries(tmp_path / "known.json")["."]] == [
        (".upsun/config.yaml", "unknown-key"),
        (".upsun/config.yaml", "unknown-key"),
    ]
    ran = upsun_lint(*KNOWN)
    assert (ran.status, ran.out, ran.err) == (0, "No new findings; 2 known ones left out.\n", "")
    write(tmp_path, WRONG + "    hoks: {}\n")
    assert upsun_lint(*KNOWN).out.endswith("Found 1 error in 1 file; 1 fixable with --fix; 2 known ones left out.\n")
    write(tmp_path, WRONG.partition("    mount")[0])
    assert upsun_lint(*KNOWN).out.startswith("All good")


def test_new_findings_are_reported_and_moved_lines_stay_known(tmp_path: Path) -> None:
    write(tmp_path, WRONG)
    upsun_lint(*KNOWN, "--update-baseline")
    write(tmp_path, "# moved\n\n" + WRONG.replace("    mount", "    # why\n    mount") + "    hoks: {}\n")
    ran = upsun_lint(*KNOWN, "--format", "concise")
    assert ran.status == 1
    assert [line.split(":")[1] for line in ran.out.splitlines()[:-1]] == ["9"]


def test_fixed_findings_are_removed_on_request(tmp_path: Path) -> None:
    file = write(tmp_path, WRONG)
    upsun_lint(*KNOWN, "--update-baseline")
    file.write_text(WRONG.replace("mount:", "mounts:"))
    before = (tmp_path / "known.json").read_bytes()
    upsun_lint(*KNOWN)
    assert (tmp_path / "known.json").read_bytes() == before
    ran = upsun_lint(*KNOWN, "--update-baseline")
    assert ran.err == "known.json: 1 finding known, 0 of them new; 1 gone.\n"
    file.write_text(WRONG)
    assert upsun_lint(*KNOWN).status == 1


def test_findings_outside_the_request_stay_known(tmp_path: Path) -> None:
    write(tmp_path / "a", WRONG)
    write(tmp_path / "a", WRONG.replace("app:", "other:"), ".upsun/more.yaml")
    write(tmp_path / "b", WRONG)
    write(tmp_path / "gone", WRONG)
    upsun_lint(*KNOWN, "--update-baseline", ".")
    known = entries(tmp_path / "known.json")
    assert {name: len(found) for name, found in known.items()} == {"a": 5, "b": 2, "gone": 2}
    (tmp_path / "gone/.upsun/config.yaml").unlink()
    (tmp_path / "gone/.upsun").rmdir()
    upsun_lint(*KNOWN, "--update-baseline", "a/.upsun/more.yaml", "--select", "wrong-type")
    del known["gone"]
    assert entries(tmp_path / "known.json") == known
    assert upsun_lint(*KNOWN, ".").status == 0


def test_it_means_the_same_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "shop", WRONG)
    upsun_lint(*KNOWN, "--update-baseline", ".")
    monkeypatch.chdir(tmp_path / "shop/.upsun")
    assert upsun_lint("--baseline", "../../known.json").status == 0
    assert (
        upsun_lint(
            "--baseline", "../../known.json", "-", "--stdin-filename", "config.yaml", stdin=WRONG.encode()
        ).status
        == 0
    )


def test_known_findings_are_not_fixed(tmp_path: Path) -> None:
    file = write(tmp_path, WRONG.replace("    variabels: {}\n", ""))
    upsun_lint(*KNOWN, "--update-baseline")
    file.write_text(WRONG)
    upsun_lint(*KNOWN, "--fix")
    assert file.read_text() == WRONG.replace("variabels", "variables")


def test_a_project_that_cannot_be_read_does_not_keep_the_others_from_being_known(tmp_path: Path) -> None:
    write(tmp_path / "a", WRONG)
    write(tmp_path / "b", "").unlink()
    (tmp_path / "b/.upsun/config.yaml").symlink_to("nowhere")
    ran = upsun_lint(*KNOWN, "--update-baseline", ".")
    assert ran.status == 2
    assert list(entries(tmp_path / "known.json")) == ["a"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "this baseline cannot be read: no such file or directory; --update-baseline writes it"),
        ('{"version": 2, "projects": {}}', "this baseline has version 2, but this upsun-lint reads version 1"),
        ('{"version": "1", "projects": {}}', "this is not a baseline: its version is not a number"),
        ('{"version": true}', "this is not a baseline: its version is not a number"),
        ('{"version": 1}', "this is not a baseline: its projects are not lists of findings"),
        ('{"version": 1, "projects": []}', "this is not a baseline"),
        ('{"version": 1, "projects": {".": [{"rule": 1}]}}', "this is not a baseline"),
        ('{"version": 1, "projects": {".": ["a"]}}', "this is not a baseline"),
        ("[]", "this is not a baseline: it has no version"),
        ("{", "this is not a baseline: it is not valid JSON"),
        ("[" * 100_000, "this is not a baseline: it is not valid JSON"),
        ("\udcff", "this is not a baseline: it is not valid JSON"),
    ],
)
def test_an_invalid_baseline_is_one_plain_line(tmp_path: Path, content: str | None, words: str) -> None:
    write(tmp_path, WRONG)
    if content is not None:
        write(tmp_path, content.encode("utf-8", "surrogateescape"), "known.json")
    ran = upsun_lint(*KNOWN)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith(f"upsun-lint: known.json: {words}")
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--update-baseline",), "--update-baseline needs --baseline FILE"),
        ((*KNOWN, "--update-baseline", "--since", "HEAD"), "--update-baseline and --since exclude each other"),
        ((*KNOWN, "--update-baseline", "--diff"), "--update-baseline and --diff exclude each other"),
        ((*KNOWN, "--update-baseline", "--stdin-filename", ".upsun/config.yaml"), "needs files, not standard input"),
    ],
)
def test_contradictions_are_refused(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    write(tmp_path, WRONG)
    ran = upsun_lint(*arguments)
    assert ran.status == 2
    assert words in ran.err
    assert not (tmp_path / "known.json").exists()


@pytest.mark.skipif(not modes_count(), reason="modes do not count here")
def test_a_baseline_that_cannot_be_written_stays_as_it_was(tmp_path: Path) -> None:
    write(tmp_path / "shop", WRONG)
    folder = tmp_path / "closed"
    write(folder, '{"version": 1, "projects": {}}', "known.json")
    folder.chmod(0o500)
    ran = upsun_lint("--baseline", "closed/known.json", "--update-baseline", "shop")
    folder.chmod(0o700)
    assert ran.status == 2
    assert "closed/known.json: this file cannot be written: permission denied" in ran.err
    assert os.listdir(folder) == ["known.json"]


@pytest.mark.skipif(os.name == "nt", reason="modes of POSIX")
def test_a_read_only_baseline_is_not_replaced_even_by_root(tmp_path: Path) -> None:
    write(tmp_path, WRONG)
    known = write(tmp_path, '{"version": 1, "projects": {}}', "known.json")
    known.chmod(0o444)
    ran = upsun_lint(*KNOWN, "--update-baseline")
    assert ran.status == 2
    assert "known.json: this file cannot be written: it is read-only" in ran.err
    assert entries(known) == {}


WORKERS = """\
applications:
  app:
    type: 'php:8.4'
    workers:
      a:
        commands:
          start: php x.php &
"""
ANOTHER = """\
      b:
        commands:
          start: php y.php &
"""
BACKGROUND = ("--select", "backgrounded-start-command")


@pytest.mark.parametrize("above", [False, True])
def test_a_new_finding_with_the_message_of_a_known_one_is_fixed_alone(tmp_path: Path, above: bool) -> None:
    write(tmp_path, WORKERS)
    upsun_lint(*KNOWN, *BACKGROUND, "--update-baseline")
    text = WORKERS.replace("      a:\n", ANOTHER + "      a:\n") if above else WORKERS + ANOTHER
    file = write(tmp_path, text)
    ran = upsun_lint(*KNOWN, *BACKGROUND, "--diff")
    assert ran.err == "--fix would fix 1 finding in 1 file.\n"
    ran = upsun_lint(*KNOWN, *BACKGROUND, "--fix")
    assert (ran.status, file.read_text()) == (0, text.replace("y.php &", "y.php"))
    assert ran.out.endswith("No new findings; 1 known one left out.\n")
