from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from tests.server.command import Ran, check_golden, modes_count, upsun_lint, write
from upsun_lint.reports import FORMATS

GOOD = "applications:\n  app:\n    type: 'php:8.4'\n"
WRONG = "applications:\n  app:\n    type: 'php:8.4'\n    mount: {}\n"

on_posix = pytest.mark.skipif(os.name == "nt", reason="links and modes of POSIX")


def check(*arguments: str, stdin: bytes = b"") -> Ran:
    """Check with one rule only, since this module is not about the others."""
    return upsun_lint("--format", "concise", "--select", "unknown-key,syntax-error", *arguments, stdin=stdin)


def places(ran: Ran) -> list[str]:
    """Where something was found: path and line."""
    return re.findall(r"^(.*?:\d+):\d+: ", ran.out, re.MULTILINE)


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


# -- what a path is ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["shop", "shop/.upsun", "shop/.upsun/config.yaml", "shop/src", "."])
def test_a_project_is_found_from_any_path(root: Path, path: str) -> None:
    write(root / "shop", WRONG)
    (root / "shop/src").mkdir()
    ran = check(path)
    assert ran.status == 1
    assert places(ran) == ["shop/.upsun/config.yaml:4"]
    assert check(str(root / path)).out == ran.out


def test_without_a_path_it_is_the_project_around(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(root / "shop", WRONG)
    (root / "shop/src").mkdir()
    monkeypatch.chdir(root / "shop")
    assert places(check()) == [".upsun/config.yaml:4"]
    monkeypatch.chdir(root / "shop/src")
    assert places(check()) == ["../.upsun/config.yaml:4"]
    monkeypatch.chdir(root)
    assert places(check()) == ["shop/.upsun/config.yaml:4"]


def test_check_can_be_written_out(root: Path) -> None:
    write(root, WRONG)
    arguments = ("--format", "concise", "--select", "unknown-key")
    assert upsun_lint("check", *arguments).out == upsun_lint(*arguments).out != ""


def test_a_folder_above_many_projects(root: Path) -> None:
    write(root / "b/shop", WRONG)
    write(root / "a", WRONG)
    write(root / "a/examples/deep", WRONG)
    write(root / "good", GOOD)
    write(root / "node_modules/other", WRONG)
    write(root / "vendor/other", WRONG)
    (root / "empty/.upsun").mkdir(parents=True)
    ran = check(".")
    assert places(ran) == [
        "a/.upsun/config.yaml:4",
        "a/examples/deep/.upsun/config.yaml:4",
        "b/shop/.upsun/config.yaml:4",
    ]
    assert ran.out.endswith("Found 3 errors in 3 files of 4 projects; 3 fixable with --fix.\n")


def test_a_file_alone_is_checked_in_its_project_and_only_its_findings_are_reported(root: Path) -> None:
    write(root, WRONG)
    write(root, WRONG.replace("app:", "other:"), ".upsun/other.yaml")
    write(root, "services: {}\nroute: {}\n", ".upsun/services.yaml")
    assert places(check(".upsun/other.yaml")) == [".upsun/other.yaml:4"]
    both = check(".upsun/services.yaml", ".upsun/other.yaml")
    assert places(both) == [".upsun/other.yaml:4", ".upsun/services.yaml:2"]
    assert len(places(check(".upsun/other.yaml", "."))) == 3
    assert both.out.endswith("in 2 files; 2 fixable with --fix; 1 more error in .upsun/config.yaml.\n")
    # Alone it would lack an application.
    assert "no-applications" not in upsun_lint("--format", "concise", ".upsun/services.yaml").out


def test_a_file_that_nothing_includes_is_reported_as_unread(root: Path) -> None:
    write(root, WRONG)
    write(root, "services:\n  db: {type: 'mariadb:11.8'}\n", ".upsun/deep/db.yaml")
    ran = upsun_lint("--format", "concise", ".upsun/deep/db.yaml")
    assert ran.status == 0
    assert ran.out.startswith(".upsun/deep/db.yaml:1:1: info[unread-file]")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("missing", "missing: no such file or folder"),
        ("docs", "docs: no project here: neither this folder nor one above or below it has .upsun"),
        ("docs/a.yaml", "docs/a.yaml: this file is not in a project: no folder above it has .upsun"),
        (
            "shop/a.yaml",
            "shop/a.yaml: this file is not part of the configuration: the platform reads shop/.upsun/*.yaml",
        ),
        ("shop/.upsun/deep/b.yaml", "shop/.upsun/deep/b.yaml: this file is not part of the configuration"),
        ("empty", "empty/.upsun: there is no .yaml file in this folder"),
        ("folder", "folder/.upsun/config.yaml: this is a folder, not a file"),
    ],
)
def test_a_path_without_a_project(root: Path, path: str, message: str) -> None:
    write(root / "shop", WRONG)
    write(root / "shop", "notes: []\n", ".upsun/deep/b.yaml")
    for name in ("docs/a.yaml", "shop/a.yaml"):
        write(root, GOOD, name)
    (root / "empty/.upsun").mkdir(parents=True)
    (root / "folder/.upsun/config.yaml").mkdir(parents=True)
    ran = check(path)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith(f"upsun-lint: {message}")
    assert ran.err.count("\n") == 1


