"""What a user wrote stays text in every format: nothing in it acts on a terminal, a log or a page."""

from __future__ import annotations

import json
import os
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from markdown_it import MarkdownIt

from tests.server.command import upsun_lint, write
from upsun_lint.reports import FORMATS

HOSTILE = [
    "\x1b[31mred\x1b]8;;https://evil.example\x07",
    "\x07\x00\x7f\x9b31m",
    "\u202eevil\u2066\u200e",
    "zero\u200b\u200d\ufeff\u2060width\u3164",
    "line\nbreak\r\n::error::pwned\u2028\u2029\x85",
    "::error::pwned",
    "a ::add-mask::pwned",
    "##vso[task.setvariable variable=x]pwned",
    "##[error]pwned",
    "##teamcity[buildProblem description='pwned']",
    "|' ] ; %0A::error::pwned",
    "![image](https://evil.example/a.png)",
    "[link](https://evil.example)",
    "https://evil.example",
    "www.evil.example",
    "<https://evil.example>",
    "@somebody me@evil.example",
    "<img src=x onerror=alert(1)><script>alert(1)</script>",
    "</code></summary></details><h1>pwned",
    "` ``` `` | a | b |\n| --- |",
    "\\| \\` \\",
    "```\n# pwned\n```",
    "&lt;img&gt; &#60;b&#62; ]]> --> <!-- <![CDATA[",
    "\ud800",
    "*a* _b_ ~c~ #1 :x: $x$",
]

ALLOWED = ("https://docs.upsun.com/", "https://developer.upsun.com/")
"""Where our own links lead."""


def configuration(name: str) -> str:
    """A project with mistakes in which the name is a key, a value, a command and a schedule."""
    word = json.dumps(name, ensure_ascii=True).replace("\\ud800", "\\u2029")
    return f"""\
applications:
  {word}:
    type: {word}
    {word}: {word}
    source: {{root: {word}}}
    mounts:
      {word}: {{source: {word}, source_path: {word}}}
    relationships:
      {word}: {word}
    hooks: {{{word}: {word}, build: !include {{type: string, path: {word}}}}}
    crons:
      {word}: {{spec: {word}, commands: {{start: {word}}}}}
    variables: {{{word}: {{{word}: {word}}}}}
    workers:
      {word}:
        commands: {{start: {word}}}
        {word}: {word}
        size: {word}
  other: {{type: 'php:8.4', relationships: {{db: {word}}}, workers: {{{word}: {{}}}}}}
services:
  {word}: {{type: {word}, {word}: {word}}}
  {word}: {{type: 'redis:8.0'}}
routes:
  {word}: {{type: {word}, upstream: {word}, {word}: {word}}}
{word}: {word}
# upsun-lint: ignore[{word[1:-1]}]
"""


def hostile_project(folder: Path, name: str) -> str:
    """Write a project whose name is hostile, a file's name, and all in it; return the name of its folder."""
    shown = re.sub(r"[\x00/\ud800]", "_", name) if os.name == "posix" else f"x{HOSTILE.index(name)}"
    write(folder / shown, configuration(name), f".upsun/{shown}.yaml")
    return shown


@pytest.fixture
def projects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The folder of all hostile projects."""
    monkeypatch.chdir(tmp_path)
    for name in HOSTILE:
        hostile_project(tmp_path, name)
    return "."


def report(form: str, project: str, **environment: str) -> str:
    ran = upsun_lint(
        "--format",
        form,
        "--severity",
        "hint",
        "--color",
        "never",
        "--jobs",
        "1",
        "--",
        project,
        environment=environment,
    )
    assert ran.status == 1, ran.err
    return ran.out


def assert_visible(text: str) -> None:
    acting = {char for char in text if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")} - {"\n"}
    assert not acting, ascii(acting)


def messages(data: Any) -> Iterator[str]:
    """Yield what a report in JSON says to people, but for the rules' own texts."""
    if isinstance(data, list):
        for item in data:
            yield from messages(item)
    elif isinstance(data, dict):
        for key, value in data.items():
            if key in ("message", "description", "title", "justification") and isinstance(value, str):
                yield value
            elif key in ("message", "description", "justification") and isinstance(value, dict):
                yield str(value["text"])
            elif key != "rules":
                yield from messages(value)


