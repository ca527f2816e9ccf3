"""Only regular files are read, only so much of them, and none outside the folder that is given."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from upsun_schema.configuration.project import Project, find_projects
from upsun_schema.files import read_file, walk

on_posix = pytest.mark.skipif(os.name == "nt", reason="links and pipes of POSIX")


def test_so_much_of_a_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"12345")
    assert read_file(str(file), 3) == b"123"
    assert read_file(str(file), 9, within=str(tmp_path)) == b"12345"


@on_posix
def test_what_is_not_a_regular_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "zero").symlink_to("/dev/zero")
    (tmp_path / "folder").mkdir()
    for name in ("pipe", "zero", "folder", "nothing"):
        with pytest.raises(OSError):
            read_file(str(tmp_path / name), 9)


@on_posix
def test_a_link_out_of_a_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    inside = tmp_path / "project"
    inside.mkdir()
    (inside / "link").symlink_to("../secret")
    with pytest.raises(OSError, match="out of the project"):
        read_file(str(inside / "link"), 9, within=str(inside))
    assert read_file(str(inside / "link"), 9) == b"secret"


@on_posix
def test_folders_of_any_depth_are_walked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkdir(".upsun")
    os.chdir(".upsun")
    for _ in range(1_200):
        os.mkdir("a")
        os.chdir("a")
    os.chdir(tmp_path)
    folders = [folder for folder, _, _ in walk(".")]
    try:
        assert len(folders) == 1_202
        assert list(find_projects(".")) == ["."]
        assert Project(str(tmp_path)).unread == {}
    finally:
        for folder in folders[:0:-1]:
            os.rmdir(folder)  # What pytest removes these with does not reach so deep.


def test_the_caller_chooses_what_is_walked(tmp_path: Path) -> None:
    for name in ("b/x", "a/y", "left-out/z"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "a" / "file").touch()
    seen = []
    for folder, folders, files in walk(str(tmp_path)):
        folders[:] = sorted(name for name in folders if name != "left-out")
        seen.append((os.path.relpath(folder, tmp_path), files))
    assert seen == [
        (".", []),
        ("a", ["file"]),
        ("a/y".replace("/", os.sep), []),
        ("b", []),
        (os.path.join("b", "x"), []),
    ]


@on_posix
def test_special_files_are_not_part_of_a_project(tmp_path: Path) -> None:
    folder = tmp_path / ".upsun"
    (folder / "below").mkdir(parents=True)
    os.mkfifo(folder / "below" / "pipe.yaml")
    os.mkfifo(folder / "pipe")
    (folder / "config.yaml").write_text("applications: !include pipe\n")
    project = Project(str(tmp_path))
    assert [problem.rule for problem in project.problems] == ["include-not-found"]
    assert project.unread == {}
