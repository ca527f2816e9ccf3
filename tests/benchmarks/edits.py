"""Random edits: after each one, what was kept from before must give what reading everything afresh gives.

    python tests/benchmarks/edits.py [--seed N] [--count N] [--folder FOLDER]

Projects are those below `--folder` (the shared corpus where it is here, else `examples`), and the measured
configurations of this folder. The same seed makes the same edits. Compared are findings with their places and fixes,
and the trees of a file read in pieces and read whole. Prints the number of edits, of differences and of exceptions;
the exit status is 1 if there were any.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.benchmarks.inputs import configuration
from tests.schema.trees import dump, located
from tests.support import CONFIG, SHARED
from upsun_rules.engine import lint
from upsun_rules.finding import Finding
from upsun_rules.options import Options
from upsun_schema.configuration.project import Project, decode, find_projects
from upsun_schema.yaml.document import Document
from upsun_schema.yaml.nodes import Region

OPTIONS = Options()
MOST_SHOWN = 5
LONGEST_CHAIN = 40
"""After so many edits of one project the next one begins: nothing but rubble would be left of it."""

Texts = dict[str, str]


class State(NamedTuple):
    """A project to edit: its folder and the texts of its files."""

    root: str
    texts: Texts


class Count(NamedTuple):
    """What a run came to."""

    edits: int
    differences: int
    exceptions: int


def states(folder: Path) -> list[State]:
    """The projects below a folder, its other YAML files each as one, and a measured configuration."""
    found = [State("/nonexistent", {CONFIG: configuration(2)})]
    inside: set[Path] = set()
    for root in find_projects(str(folder)):
        files = sorted(Path(root, ".upsun").glob("*.y*ml"))
        inside.update(files)
        texts = {f".upsun/{file.name}": decode(file.read_bytes()) for file in files}
        if texts and sum(map(len, texts.values())) < 40_000:
            found.append(State(root, texts))
    for file in sorted(folder.rglob("*.yaml")):
        if file not in inside:
            found.append(State("/nonexistent", {CONFIG: decode(file.read_bytes())}))
    return found


# -- edits -------------------------------------------------------------------------------------------------------------

_ODD = ["\t", "\r", "\u3000", "\u00a0", "\x85", "\u2028", "\ufeff", "\x00", "é", "😀"]
_SIGNS = [*"'\"{}[]:,#&*!|>%@`?-~. \n", ": ", " #", "- ", "\n  ", "\n\n", "<<: ", "''", '\\"']
_LINES = [
    "---",
    "...",
    "--- # x",
    "%YAML 1.1",
    "# comment",
    "applications:",
    "services:",
    "routes:",
    "tasks:",
    "  services:",
    "  db:",
    "    type: 'mariadb:11.8'",
    "    start: {start: artisan queue:work}",
    '    a: "one',
    "  b: two",
    '  c"',
    "    a: {{ foo }}",
    "? a",
    ": b",
    "- x",
    ".x: &x {source: tmp}",
    "    <<: *x",
    "    text: |",
    "<<<<<<< HEAD",
    "=======",
    ">>>>>>> theirs",
    "# upsun-lint: ignore[unknown-key]",
]
_SECTIONS = ["applications", "services", "routes", "tasks", "workers", "crons"]
_SECTION = re.compile(rf"(?m)^[ ]*({'|'.join(_SECTIONS)}):")
_NAME = re.compile(r"[\w.-]+(?=:)|(?<=: )[\w.-]+")

Edit = Callable[[str, random.Random], str]


def _at(text: str, random: random.Random) -> int:
    return random.randint(0, len(text))


def _insert_sign(text: str, random: random.Random) -> str:
    at = _at(text, random)
    return text[:at] + random.choice(_SIGNS) + text[at:]


def _insert_odd(text: str, random: random.Random) -> str:
    at = _at(text, random)
    return text[:at] + random.choice(_ODD) + text[at:]


def _quote(text: str, random: random.Random) -> str:
    words = list(_NAME.finditer(text))
    if not words:
        return text + "'"
    at = random.choice([edge for word in random.choices(words, k=3) for edge in word.span()])
    return text[:at] + random.choice("'\"") + text[at:]


def _delete(text: str, random: random.Random) -> str:
    at = _at(text, random)
    return text[:at] + text[at + random.choice([1, 1, 1, 2, 5, 30]) :]


def _rename_section(text: str, random: random.Random) -> str:
    found = list(_SECTION.finditer(text))
    if not found:
        return f"{random.choice(_SECTIONS)}:\n{text}"
    start, end = random.choice(found).span(1)
    return text[:start] + random.choice([*_SECTIONS, "application", "x"]) + text[end:]


def _rename(text: str, random: random.Random) -> str:
    names = list(_NAME.finditer(text))
    if not names:
        return text + "a: b\n"
    one, other = random.choice(names), random.choice(names)
    return text[: one.start()] + other[0] + text[one.end() :]


def _anchor(text: str, random: random.Random) -> str:
    spots = [match.end() for match in re.finditer(r":(?= |\n)", text)]
    if not spots:
        return text
    at = random.choice(spots)
    return text[:at] + random.choice([" &x", " *x", " &y", "\n        <<: *x\n", " !include x.yaml"]) + text[at:]


def _on_lines(change: Callable[[list[str], int, int, random.Random], None]) -> Edit:
    def edit(text: str, random: random.Random) -> str:
        lines = text.split("\n")
        first = random.randrange(len(lines))
        change(lines, first, first + random.choice([1, 1, 2, 4, 10]), random)
        return "\n".join(lines)

    return edit


def _add_line(lines: list[str], first: int, last: int, random: random.Random) -> None:
    lines.insert(first, random.choice(["", "  ", "    "]) * random.randint(0, 1) + random.choice(_LINES))


def _remove_lines(lines: list[str], first: int, last: int, random: random.Random) -> None:
    del lines[first:last]


def _repeat_lines(lines: list[str], first: int, last: int, random: random.Random) -> None:
    at = random.randint(0, len(lines))
    lines[at:at] = lines[first:last]


def _move_lines(lines: list[str], first: int, last: int, random: random.Random) -> None:
    moved = lines[first:last]
    del lines[first:last]
    at = random.randint(0, len(lines))
    lines[at:at] = moved


def _indent_lines(lines: list[str], first: int, last: int, random: random.Random) -> None:
    pad = random.choice([" ", "  ", "    ", "\t"])
    lines[first:last] = [pad + line for line in lines[first:last]]


def _outdent_lines(lines: list[str], first: int, last: int, random: random.Random) -> None:
    width = random.choice([1, 2, 2, 4])
    lines[first:last] = [line[min(width, len(line) - len(line.lstrip(" "))) :] for line in lines[first:last]]


def _comment_out(lines: list[str], first: int, last: int, random: random.Random) -> None:
    lines[first:last] = ["# " + line for line in lines[first:last]]


def _other_line_ends(text: str, random: random.Random) -> str:
    return text.replace("\r\n", "\n") if "\r\n" in text else text.replace("\n", "\r\n")


EDITS: list[Edit] = [
    _insert_sign,
    _insert_sign,
    _insert_odd,
    _quote,
    _quote,
    _delete,
    _delete,
    _rename_section,
    _rename_section,
    _rename,
    _rename,
    _anchor,
    _on_lines(_add_line),
    _on_lines(_add_line),
    _on_lines(_remove_lines),
    _on_lines(_remove_lines),
    _on_lines(_repeat_lines),
    _on_lines(_move_lines),
    _on_lines(_move_lines),
    _on_lines(_indent_lines),
    _on_lines(_outdent_lines),
    _on_lines(_comment_out),
    _other_line_ends,
]


def change(texts: Texts, random: random.Random) -> Texts:
    """The texts after one edit: of one file, or of which files there are."""
    path = random.choice(sorted(texts))
    chance = random.random()
    if chance < 0.03 and len(texts) < 4:
        return texts | {f".upsun/{random.choice('abz')}.yaml": texts[path]}
    if chance < 0.05 and len(texts) > 1:
        return {other: text for other, text in texts.items() if other != path}
    if chance < 0.08:
        other = random.choice(sorted(texts))
        return texts | {path: texts[other], other: texts[path]}
    return texts | {path: random.choice(EDITS)(texts[path], random)}


def chain(state: State, random: random.Random) -> Iterator[Texts]:
    """Yield the texts of a project before and after each of some edits; some of them are taken back."""
    history = [state.texts]
    yield state.texts
    for _ in range(LONGEST_CHAIN):
        if len(history) > 2 and random.random() < 0.25:
            history.pop()
        else:
            history.append(change(history[-1], random))
        yield history[-1]


# -- comparing ---------------------------------------------------------------------------------------------------------


def place(project: Project, region: Region) -> tuple[str, int, int]:
    """Where a region is: path and code points."""
    document, span = project.place(region)
    return document.path, span.start, span.end


def described(project: Project) -> list[object]:
    """Everything that the findings of a project say."""
    return [_described(project, finding) for finding in lint(project, OPTIONS)]


def _described(project: Project, finding: Finding) -> object:
    return (
        place(project, finding.region),
        finding.rule,
        finding.severity,
        finding.message,
        finding.label,
        [(place(project, related.region), related.message) for related in finding.related],
        [
            (fix.title, fix.safe, [(place(project, edit.region), edit.text) for edit in fix.edits])
            for fix in finding.fixes
        ],
    )


def read(document: Document) -> object:
    """The tree of a document and what is wrong with its text, with all places."""
    problems = [(document.span(problem.region), problem.message) for problem in document.problems]
    return dump(document.root), located(document), sorted(problems)


class Fresh:
    """What reading and linting a project afresh gives. It depends on the texts alone, so each is asked for once."""

    def __init__(self, root: str) -> None:
        self.root = root
        self._whole: dict[tuple[str, str], object] = {}
        self._found: dict[tuple[tuple[str, str], ...], tuple[dict[str, object], list[object]]] = {}

    def whole(self, path: str, text: str) -> object:
        """What a file is when it is read whole."""
        if (path, text) not in self._whole:
            self._whole[path, text] = read(Document(path, text, whole=True))
        return self._whole[path, text]

    def found(self, texts: Texts) -> tuple[dict[str, object], list[object]]:
        """What the files of a project are, and what its findings say."""
        key = tuple(texts.items())
        if key not in self._found:
            project = Project(self.root, texts)
            self._found[key] = {path: read(project.documents[path]) for path in texts}, described(project)
        return self._found[key]


def difference(texts: Texts, after: Project, fresh: Fresh) -> str | None:
    """In which way an edited project is not what a fresh one is; None where it is."""
    documents, other = fresh.found(texts)
    for path, text in texts.items():
        found = read(after.documents[path])
        for way, expected in (("kept", documents[path]), ("whole", fresh.whole(path, text))):
            if found != expected:
                return f"the tree of {path} ({way})"
    one = described(after)
    if one != other:
        return "\n".join(
            [
                "findings",
                *(f"  kept  {x}" for x in one if x not in other),
                *(f"  fresh {x}" for x in other if x not in one),
            ]
        )
    return None


def run(folder: Path, seed: int, count: int, show: Callable[[str], None] = print) -> Count:
    """Make so many edits, and count what went wrong; the first few are shown with the texts before and after."""
    chosen = random.Random(seed)
    projects = states(folder)
    edits = differences = exceptions = 0
    while edits < count:
        state = chosen.choice(projects)
        fresh = Fresh(state.root)
        before, known = state.texts, Project(state.root, state.texts)
        for texts in chain(state, chosen):
            edits += 1
            try:
                after = Project(state.root, texts, known)
                found = difference(texts, after, fresh)
                differences += found is not None
            except Exception:
                exceptions += 1
                found, after = traceback.format_exc(), Project(state.root, texts)
            if found is not None and differences + exceptions <= MOST_SHOWN:
                show(f"-- {state.root}, edit {edits}: {found}\nbefore = {before!r}\nafter = {texts!r}")
            before, known = texts, after
            if found is not None or edits >= count:
                break
    return Count(edits, differences, exceptions)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=10_000, help="how many edits (10000)")
    parser.add_argument("--folder", type=Path, default=None)
    arguments = parser.parse_args()
    corpus = SHARED / "corpus"
    folder = arguments.folder or (corpus if corpus.is_dir() else ROOT / "examples")
    found = run(folder, arguments.seed, arguments.count)
    print(
        f"{found.edits} edits, {found.differences} differences, {found.exceptions} exceptions (seed {arguments.seed})"
    )
    sys.exit(found.differences + found.exceptions > 0)


if __name__ == "__main__":
    main()
