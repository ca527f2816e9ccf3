"""What a rule has to be: a mistake in its definition is refused, and the message names the rule."""

from __future__ import annotations

from types import FunctionType

import pytest

from tests.support import corpus_projects, project
from upsun_rules import engine
from upsun_rules.catalog import all_rules
from upsun_rules.finding import Severity
from upsun_rules.options import Options
from upsun_rules.rule import Rule, rule


def defined(parameters: str, *, slug: str = "a-rule", body: str = "yield", head: str = "TOPIC = 'Tests'") -> Rule:
    """The rule that a module with this function defines."""
    names: dict[str, object] = {"__name__": "some_module", "Worker": type("Worker", (), {})}
    text = f"{head}\ndef a_rule({parameters}):\n    '''A rule.'''\n    {body}\n"
    # Without the `annotations` of this file.
    exec(compile(text, "some_module", "exec", dont_inherit=True), names)
    function = names["a_rule"]
    assert isinstance(function, FunctionType)
    return rule(slug, Severity.HINT, docs="page")(function)


@pytest.mark.parametrize("parameters", ["worker: Worker", "worker: 'Worker'", "worker: 'Worker', project: 'Project'"])
def test_a_rule_is_a_function_with_types(parameters: str) -> None:
    made = defined(parameters)
    assert (made.slug, made.subject, made.severity) == ("a-rule", "Worker", Severity.HINT)
    assert made.wants == (("project",) if "project" in parameters else ())
    assert made.is_local is ("project" not in parameters)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ("", "needs a first parameter with its type"),
        ("worker", "needs a first parameter with its type"),
        ("worker: 'Wroker'", "no rule runs on `Wroker`"),
        ("worker: 'Worker', images: 'Images'", "no rule can ask for `images`, only for project, options"),
    ],
)
def test_a_parameter_that_a_rule_cannot_have_is_refused(parameters: str, message: str) -> None:
    with pytest.raises(TypeError, match=f"`a-rule`: .*{message}"):
        defined(parameters)


def test_another_name_is_refused() -> None:
    with pytest.raises(TypeError, match="the rule `b-rule` is defined by a function with another name, `a_rule`"):
        defined("worker: 'Worker'", slug="b-rule")


def test_a_module_without_a_topic_is_refused() -> None:
    with pytest.raises(TypeError, match="`a-rule`: some_module needs a `TOPIC`"):
        defined("worker: 'Worker'", head="")


def test_a_function_that_returns_its_findings_is_refused() -> None:
    with pytest.raises(TypeError, match="`a-rule` has to yield its findings"):
        defined("worker: 'Worker'", body="return []")


def test_a_rule_finds_nothing_where_its_keys_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    examples = [example.files for one in all_rules().values() for example in one.examples]
    projects = [*map(project, examples), *corpus_projects()]
    found = [engine.lint(one, Options()) for one in projects]
    everywhere = {slug: one._replace(keys=()) for slug, one in all_rules().items()}
    monkeypatch.setattr(engine, "all_rules", lambda: everywhere)
    engine._rules_on.cache_clear()
    try:
        for one, known in zip(projects, found, strict=True):
            for _, piece in (entry for document in one.all_documents for entry in document.pieces):
                piece.memory.clear()
            assert engine.lint(one, Options()) == known, one.root
    finally:
        engine._rules_on.cache_clear()


def test_a_key_that_a_rule_needs_is_one_that_its_subject_can_have() -> None:
    assert sum(bool(one.keys) for one in all_rules().values()) > 40
    assert not [one.slug for one in all_rules().values() if one.keys and one.subject in ("Project", "Document", "")]
