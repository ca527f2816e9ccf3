"""Nothing that a repository names is run, whatever its configuration says; and what git cannot answer is one line."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.server.command import upsun_lint, write
from upsun_lint.failure import Failure
from upsun_lint.narrowing import git as module
from upsun_lint.narrowing.git import Revision, repository

CONFIG = ".upsun/config.yaml"
OLD = "applications:\n  app:\n    type: 'php:8.4'\n    mount: {}\n    source: {root: /}\n"
NEW = OLD.replace("mount: {}", "mount: {  }")
GIT = ["git", "-c", "user.name=x", "-c", "user.email=x@localhost", "-c", "init.defaultBranch=main"]

pytestmark = pytest.mark.skipif(os.name == "nt", reason="a POSIX shell")


@pytest.fixture(autouse=True)
def top(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one commit and a line that changed since; beside it a program that leaves a mark."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = tmp_path / "top"
    folder.mkdir()
    monkeypatch.chdir(folder)
    git(folder, "init", "-q", ".")
    write(folder, OLD)
    commit(folder)
    write(folder, NEW)
    program(tmp_path)
    return folder


def git(folder: Path, *arguments: str, **environment: str) -> str:
    ran = subprocess.run(
        [*GIT, *arguments], cwd=folder, env=os.environ | environment, check=True, capture_output=True, text=True
    )
    return ran.stdout


def commit(folder: Path) -> None:
    git(folder, "add", "-A", "-f")
    git(folder, "commit", "-qm", "x")


def program(beside: Path, name: str = "evil") -> Path:
    file = write(beside, f"#!/bin/sh\necho ran >>'{beside}/ran'\n", name)
    file.chmod(0o755)
    return file


def ran(top: Path) -> bool:
    """Whether the program has left its mark, and remove that."""
    mark = top.parent / "ran"
    found = mark.exists()
    mark.unlink(missing_ok=True)
    return found


# -- what a repository names ---------------------------------------------------------------------------------------------


class Vector:
    """A way by which a repository names a program: what is configured, and a command of git that runs it."""

    def __init__(self, name: str, prepare: Callable[[Path, str], object], *proof: str) -> None:
        self.name = name
        self.prepare = prepare
        self.proof = proof

    def __repr__(self) -> str:
        return self.name


def configured(*pairs: str, attributes: str = "") -> Callable[[Path, str], None]:
    """What sets a configuration; `{}` in its values is the program."""

    def prepare(top: Path, evil: str) -> None:
        for name, value in zip(pairs[::2], pairs[1::2], strict=True):
            git(top, "config", name, value.replace("{}", evil))
        if attributes:
            write(top, attributes, ".git/info/attributes")

    return prepare


def hook(name: str) -> Callable[[Path, str], None]:
    def prepare(top: Path, evil: str) -> None:
        (top / ".git/hooks").mkdir(exist_ok=True)
        (top / ".git/hooks" / name).symlink_to(evil)

    return prepare


def included(top: Path, evil: str) -> None:
    write(top, f'[core]\n fsmonitor = {evil}\n[filter "x"]\n clean = {evil}\n', "extra")
    write(top, "* filter=x\n", ".gitattributes")
    git(top, "config", "include.path", "../extra")


def promisor(top: Path, evil: str) -> None:
    git(top, "config", "core.repositoryFormatVersion", "1")
    git(top, "config", "extensions.partialClone", "origin")
    git(top, "config", "remote.origin.url", f"ext::{evil}")
    git(top, "config", "remote.origin.promisor", "true")
    git(top, "config", "protocol.allow", "always")
    git(top, "config", "protocol.ext.allow", "always")
    remove_objects(top, "HEAD:.upsun/config.yaml")


def remove_objects(top: Path, *names: str) -> None:
    for name in names:
        found = git(top, "rev-parse", name).strip()
        (top / ".git/objects" / found[:2] / found[2:]).unlink()


def upload_pack(top: Path, evil: str) -> None:
    promisor(top, evil)
    git(top, "config", "remote.origin.url", str(top))
    git(top, "config", "remote.origin.uploadpack", evil)


def submodule(top: Path, evil: str) -> None:
    write(top, '[submodule "s"]\n\tpath = s\n\turl = ./s\n', ".gitmodules")
    git(top, "init", "-q", "s")
    git(top / "s", "commit", "-q", "--allow-empty", "-m", "x")
    git(top, "add", "s", ".gitmodules")
    git(top, "commit", "-qm", "s")
    git(top, "config", "submodule.s.url", "./s")
    git(top, "config", "submodule.s.update", f"!{evil}")
    git(top / "s", "commit", "-q", "--allow-empty", "-m", "y")


VECTORS = [
    Vector("fsmonitor", configured("core.fsmonitor", "{}"), "status"),
    Vector("clean filter", configured("filter.x.clean", "{}", attributes="* filter=x\n"), "add", "-A"),
    Vector("smudge filter", configured("filter.x.smudge", "{}", attributes="* filter=x\n"), "checkout", "--", "."),
    Vector("filter process", configured("filter.x.process", "{}", attributes="* filter=x\n"), "add", "-A"),
    Vector("external diff", configured("diff.external", "{}"), "diff"),
    Vector("diff driver", configured("diff.x.command", "{}", attributes="* diff=x\n"), "diff"),
    Vector("textconv", configured("diff.x.textconv", "{}", attributes="* diff=x\n"), "diff"),
    Vector("merge driver", configured("merge.x.driver", "{}", attributes="* merge=x\n")),
    Vector("pager", configured("core.pager", "{}", "pager.ls-tree", "{}", "pager.cat-file", "{}", "pager.rev-parse", "{}")),
    Vector("hook of a checkout", hook("post-checkout"), "checkout", "--detach"),
    Vector("hook of references", hook("reference-transaction"), "update-ref", "refs/heads/other", "HEAD"),
    Vector("hook of the index", hook("post-index-change"), "add", "-A"),
    Vector("hooks elsewhere", configured("core.hooksPath", "hooks")),
    Vector("ssh", configured("core.sshCommand", "{}", "remote.origin.url", "ssh://localhost/x", "remote.origin.promisor", "true")),
    Vector("git proxy", configured("core.gitProxy", "{}", "remote.origin.url", "git://localhost/x", "remote.origin.promisor", "true")),
    Vector("credential helper", configured("credential.helper", "!{}")),
    Vector("asked for a password", configured("core.askPass", "{}")),
    Vector("gpg", configured("gpg.program", "{}", "log.showSignature", "true", "commit.gpgSign", "true")),
    Vector("alias", configured("alias.rev-parse", "!{}", "alias.ls-tree", "!{}", "alias.x", "!{}"), "x"),
    Vector("included configuration", included, "add", "-A"),
    Vector("promisor remote", promisor, "cat-file", "blob", "HEAD:.upsun/config.yaml"),
    Vector("upload-pack", upload_pack, "cat-file", "blob", "HEAD:.upsun/config.yaml"),
    Vector("pack objects hook", configured("uploadpack.packObjectsHook", "{}")),
    Vector("editor", configured("core.editor", "{}", "sequence.editor", "{}"), "commit", "--amend"),
    Vector("references of alternates", configured("core.alternateRefsCommand", "{}")),
    Vector("update of a submodule", submodule, "submodule", "update"),
    Vector("trace", configured("trace2.eventTarget", "{}", "trace2.normalTarget", "{}")),
]  # fmt: skip


@pytest.fixture(params=["this version", "one without GIT_NO_LAZY_FETCH"])
def version(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also behave as an older git, in which the variable means nothing."""
    if "without" in request.param:
        monkeypatch.delitem(module._ENVIRONMENT, "GIT_NO_LAZY_FETCH")


