"""What each format says, read as its readers read it: a hostile project comes through every one of them whole."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

import jsonschema
import pytest

from tests.server.command import Ran, upsun_lint, write
from upsun_lint.writing.quoting import visible

FOLDER = "a,b:c%🙂 [x];'|"
PATH = f"{FOLDER}/.upsun/config.yaml"
KEY = "evil🙂é\r\n::error::%0A%25 ]]> ' <b> | ` ##vso[x] &amp;"
QUOTED = json.dumps(KEY, ensure_ascii=False)

WRONG = (
    """\
# nothing wrong here
applications:
  app:
    type: 'php:8.4'
    KEY: 1
    source: {root: /}
    web: {commands: {start: php web.php}}
    mounts: {test: {source: storage}}
    workers:
      queue: {commands: {start: php a.php}, é🙂: 1, mount: {}}
""".replace("KEY", QUOTED)
).replace("\n", "\r\n")

MESSAGE = f"unknown key `{visible(KEY)}` in this application"


@pytest.fixture
def hostile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / FOLDER, WRONG)
    return tmp_path


def report(form: str, *arguments: str, **environment: str) -> Ran:
    ran = upsun_lint("--format", form, *(arguments or (FOLDER,)), environment=environment)
    assert ran.err == ""
    assert ran.status == 1
    return ran


# -- GitHub ----------------------------------------------------------------------------------------------------------


class Command(NamedTuple):
    name: str
    properties: dict[str, str]
    data: str


def commands(log: str) -> Iterator[Command]:
    """Read a log as GitHub's runner does."""
    for line in log.split("\n"):
        match = re.match(r"\s*::([^ :]+)(?: (.*?))?::(.*)\Z", line, re.DOTALL)
        if match is not None:
            pairs = [pair.split("=", 1) for pair in (match[2] or "").split(",")]
            yield Command(match[1], {name: unescaped(value) for name, value in pairs}, unescaped(match[3]))


def unescaped(text: str) -> str:
    for char in "\r\n:,%":
        text = text.replace(f"%{ord(char):02X}", char)
    return text


def test_github_reads_the_annotations(hostile: Path) -> None:
    ran = report("github")
    found = list(commands(ran.out))
    assert len(found) == len(ran.out.splitlines()) == 4
    assert found[0].name == "error"
    assert found[0].properties == {
        "file": PATH,
        "line": "5",
        "endLine": "5",
        "col": "5",
        "endColumn": str(5 + len(QUOTED)),
        "title": "upsun-lint: unknown-key",
    }
    assert found[0].data.split("\nhttps://")[0] == MESSAGE
    second = found[1]
    assert (second.properties["line"], second.properties["col"], second.properties["endColumn"]) == ("10", "45", "47")
    related = found[-1]
    assert related.name == "notice"
    assert f"\n{PATH}:10: " in related.data


def test_github_gets_the_worst_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, WRONG.replace("mount: {}", "").replace("type: 'php:8.4'", "type: 'php:8.4'\r\n    workres: {}"))
    names = [command.name for command in commands(report("github", ".").out)]
    assert names == sorted(names, key=["error", "warning", "notice"].index)
    assert len(set(names)) > 1


def test_columns_are_left_out_over_several_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(
        tmp_path,
        "applications:\n  app:\n    type: 'php:8.4'\n    source: {\n      rooot: 1\n    }\n    type: [a,\n  b]\n",
    )
    for command in commands(report("github", ".").out):
        assert ("col" in command.properties) == (command.properties["line"] == command.properties["endLine"])


