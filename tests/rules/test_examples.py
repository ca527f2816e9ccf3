"""Every rule's documentation holds true: its wrong examples are found, its right ones are quiet."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.rules.test_shell_review import Marks
from tests.server.command import write
from tests.support import SHARED, apply_fix, findings, needs_shared
from upsun_rules.catalog import all_rules
from upsun_rules.engine import lint
from upsun_rules.finding import Severity
from upsun_rules.options import Options
from upsun_schema.configuration.project import Project, find_projects

RULES = all_rules()
EXAMPLES = [
    pytest.param(slug, example.files, example.wrong, id=f"{slug}-{'wrong' if example.wrong else 'right'}-{index}")
    for slug, rule in RULES.items()
    for index, example in enumerate(rule.examples)
]


OPTIONS = {"shellcheck": Options(reviewer=Marks(pattern=r'(?<!")\$\w+'))}
"""The options for rules that need more than the defaults."""


@pytest.mark.parametrize(("slug", "files", "wrong"), EXAMPLES)
def test_an_example_is_wrong_or_right_as_titled(slug: str, files: dict[str, str], wrong: bool, tmp_path: Path) -> None:
    for path, text in files.items():
        write(tmp_path, text, path)
    options = OPTIONS.get(slug, Options())
    found = [finding for root in find_projects(str(tmp_path)) for finding in lint(Project(root), options)]
    if wrong:
        assert slug in {finding.rule for finding in found}, [finding.message for finding in found]
    else:
        loud = [(finding.rule, finding.message) for finding in found if finding.severity >= Severity.INFO]
        assert loud == []


@pytest.mark.parametrize("slug", RULES)
def test_a_rule_has_a_title_an_explanation_and_examples(slug: str) -> None:
    rule = RULES[slug]
    title, _, rest = rule.documentation.partition("\n\n")
    assert "\n" not in title and title.endswith(".")
    assert len(re.sub(r"```.*?```", "", rest, flags=re.DOTALL).split()) >= 15 or rule.generic
    assert not rule.docs.startswith(("/", "http"))
    assert slug == re.sub(r"[^a-z-]", "", slug)
    assert {example.wrong for example in rule.examples} == {True, False}


@needs_shared
def test_no_sentences_are_copied_from_the_references() -> None:
    def sequences(text: str) -> set[str]:
        words = re.findall(r"[a-z']+", re.sub(r"```.*?```|`[^`]*`", " ", text, flags=re.DOTALL).lower())
        return {" ".join(words[index : index + 10]) for index in range(len(words) - 9)}

    for source in ("facts.md", "work-with-workers.md"):
        theirs = sequences((SHARED / "reference" / source).read_text("utf-8"))
        assert {slug: found for slug, rule in RULES.items() if (found := sequences(rule.documentation) & theirs)} == {}


@pytest.mark.parametrize(("slug", "files", "wrong"), EXAMPLES)
def test_a_safe_fix_removes_its_finding_and_adds_none(slug: str, files: dict[str, str], wrong: bool) -> None:
    for ending in ("\n", "\r\n"):
        written = {path: text.replace("\n", ending) for path, text in files.items()}
        before = findings(written)
        for finding in before:
            for fix in finding.fixes:
                after = {path: apply_fix(written, fix, path) for path in written}
                if ending == "\r\n":
                    assert not any(re.search(r"(?<!\r)\n", text) for text in after.values()), fix.title
                rules_after = [one.rule for one in findings(after)]
                if fix.safe:
                    rules_before = [one.rule for one in before]
                    assert rules_after.count(finding.rule) < rules_before.count(finding.rule), fix.title
                    assert all(rules_after.count(rule) <= rules_before.count(rule) for rule in set(rules_after))
                else:
                    assert "syntax-error" not in rules_after, after


def test_every_message_has_the_same_form() -> None:
    for rule in RULES.values():
        for example in rule.examples:
            for finding in findings(example.files):
                assert finding.url.startswith("https://")
                assert finding.message[0] in "`" or not finding.message[0].isupper(), finding.message
                assert not finding.message.endswith("."), finding.message
                assert len(finding.message) <= 200, finding.message
