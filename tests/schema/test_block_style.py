"""What is read line by line has the tree that libyaml gives; whatever is unusual is left to libyaml."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.benchmarks.edits import EDITS, ROOT, states
from tests.benchmarks.inputs import configuration
from tests.support import CONFIG, SHARED
from upsun_schema.yaml.block_style import read
from upsun_schema.yaml.building import Builder, SyntaxFault
from upsun_schema.yaml.document import Document
from upsun_schema.yaml.events import events, replay
from upsun_schema.yaml.nodes import Alias, Include, Mapping, Node, Piece, Scalar, Sequence
from upsun_schema.yaml.walking import walk

CORPUS = SHARED / "corpus"


def seen(node: Node) -> tuple[Any, ...]:
    """What is known of a node without those in it."""
    own: tuple[Any, ...] = ()
    if isinstance(node, Scalar):
        own = node.text, node.style
    elif isinstance(node, Alias):
        own = node.name, node.target is None or (node.target.piece is node.piece and node.target.outer)
    elif isinstance(node, Mapping):
        own = node.flow, [(pair.name, pair.is_merge) for pair in node.pairs]
    elif isinstance(node, Sequence):
        own = node.flow, len(node.items)
    elif isinstance(node, Include):
        own = (node.path,)
    return type(node).__name__, node.outer, node.start, node.end, node.tag, node.anchor, *own


def made_by(reading: Callable[[Builder], object], text: str) -> Any:
    """Everything that is made of a text."""
    piece = Piece(text)
    builder = Builder(piece, text, 0, 0)
    said = reading(builder)
    root = builder.finish()
    problems = [(one.rule, one.message, one.region.start, one.region.end) for one in piece.problems]
    anchors = {name: node.outer for name, node in piece.anchors.items()}
    return said, [seen(node) for node in walk(root)], anchors, list(map(seen, piece.unresolved)), problems


def by_lines(text: str) -> Any:
    """What is made of a text line by line; None if it is left to libyaml."""
    is_read, *made = made_by(lambda builder: read(text, builder), text)
    return made if is_read else None


def by_libyaml(text: str) -> Any:
    """What is made of a text by way of libyaml; why it is not valid if it is not."""
    try:
        second, *made = made_by(lambda builder: replay(events(text), builder), text)
    except SyntaxFault as fault:
        return str(fault)
    return made if second is None else "it has a second document"


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\n",
        "a: 1",
        "\n# x\na: b # c\n\n  # d\ne:  f  \n",
        "  a: 1\n  b:\n    c: d\n  # e\n",
        "a:\nb:\n  c:\n  d:\ne: # f\n",
        "a: b c:d e#f -g 'h' \"i\" [j] {k} ?l\n",
        "a: 'b'\nc: 'it''s # d'\ne: \"f: 'g'\" # h\ni: ''\nj: \"\"\n",
        "'a b': c\n\"/\": d\nhttps://e/: f\ng:h: i\n<<: j\n'': k\n",
        "a:\n  - b\n  - c: d\n    e: f\n  -\n  -   g: h\n      i: j\n  - - k\n    - l\n  - # m\n    n: o\nq: r\n",
        "a:\n- b\n- c: d\n  e: f\n-\n- - g\n  - h\ni: j\n",
        "- a\n- b: c\n  d:\n  - e\n  - f\n  g: h\n-\n",
        "a:\n  b\nc:\n  'd'\ne:\n  {}\n",
        "a: {}\nb: [] # c\nd:\n  - {}\n  - []\n",
        "a: |\n  b\n    c\n\n  # d\n \n  e\n\nf: g\n",
        "a: |-\n  b\n\n  c\n  \n     \n",
        "a: |\n  b",
        "a: |\n  b\n ",
        "a: |\n    b\n    \tc\n # d\ne:\n  - |\n   f\n  - g: |\n     h\n",
        "a: >\n  b\n  c \n  d\n\n\ne: >-\n  f\n",
        "a: &b c\nd: *b\ne: *f\n",
        "a: &b\n  c: d\ne:\n  <<: *b\n  f: &g\n  h: i\n",
        "a: &b\n- c\n- &d e\n- &f\n  g: h\n- *d\ni: &j\nk: &l |\n  m\nn: &o {}\np: &q 'r'\n",
        "a: !include b.yaml\nc: !archive\nd: !include\n  type: string\n  path: e\nf: !g 'h'\ni: !j\n- k\n",
        "a:\n  &b\n  c: d\n",
        "a: b\na: c\n<<: d\n",
        "a: 'é'\nü: ☃ 🐘\n",
    ],
)
def test_a_text_has_the_same_tree(text: str) -> None:
    assert by_lines(text) == by_libyaml(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "\n", "# a\n", "a\n", "&a b: c\n", "a: b\n\tc: d\n", "a:\tb\n", "a: b\t\n", "a : b\n"),
        *("---\na: b\n", "a: b\n---\nc: d\n", "a: b\n...\n", "%YAML 1.1\n---\na: b\n", "a: b\r\n", "\ufeffa: b\n"),
        *("a: b\n  c\n", "a: b\n  c: d\n", "a: b\n - c\n", "a:\n  b: c\n d: e\n", "a: b: c\n", "- a\nb: c\n"),
        *("a: 'b'\n  c\n", "a: 'b'c\n", "a: 'b'#c\n", "a: 'b\n  c'\n", 'a: "b\\n"\n', "a: 'b\n", '"a\\n": b\n'),
        *("a: [b]\n", "a: {b: c}\n", "a: [ ]\n", "[a]: b\n", "? a\n", "a: - b\n", "a: @\n", "a: `\n", "a: %\n"),
        *("a: |+\n  b\n", "a: |2\n  b\n", "a: |\nb: c\n", "a: |\n\n  b\n", "a: >\n  b\n\n  c\n", "a: >\n  b\n   c\n"),
        *("a: |\n   b\n  c\n", "a: &b &c d\n", "a: &b !c d\n", "a: &b *c\n", "a: &b\n  &c d\n", "- &a b: c\n"),
        *(
            "a: !!str b\n",
            "a: !<b> c\n",
            "a: ! b\n",
            "a: *b c\n",
            "*a : b\n",
            "a: b\u2028c\n",
            "a: b\x85\n",
        ),
        "a" * 1_100 + ": b\n",
    ],
)
def test_what_is_unusual_is_left_to_libyaml(text: str) -> None:
    assert by_lines(text) is None


_KEYS = st.sampled_from(["a", "b", "c", "'d'", '"e"', "a", "b", "c", "<<", "f:g", "h#", "#i", "-j", "é", "...", "&k l"])
_VALUES = st.sampled_from(
    [
        *("", "", "", "x", "x y", "'x'", '"x"', "|", "|-", ">", "*n", "&n", "&n x", "!t", "!t x", "{}", "[]", "x:y"),
        *("x#y", "-x", "&n |", "# x", "--", "x?", "x: y", "x\ty", "x\xa0#y", "[x]", "'x", "|2", "&n *n", "- x", "---"),
    ]
)
_DASHES = st.sampled_from(["", "", "", "- ", "- ", "- - ", "-  ", "-"])
_LINES = st.one_of(
    st.tuples(_DASHES, _KEYS, st.sampled_from([": ", ": ", ":", ":  "]), _VALUES).map("".join),
    st.tuples(_DASHES, _VALUES).map("".join),
    st.sampled_from(["", "  ", "# x", "x", "\t"]),
)
_TEXTS = st.lists(st.tuples(st.sampled_from(["", "", "  ", "  ", "    ", " "]), _LINES).map("".join), max_size=8)


@settings(max_examples=1_500, deadline=None)
@given(_TEXTS.map("\n".join), st.sampled_from(["\n", "", "\n\n", "\n  "]))
@example("a: |\n  b\n\n \n  # c", "\n")
@example("a: x\xa0#y", "\n")
@example("a: &b\n  *b", "\n")
def test_lines_have_the_same_tree(text: str, end: str) -> None:
    assert by_lines(text + end) in (by_libyaml(text + end), None)


@pytest.mark.parametrize("folder", [ROOT / "examples", CORPUS], ids=["examples", "corpus"])
def test_files_and_random_edits_have_the_same_tree(folder: Any) -> None:
    if folder == CORPUS and not CORPUS.is_dir():
        pytest.skip("the shared corpus is not here")
    chosen = random.Random(1)
    texts = [text for state in states(folder) for text in state.texts.values()]
    for text in [*texts, *(chosen.choice(EDITS)(chosen.choice(texts), chosen) for _ in range(500))]:
        for _, piece in Document(CONFIG, text).pieces:
            assert by_lines(piece.text) in (by_libyaml(piece.text), None)


def test_a_usual_configuration_is_read_line_by_line() -> None:
    text = configuration(3)
    assert by_lines(text) == by_libyaml(text)


def test_a_usual_configuration_needs_no_libyaml(tmp_path: Any) -> None:
    (tmp_path / ".upsun").mkdir()
    (tmp_path / ".upsun" / "config.yaml").write_text(configuration(3), "utf-8")
    code = "import sys\nfrom upsun_schema.configuration.project import Project\n"
    code += "Project(sys.argv[1]).applications\nprint([name for name in sys.modules if 'ruamel' in name])"
    ran = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"
