"""What a rule has to be: a mistake in its definition is refused, and the message names the rule."""

from __future__ import annotations

from types import FunctionType

import pytest

from upsun_rules.finding import Severity
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