def test_paths_are_those_of_the_checkout(hostile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(hostile / FOLDER)
    for form, name in (
        ("github", "GITHUB_WORKSPACE"),
        ("gitlab", "CI_PROJECT_DIR"),
        ("azure", "BUILD_SOURCESDIRECTORY"),
    ):
        text = report(form, ".", **{name: str(hostile)}).out
        assert "🙂 [x" in (json.loads(text)[0]["location"]["path"] if form == "gitlab" else text)
        assert "🙂 [x" not in report(form, ".", **{name: str(hostile / "elsewhere")}).out.partition("::")[2][:40]


def test_the_summary_of_the_job(hostile: Path) -> None:
    page = hostile / "summary.md"
    page.write_text("before\n", encoding="utf-8")
    report(
        "github",
        GITHUB_STEP_SUMMARY=str(page),
        GITHUB_SERVER_URL="https://github.example",
        GITHUB_REPOSITORY="me/shop",
        GITHUB_SHA="abc",
        GITHUB_WORKSPACE=str(hostile),
    )
    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n## upsun-lint\n")
    assert (
        "(https://github.example/me/shop/blob/abc/a%2Cb%3Ac%25%F0%9F%99%82%20%5Bx%5D%3B%27%7C/.upsun/config.yaml#L5)"
        in text
    )
    assert "```mermaid\nflowchart LR\n" in text
    assert text.isprintable() or all(char.isprintable() or char == "\n" for char in text)


def test_a_summary_that_cannot_be_written_is_one_plain_line(hostile: Path) -> None:
    ran = upsun_lint("--format", "github", FOLDER, environment={"GITHUB_STEP_SUMMARY": str(hostile / "no" / "page")})
    assert ran.status == 2
    assert len(ran.err.splitlines()) == 1
    assert "no such file" in ran.err
    assert len(list(commands(ran.out))) == 4


def test_the_summary_of_many_findings_is_not_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    keys = "".join(f"    key{number}{'<' * 200}: 1\n" for number in range(3000))
    write(tmp_path, f"applications:\n  app:\n    type: 'php:8.4'\n{keys}")
    report("github", ".", GITHUB_STEP_SUMMARY="page")
    assert 100_000 < (tmp_path / "page").stat().st_size <= 1 << 20
    assert re.search(r"\nAnd \d+ more\.\n", (tmp_path / "page").read_text(encoding="utf-8"))


# -- other logs ------------------------------------------------------------------------------------------------------


def azure_unescaped(text: str) -> str:
    for char in "\r\n;]":
        text = text.replace(f"%{ord(char):02X}", char)
    return text.replace("%AZP25", "%")


def test_azure(hostile: Path) -> None:
    lines = report("azure").out.split("\n")[:-1]
    match = re.match(r"##vso\[task\.logissue ([^\]]*)\](.*)\Z", lines[0])
    assert match is not None
    assert {name: azure_unescaped(value) for name, value in re.findall(r"(\w+)=([^;]*);", match[1])} == {
        "type": "error",
        "sourcepath": PATH,
        "linenumber": "5",
        "columnnumber": "5",
        "code": "unknown-key",
    }
    assert azure_unescaped(match[2]).partition(" (https")[0] == MESSAGE
    # It knows no annotation for an information.
    assert lines[-1].startswith(f"{PATH}:8:14: info[storage-not-shared-with-worker]")


def teamcity(log: str) -> list[tuple[str, dict[str, str]]]:
    found = []
    for line in log.split("\n")[:-1]:
        match = re.fullmatch(r"##teamcity\[(\w+)((?: \w+='(?:[^'|\[\]]|\|0x[0-9a-f]{4}|\|['|nr\[\]])*')*)\]", line)
        assert match is not None, line
        pairs = re.findall(r"(\w+)='((?:[^'|]|\|.)*)'", match[2])
        found.append((match[1], {name: teamcity_unescaped(value) for name, value in pairs}))
    return found


def teamcity_unescaped(text: str) -> str:
    def char(match: re.Match[str]) -> str:
        return chr(int(match[1], 16)) if match[1] else {"n": "\n", "r": "\r"}.get(match[2], match[2])

    units = re.sub(r"\|(?:0x([0-9a-f]{4})|(.))", char, text)
    return units.encode("utf-16", "surrogatepass").decode("utf-16")


def test_teamcity(hostile: Path) -> None:
    messages = teamcity(report("teamcity").out)
    known = set()
    for name, attributes in messages:
        if name == "inspectionType":
            assert {"id", "name", "category", "description"} == set(attributes)
            known.add(attributes["id"])
        else:
            assert attributes["typeId"] in known
    inspections = [attributes for name, attributes in messages if name == "inspection"]
    assert inspections[0] == {
        "typeId": "unknown-key",
        "message": MESSAGE,
        "file": PATH,
        "line": "5",
        "SEVERITY": "ERROR",
    }
    assert {one["SEVERITY"] for one in inspections} == {"ERROR", "WEAK WARNING"}


# -- XML -------------------------------------------------------------------------------------------------------------


def test_checkstyle(hostile: Path) -> None:
    ran = report("checkstyle")
    assert ran.out.isascii()
    root = ElementTree.fromstring(ran.out)
    assert root.tag == "checkstyle"
    assert [file.get("name") for file in root] == [PATH]
    errors = list(root[0])
    assert errors[0].attrib == {
        "line": "5",
        "column": "5",
        "severity": "error",
        "message": MESSAGE,
        "source": "upsun-lint.unknown-key",
    }
    assert {error.get("severity") for error in errors} == {"error", "info"}


def test_junit(hostile: Path) -> None:
    write(hostile / "good", "applications:\n  app:\n    type: 'php:8.4'\n    source: {root: /}\n")
    ran = report("junit", FOLDER, "good")
    assert ran.out.isascii()
    root = ElementTree.fromstring(ran.out)
    bad, good = root
    for node in (root, *root):
        cases = list(node.iter("testcase"))
        assert node.get("tests") == str(len(cases))
        assert node.get("failures") == str(len(list(node.iter("failure"))))
        assert node.get("errors") == "0"
    for node in root:
        assert node.get("skipped") == str(len(list(node.iter("skipped"))))
    assert root.get("tests") == "5"
    assert (bad.get("name"), good.get("name")) == (PATH, "good/.upsun/config.yaml")
    first = bad[0]
    assert first.attrib == {
        "name": "unknown-key (5:5)",
        "classname": PATH,
        "file": PATH,
        "line": "5",
        "time": "0",
    }
    assert first[0].get("message") == MESSAGE
    # Whoever reads XML makes one kind of line ending of all.
    assert MESSAGE.replace("\r\n", "\n") in (first[0].text or "")
    assert [child.tag for child in bad[1]] == ["skipped"]
    assert f"{PATH}:8:" in (bad[1][0].text or "")
    assert len(good) == 1
    assert len(good[0]) == 0


def test_what_xml_cannot_hold_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(
        tmp_path, b"applications:\n  app:\n    type: 'php:8.4'\n    \"a\\0\\x1b\\uFFFE\\x85b\": 1\n    c\xff\xfed: 1\n"
    )
    for form in ("junit", "checkstyle"):
        ElementTree.fromstring(report(form, ".").out)


# -- JSON ------------------------------------------------------------------------------------------------------------

# The contract in GitLab's documentation of code quality reports.
GITLAB: dict[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "location", "severity"],
        "additionalProperties": False,
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": r"^(?!\./|/)"},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}, "end": {"type": "integer"}},
                    },
                },
            },
        },
    },
}

