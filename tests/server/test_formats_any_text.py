"""Whatever is in a message: each format gives it back to its reader, or a text its reader can hold."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.server.test_formats import azure_unescaped, commands, teamcity
from tests.support import project
from upsun_lint import reports
from upsun_lint.run.result import Report, Result
from upsun_lint.writing.quoting import visible
from upsun_lint.writing.terminal import PLAIN
from upsun_rules.finding import Finding, Severity

PROJECT = project("applications:\n  app: {type: 'php:8.4'}\n")
REGION = next(iter(PROJECT.applications.values())).key.region

MESSAGES = st.text(
    st.sampled_from("\r\n%:,;|'[]`<>&\"#\\ a25ADé🙂\ud800\x00\x1b\x85\u2028") | st.characters(), max_size=30
)


def rendered(form: str, message: str) -> str:
    finding = Finding(REGION, message, severity=Severity.ERROR, rule="unknown-key", url="https://docs.example")
    return reports.render(form, Report([Result(PROJECT, [finding])]), PLAIN)


@given(MESSAGES)
def test_github(message: str) -> None:
    (command,) = commands(rendered("github", message).removesuffix("\n"))
    assert command.data == f"{visible(message)}\nhttps://docs.example"


@given(MESSAGES)
def test_azure(message: str) -> None:
    line, rest = rendered("azure", message).split("\n")
    assert rest == ""
    assert azure_unescaped(line.partition("]")[2]) == f"{visible(message)} (https://docs.example)"


@given(MESSAGES)
def test_teamcity(message: str) -> None:
    *_, (_, attributes) = teamcity(rendered("teamcity", message))
    assert attributes["message"] == visible(message)


@given(MESSAGES)
def test_xml(message: str) -> None:
    for form in ("junit", "checkstyle"):
        text = rendered(form, message)
        assert text.isascii()
        (found,) = [one for one in ElementTree.fromstring(text).iter() if "message" in one.attrib]
        assert found.attrib["message"] == visible(message)


@given(MESSAGES)
def test_json(message: str) -> None:
    assert json.loads(rendered("gitlab", message))[0]["description"] == visible(message)
    assert json.loads(rendered("rdjson", message))["diagnostics"][0]["message"] == visible(message)
    assert json.loads(rendered("sarif", message))["runs"][0]["results"][0]["message"]["text"] == visible(message)


@pytest.mark.parametrize("form", ["markdown", "github", "azure", "teamcity", "sarif"])
@given(MESSAGES)
def test_every_text_can_be_written_as_utf_8(form: str, message: str) -> None:
    rendered(form, message).encode("utf-8")


@given(MESSAGES)
def test_a_row_of_markdown_stays_one(message: str) -> None:
    rows = [line for line in rendered("markdown", message).split("\n") if line.startswith("| ❌")]
    assert len(rows) == 1
    assert len(re.findall(r"(?<!\\)\|", rows[0])) == 5
