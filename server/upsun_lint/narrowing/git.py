"""Reads a git repository as data: nothing that the repository names is run, and nothing is fetched.

Only commands that read objects are used. Those that read the working tree (diff, status, add) would run filters.
"""

from __future__ import annotations

import hashlib
import os
import posixpath
import re
import subprocess
import tempfile
import threading
from bisect import bisect_left

from upsun_lint.failure import Failure
from upsun_lint.places.paths import display_path
from upsun_lint.places.programs import program, within
from upsun_schema.cached import Caching, cached_property
from upsun_schema.record import NamedTuple

__all__ = ["Revision", "repository"]

_SECONDS = 60
_MOST_BYTES = 256_000_000
_MOST_LINKS = 40

_LINK, _SUBMODULE = "120000", "160000"

_KEPT = ("GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM")
"""The variables that are passed to git, besides those that name its configuration (`safe.directory`)."""

_ENVIRONMENT = {
    "LC_ALL": "C",
    # Never fetch objects missing in a partial clone. Versions before 2.39.4 need the second variable for that.
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": os.devnull,
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
}

_OPTIONS = (
    "--no-pager",
    "--literal-pathspecs",
    # Files in the checkout may look like a bare repository with its own configuration; do not use it as one.
    *("-c", "safe.bareRepository=explicit"),
    *("-c", "core.fsmonitor=false"),
    *("-c", f"core.hooksPath={os.devnull}"),
)

_SHALLOW = "; this clone is shallow: fetch more of the history (git fetch --unshallow)"

_OBJECT = re.compile(rb"(?:[0-9a-f]{40}|[0-9a-f]{64})\n")


def repository(root: str) -> str:
    """The top folder of the repository around a folder, symbolic links followed.

    Failure if there is no repository, or one that git does not trust.
    """
    ran = _git(root, "rev-parse", "--show-toplevel")
    if ran.status:
        reason = "it is not in a git repository" if "not a git repository" in ran.complaint else ran.complaint
        if "dubious ownership" in reason:
            reason += "; if you trust it, run git config --global --add safe.directory with this path"
        raise Failure(f"{display_path(root)}: --since cannot find out what changed here: {reason}")
    top = os.path.realpath(os.fsdecode(ran.output.rstrip(b"\r\n")))
    # The configuration of a repository may name any folder as its working tree.
    if not os.path.lexists(os.path.join(top, ".git")) or not within(os.path.realpath(root), top):
        raise Failure(
            f"{display_path(root)}: --since cannot find out what changed here: "
            f"the repository that git finds has its files in another folder, {display_path(top)}"
        )
    return top


class _Entry(NamedTuple):
    """An entry of a tree: its mode in octal digits, and the object."""

    mode: str
    object: str


