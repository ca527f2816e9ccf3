"""Build flavors."""

from __future__ import annotations

import pytest

from tests.support import apply_fix, findings, said

RULE = "build-flavor"


def build(lines: str) -> str:
    return f"applications:\n  app:\n    type: 'php:8.4'\n    build: {lines}\n"


@pytest.mark.parametrize(
    ("flavor", "place"),
    [
        *((flavor, None) for flavor in ("none", "default", "composer", "drupal", "'composer'", '"none"')),
        *((flavor, flavor) for flavor in ("symfony", "compser", "npm", "Composer", "'node js'")),
    ],
)
def test_only_a_known_flavor_is_valid(flavor: str, place: str | None) -> None:
    expected = [] if place is None else [(place, "warning")]
    assert said(build(f"{{flavor: {flavor}}}"), RULE) == expected


@pytest.mark.parametrize(
    "lines",
    [
        "{}",
        "{flavor: }",
        "{flavor: <FLAVOR>}",
        "{flavor: '{{ flavor }}'}",
        "{flavor: *later}",
        "{flavor: [composer]}",
        "{flavor: 1}",
        "symfony",
    ],
)
def test_a_value_that_is_not_a_name_is_left_to_other_rules(lines: str) -> None:
    assert said(build(lines), RULE) == []


@pytest.mark.parametrize(
    ("before", "after"), [("compser", "composer"), ("'defaul'", "'default'"), ('"drupl"', '"drupal"')]
)
def test_the_nearest_flavor_is_offered_in_the_same_quotes(before: str, after: str) -> None:
    text = build(f"\n      flavor: {before} # steps")
    (finding,) = findings(text, RULE)
    assert f"did you mean `{after.strip(chr(34)).strip(chr(39))}`?" in finding.message
    assert [fix.safe for fix in finding.fixes] == [False]
    assert apply_fix(text, finding) == text.replace(before, after)


def test_without_a_similar_flavor_the_message_lists_them() -> None:
    (finding,) = findings(build("{flavor: symfony}"), RULE)
    assert finding.fixes == ()
    assert "(expected `none`, `default` or `composer`)" in finding.message


def test_a_flavor_behind_an_alias_is_changed_where_it_is_written() -> None:
    text = """\
applications:
  app:
    type: 'php:8.4'
    build: &build {flavor: compser}
  api:
    type: 'php:8.4'
    build: *build
"""
    found = findings(text, RULE)
    assert {finding.region.text for finding in found} == {"compser"}
    for finding in found:
        assert apply_fix(text, finding) == text.replace("compser", "composer")