def test_no_project_at_all() -> None:
    ran = check()
    assert (ran.status, ran.out) == (2, "")
    assert ran.err == (
        "upsun-lint: no project here: neither this folder nor one above or below it has .upsun; "
        "`upsun init` creates one\n"
    )


@on_posix
def test_links(root: Path) -> None:
    outside = write(root, WRONG, "outside.yaml")
    inside = write(root / "shop", WRONG, "shared/config.yaml")
    link = root / "shop/.upsun/config.yaml"
    link.parent.mkdir()
    link.symlink_to(inside)
    assert places(check("shop")) == ["shop/.upsun/config.yaml:4"]
    link.unlink()
    link.symlink_to(outside)
    ran = check("shop")
    assert ran.status == 2
    assert "is outside the project; the platform reads only files of the project" in ran.err
    link.unlink()
    link.symlink_to("nowhere.yaml")
    assert check("shop").err == "upsun-lint: shop/.upsun/config.yaml: this symbolic link is broken\n"
    link.unlink()
    os.mkfifo(link)
    assert check("shop").err == "upsun-lint: shop/.upsun/config.yaml: this is not a regular file\n"


@pytest.mark.skipif(not modes_count(), reason="this user may read anything")
def test_unreadable_files(root: Path) -> None:
    file = write(root / "shop", WRONG)
    write(root / "other", WRONG)
    file.chmod(0)
    ran = check(".")
    assert ran.status == 2
    assert ran.err == "upsun-lint: shop/.upsun/config.yaml: permission denied\n"
    assert places(ran) == ["other/.upsun/config.yaml:4"]
    file.parent.chmod(0)
    try:
        assert check("shop").err == "upsun-lint: shop/.upsun: permission denied\n"
    finally:
        file.parent.chmod(0o700)


# -- standard input ----------------------------------------------------------------------------------------------------


def test_standard_input_replaces_a_file(root: Path) -> None:
    write(root, GOOD)
    write(root, WRONG.replace("app:", "other:"), ".upsun/other.yaml")
    ran = check("--stdin-filename", ".upsun/config.yaml", "-", stdin=WRONG.encode())
    assert ran.status == 1
    assert places(ran) == [".upsun/config.yaml:4"]
    assert check("--stdin-filename", ".upsun/config.yaml", stdin=WRONG.encode()).out == ran.out
    assert check("--stdin-filename", ".upsun/config.yaml", "-", stdin=GOOD.encode()).status == 0


def test_the_file_need_not_exist(root: Path) -> None:
    ran = check("--stdin-filename", "new/.upsun/config.yaml", "-", stdin=WRONG.encode())
    assert places(ran) == ["new/.upsun/config.yaml:4"]
    write(root, GOOD)
    ran = check("--stdin-filename", ".upsun/new.yaml", "-", stdin=b"route: {}\n")
    assert places(ran) == [".upsun/new.yaml:1"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-",), "which file is on standard input? Use --stdin-filename .upsun/config.yaml"),
        (("--stdin-filename", "config.yaml", "-"), "config.yaml: this file is not in a project"),
        (("--stdin-filename", ".upsun/x.txt", "-"), ".upsun/x.txt: this file is not part of the configuration"),
        (("--stdin-filename", ".upsun/config.yaml", "-", "."), "standard input and other paths cannot be checked"),
    ],
)
def test_standard_input_without_a_project(root: Path, arguments: tuple[str, ...], message: str) -> None:
    if ".upsun/x.txt" in arguments:
        write(root, GOOD)
    ran = check(*arguments, stdin=GOOD.encode())
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith(f"upsun-lint: {message}")