class Revision(Caching):
    """The files of a repository at one commit. Paths are relative to its top folder, with forward slashes."""

    def __init__(self, top: str, revision: str) -> None:
        """Find a revision in the repository at `top`. Failure if it does not exist."""
        self.top = top
        self.commit = _resolved(top, revision)

    def parted(self) -> Revision:
        """The merge base of this commit and the checked-out one; this commit if the two are unrelated.

        Failure if a shallow clone may lack it.
        """
        base = _git(self.top, "merge-base", self.commit, "HEAD")
        if _OBJECT.fullmatch(base.output):
            return Revision(self.top, base.output.decode("ascii").strip())
        if _is_shallow(self.top):
            raise Failure(
                f"--since: the repository `{display_path(self.top)}` has no common ancestor of HEAD and "
                f"`{self.commit[:12]}`{_SHALLOW}"
            )
        return self

    def paths(self, folder: str = ".") -> list[str]:
        """The files and links at and below a folder, in order. If the folder is a link, it is followed."""
        real = self._followed(folder)
        lead, shown = ("" if one == "." else f"{one}/" for one in (real, folder))
        if not real:
            return []
        found = []
        for path in self._paths[bisect_left(self._paths, lead) :]:
            if not path.startswith(lead):
                break
            if self._tree[path].mode != _SUBMODULE:
                found.append(shown + path[len(lead) :])
        return found

    def read(self, path: str) -> bytes | None:
        """The content of a file, links within the repository followed; None if there was none.

        Failure if it existed but the clone lacks it.
        """
        entry = self._tree.get(self._followed(path))
        return None if entry is None or entry.mode in (_LINK, _SUBMODULE) else self._blob(entry.object)

    def target(self, path: str) -> str | None:
        """The target of a link; None if there was none."""
        return os.fsdecode(self._blob(self._tree[path].object)) if self._is_link(path) else None

    def is_same(self, path: str, data: bytes) -> bool:
        """Whether a file had this content, apart from line endings. Only hashes are compared."""
        entry = self._tree.get(self._followed(path))
        return entry is not None and entry.object in self._names(data)

    def places(self, data: bytes) -> list[str]:
        """The files that had this content, apart from line endings."""
        return [path for name in self._names(data) for path in self._by_object.get(name, ())]

    def _names(self, data: bytes) -> set[str]:
        """The object names of a text, unchanged and with line feeds only."""
        hashed = hashlib.sha1 if len(self.commit) == 40 else hashlib.sha256
        both = {data, data.replace(b"\r\n", b"\n")}
        return {hashed(b"blob %d\0" % len(one) + one, usedforsecurity=False).hexdigest() for one in both}

    @cached_property
    def _tree(self) -> dict[str, _Entry]:
        """Every file of the repository, and every link and submodule."""
        found = {}
        for record in self._run("ls-tree", "-r", "-z", "--full-tree", self.commit).split(b"\0"):
            what, _, path = record.partition(b"\t")
            if path:
                mode, _, name = what.decode("ascii").split(" ")
                found[os.fsdecode(path)] = _Entry(mode, name)
        return found

    @cached_property
    def _paths(self) -> list[str]:
        return sorted(self._tree)

    @cached_property
    def _by_object(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path, entry in self._tree.items():
            if entry.mode not in (_LINK, _SUBMODULE):
                found.setdefault(entry.object, []).append(path)
        return found

    def _followed(self, path: str) -> str:
        """A path with its links resolved; empty for one outside the repository or with circular links."""
        path = posixpath.normpath(path)
        for _ in range(_MOST_LINKS):
            link = next((one for one in _prefixes(path) if self._is_link(one)), None)
            if link is None:
                return path
            target = os.fsdecode(self._blob(self._tree[link].object))
            path = posixpath.normpath(posixpath.join(posixpath.dirname(link), target) + path[len(link) :])
        return ""

    def _is_link(self, path: str) -> bool:
        entry = self._tree.get(path)
        return entry is not None and entry.mode == _LINK

    def _blob(self, name: str) -> bytes:
        output = self._run("cat-file", "--batch", given=f"{name}\n".encode("ascii"))
        head, _, rest = output.partition(b"\n")
        words = head.split(b" ")
        if len(words) != 3 or len(rest) != int(words[2]) + 1:
            raise Failure(
                f"{display_path(self.top)}: --since cannot find out what changed here: this clone lacks a file of "
                f"{self.commit[:12]}, and nothing is fetched; use a full clone"
            )
        return rest[:-1]

    def _run(self, *arguments: str, given: bytes = b"") -> bytes:
        ran = _git(self.top, *arguments, given=given)
        if ran.status:
            raise Failure(f"{display_path(self.top)}: --since cannot find out what changed here: {ran.complaint}")
        return ran.output


def _prefixes(path: str) -> list[str]:
    """The folders above a path, outermost first, and the path itself."""
    parts = path.split("/")
    return ["/".join(parts[:number]) for number in range(1, len(parts) + 1)]


def _resolved(top: str, revision: str) -> str:
    ran = _git(top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if revision and ran.status == 0 and _OBJECT.fullmatch(ran.output):
        return ran.output.decode("ascii").strip()
    if ".." in revision:
        raise Failure(f"--since: `{revision}` is a range; give the one revision to compare with")
    shown = display_path(top)
    if _git(top, "rev-parse", "--verify", "--quiet", "HEAD").status:
        raise Failure(f"--since: the repository `{shown}` has no commit yet")
    if revision.strip("0") == "" and len(revision) in (40, 64):
        raise Failure("--since: this revision is before the first commit; to report everything, leave --since out")
    hint = _SHALLOW if _is_shallow(top) else ""
    raise Failure(f"--since: the repository `{shown}` has no revision `{revision}`{hint}")


def _is_shallow(top: str) -> bool:
    return _git(top, "rev-parse", "--is-shallow-repository").output.strip() == b"true"


# -- the program -----------------------------------------------------------------------------------------------------


class _Ran(NamedTuple):
    """The result of a command: its status, its output, and the first line of its error."""

    status: int
    output: bytes
    complaint: str


def _git(folder: str, *arguments: str, given: bytes = b"") -> _Ran:
    """Run git. Failure if it cannot be run, takes too long or prints too much.

    The input must be short: it is written before any output is read.
    """
    if any("\0" in one for one in arguments):
        raise Failure("--since: a revision cannot hold a null character")
    command = [_program(folder), "-C", folder, *_OPTIONS, *arguments]
    with tempfile.TemporaryFile() as complaints:
        try:
            process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints, env=_environment()
            )
        except OSError as fault:
            raise Failure(f"--since: git cannot be run: {fault.strerror or fault}") from None
        output = _output(process, given)
        complaints.seek(0)
        return _Ran(process.returncode, output, _first_line(complaints.read(10_000)))


def _output(process: subprocess.Popen[bytes], given: bytes) -> bytes:
    assert process.stdin is not None
    assert process.stdout is not None
    late = threading.Event()

    def stop() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(_SECONDS, stop)
    timer.start()
    try:
        with process:
            try:
                process.stdin.write(given)
                process.stdin.close()
            except OSError:
                pass  # It ended before reading the input; its status says why.
            output = process.stdout.read(_MOST_BYTES + 1)
            if len(output) > _MOST_BYTES:
                process.kill()
    finally:
        timer.cancel()
        timer.join()  # No thread is left when a process for other projects is forked.
    if late.is_set():
        raise Failure(f"--since: git did not answer within {_SECONDS} seconds")
    if len(output) > _MOST_BYTES:
        raise Failure(f"--since: git gave more than {_MOST_BYTES // 1_000_000} MB, which is too much to compare")
    return output


def _first_line(complaint: bytes) -> str:
    lines = complaint.decode("utf-8", "replace").strip().splitlines()
    return lines[0].removeprefix("fatal: ") if lines else "git gave no reason"


def _environment() -> dict[str, str]:
    """The environment without variables that point git to another repository or make it run a program."""
    passed = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name.startswith("GIT_CONFIG") or name in _KEPT
    }
    return passed | _ENVIRONMENT


def _program(folder: str) -> str:
    found = program("git", folder)
    if found.path is not None:
        return found.path
    why = f"; {display_path(found.passed_over)} is in the checked folder and is not run" if found.passed_over else ""
    raise Failure(f"--since needs git, which is not on the PATH{why}")
