"""Files are found, merged and included as the platform does, and nothing outside the project is read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support import findings, project
from upsun_schema.configuration.project import Project, decode, find_project, find_projects
from upsun_schema.yaml.nodes import Mapping, Scalar


def write(root: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
    return root


def messages(root: Path) -> list[str]:
    return [problem.message for problem in Project(str(root)).problems]


APP = "applications:\n  app:\n    type: 'php:8.4'\n"


def test_a_project_is_found_from_anywhere_inside(tmp_path: Path) -> None:
    write(tmp_path, {".upsun/config.yaml": APP, "src/deep/x.php": ""})
    for inside in (tmp_path, tmp_path / "src/deep", tmp_path / ".upsun", tmp_path / ".upsun/config.yaml"):
        assert find_project(str(inside)) == str(tmp_path)


def test_projects_below_a_folder_are_found_except_in_dependencies(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "b/.upsun/config.yaml": APP,
            "a/.upsun/config.yaml": APP,
            "a/inner/.upsun/config.yaml": APP,
            "node_modules/x/.upsun/config.yaml": APP,
            "vendor/x/.upsun/config.yaml": APP,
            ".git/x/.upsun/config.yaml": APP,
        },
    )
    assert [Path(root).relative_to(tmp_path).as_posix() for root in find_projects(str(tmp_path))] == [
        "a",
        "a/inner",
        "b",
    ]


def test_every_file_at_the_first_level_is_merged(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            ".upsun/apps.yaml": APP,
            ".upsun/data.yaml": "services:\n  db:\n    type: 'mariadb:11.8'\n",
            ".upsun/below/ignored.yaml": "services:\n  hidden:\n    type: 'redis:8.0'\n",
            ".upsun/notes.txt": "not: yaml",
        },
    )
    found = Project(str(tmp_path))
    assert list(found.documents) == [".upsun/apps.yaml", ".upsun/data.yaml"]
    assert list(found.applications) == ["app"]
    assert list(found.services) == ["db"]


def test_an_open_buffer_counts_instead_of_the_file(tmp_path: Path) -> None:
    write(tmp_path, {".upsun/config.yaml": APP})
    found = Project(
        str(tmp_path), {".upsun/config.yaml": APP.replace("app:", "typed:"), ".upsun/new.yaml": "services: {x: {}}"}
    )
    assert list(found.applications) == ["typed"]
    assert list(found.services) == ["x"]


INCLUDING = """\
applications:
  app:
    type: 'php:8.4'
    source:
      root: backend
    hooks:
      build: !include
        type: string
        path: build.sh
    workers:
      queue: !include queue.yaml
services:
  search:
    type: 'solr:9.9'
    configuration:
      conf_dir: !archive solr/conf