# -- options -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--selec", "x"), "No such option"),
        (("--format", "xml"), "invalid value for '--format': 'xml' is not one of"),
        (("--select", "unknwon-key"), "--select: there is no rule `unknwon-key`; did you mean `unknown-key`?"),
        (("--ignore", "unknown-key,wrong-typ"), "--ignore: there is no rule `wrong-typ`; did you mean `wrong-type`?"),
        (("--config",), "option '--config' requires an argument"),
        (("explain", "unknown-kye"), "explain: there is no rule `unknown-kye`; did you mean `unknown-key`?"),
        (("explain",), "missing argument 'RULE'"),
        (("chekc", "."), "there is no command `chekc`, and no such file or folder; did you mean `check`?"),
        (("\x1b[31m",), "\\x1b[31m: no such file or folder"),
    ],
)
def test_a_wrong_command_line_is_one_line(root: Path, arguments: tuple[str, ...], message: str) -> None:
    write(root, GOOD)
    ran = upsun_lint(*arguments)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.lower().startswith(f"upsun-lint: {message}".lower())
    assert ran.err.count("\n") == 1


def test_rules_are_selected_and_ignored(root: Path) -> None:
    write(root, WRONG + "    access: {ssh: root}\n")

    def rules(*arguments: str) -> set[str]:
        found = json.loads(upsun_lint("--format", "json", *arguments).out)["findings"]
        return {finding["rule"] for finding in found}

    assert {"unknown-key", "invalid-value"} <= rules()
    assert rules("--select", "unknown-key,wrong-type", "--select", "invalid-value") == {"unknown-key", "invalid-value"}
    assert rules("--select", "unknown-key", "--ignore", "unknown-key") == set()
    assert "unknown-key" not in rules("--ignore", "unknown-key")
    write(root, "ignore = ['unknown-key']\nselect = ['unknown-key', 'invalid-value']", ".upsun-lint.toml")
    assert rules() == {"invalid-value"}
    assert rules("--select", "unknown-key") == {"unknown-key"}


def test_a_clean_result_says_what_comments_suppress(root: Path) -> None:
    write(root, WRONG.replace("mount: {}", "mount: {}  # upsun-lint: ignore[unknown-key] later"))
    assert check().out == "All good: 1 application in 1 project; 1 finding suppressed by comments.\n"
    assert check("--quiet").out == ""


def test_severity_decides_what_is_shown_and_what_fails(root: Path) -> None:
    write(root, WRONG)
    write(root, "severities = {unknown-key = 'info'}", ".upsun-lint.toml")
    assert check().status == 0
    assert len(places(check())) == 1
    assert check("--severity", "warning").out == "All good: 1 application in 1 project.\n"
    assert check("--fail-on", "info").status == 1
    # What fails is shown, or nobody would know why.
    assert len(places(check("--severity", "error", "--fail-on", "info"))) == 1
    write(root, "severities = {unknown-key = 'hint'}", ".upsun-lint.toml")
    assert places(check()) == []
    assert len(places(check("--severity", "hint"))) == 1


def test_the_last_line_names_the_files_asked_about(root: Path) -> None:
    write(root, GOOD)
    write(root, WRONG.replace("app:", "other:"), ".upsun/other.yaml")
    ran = check(".upsun/config.yaml")
    assert (ran.status, ran.out) == (0, "Nothing found in .upsun/config.yaml; 1 more error in .upsun/other.yaml.\n")
    assert check(".upsun/other.yaml").out.endswith("\nFound 1 error in 1 file; 1 fixable with --fix.\n")
    write(root, GOOD.replace("app:", "third:"), ".upsun/third.yaml")
    assert check(".upsun/config.yaml", ".upsun/third.yaml").out == (
        "Nothing found in 2 files; 1 more error in .upsun/other.yaml.\n"
    )
    (root / ".upsun/other.yaml").unlink()
    assert check(".upsun/config.yaml").out == "All good in .upsun/config.yaml.\n"
    assert check(".upsun/config.yaml", ".upsun/third.yaml").out == "All good in 2 files.\n"
    write(root, GOOD, "elsewhere/.upsun/config.yaml")
    last = "All good: 1 application in 1 project, and .upsun/config.yaml.\n"
    assert check("elsewhere", ".upsun/config.yaml").out == last


def test_a_file_shows_the_findings_that_name_a_place_in_it(root: Path) -> None:
    write(root, "applications:\n  app:\n    type: 'php:8.4'\n    relationships: {db: 'db:mysql'}\n", ".upsun/app.yaml")
    write(root, "services:\n  database: {type: 'mariadb:11.8'}\n", ".upsun/services.yaml")
    ran = upsun_lint("--format", "concise", ".upsun/services.yaml")
    assert ran.status == 1
    assert ".upsun/app.yaml:4:26: error[undefined-relationship-target]" in ran.out