_POSITION = {
    "type": "object",
    "required": ["line", "column"],
    "additionalProperties": False,
    "properties": {"line": {"type": "integer", "minimum": 1}, "column": {"type": "integer", "minimum": 1}},
}
_RANGE = {
    "type": "object",
    "required": ["start", "end"],
    "additionalProperties": False,
    "properties": {"start": _POSITION, "end": _POSITION},
}
_LOCATION = {
    "type": "object",
    "required": ["path", "range"],
    "additionalProperties": False,
    "properties": {"path": {"type": "string"}, "range": _RANGE},
}
# The contract in reviewdog's proto/rdf, with what we always give as required.
RDJSON: dict[str, Any] = {
    "type": "object",
    "required": ["diagnostics", "source"],
    "additionalProperties": False,
    "properties": {
        "source": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}},
        "diagnostics": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["message", "location", "severity", "code"],
                "additionalProperties": False,
                "properties": {
                    "message": {"type": "string"},
                    "location": _LOCATION,
                    "severity": {"enum": ["ERROR", "WARNING", "INFO"]},
                    "code": {
                        "type": "object",
                        "required": ["value", "url"],
                        "properties": {"value": {"type": "string"}, "url": {"type": "string"}},
                    },
                    "suggestions": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["range", "text"],
                            "properties": {"range": _RANGE, "text": {"type": "string"}},
                        },
                    },
                    "related_locations": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["message", "location"],
                            "properties": {"message": {"type": "string"}, "location": _LOCATION},
                        },
                    },
                },
            },
        },
    },
}


def test_gitlab(hostile: Path) -> None:
    write(hostile / "second", WRONG)
    found = json.loads(report("gitlab", FOLDER, "second").out)
    jsonschema.validate(found, GITLAB)
    assert found[0]["description"] == MESSAGE
    assert found[0]["severity"] == "major"
    assert found[0]["location"] == {"path": PATH, "lines": {"begin": 5, "end": 5}}
    assert len(found) == 8
    assert len({one["fingerprint"] for one in found}) == 8