@pytest.mark.usefixtures("version")
@pytest.mark.parametrize("vector", VECTORS, ids=repr)
def test_programs_named_by_a_repository_are_not_run(top: Path, vector: Vector) -> None:
    vector.prepare(top, str(top.parent / "evil"))
    ran(top)
    found = upsun_lint("--since", "HEAD", "--format", "concise", "--quiet")
    assert not ran(top)
    if vector.name in ("promisor remote", "upload-pack"):
        assert (found.status, found.err.count("\n")) == (2, 1)
        assert "this clone lacks a file" in found.err
    else:
        assert (found.status, found.err) == (1, "")
        assert found.out.startswith(f"{CONFIG}:4:")
    if vector.proof:  # The configuration is such that git would run it.
        subprocess.run(
            [*GIT, *vector.proof], cwd=top, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False
        )
        assert ran(top)


def test_files_that_look_like_a_bare_repository_are_not_one(top: Path) -> None:
    sub, model = top / "sub", top.parent / "model"
    for folder in (sub, model):
        write(folder, OLD)
        write(folder, "* filter=x\n", ".gitattributes")
    git(model, "init", "-q", ".")
    commit(model)
    for name in ("HEAD", "objects", "refs", "index"):
        os.rename(model / ".git" / name, sub / name)
    evil = top.parent / "evil"
    write(
        sub,
        f'[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = .\n[filter "x"]\n\tclean = {evil}\n',
        "config",
    )
    write(sub, NEW)
    commit(top)
    clone = top.parent / "clone"
    git(top, "clone", "-q", ".", str(clone))
    for revision in ("HEAD", "HEAD~1"):
        found = upsun_lint("--since", revision, str(clone))
        assert (found.status, found.err.count("\n")) == (2, 1)
        assert "cannot use bare repository" in found.err
    assert not ran(top)
    subprocess.run([*GIT, "diff"], cwd=clone / "sub", check=False)
    assert ran(top)


