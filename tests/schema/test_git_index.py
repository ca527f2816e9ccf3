"""What Git tracks, as git itself lists it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from upsun_schema.configuration.git_index import git_index

PATHS = [
    "a",
    "api/.upsun/config.yaml",
    "api/.upsun/more.yaml",
    "deep/é ß/.upsun/x.yaml",
    "public/assets/app.css",
    "public/assets.txt",
    "not/public/assets/x",
    f"{'long/' * 60}.upsun/x.yaml",
    *(f"many/{number:04}" for number in range(300)),
]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for path in PATHS:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("x")
    run(tmp_path, "init", "-q")
    run(tmp_path, "add", ".")
    return tmp_path


def run(root: Path, *arguments: str) -> None:
    subprocess.run(["git", "-c", "core.quotepath=off", *arguments], cwd=root, check=True)


def test_the_paths_that_contain_a_text(root: Path) -> None:
    index = git_index(str(root))
    assert index is not None
    assert sorted(index.holding("/.upsun/")) == sorted(path for path in PATHS if "/.upsun/" in path)
    assert list(index.holding("/.platform/")) == []


def test_the_paths_in_a_folder(root: Path) -> None:
    index = git_index(str(root))
    assert index is not None
    assert list(index.below("public/assets")) == ["public/assets/app.css"]
    assert len(list(index.below("many"))) == 300
    assert list(index.below("asset")) == []


def test_an_entry_with_more_flags_is_read(root: Path) -> None:
    (root / "new").mkdir()
    (root / "new/file").write_text("x")
    run(root, "add", "--intent-to-add", "new/file")
    index = git_index(str(root))
    assert index is not None
    assert list(index.below("new")) == ["new/file"]


def test_a_change_is_seen(root: Path) -> None:
    assert git_index(str(root)) is git_index(str(root))
    run(root, "rm", "-q", "--cached", "public/assets/app.css")
    index = git_index(str(root))
    assert index is not None
    assert list(index.below("public/assets")) == []


@pytest.mark.parametrize("content", [b"", b"DIRC", b"DIRC\0\0\0\x04\0\0\0\0", b"x" * 100])
def test_what_is_not_a_known_index_is_unknown(tmp_path: Path, content: bytes) -> None:
    assert git_index(str(tmp_path)) is None
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/index").write_bytes(content)
    assert git_index(str(tmp_path)) is None


def test_any_bytes_are_searched_without_harm(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    for size in range(0, 200, 7):
        (tmp_path / ".git/index").write_bytes(b"DIRC\0\0\0\x02" + b"/.upsun/\xff" * size)
        index = git_index(str(tmp_path))
        assert index is not None
        assert list(index.holding("/.upsun/")) == []
