"""Every place where a name is, however it is written."""

from __future__ import annotations

from collections.abc import Iterable

from tests.support import CONFIG, project
from upsun_schema.configuration.project import Project
from upsun_schema.configuration.references import Reference, ReferenceKind, of_same_thing, references, references_at

TEXT = """\
applications:
  app:
    type: 'php:8.4'
    relationships:
      db:
      main: {service: "db", endpoint: 'own'}
      old: 'db:mysql'
      odd: db
      lost: 'nowhere:x'
      "\\x64b2": db:mysql
    mounts:
      /a/: {source: service, service: files}
      b: {source: storage, service: app}
    workers:
      w: &w
        relationships: {db, extra: 'db:mysql'}
        mounts: {a: {source: tmp}}
      v: *w
services:
  db:
    type: 'mariadb:11.8'
    configuration: {endpoints: {own: {}}}
  files: {type: 'network-storage:1.0'}
  app: {type: 'redis:8.0'}
routes:
  'https://{default}/': {type: upstream, upstream: 'app:http'}
tasks:
  t:
    authorizations: [{type: task, resource: t, action: operate}]
    relationships: {main: 'db:mysql'}
    mounts: {b: {source: storage, service: app}}
"""


def named(kind: ReferenceKind, name: str, found: Iterable[Reference]) -> list[str]:
    """Where a thing is named, as `line:text`; a definition is marked with a star."""
    document = project(TEXT).documents[CONFIG]
    places = []
    for one in found:
        if one.kind is kind and one.name == name:
            base = next(base for base, piece in document.pieces if piece.text == one.region.piece.text)
            line = document.lines.position(base + one.region.start).line + 1
            places.append((line, f"{line}:{one.region.text}{'*' if one.is_definition else ''}"))
    return list(dict.fromkeys(text for _, text in sorted(places)))


def test_every_form_of_a_use() -> None:
    found = references(project(TEXT))
    uses = ["5:db", "6:db", "7:db", "8:db", "10:db", "16:db", "20:db*", "30:db"]
    assert named(ReferenceKind.TASK, "t", found) == ["28:t*", "29:t"]
    assert named(ReferenceKind.SERVICE, "db", found) == uses
    assert named(ReferenceKind.ENDPOINT, "own", found) == ["6:own", "22:own*"]
    assert named(ReferenceKind.SERVICE, "nowhere", found) == ["9:nowhere"]
    assert named(ReferenceKind.SERVICE, "files", found) == ["12:files", "23:files*"]


def test_of_an_application_and_a_service_of_one_name_the_place_decides() -> None:
    found = references(project(TEXT))
    assert named(ReferenceKind.APPLICATION, "app", found) == ["2:app*", "13:app", "26:app", "31:app"]
    assert named(ReferenceKind.SERVICE, "app", found) == ["24:app*"]


def test_what_a_worker_repeats_is_defined_in_its_application() -> None:
    found = references(project(TEXT))
    assert named(ReferenceKind.RELATIONSHIP, "db", found) == ["5:db*", "16:db"]
    assert named(ReferenceKind.RELATIONSHIP, "extra", found) == ["16:extra*"]
    assert named(ReferenceKind.RELATIONSHIP, "db2", found) == ['10:"\\x64b2"*']
    assert named(ReferenceKind.MOUNT, "a", found) == ["12:a*", "17:a"]


def test_anchors_belong_to_their_place() -> None:
    text = "a: &x 1\nb: *x\nc: &x 2\nd: [*x, *y]\n"
    found = [one for one in references(project(text)) if one.kind is ReferenceKind.ANCHOR]
    first = next(one for one in found if one.region.start == text.index("x"))
    same = of_same_thing(found, [first])
    assert sorted((one.region.start, one.is_definition) for one in same) == [(4, True), (text.index("*x") + 1, False)]
    assert len([one for one in found if one.name == "y"]) == 1


def test_a_shared_block_ties_what_shares_it() -> None:
    text = (
        "applications:\n  a:\n    relationships: &r {db: 's:x'}\n    workers: {w: {relationships: {db: 's:y'}}}\n"
        "  b:\n    relationships: *r\n    workers: {w: {relationships: {db: 's:z'}}}\n"
    )
    found = references(project(text))
    one = next(one for one in found if one.kind is ReferenceKind.RELATIONSHIP)
    assert len(of_same_thing(found, [one])) == 3


def test_a_place_on_quotes_or_slashes_is_on_the_name() -> None:
    built = project(TEXT)
    document = built.documents[CONFIG]
    found = references(built)

    def at(needle: str, after: int) -> set[tuple[ReferenceKind, str]]:
        place = document.at(TEXT.index(needle) + after)
        assert place is not None
        return {(one.kind, one.name) for one in references_at(found, *place)}

    assert at('"db"', 0) == at('"db"', 4) == {(ReferenceKind.SERVICE, "db")}
    assert at("/a/", 0) == at("/a/", 3) == {(ReferenceKind.MOUNT, "a")}
    assert at("&w", 0) == at("&w", 2) == {(ReferenceKind.ANCHOR, "w")}
    assert at("'db:mysql'", 3) == {(ReferenceKind.SERVICE, "db")}
    assert at("'db:mysql'", 4) == {(ReferenceKind.ENDPOINT, "mysql")}
    assert at("db:\n", 1) == {(ReferenceKind.RELATIONSHIP, "db"), (ReferenceKind.SERVICE, "db")}
    assert at("type:", 1) == set()


def test_names_that_come_later_are_found_in_what_did_not_change() -> None:
    before = project({CONFIG: "applications:\n  a:\n    relationships: {r: 'b:http'}\n"})
    assert {one.kind for one in references(before) if one.name == "b"} == {ReferenceKind.SERVICE}
    more = {".upsun/more.yaml": "applications:\n  b: {type: 'php:8.4'}\n"}
    after = Project("/nonexistent", {**before.overlay, **more}, before)
    assert {one.kind for one in references(after) if one.name == "b"} == {ReferenceKind.APPLICATION}