@pytest.mark.parametrize("where", [".", "bin", "link"])
def test_a_program_named_git_in_the_checkout_is_not_run(top: Path, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    program(top.parent, "top/git")
    program(top.parent, "top/bin/git")
    (top.parent / "outside").mkdir()
    (top.parent / "outside/git").symlink_to(top / "git")
    entries = {".": [".", "", str(top)], "bin": ["bin", str(top / "bin")], "link": [str(top.parent / "outside")]}[where]
    monkeypatch.setenv("PATH", os.pathsep.join([*entries, os.environ["PATH"]]))
    assert upsun_lint("--since", "HEAD").status == 1
    assert not ran(top)
    monkeypatch.setenv("PATH", os.pathsep.join(entries))
    found = upsun_lint("--since", "HEAD")
    assert found.err == (
        f"upsun-lint: --since needs git, which is not on the PATH; "
        f"{os.path.relpath(os.path.join(entries[-1], 'git'))} is in the checked folder and is not run\n"
    )


@pytest.mark.parametrize(
    "variables",
    [
        {"GIT_DIR": "/nowhere", "GIT_WORK_TREE": "/"},
        {"GIT_INDEX_FILE": "/nowhere/x", "GIT_OBJECT_DIRECTORY": "/nowhere"},
        {"GIT_EXTERNAL_DIFF": "{}", "GIT_PAGER": "{}", "GIT_SSH_COMMAND": "{}", "GIT_ASKPASS": "{}", "GIT_EDITOR": "{}"},
        {"GIT_EXEC_PATH": "/nowhere", "GIT_TEMPLATE_DIR": "/nowhere"},
        {"GIT_TRACE": "1", "GIT_TRACE2_EVENT": "1", "GIT_GLOB_PATHSPECS": "1", "GIT_NAMESPACE": "x"},
    ],
    ids=lambda variables: next(iter(variables)),
)  # fmt: skip
def test_the_environment_leads_git_nowhere_else(
    top: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value.replace("{}", str(top.parent / "evil")))
    found = upsun_lint("--since", "HEAD", "--format", "concise", "--quiet")
    assert (found.status, found.err, found.out[:21]) == (1, "", f"{CONFIG}:4:")
    assert not ran(top)


def test_replacement_objects_are_ignored(top: Path) -> None:
    """Replacements and grafts would show another history than the one that is pushed."""
    new = git(top, "hash-object", "-w", CONFIG).strip()
    git(top, "replace", git(top, "rev-parse", f"HEAD:{CONFIG}").strip(), new)
    write(top, f"{git(top, 'rev-parse', 'HEAD').strip()} {'1' * 40}\n", ".git/info/grafts")
    assert upsun_lint("--since", "HEAD").status == 1


def test_the_working_tree_is_the_folder_of_the_repository(top: Path) -> None:
    elsewhere = top.parent / "elsewhere"
    elsewhere.mkdir()
    git(top, "config", "core.worktree", str(elsewhere))
    found = upsun_lint("--since", "HEAD")
    assert (found.status, found.err) == (
        2,
        (
            "upsun-lint: .: --since cannot find out what changed here: "
            "the repository that git finds has its files in another folder, ../elsewhere\n"
        ),
    )


def test_objects_can_be_in_another_repository(top: Path) -> None:
    git(top, "clone", "-q", "--shared", ".", "../clone")
    write(top.parent / "clone", NEW)
    assert upsun_lint("--since", "HEAD", "../clone").status == 1


# -- what git cannot answer ----------------------------------------------------------------------------------------------


@pytest.fixture
def slow(top: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A git that never answers, or never stops answering."""
    monkeypatch.setattr(module, "_SECONDS", 1)
    monkeypatch.setattr(module, "_MOST_BYTES", 1_000_000)
    folder = top.parent / "programs"
    yield folder
    assert not ran(top)


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("exec sleep 600", "git did not answer within 1 seconds"),
        ("exec yes", "git gave more than 1 MB"),
        ("kill -9 $$", "git gave no reason"),
        ("echo one >&2; echo two >&2; exit 1", "--since cannot find out what changed here: one"),
    ],
)
def test_a_git_that_does_not_behave_is_one_line(
    slow: Path, monkeypatch: pytest.MonkeyPatch, script: str, words: str
) -> None:
    write(slow, f"#!/bin/sh\n{script}\n", "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{slow}{os.pathsep}{os.environ['PATH']}")
    began = time.monotonic()
    found = upsun_lint("--since", "HEAD")
    assert time.monotonic() - began < 300
    assert (found.status, found.out, found.err.count("\n")) == (2, "", 1)
    assert words in found.err


@pytest.mark.parametrize(
    "revision",
    ["-x", "--upload-pack=touch ran", "--output=ran", "HEAD:", f"HEAD:{CONFIG}", "@{u}", "@{-1}", "blob", "tree", "a\nb",
     "\x1b[31m", "HEAD^9", "HEAD@{99}", ":/nothing", "refs/heads/*", "^HEAD", "HEAD ^HEAD", "\udcff", "x" * 100_000],
)  # fmt: skip
def test_what_is_not_a_commit_is_one_line(top: Path, revision: str) -> None:
    git(top, "tag", "blob", f"HEAD:{CONFIG}")
    git(top, "tag", "tree", "HEAD^{tree}")
    found = upsun_lint(f"--since={revision}")
    assert (found.status, found.out, found.err.count("\n")) == (2, "", 1)
    assert "has no revision" in found.err
    assert "\x1b" not in found.err
    assert not (top / "ran").exists()


@pytest.mark.parametrize("revision", ["HEAD", "main", "annotated", "@", "HEAD^{commit}", "HEAD@{0}"])
def test_every_name_of_a_commit_is_accepted(top: Path, revision: str) -> None:
    git(top, "tag", "-a", "annotated", "-m", "x")
    assert upsun_lint("--since", revision).status == 1


def test_without_a_commit_there_is_nothing_to_compare_with(top: Path) -> None:
    write(top.parent / "fresh", OLD)
    git(top.parent / "fresh", "init", "-q", ".")
    for revision in ("HEAD", "main"):
        found = upsun_lint("--since", revision, "../fresh")
        assert (found.status, found.err) == (2, "upsun-lint: --since: the repository `../fresh` has no commit yet\n")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away")
def test_a_foreign_repository_is_trusted_only_if_the_user_says_so(top: Path) -> None:
    for path in (top, top / ".git"):
        os.chown(path, 12345, 12345)
    found = upsun_lint("--since", "HEAD")
    assert (found.status, found.err.count("\n")) == (2, 1)
    assert "dubious ownership" in found.err
    assert "git config --global --add safe.directory" in found.err
    git(top.parent, "config", "--global", "--add", "safe.directory", str(top))
    assert upsun_lint("--since", "HEAD").status == 1


@pytest.mark.parametrize("broken", ["HEAD", "config", "objects"])
def test_a_broken_repository_is_one_line(top: Path, broken: str) -> None:
    path = top / ".git" / broken
    if path.is_dir():
        remove_objects(top, "HEAD^{tree}")
    else:
        path.write_text("[[[\n")
    found = upsun_lint("--since", "HEAD")
    assert (found.status, found.out, found.err.count("\n")) == (2, "", 1)


# -- where a project lies ------------------------------------------------------------------------------------------------


def test_a_worktree_has_the_history_of_its_repository(top: Path) -> None:
    git(top, "worktree", "add", "-q", "../tree")
    assert upsun_lint("--since", "HEAD", "../tree").out.startswith("Nothing found in the lines changed")
    write(top.parent / "tree", NEW)
    assert upsun_lint("--since", "HEAD", "../tree").status == 1


def test_a_worktree_of_a_bare_repository(top: Path) -> None:
    home = top.parent / "home"
    home.mkdir()
    git(top, "clone", "-q", "--bare", ".", str(home / ".bare"))
    git(home / ".bare", "worktree", "add", "-q", "../main", "main")
    write(home / "main", NEW)
    assert upsun_lint("--since", "HEAD", str(home / "main")).status == 1


def test_a_submodule_has_its_own_history(top: Path) -> None:
    git(top, "clone", "-q", ".", "../other")
    git(top, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(top.parent / "other"), "shop")
    commit(top)
    write(top / "shop", NEW)
    found = upsun_lint("--since", "HEAD", "shop", "--format", "concise", "--quiet")
    assert found.out.startswith(f"shop/{CONFIG}:4:")
    found = upsun_lint("--since", git(top, "rev-parse", "HEAD").strip(), "shop")
    assert (found.status, found.err.count("\n")) == (2, 1)
    assert "the repository `shop` has no revision" in found.err


def test_a_project_reached_by_a_link(top: Path) -> None:
    (top.parent / "link").symlink_to(top)
    assert upsun_lint("--since", "HEAD", "../link").status == 1
    commit(top)
    assert upsun_lint("--since", "HEAD", "../link").status == 0


# -- files at a revision -------------------------------------------------------------------------------------------------


@pytest.fixture
def revision(top: Path) -> Revision:
    write(top, "one\r\n", "a/b c/\nü")
    write(top, b"\xff", "a/raw")
    os.symlink("b c", top / "a/link")
    os.symlink("../../outside", top / "a/away")
    os.symlink("circle", top / "a/circle")
    commit(top)
    return Revision(repository(str(top)), "HEAD")


def test_the_files_of_a_revision_are_listed(revision: Revision) -> None:
    assert revision.paths("a") == ["a/away", "a/b c/\nü", "a/circle", "a/link", "a/raw"]
    assert revision.paths("a/link") == ["a/link/\nü"]
    assert revision.paths() == [CONFIG, *revision.paths("a")]
    assert revision.paths("nothing") == revision.paths("a/away") == []


def test_a_file_of_a_revision_is_read(revision: Revision) -> None:
    assert revision.read("a/b c/\nü") == revision.read("a/link/\nü") == b"one\r\n"
    assert revision.read("a/raw") == b"\xff"
    for path in ("a", "nothing", "a/away", "a/circle", "../top/a/raw", "/etc/hostname", "", ".git/config"):
        assert revision.read(path) is None


def test_a_file_of_a_revision_is_compared(revision: Revision) -> None:
    assert revision.is_same("a/link/\nü", b"one\r\n")
    assert revision.is_same(CONFIG, NEW.replace("\n", "\r\n").encode())
    assert not revision.is_same(CONFIG, OLD.encode())
    assert revision.places(b"\xff") == ["a/raw"]


def test_a_repository_with_longer_names_of_objects(top: Path) -> None:
    folder = top.parent / "sha256"
    write(folder, OLD)
    git(folder, "init", "-q", "--object-format=sha256", ".")
    commit(folder)
    assert upsun_lint("--since", "HEAD", str(folder)).status == 0
    write(folder, NEW)
    assert upsun_lint("--since", "HEAD", str(folder)).status == 1


def test_outside_a_repository_there_is_no_revision(top: Path) -> None:
    with pytest.raises(Failure, match="it is not in a git repository"):
        repository(str(top.parent))