@pytest.mark.parametrize("form", FORMATS)
def test_no_invisible_character_is_written(projects: str, form: str) -> None:
    text = report(form, projects)
    assert_visible(text)
    if form in ("sarif", "gitlab", "rdjson"):
        found = list(messages(json.loads(text)))
        assert len(found) > 400
        for message in found:
            assert_visible(message)
            assert "\n" not in message
    if form in ("junit", "checkstyle"):
        for element in ElementTree.fromstring(text).iter():
            for value in (*element.attrib.values(), element.text or ""):
                assert_visible(value)


PLAIN = r"((?!##[^ ])[^\n])"
"""A character of a line that Azure takes for text: two hashes may begin a command."""


@pytest.mark.parametrize(
    ("form", "command"),
    [
        ("github", r"::(error|warning|notice) file=[^:]*::[^\n]*"),
        # The agent obeys the first command of a line; what follows its bracket is the text of that. Lines about
        # lesser findings have no command, so nothing in them may look like one.
        (
            "azure",
            rf"##vso\[task\.logissue (\w+=[^;\]\n]*;){{5}}\][^\n]+|{PLAIN}+:\d+:\d+: (info|hint)\[[a-z-]+\] {PLAIN}+",
        ),
        ("teamcity", r"##teamcity\[(inspection|inspectionType)( \w+='([^'|\n\[\]]|\|[^\n])*')+\]"),
    ],
)
def test_every_command_is_ours(projects: str, form: str, command: str) -> None:
    lines = report(form, projects).splitlines()
    assert len(lines) > 400
    for line in lines:
        assert re.fullmatch(command, line), line


@pytest.mark.parametrize("form", sorted(set(FORMATS) - {"github", "azure", "teamcity"}))
def test_other_formats_have_no_command_for_the_log(projects: str, form: str) -> None:
    text = report(form, projects, TF_BUILD="True")
    assert not re.search(r"^\s*::|##\[|##vso\[|##teamcity\[", text, re.MULTILINE)


@pytest.mark.parametrize("arguments", [["--diff"], ["--since", "HEAD"], ["show"]])
def test_other_output_has_no_command(tmp_path: Path, arguments: list[str]) -> None:
    text = "applications:\n  app:\n    type: php:7.0\n    mount: {}\n    hooks:\n      build: |\n        ::error::pwned\n        ##vso[x]\n"
    text += "    workers: {w: {commands: {start: '::error::pwned ##[x]'}, '::error::x': {}}}\n"
    write(tmp_path, text)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        ran = upsun_lint(*arguments, environment={"GITHUB_ACTIONS": "true"})
    ours = [
        line
        for line in ran.out.splitlines()
        if not line.startswith(("::error file=", "::warning file=", "::notice file="))
    ]
    assert not re.search(r"^\s*::|##\[|##vso\[|##teamcity\[", "\n".join(ours), re.MULTILINE)


@pytest.mark.parametrize("variable", ["GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION"])
def test_an_error_has_no_command(variable: str) -> None:
    ran = upsun_lint("##vso[x] ##[y] ##teamcity[z]", environment={variable: "1"})
    assert ran.status == 2
    assert not re.search(r"##\[|##vso\[|##teamcity\[", ran.err)


def tokens(markdown: str) -> Iterator[Any]:
    for token in MarkdownIt("commonmark").enable("table").parse(markdown):
        yield token
        yield from token.children or ()


@pytest.mark.parametrize("form", ["markdown", "summary"])
@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: ascii(name)[1:20])
def test_a_page_has_no_markup_but_ours(name: str, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    project = hostile_project(tmp_path, name)
    text = report("markdown", project)
    if form == "summary":
        report("github", project, GITHUB_STEP_SUMMARY=str(tmp_path / "summary.md"))
        text = (tmp_path / "summary.md").read_text("utf-8")
    assert_visible(text)
    headings, cells, rows = 0, 0, 0
    for token in tokens(text):
        assert token.type != "image"
        headings += token.type == "heading_open"
        rows += token.type == "tr_open"
        cells += token.type in ("td_open", "th_open")
        if token.type == "link_open":
            assert str(token.attrs["href"]).startswith(ALLOWED), token.attrs
        if token.type == "html_inline":
            assert token.content == "<br>"
        if token.type == "html_block":
            shown = re.sub(r"<summary>What runs in this project( <code>[^<]*</code>)?</summary>", "", token.content)
            assert shown.strip() in ("<details>", "</details>")
        if token.type == "text":
            assert not re.search(r"://|www\.|@", token.content), token.content
        if token.type == "fence":
            assert token.info == "mermaid"
            assert not re.search("[<`]", token.content.replace("<br>", "").replace("<-->", ""))
    assert headings == 1
    assert rows > 5
    assert cells == 4 * rows