def test_standard_input_shows_only_findings_in_its_file(root: Path) -> None:
    write(root, "applications:\n  app:\n    type: 'php:8.4'\n    relationships: {db: 'db:mysql'}\n", ".upsun/app.yaml")
    services = "services:\n  database: {type: 'mariadb:11.8'}\n"
    write(root, services, ".upsun/services.yaml")
    ran = upsun_lint("--format", "concise", "--stdin-filename", ".upsun/services.yaml", "-", stdin=services.encode())
    assert ran.status == 0
    assert "error[" not in ran.out
    assert ran.out.endswith("; 1 more error in .upsun/app.yaml.\n")


def test_a_file_that_is_not_configuration_is_a_note_beside_others(root: Path) -> None:
    write(root, WRONG)
    write(root, "a: 1\n", ".upsun/notes/x.yaml")
    ran = check(".upsun/config.yaml", ".upsun/notes/x.yaml")
    assert (ran.status, places(ran)) == (1, [".upsun/config.yaml:4"])
    assert ran.err.startswith("upsun-lint: .upsun/notes/x.yaml: this file is not part of the configuration")
    assert ran.err.count("\n") == 1
    write(root, GOOD)
    assert check(".upsun/config.yaml", ".upsun/notes/x.yaml").status == 0


def test_quiet_and_statistics(root: Path) -> None:
    write(root, WRONG)
    assert check("--quiet").out.count("\n") == 1
    last = "Found 1 error in 1 file; 1 fixable with --fix.\n"
    assert check("--statistics").out == f"1  error    unknown-key  1 fixable\n{last}"
    assert check("--statistics", "-q").out == "1  error    unknown-key  1 fixable\n"
    write(root, GOOD)
    assert check("--quiet").out == ""
    assert check("--statistics").out == "All good: 1 application in 1 project.\n"


def test_the_text_report(root: Path) -> None:
    write(root, WRONG.replace("    mount", "    # upsun-lint: ignore[wrong-type] no reason\n    mount"))
    write(root, "services:\n  db:\n    type: 'mariadb:11.8'\n    typ: x\n", ".upsun/services.yaml")
    rules = "unknown-key,unused-suppression"
    ran = upsun_lint("--select", rules)
    assert ran.status == 1
    check_golden("check.txt", ran.out)


def test_color_is_for_terminals_unless_asked_for(root: Path) -> None:
    write(root, WRONG)
    assert "\x1b[" not in upsun_lint().out
    assert "\x1b[" in upsun_lint("--color", "always").out
    assert "\x1b[" in check("--color", "always").out
    assert "\x1b[" in upsun_lint("--diff", "--color", "always").out
    assert "\x1b[" not in upsun_lint("--format", "json", "--color", "always").out


# -- the command as a whole ----------------------------------------------------------------------------------------------


def test_version_and_help() -> None:
    from upsun_lint import __version__

    assert upsun_lint("--version").out == f"upsun-lint {__version__}\n"
    for arguments in (("--help",), ("-h",), ("check", "--help"), ("show", "--help"), ("images", "update", "--help")):
        ran = upsun_lint(*arguments)
        assert (ran.status, ran.err) == (0, "")
        assert "Usage: upsun-lint " in ran.out
        assert max(map(len, ran.out.splitlines())) <= 80


@pytest.mark.parametrize("name", ["check", "show", "explain", "rules", "schema", "images"])
def test_every_command_is_listed(name: str) -> None:
    assert f"\n  {name} " in upsun_lint("--help").out


def test_a_project_named_like_a_command_can_be_checked(root: Path) -> None:
    write(root / "show", WRONG)
    assert places(check("./show")) == ["show/.upsun/config.yaml:4"]
    ran = upsun_lint("check", "--format", "concise", "--select", "unknown-key", "show")
    assert places(ran) == ["show/.upsun/config.yaml:4"]


@pytest.mark.parametrize("value", ["x", "0", "65", "1.5", ""])
def test_a_number_of_processes_is_one(root: Path, value: str) -> None:
    ran = upsun_lint("--jobs", value)
    assert ran.status == 2
    assert "Invalid value for '--jobs'" in ran.err


def test_files_below_the_folder_count_where_they_are_included(root: Path) -> None:
    write(root, "applications:\n  app: !include apps/app.yaml\n")
    write(root, "type: 'php:8.4'\nmount: {}\n", ".upsun/apps/app.yaml")
    assert places(check(".upsun/apps/app.yaml")) == [".upsun/apps/app.yaml:2"]


def test_an_unread_file_does_no_harm(root: Path) -> None:
    write(root, GOOD)
    write(root, GOOD, ".upsun/apps/unread.yaml")
    for form in FORMATS:
        ran = upsun_lint("--format", form)
        assert (ran.status, ran.err) == (0, "")
        assert "unread-file" in ran.out
    ran = upsun_lint("ignore-all", "--reason", "later", "--severity", "info")
    assert ran.status == 1
    assert "no comment can suppress this: unread-file" in ran.err