def test_rdjson(hostile: Path) -> None:
    found = json.loads(report("rdjson").out)
    jsonschema.validate(found, RDJSON)
    first, last, second, third = found["diagnostics"]
    assert first["message"] == MESSAGE
    # `      queue: {commands: {start: php a.php}, ` are 44 bytes, `é🙂` six, `: 1, ` five.
    assert second["location"]["range"] == {"start": {"line": 10, "column": 45}, "end": {"line": 10, "column": 51}}
    assert third["location"]["range"] == {"start": {"line": 10, "column": 56}, "end": {"line": 10, "column": 61}}
    assert third["suggestions"] == [{"range": third["location"]["range"], "text": "mounts"}]
    assert last["related_locations"][0]["location"]["path"] == PATH


def applied(data: bytes, suggestion: Any) -> bytes:
    """Apply a suggestion as reviewdog does: by lines and bytes."""
    lines = data.split(b"\n")
    starts = [sum(len(line) + 1 for line in lines[:number]) for number in range(len(lines))]
    begin, end = (
        starts[suggestion["range"][side]["line"] - 1] + suggestion["range"][side]["column"] - 1
        for side in ("start", "end")
    )
    return data[:begin] + suggestion["text"].encode() + data[end:]


def test_a_suggestion_is_what_fix_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    # Its fix has two edits: the reference moves into its own block.
    text = """\
applications:
  app:
    type: 'php:8.4'
    source: {root: /}
    workers:
      queue:
        commands: {start: php é🙂.php} # é🙂
        mysql:
services:
  mysql: {type: 'mariadb:11.4'}
"""
    file = write(tmp_path, text.replace("\n", "\r\n"))
    suggestions = [
        suggestion
        for one in json.loads(report("rdjson", ".").out)["diagnostics"]
        if one["code"]["value"] == "relationship-outside-block"
        for suggestion in one["suggestions"]
    ]
    assert suggestions
    by_hand = applied(file.read_bytes(), suggestions[0])
    upsun_lint("--fix", ".")
    assert file.read_bytes() == by_hand != text.replace("\n", "\r\n").encode()


# -- Markdown --------------------------------------------------------------------------------------------------------


def test_markdown_keeps_its_table_whole(hostile: Path) -> None:
    text = report("markdown").out
    rows = [line for line in text.split("\n") if line.startswith("| ")]
    assert len(rows) == 6
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 5 for row in rows)
    assert text.startswith("## upsun-lint\n\nFound 3 errors, 1 info in 1 file; 1 fixable with --fix.\n")


def test_the_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = """\
applications:
  "a\\"pp]\\nend #":
    type: 'php:8.4'
    source: {root: /}
    relationships: {database: 'db:mysql'}
    mounts:
      files: {source: storage, source_path: files}
      shared: {source: service, service: nfs, source_path: s}
    workers:
      queue: {commands: {start: php a.php}}
      lone: {commands: {start: php b.php}, relationships: {}, mounts: {}}
services:
  db: {type: 'mariadb:11.4'}
  nfs: {type: 'network-storage:1.0'}
"""
    write(tmp_path, text)
    page = upsun_lint("--format", "markdown", ".").out
    picture = page.partition("```mermaid\n")[2].partition("```")[0]
    assert (
        picture
        == """\
flowchart LR
  subgraph n0["a#34;pp#93;#92;nend #35;<br>php:8.4"]
    n1["web"]
    n2(["queue<br>worker"])
    n3(["lone<br>worker"])
  end
  n4[("db<br>mariadb:11.4")]
  n5[("nfs<br>network-storage:1.0")]
  n1 --> n4
  n1 -. "shared" .-> n5
  n1 --- n6[/"files (storage)"/]
  n2 --> n4
  n2 -. "shared" .-> n5
  n2 --- n7[/"files (storage)"/]
"""
    )


@pytest.mark.parametrize("form", ["gitlab", "junit", "markdown"])
def test_other_places_are_in_the_message_where_a_format_has_only_one(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "applications:\n  app: {type: 'php:8.4'}\n")
    write(tmp_path, "applications:\n  app: {type: 'php:8.4'}\n", ".upsun/more.yaml")
    text = upsun_lint("--format", form, "--severity", "error").out
    where = "`.upsun/config.yaml:2`: " if form == "markdown" else ".upsun/config.yaml:2:"
    assert where in text
    assert "is also defined here" in text
