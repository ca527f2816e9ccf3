"""A rule on a worker or a cron job sees no more of the others than the outline of the project has.

The engine relies on it: after an edit of a worker, rules do not run again on another one in which they found nothing.
"""

from __future__ import annotations

import random

import pytest

from tests.support import CONFIG, SHARED
from upsun_rules.catalog import all_rules
from upsun_rules.options import Options
from upsun_schema.configuration.model import Application, Cron, Worker
from upsun_schema.configuration.project import Project, decode
from upsun_schema.yaml.nodes import Mapping

OPTIONS = Options()
SUBJECTS = {Worker: ("Container", "Instance", "Worker"), Cron: ("Cron",)}
CORPUS = SHARED / "corpus"

EXAMPLES = {
    f"{rule.slug} {number}": example.files
    for rule in all_rules().values()
    for number, example in enumerate(rule.examples)
    if any("workers:" in text or "crons:" in text for text in example.files.values())
}


def parts(application: Application) -> list[Worker | Cron]:
    return [*application.workers.values(), *application.crons.values()]


def emptied(project: Project, application: str, part: Worker | Cron) -> None:
    """Leave out of an application what is in its workers and cron jobs, except for one of them."""
    (entry,) = (pair for pair in project.section("applications") if pair.name == application)
    below = entry.value.resolved
    for block, kind in (("workers", Worker), ("crons", Cron)):
        every = below.value(block) if isinstance(below, Mapping) else None
        for pair in every.pairs if isinstance(every, Mapping) else ():
            if not (isinstance(part, kind) and pair.name == part.name) and isinstance(pair.value, Mapping):
                pair.value.pairs.clear()


def found(project: Project, part: Worker | Cron) -> list[tuple[str, str, int]]:
    given = {"project": project, "options": OPTIONS}
    return [
        (rule.slug, finding.message, finding.region.start)
        for rule in all_rules().values()
        if rule.subject in SUBJECTS[type(part)] and (not rule.keys or not part.keys.isdisjoint(rule.keys))
        for finding in rule.check(part, **{name: given[name] for name in rule.wants})
    ]


def compared(files: dict[str, str]) -> int:
    """How many parts of a project were compared, each alone and among the others."""
    count = 0
    whole = Project("/nonexistent", files)
    for name, application in whole.applications.items():
        piece = application.key.piece
        if (
            piece.anchors
            or piece.unresolved
            or whole.included
            or len(whole.section("applications")) != len(whole.applications)
        ):
            continue  # The engine relies on it only where nothing is shared.
        for number, part in enumerate(parts(application)):
            alone = Project("/nonexistent", files)
            emptied(alone, name, part)
            if alone.outline[0] == whole.outline[0]:
                assert found(alone, parts(alone.applications[name])[number]) == found(whole, part)
                count += 1
    return count


def pool(block: str) -> list[str]:
    """The workers, or the cron jobs, of all examples, indented as most are."""
    found = {}
    for files in EXAMPLES.values():
        for application in Project("/nonexistent", files).applications.values():
            for part in parts(application):
                if isinstance(part, Worker) is (block == "workers") and not application.key.piece.anchors:
                    piece, start = part.key.piece, part.key.start
                    if piece.text[:start].endswith("\n      ") and part.key.source == part.name:
                        found[part.written.removeprefix(part.name)] = None
    return list(found)


POOLS = {block: pool(block) for block in ("workers", "crons")}


def crowded(text: str, chance: random.Random) -> str:
    """An example with more workers and cron jobs in it, from other examples."""
    for block, bodies in POOLS.items():
        more = "".join(f"      other{number}{body}\n" for number, body in enumerate(chance.choices(bodies, k=4)))
        text = text.replace(f"\n    {block}:\n", f"\n    {block}:\n{more}")
    return text


@pytest.mark.parametrize("example", EXAMPLES)
def test_a_part_of_an_example_among_others(example: str) -> None:
    chance = random.Random(example)
    for _ in range(3):
        compared({path: crowded(text, chance) for path, text in EXAMPLES[example].items()})


def test_that_parts_are_compared() -> None:
    assert len(POOLS["workers"]) > 50
    assert len(POOLS["crons"]) > 10
    chance = random.Random(1)
    files = [{path: crowded(text, chance) for path, text in one.items()} for one in EXAMPLES.values()]
    assert sum(map(compared, files)) > 400


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the shared corpus is not here")
def test_the_parts_of_real_files() -> None:
    files = [file for file in sorted(CORPUS.rglob("*.yaml")) if file.stat().st_size < 40_000]
    texts = dict.fromkeys(decode(file.read_bytes()) for file in files)
    assert sum(compared({CONFIG: text}) for text in texts if "workers:" in text) > 50
