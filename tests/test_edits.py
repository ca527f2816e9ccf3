"""After random edits, what was kept from before gives what reading everything afresh gives."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.benchmarks.edits import ROOT, Count, read, run
from tests.support import SHARED, project
from upsun_rules.catalog import all_rules
from upsun_rules.engine import lint
from upsun_rules.options import Options
from upsun_rules.rule import Rule
from upsun_schema.configuration.project import Project
from upsun_schema.yaml.document import Document
from upsun_schema.yaml.text import Span

CORPUS = SHARED / "corpus"
OPTIONS = Options()
"""The same for each check: with others, nothing that was remembered counts."""


@pytest.mark.parametrize("folder", [ROOT / "examples", CORPUS], ids=["examples", "corpus"])
def test_random_edits_make_no_difference(folder: object) -> None:
    if folder == CORPUS and not CORPUS.is_dir():
        pytest.skip("the shared corpus is not here")
    shown: list[str] = []
    assert run(folder, seed=1, count=250, show=shown.append) == Count(250, 0, 0), shown  # type: ignore[arg-type]


_ENTRY = '  app:\n    type: "php:7.0"\n    workers:\n      q:\n        commands: {start: "php x &"}\n'
_SECTIONS = [
    "applications:\n",
    "services:\n",
    "routes:\n",
    "tasks:\n",
    "applications:\n  x: {type: 'php:8.4'}\n  services:\n",
]


@pytest.mark.parametrize("after", _SECTIONS)
@pytest.mark.parametrize("before", _SECTIONS)
def test_an_unchanged_entry_is_checked_again_in_its_new_context(before: str, after: str) -> None:
    known = project(before + _ENTRY)
    lint(known, OPTIONS)
    found = Project(known.root, {".upsun/config.yaml": after + _ENTRY}, known)
    fresh = project(after + _ENTRY)
    assert [(one.rule, found.place(one.region).span) for one in lint(found, OPTIONS)] == [
        (one.rule, fresh.place(one.region).span) for one in lint(fresh, OPTIONS)
    ]


_USES = """\
applications:
  app:
    type: 'php:8.4'
    relationships: {db: 'db:mysql'}
    mounts: {x: {source: service, service: f}, y: {source: storage, service: other, source_path: a}}
