from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.server.command import process, upsun_lint, write
from upsun_lint.narrowing.git import Revision
from upsun_lint.narrowing.git import repository as repository_of
from upsun_lint.narrowing.past import Past
from upsun_rules.engine import lint
from upsun_rules.options import Options
from upsun_schema.configuration.project import Project

WRONG = """\
applications:
  app:
    type: 'php:8.4'
    mount: {}
    relationships:
      db:
    workers:
      queue:
        commands: {start: php queue.php}
      mail:
        commands: {start: php mail.php}
        relationships: {}
    variabels: {}
services:
  db: {type: 'mariadb:11.4'}
"""
GIT = ["git", "-c", "user.name=x", "-c", "user.email=x@localhost", "-c", "init.defaultBranch=main"]


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    git(tmp_path, "init", "-q", ".")
    write(tmp_path, WRONG)
    commit(tmp_path)
    return tmp_path


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run([*GIT, *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


def commit(folder: Path) -> None:
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "x")


def told(*arguments: str) -> list[tuple[str, int]]:
    """The file and the line of each finding."""
    ran = upsun_lint(*arguments, "--format", "concise", "--quiet", "--severity", "warning")
    assert ran.err == ""
    assert ran.status == int(bool(ran.out))
    return [(line.split(":")[0], int(line.split(":")[1])) for line in ran.out.splitlines()]


CONFIG = ".upsun/config.yaml"


def test_only_what_touches_changed_lines_is_reported(repository: Path) -> None:
    assert told("--since", "HEAD") == []
    write(repository, WRONG.replace("mount: {}", "mount: {  }"))
    assert told("--since", "HEAD") == [(CONFIG, 4)]
    write(repository, "# one\n# two\n" + WRONG)
    assert told("--since", "HEAD") == []
    write(repository, WRONG.replace("    variabels: {}\n", "    variabels: {}\n    hoks: {}\n"))
    assert told("--since", "HEAD") == [(CONFIG, 14)]


def test_committed_staged_and_unknown_files_count(repository: Path) -> None:
    write(repository, WRONG.replace("mount: {}", "mount: {  }"))
    commit(repository)
    write(repository, WRONG.replace("mount: {}", "mount: {  }").replace("variabels: {}", "variabels: {  }"))
    git(repository, "add", ".")
    write(repository, "services:\n  x: {type: 'redis:8.0', siez: 1}\n", ".upsun/new *.yaml")
    assert told("--since", "HEAD~1") == [(CONFIG, 4), (CONFIG, 13), (".upsun/new *.yaml", 2)]
    assert told("--since", "HEAD") == [(CONFIG, 13), (".upsun/new *.yaml", 2)]


def test_removed_lines_affect_their_neighbors(repository: Path) -> None:
    write(repository, WRONG.replace("    type: 'php:8.4'\n", ""))
    assert (CONFIG, 3) in told("--since", "HEAD")


def test_a_place_that_a_finding_names_counts(repository: Path) -> None:
    twice = "services:\n  db: {type: 'mariadb:11.4'}\n"
    write(repository, twice, ".upsun/z.yaml")
    ran = upsun_lint("--since", "HEAD", "--format", "concise", "--quiet")
    assert "duplicate-definition" in ran.out


def test_a_branch_is_compared_with_where_it_began(repository: Path) -> None:
    git(repository, "checkout", "-qb", "feature")
    git(repository, "checkout", "-q", "main")
    write(repository, WRONG.replace("mount: {}", "mount: {  }"))
    commit(repository)
    git(repository, "checkout", "-q", "feature")
    assert told("--since", "main") == []


def test_a_project_below_the_top_of_its_repository(repository: Path) -> None:
    write(repository / "a b/ü", WRONG)
    # The first is the folder itself: the platform reads only the `.upsun` at the top.
    assert told("--since", "HEAD", "a b") == [("a b/ü/" + CONFIG, line) for line in (1, 4, 13)]


def test_fixes_touch_only_what_changed(repository: Path) -> None:
    file = write(repository, WRONG.replace("mount: {}", "mount: {  }"))
    upsun_lint("--since", "HEAD", "--fix")
    assert file.read_text() == WRONG.replace("mount: {}", "mounts: {  }")


INCLUDING = """\
applications:
  app:
    type: 'php:8.4'
    source: {root: backend}
    hooks:
      build: !include {type: string, path: build.sh}
    variables: !include variables.yaml
    workers:
      queue:
        commands:
          start: !include {type: string, path: queue.sh}
          strat: !include {type: string, path: queue.sh}
      mail:
        commands: {start: php mail.php}
        variables: {}
services:
  varnish:
    type: 'varnish:7.6'
    relationships: {app: 'app:http'}
    configuration: !archive rules
    configuratoin: !archive rules
"""
VARIABLES = "env:\n  MOTTO: !include {type: string, path: motto.txt}\n"


@pytest.fixture
def including(repository: Path) -> Path:
    write(repository, INCLUDING)
    for path, text in (("build.sh", "make\n"), ("queue.sh", "php queue.php\n"), ("motto.txt", "one\n")):
        write(repository / "backend", text, path)
    write(repository, VARIABLES, ".upsun/variables.yaml")
    write(repository, "sub vcl_recv {}\n", ".upsun/rules/deep/a.vcl")
    commit(repository)
    assert told("--since", "HEAD") == []
    return repository


def test_where_a_changed_file_is_included_is_changed(including: Path) -> None:
    write(including, "php other.php\n", "backend/queue.sh")
    assert told("--since", "HEAD") == [(CONFIG, 12)]
    write(including, "# new\n", ".upsun/rules/deep/b.vcl")
    assert told("--since", "HEAD") == [(CONFIG, 12), (CONFIG, 21)]


def test_suppressed_findings_are_narrowed_too(repository: Path) -> None:
    hidden = WRONG.replace("mount: {}", "mount: {} # upsun-lint: ignore[unknown-key] later")
    hidden = hidden.replace("variabels: {}", "variabels: {} # upsun-lint: ignore[unknown-key] never")

    def justifications(*arguments: str) -> list[str]:
        results = json.loads(upsun_lint(*arguments, "--format", "sarif").out)["runs"][0]["results"]
        return [one["justification"] for result in results for one in result["suppressions"]]

    write(repository, hidden)
    commit(repository)
    assert justifications() == ["later", "never"]
    assert justifications("--since", "HEAD~1") == ["later", "never"]
    assert justifications("--since", "HEAD") == []
    write(repository, hidden.replace("never", "perhaps"))
    assert justifications("--since", "HEAD") == ["perhaps"]


@pytest.mark.parametrize(
    "revision", ["nope", "--output=pwned", "--help", "", "HEAD:.upsun", "HEAD^{tree}", "a b", "x\x00"]
)
def test_an_invalid_revision_is_one_plain_line(repository: Path, revision: str) -> None:
    ran = upsun_lint(f"--since={revision}")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith("upsun-lint: --since: ")
    assert ran.err.count("\n") == 1
    assert not (repository / "pwned").exists()


def test_the_message_about_a_shallow_clone_has_a_remedy(repository: Path, tmp_path: Path) -> None:
    for number in range(2):
        write(repository, WRONG + f"# {number}\n")
        commit(repository)
    first = git(repository, "rev-list", "--max-parents=0", "HEAD").strip()
    git(repository, "clone", "-q", "--depth=1", f"file://{repository}", "clone")
    ran = upsun_lint("--since", first, "clone")
    assert ran.status == 2
    assert "this clone is shallow: fetch more of the history" in ran.err
    assert upsun_lint("--since", "HEAD", "clone").status == 0


def test_without_a_repository_or_git_it_is_one_plain_line(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("outside")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(folder.parent))
    write(folder, WRONG)
    monkeypatch.chdir(folder)
    ran = upsun_lint("--since", "HEAD")
    assert (ran.status, ran.err) == (
        2,
        "upsun-lint: .: --since cannot find out what changed here: it is not in a git repository\n",
    )
    ran = process("--since", "HEAD", cwd=tmp_path, environment={"PATH": str(folder)})
    assert (ran.status, ran.err) == (2, "upsun-lint: --since needs git, which is not on the PATH\n")


def test_standard_input_has_no_history(repository: Path) -> None:
    ran = upsun_lint("--since", "HEAD", "-", "--stdin-filename", CONFIG, stdin=b"")
    assert (ran.status, "needs files, not standard input" in ran.err) == (2, True)


@pytest.mark.skipif(os.name == "nt", reason="a POSIX shell")
def test_programs_that_a_repository_names_are_not_run(repository: Path) -> None:
    script = write(repository, "#!/bin/sh\ntouch pwned\n", "evil")
    script.chmod(0o755)
    for name in ("diff.external", "core.fsmonitor", "diff.yaml.textconv", "core.pager"):
        git(repository, "config", name, str(script))
    write(repository, "*.yaml diff=yaml\n", ".gitattributes")
    write(repository, WRONG.replace("mount: {}", "mount: {  }"))
    assert told("--since", "HEAD") == [(CONFIG, 4)]
    assert not (repository / "pwned").exists()


def test_what_is_left_out_is_counted(repository: Path) -> None:
    write(repository, WRONG + "# a remark\n")
    ran = upsun_lint("--since", "HEAD", "--format", "concise")
    assert ran.out == "Nothing new since HEAD; 2 already at HEAD.\n"
    upsun_lint("--baseline", "known.json", "--update-baseline")
    ran = upsun_lint("--since", "HEAD", "--baseline", "known.json", "--format", "concise")
    assert ran.out == "Nothing new since HEAD; 2 known ones left out.\n"
    write(repository, WRONG.replace("mount: {}", "mount: {  }"))
    ran = upsun_lint("--since", "HEAD", "--format", "concise")
    assert ran.out.endswith("Found 1 error in 1 file; 1 fixable with --fix; 1 already at HEAD.\n")


def test_a_fix_of_one_line_leaves_its_twins_elsewhere(repository: Path) -> None:
    worker = "      {}:\n        commands: {{start: php {}.php &}}\n"
    text = "applications:\n  app:\n    type: 'php:8.4'\n    workers:\n" + "".join(
        worker.format(name, name) for name in "abc"
    )
    write(repository, text)
    commit(repository)
    changed = text.replace("php b.php", "php other.php")
    file = write(repository, changed)
    upsun_lint("--since", "HEAD", "--fix", "--select", "backgrounded-start-command")
    assert file.read_text() == changed.replace("other.php &", "other.php")


def test_a_revision_is_not_a_range(repository: Path) -> None:
    ran = upsun_lint("--since", "HEAD..")
    assert ran.err == "upsun-lint: --since: `HEAD..` is a range; give the one revision to compare with\n"
    ran = upsun_lint("--since", "nope")
    assert ran.err == "upsun-lint: --since: the repository `.` has no revision `nope`\n"


def test_a_new_file_that_is_not_included_is_new(repository: Path) -> None:
    write(repository, WRONG, ".upsun/apps/unread.yaml")
    assert "unread-file" in upsun_lint("--since", "HEAD").out
    commit(repository)
    assert "unread-file" not in upsun_lint("--since", "HEAD").out


# -- what is new ---------------------------------------------------------------------------------------------------------

APP = "applications:\n  app:\n    type: 'php:8.4'\n    mount: {}\n    relationships: {db: 'db:mysql'}\n"
SERVICES = "services:\n  db: {type: 'mariadb:11.4'}\n  cache: {type: 'redis:7.0'}\n"


@pytest.fixture
def split(repository: Path) -> Path:
    """A project in two files, with a finding in each."""
    (repository / CONFIG).unlink()
    write(repository, APP, ".upsun/app.yaml")
    write(repository, SERVICES, ".upsun/services.yaml")
    commit(repository)
    assert told() == [(".upsun/app.yaml", 4), (".upsun/services.yaml", 3)]
    assert told("--since", "HEAD") == []
    return repository


def test_what_a_change_breaks_in_another_file_is_new(split: Path) -> None:
    write(split, SERVICES.replace("  db:", "  data:"), ".upsun/services.yaml")
    assert (".upsun/app.yaml", 5) in told("--since", "HEAD")
    (split / ".upsun/services.yaml").unlink()
    assert (".upsun/app.yaml", 5) in told("--since", "HEAD")


def test_files_that_are_split_joined_or_renamed_have_nothing_new(split: Path) -> None:
    write(split, APP + SERVICES)
    for name in ("app", "services"):
        (split / f".upsun/{name}.yaml").unlink()
    assert told("--since", "HEAD") == []
    commit(split)
    (split / CONFIG).unlink()
    write(split, APP, ".upsun/a.yaml")
    write(split, "# of all applications\n" + SERVICES, ".upsun/b.yaml")
    assert told("--since", "HEAD") == []
    write(split, APP.replace("mount: {}", "mount: {}\n    hoks: {}"), ".upsun/a.yaml")
    assert (".upsun/a.yaml", 5) in told("--since", "HEAD")


def test_what_is_indented_in_another_way_is_not_new(split: Path) -> None:
    write(split, APP.replace("\n  ", "\n      "), ".upsun/app.yaml")
    assert told("--since", "HEAD") == [(".upsun/app.yaml", 4)]  # The line was changed.
    write(split, "# 1\n# 2\n" + APP, ".upsun/app.yaml")
    assert told("--since", "HEAD") == []


def test_a_finding_that_a_comment_hid_is_new_without_it(split: Path) -> None:
    hidden = APP.replace("mount: {}", "mount: {}  # upsun-lint: ignore[unknown-key] later")
    write(split, hidden, ".upsun/app.yaml")
    commit(split)
    write(split, APP, ".upsun/app.yaml")
    assert told("--since", "HEAD") == [(".upsun/app.yaml", 4)]


def test_a_revision_without_the_project_has_nothing_of_it(split: Path) -> None:
    write(split / "shop", WRONG)
    assert ("shop/" + CONFIG, 4) in told("--since", "HEAD", "shop")


def test_before_the_first_commit_there_is_nothing_to_compare_with(split: Path) -> None:
    ran = upsun_lint("--since", "0" * 40)
    assert (ran.status, ran.out) == (2, "")
    assert "before the first commit; to report everything, leave --since out" in ran.err


def test_a_shallow_clone_without_the_common_ancestor_says_what_to_fetch(split: Path) -> None:
    git(split, "checkout", "-qb", "feature")
    write(split, "# x\n" + APP, ".upsun/app.yaml")
    commit(split)
    git(split, "checkout", "-q", "main")
    write(split, "# y\n" + APP, ".upsun/app.yaml")
    commit(split)
    git(split, "clone", "-q", "--depth=1", "--no-single-branch", "-b", "feature", f"file://{split}", "clone")
    ran = upsun_lint("--since", "origin/main", "clone")
    assert ran.status == 2
    assert "no common ancestor" in ran.err
    assert "git fetch --unshallow" in ran.err


# -- what counts as changed ----------------------------------------------------------------------------------------------


def test_line_endings_are_not_a_change(repository: Path) -> None:
    write(repository, WRONG.replace("\n", "\r\n"))
    assert told("--since", "HEAD") == []
    write(repository, WRONG.replace("\n", "\r\n").replace("mount: {}", "mount: {  }"))
    assert told("--since", "HEAD") == [(CONFIG, 4)]


def test_another_encoding_of_the_same_text_is_not_a_change(repository: Path) -> None:
    write(repository, b"\xff\xfe" + WRONG.encode("utf-16-le"))
    assert upsun_lint("--since", "HEAD", "--format", "concise").out.startswith("Nothing new since HEAD")


def test_a_file_that_was_moved_is_not_a_change(repository: Path) -> None:
    (repository / CONFIG).rename(repository / ".upsun/shop.yaml")
    assert told("--since", "HEAD") == []
    (repository / "shop").mkdir()
    (repository / ".upsun").rename(repository / "shop/.upsun")
    assert told("--since", "HEAD", "shop") == []
    write(repository / "shop", WRONG.replace("mount: {}", "mount: {  }"), ".upsun/shop.yaml")
    assert told("--since", "HEAD", "shop") == [("shop/.upsun/shop.yaml", 4)]
    write(repository / "shop", "applications:\n  other:\n    mount: {}\n    type: 'nodejs:24'\n", ".upsun/shop.yaml")
    assert ("shop/.upsun/shop.yaml", 3) in told("--since", "HEAD", "shop")  # A project that has little of the old one.


def test_a_copy_is_new(repository: Path) -> None:
    write(repository, WRONG, ".upsun/copy.yaml")
    assert {path for path, _ in told("--since", "HEAD")} == {".upsun/copy.yaml"}
    (repository / CONFIG).unlink()
    write(repository, WRONG, ".upsun/more.yaml")  # One of the two is what was there.
    assert {path for path, _ in told("--since", "HEAD")} == {".upsun/more.yaml"}


@pytest.mark.parametrize("place", ["docs/config.yaml", ".upsun/config.yaml.bak", ".upsun/off/config.yaml"])
def test_a_file_that_was_not_read_before_is_new(repository: Path, place: str) -> None:
    write(repository, WRONG, place)
    (repository / CONFIG).unlink()
    commit(repository)
    (repository / place).rename(repository / CONFIG)
    assert told("--since", "HEAD") == [(CONFIG, 4), (CONFIG, 13)]


@pytest.mark.skipif(os.name == "nt", reason="symbolic links")
def test_a_link_is_compared_by_its_target(repository: Path) -> None:
    write(repository, WRONG, "one.yaml")
    write(repository, WRONG.replace("mount: {}", "mount: {  }"), "two.yaml")
    (repository / CONFIG).unlink()
    (repository / CONFIG).symlink_to("../one.yaml")
    commit(repository)
    assert told("--since", "HEAD") == told("--since", "HEAD~1") == []
    (repository / CONFIG).unlink()
    (repository / CONFIG).symlink_to("../two.yaml")
    assert told("--since", "HEAD") == [(CONFIG, 4)]
    (repository / ".upsun").rename(repository / "real")
    (repository / ".upsun").symlink_to("real")
    commit(repository)
    assert told("--since", "HEAD") == []


@pytest.mark.skipif(os.name == "nt", reason="symbolic links")
def test_what_is_not_a_regular_file_in_an_included_folder_is_not_opened(including: Path) -> None:
    os.mkfifo(including / ".upsun/rules/pipe")
    (including / ".upsun/rules/zero").symlink_to("/dev/zero")
    assert (CONFIG, 21) in told("--since", "HEAD")


@pytest.mark.skipif(os.name == "nt", reason="symbolic links")
def test_links_in_an_included_folder_are_compared_by_where_they_lead(including: Path) -> None:
    link = including / ".upsun/rules/link"
    link.symlink_to("nowhere")
    commit(including)
    assert told("--since", "HEAD") == []
    link.unlink()
    link.symlink_to("deep")
    assert told("--since", "HEAD") == [(CONFIG, 21)]


def test_a_whole_project_is_read_as_it_was(including: Path) -> None:
    def findings(project: Project) -> list[tuple[str, str]]:
        return [(one.rule, one.message) for one in lint(project, Options())]

    before = Project(str(including))
    found = findings(before)
    for path in ("backend/build.sh", ".upsun/variables.yaml", ".upsun/rules/deep/a.vcl"):
        (including / path).unlink()
    (including / ".upsun/rules/deep").rmdir()
    (including / ".upsun/rules").rmdir()
    write(including, "services: {}\n")
    write(including, "services: {x: {}}\n", ".upsun/new.yaml")
    revision = Revision(repository_of(str(including)), "HEAD")
    past = Past(revision, Project(str(including))).project
    assert findings(past) == found
    assert list(past.documents) == list(before.documents)
    assert list(past.included) == list(before.included)
    assert {path: text.text for path, text in past.texts.items()} == {
        path: text.text for path, text in before.texts.items()
    }
