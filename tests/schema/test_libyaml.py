"""What libyaml accepts is valid, and nothing else is: the platform's own parser is built on it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.benchmarks.acceptance import differing, is_accepted, is_valid
from tests.benchmarks.edits import ROOT
from tests.support import SHARED
from upsun_schema.yaml.event import DOCUMENT, END, LIST, MAP, OTHER, SCALAR
from upsun_schema.yaml.events import events

CORPUS = SHARED / "corpus"


@pytest.mark.parametrize(
    "text",
    [
        "---\na: 1\n",
        "a: 1\n...\n",
        "  a:\n    b: 1\nc: 1\n",
        "a: # x\u2028b: 1\nc: 1\n",
        "a: # x\u2028# b: 1\nc: 1\n",
        "a: {{ b }}\n",
        "[a]: b\n",
        "? {a: b}\n",
        "a: *b\n",
        "a:\n  <<: b\n",
        "a:\n  <<:\n  b: 1\n",
        "a:\n  <<: [b]\n",
        "a:\n  <<: [{b: 1}, {c: 2}]\n",
        "a: &a [1]\nb:\n  <<: *a\n",
        "a: &a {b: 1}\nc:\n  <<: [*a]\n",
        "a: {<<: {b: 1}, '<<': c}\n",
        "a: 1\n\ufeffb: 1\n",
        "a: 1\n\t\nb: 1\n",
        "a:\tb\n",
        "a: [b?, c:d, e ?f]\n",
        "a: {b:,c}\n",
        "a: !x,y b\n",
        "%YAML 2.0\n---\na: 1\n",
    ],
)
def test_an_odd_text_is_valid_if_libyaml_accepts_it(text: str) -> None:
    assert is_valid(text) is is_accepted(text)


@pytest.mark.parametrize("folder", [ROOT / "examples", CORPUS], ids=["examples", "corpus"])
def test_files_and_random_edits_are_valid_if_libyaml_accepts_them(folder: object) -> None:
    if folder == CORPUS and not CORPUS.is_dir():
        pytest.skip("the shared corpus is not here")
    assert list(differing(folder, seed=1, count=300)) == []  # type: ignore[arg-type]


_KEYS = st.sampled_from(
    ["a", "b", "c d", "'e'", '"f"', "<<", "1", "~", "g:h", "é", "- i", "? j", "{k: l}", "[m]", "*n"]
)
_PROPERTIES = st.sampled_from(["", "", "", "&n ", "!!str ", "!o ", "&n !o "])
_SCALARS = st.sampled_from(
    [
        "p",
        "'q r'",
        '"s\\n"',
        "",
        "*n",
        "t: u",
        "v #w",
        "x:y",
        "{{ z }}",
        "|\n",
        ">-\n",
        "@",
        "%",
        "'",
        '"',
        "\ta",
        "b\t",
    ]
)
_FLOW = st.recursive(
    st.tuples(_PROPERTIES, _SCALARS).map("".join),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.lists(st.tuples(_KEYS, inner), max_size=3).map(
            lambda pairs: "{" + ", ".join(f"{key}: {value}" for key, value in pairs) + "}"
        ),
        inner.map(lambda item: item.replace(" ", "\n  ")),
    ),
    max_leaves=6,
)


def _block(lines: list[tuple[str, str, str | list[str]]], by: str) -> list[str]:
    found: list[str] = []
    for key, properties, value in lines:
        if isinstance(value, str):
            found.append(f"{key}: {properties}{value}")
        else:
            found += [f"{key}: {properties}".rstrip(), *(by + line for line in value)]
    return found


_BLOCKS = st.recursive(
    st.lists(st.tuples(_KEYS, _PROPERTIES, _FLOW), min_size=1, max_size=3).map(lambda lines: _block(lines, "")),
    lambda inner: st.tuples(
        st.lists(st.tuples(_KEYS, _PROPERTIES, st.one_of(_FLOW, inner)), min_size=1, max_size=3),
        st.sampled_from(["  ", "  ", "    ", " ", "- ", ""]),
    ).map(lambda made: _block(*made)),
    max_leaves=5,
)


@settings(deadline=None, max_examples=300)
@given(_BLOCKS.map("\n".join), st.sampled_from(["", "\n", "---\n", "# x\n", "\ufeff", "  ", "---\n# x\n"]))
@example("a: {start: artisan queue:work}", "")
def test_written_yaml_is_valid_if_libyaml_accepts_it(text: str, before: str) -> None:
    assert is_valid(before + text) is is_accepted(before + text)
    assert is_valid(before + text, whole=True) is is_accepted(before + text)


_PARTS = st.lists(
    st.sampled_from(
        [
            "a",
            "b:c",
            "x?y",
            '"',
            "'",
            ":",
            "?",
            ": ",
            ", ",
            "{",
            "}",
            " ",
            "\n",
            "!t:u ",
            "# ",
            "'q:r'",
            '"s:t":u',
            "|\n ",
        ]
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=400, deadline=None)
@given(_PARTS)
@example(["x?y"])
@example(["b:c", ", ", "x?y"])
@example(['"s:t":u', ", ", "b:c"])
def test_a_text_in_braces_is_what_a_newer_libyaml_reads(parts: list[str]) -> None:
    text = f"k: {{{''.join(parts)}}}\n"
    try:
        meant = [_said(event) for event in yaml.parse(text, Loader=yaml.CLoader)]
    except yaml.YAMLError:
        return
    assert [_kept(event) for event in events(text)] == meant


def _said(event: Any) -> tuple[Any, ...]:
    """A kind of event, its place and its text."""
    kinds = {
        yaml.ScalarEvent: SCALAR,
        yaml.MappingStartEvent: MAP,
        yaml.SequenceStartEvent: LIST,
        yaml.MappingEndEvent: END,
        yaml.SequenceEndEvent: END,
        yaml.DocumentStartEvent: DOCUMENT,
    }
    return kinds.get(type(event), OTHER), event.start_mark.index, getattr(event, "value", None)


def _kept(event: Any) -> tuple[Any, ...]:
    return event[0], event[1], event[3] if event[0] == SCALAR else None