"""


def test_includes_are_found_in_the_application_or_next_to_the_file(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            ".upsun/config.yaml": INCLUDING,
            "backend/build.sh": "make",
            "backend/queue.yaml": "commands:\n  start: php queue.php\n",
            ".upsun/solr/conf/schema.xml": "",
        },
    )
    found = Project(str(tmp_path))
    assert [problem.message for problem in found.problems] == []
    start = found.applications["app"].workers["queue"].start
    assert isinstance(start, Scalar)
    assert start.text == "php queue.php"
    assert found.place(start.region).document.path == "backend/queue.yaml"


def test_what_is_included_as_text_is_read_as_text(tmp_path: Path) -> None:
    write(
        tmp_path,
        {".upsun/config.yaml": INCLUDING, "backend/build.sh": "a: *b\r\n", "backend/queue.yaml": "commands: {}\n"},
    )
    found = Project(str(tmp_path))
    build = found.applications["app"].hooks["build"]
    assert build.text == "a: *b\r\n"
    assert found.place(build.region).document.path == "backend/build.sh"
    assert found.is_included_text(build.region)
    assert not found.is_included_text(found.applications["app"].key.region)
    assert "backend/build.sh" not in [document.path for document in found.all_documents]


def test_an_application_is_included_from_next_to_the_file(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            ".upsun/config.yaml": "applications:\n  app: !include apps/app.yaml\n",
            ".upsun/apps/app.yaml": "type: 'php:8.4'\nworkers:\n  q: !include q.yaml\n",
            ".upsun/apps/q.yaml": "commands: {start: php q.php}\n",
        },
    )
    found = Project(str(tmp_path))
    assert [problem.message for problem in found.problems] == []
    assert list(found.applications["app"].workers) == ["q"]


def test_what_is_missing_is_reported_at_the_tag(tmp_path: Path) -> None:
    write(tmp_path, {".upsun/config.yaml": INCLUDING})
    found = Project(str(tmp_path))
    assert [(p.region.text, p.message) for p in found.problems] == [
        ("build.sh", "file `backend/build.sh` or `.upsun/build.sh` not found"),
        ("queue.yaml", "file `backend/queue.yaml` or `.upsun/queue.yaml` not found"),
        ("solr/conf", "folder `.upsun/solr/conf` not found"),
    ]


def test_a_file_that_includes_itself_is_reported_not_followed(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            ".upsun/config.yaml": "applications:\n  app: !include a/a.yaml\n",
            ".upsun/a/a.yaml": "x: !include b.yaml\n",
            ".upsun/a/b.yaml": "y: !include a.yaml\n",
        },
    )
    (message,) = messages(tmp_path)
    assert (
        message
        == "`.upsun/a/a.yaml` includes itself: .upsun/config.yaml → .upsun/a/a.yaml → .upsun/a/b.yaml → .upsun/a/a.yaml"
    )


def test_nothing_outside_the_project_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.yaml"
    secret.write_text("type: 'php:8.4'\n")
    root = write(
        tmp_path / "project",
        {".upsun/config.yaml": "applications:\n  a: !include ../../secret.yaml\n  b: !include link.yaml\n"},
    )
    (root / ".upsun/link.yaml").symlink_to(secret)
    found = Project(str(root))
    assert len(found.problems) == 2
    assert all("outside the project" in problem.message for problem in found.problems)
    assert found.included == {}
    # The link itself lies where the platform reads configuration files; it is not followed either.
    assert ".upsun/link.yaml" not in found.documents


@pytest.mark.parametrize("form", ["strng", "YAML", "[1]"])
def test_an_unknown_form_of_include_is_reported(tmp_path: Path, form: str) -> None:
    write(tmp_path, {".upsun/config.yaml": f"applications:\n  a: !include {{type: {form}, path: x}}\n"})
    assert len(messages(tmp_path)) == 1


def test_what_is_included_and_not_read_is_reported(tmp_path: Path) -> None:
    text = "".join(f"  {one}:\n    x: !include {{type: string, path: {one}}}\n" for one in ("folder", "long.sh"))
    write(tmp_path, {".upsun/config.yaml": f"applications:\n{text}", "long.sh": "x" * 1_000_001})
    (tmp_path / "folder").mkdir()
    assert messages(tmp_path) == [
        "`folder` is a folder, not a file",
        "`long.sh` is longer than 1,000,000 characters and was not analyzed",
    ]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
def test_an_included_pipe_is_reported(tmp_path: Path) -> None:
    write(tmp_path, {".upsun/config.yaml": "applications:\n  a: !include pipe.yaml\n"})
    os.mkfifo(tmp_path / ".upsun" / "pipe.yaml")
    assert messages(tmp_path) == ["`.upsun/pipe.yaml` is a device or a pipe, not a file"]


def test_a_syntax_error_in_an_included_file_is_found_in_that_file(tmp_path: Path) -> None:
    write(
        tmp_path,
        {".upsun/config.yaml": "applications:\n  app: !include app/a.yaml\n", ".upsun/app/a.yaml": "type: 'php\n"},
    )
    found = Project(str(tmp_path))
    problems = [problem for document in found.included.values() for problem in document.problems]
    assert [found.place(problem.region).document.path for problem in problems] == [".upsun/app/a.yaml"]


def test_no_byte_of_a_file_is_lost() -> None:
    for data in (b"a: \xff\xfe\x80", "a: é😀\r\n".encode(), b"\xef\xbb\xbfa: 1\n"):
        assert decode(data).encode("utf-8", "surrogateescape") == data
    assert decode("a: é".encode("utf-16")).endswith("a: é")


def test_a_place_is_given_in_the_file_that_holds_it() -> None:
    found = project({".upsun/a.yaml": APP, ".upsun/b.yaml": "services:\n  db: {type: 'redis:8.0'}\n"})
    document, span = found.place(found.services["db"].key.region)
    assert (document.path, document.text[span.start : span.end]) == (".upsun/b.yaml", "db")
    with pytest.raises(LookupError):
        project(APP).place(found.services["db"].key.region)


def test_odd_projects_cause_no_traceback(tmp_path: Path) -> None:
    (tmp_path / ".upsun/config.yaml").mkdir(parents=True)
    assert Project(str(tmp_path)).documents == {}
    assert findings({".upsun/x.yaml": "[]", ".upsun/y.yaml": "text", ".upsun/z.yaml": "applications: 3\n"})
    assert isinstance(project("applications: {app: {workers: {}}}\n").applications["app"].body, Mapping)


def test_a_file_that_nothing_includes_is_looked_at_again_when_it_changes(tmp_path: Path) -> None:
    path, text = ".upsun/more/db.yaml", "services: {}\n"
    write(tmp_path, {".upsun/config.yaml": APP, path: text, ".upsun/node_modules/x.yaml": text})
    first = Project(str(tmp_path))
    again = Project(str(tmp_path), None, first)
    assert list(first.unread) == [path]
    assert again.unread[path] is first.unread[path]
    typed = Project(str(tmp_path), {path: text + "# more\n"}, again)
    assert typed.unread[path].text == text + "# more\n"
    write(tmp_path, {path: "notes: {}\n"})
    assert Project(str(tmp_path), None, typed).unread == {}
    included = Project(
        str(tmp_path), {".upsun/config.yaml": APP + "services: !include more/db.yaml\n", path: text}, typed
    )
    assert included.unread == {}
    assert list(included.included) == [path]