"""
_TWICE = "services:\n  db: {type: 'redis:8.0'}\n"
_CHANGED = {
    "the second of two services of a name goes": (f"{_TWICE}  db: {{type: 'mariadb:11.8'}}\n", _TWICE),
    "a second service of a name comes": (_TWICE, f"{_TWICE}  db: {{type: 'mariadb:11.8'}}\n"),
    "the other of two tasks of a name counts": (
        "tasks:\n  t: {type: x}\n  t: {}\n",
        "tasks:\n  t: {}\n  t: {type: x}\n",
    ),
    "a section is no longer read whole, another one is": ("services: {}\nroutes: [\n", "service: {}\nroutes: {}\n"),
    "another section is read whole": ("services: x\ntasks: {}\n", "services: {}\ntasks: x\n"),
    "another application stores elsewhere": (
        "  other:\n    mounts: {x: {source: storage, source_path: a}}\n",
        "  other:\n    mounts: {x: {source: storage, source_path: b}}\n",
    ),
}


@pytest.mark.parametrize(("before", "after"), _CHANGED.values(), ids=_CHANGED)
def test_an_unchanged_entry_is_checked_again_when_others_change(before: str, after: str) -> None:
    known = project(_USES + before)
    lint(known, OPTIONS)
    found = Project(known.root, {".upsun/config.yaml": _USES + after}, known)
    fresh = project(_USES + after)
    assert [(one.rule, one.message, found.place(one.region).span) for one in lint(found, OPTIONS)] == [
        (one.rule, one.message, fresh.place(one.region).span) for one in lint(fresh, OPTIONS)
    ]


_LOOKING_AROUND = [one for one in all_rules().values() if "project" in one.wants and one.subject != "Project"]


@pytest.mark.parametrize("rule", _LOOKING_AROUND, ids=lambda one: one.slug)
def test_what_a_rule_sees_of_other_entries_is_noticed_when_it_changes(rule: Rule) -> None:
    """Each line of each example is left out and comes back; what was remembered says what a fresh look says."""
    for example in rule.examples:
        whole = Project("/nonexistent", example.files)
        lint(whole, OPTIONS)
        for path, text in example.files.items():
            lines = text.splitlines(keepends=True)
            for at in range(len(lines)):
                without = example.files | {path: "".join(lines[:at] + lines[at + 1 :])}
                changed = Project(whole.root, without, whole)
                assert _found(changed) == _found(Project(whole.root, without)), (path, at)
                back = Project(whole.root, example.files, changed)
                assert _found(back) == _found(Project(whole.root, example.files)), (path, at)


def _found(project: Project) -> list[tuple[str, str, Span]]:
    return [(one.rule, one.message, project.place(one.region).span) for one in lint(project, OPTIONS)]


_READ_ALIKE = {
    "explicit keys twice in one section": "routes:\n? a\n? a\n",
    "explicit keys twice over sections": "? a\n: 1\nroutes:\n? a\n? b\n? a\n",
    "explicit keys with values twice": "a: 1\n? b\n: 2\n? b\n: 3\n",
    "a key twice, once behind a tab": "s:\n service: s\n\t service:",
    "a tab in an entry, CRLF": "s:\r\n  a:\r\n    b: 1\r\n\tc: 2\r\n  d:\r\n    e: 1\r\n",
    "tabs in two entries": "s:\n  a:\n\tb: 1\n  c:\n    d: 1\n  e:\n\tf: 1\n",
    "a first section that is indented": "  s:\n    a: {b: 1}\n    c: {d: 1}\nt:\n  e: {f: 1}\n",
    "two sections that are indented": "  s:\n    a: {b: 1}\n  t:\n    c: {d: 1}\nu:\n  e: {f: 1}\n",
    "a first line that is indented": "  s:\n  a: {b: 1}\n  c: {d: 1}\nt:\n  e: {f: 1}\n",
    "an indented section, and a broken entry in it": "  s:\n    a: {b: 1\n    c: {d: 1}\nt:\n  e: {f: 1}\n",
    "an indented section, and a broken entry below": "  s:\n    a: {b: 1}\nt:\n  e: {f: 1\n  g: {h: 1}\n",
    "an alias of nothing": "s:\n  a: *x\n  b: {c: 1}\n",
    "an alias of an entry above": "s:\n  b: &x {c: 1}\n  a: *x\n",
    "an alias of an entry below": "s:\n  a: *x\n  b: &x {c: 1}\n",
}


@pytest.mark.parametrize("before", _READ_ALIKE)
@pytest.mark.parametrize("after", _READ_ALIKE)
def test_a_text_is_read_alike_in_pieces_whole_and_after_another(before: str, after: str) -> None:
    path, text = ".upsun/config.yaml", _READ_ALIKE[after]
    expected = read(Document(path, text, whole=True))
    assert read(Document(path, text)) == expected
    assert read(Document(path, text, Document(path, _READ_ALIKE[before]))) == expected


@pytest.mark.parametrize(
    "fault",
    [
        lambda text: text.replace("    root: /a7", "\troot: /a7"),
        lambda text: text.replace("    root: /a7", "    root: 'a7"),
        lambda text: text.replace("    root: /a7", "    root: *a7"),
        lambda text: re.sub(r"(?m)^(?=.)", "  ", text) + "services: {}\n",
        lambda text: f"  {text}services: {{}}\n",
    ],
    ids=["a tab", "an open quote", "an alias of nothing", "an indented section", "an indented line"],
)
def test_a_fault_leaves_the_other_entries_as_they_were(fault: Callable[[str], str]) -> None:
    text = fault("applications:\n" + "".join(f"  a{one}:\n    type: x\n    root: /a{one}\n" for one in range(20)))
    known = Document(".upsun/config.yaml", text)
    found = Document(".upsun/config.yaml", text.replace("type: x", "type: y", 1), known)
    assert known.is_broken
    assert found.is_broken
    kept = {piece for _, piece in known.pieces} & {piece for _, piece in found.pieces}
    assert len(kept) >= 19
