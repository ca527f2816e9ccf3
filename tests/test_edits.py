"""After random edits, what was kept from before gives what reading everything afresh gives."""

from __future__ import annotations

import pytest

from tests.benchmarks.edits import ROOT, Count, run
from tests.support import SHARED, project
from upsun_rules.engine import lint
from upsun_rules.options import Options
from upsun_schema.configuration.project import Project

CORPUS = SHARED / "corpus"


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
    lint(known, Options())
    found = Project(known.root, {".upsun/config.yaml": after + _ENTRY}, known)
    fresh = project(after + _ENTRY)
    assert [(one.rule, found.place(one.region).span) for one in lint(found, Options())] == [
        (one.rule, fresh.place(one.region).span) for one in lint(fresh, Options())
    ]
