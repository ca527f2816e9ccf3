"""The pages of the site: every link leads somewhere, and what is broken ends the build."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote, urlsplit

import pytest

from upsun_rules.catalog import every_rule

ROOT = Path(__file__).resolve().parents[2]


class Page(HTMLParser):
    """The links and the anchors of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.anchors.update(filter(None, (found.get("id"), found.get("name") if tag == "a" else None)))
        self.links += filter(None, (found.get("href"), found.get("src")))


@cache
def page(path: Path) -> Page:
    return Page(path.read_text("utf-8"))


def has_anchors(path: Path) -> bool:
    """Whether a fragment is an anchor; that of the playground is what it shows."""
    return path.suffix == ".html" and path.parent.name != "playground"


def broken_links(site: Path) -> Iterator[str]:
    for path in sorted(site.rglob("*.html")):
        if path.name == "404.html":  # Its links are for the root of a host: no folder is known that would be missing.
            continue
        for link in page(path).links:
            parts = urlsplit(link)
            if parts.scheme:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if target.is_dir():
                target /= "index.html"
            if not target.is_file() or (
                has_anchors(target) and parts.fragment and unquote(parts.fragment) not in page(target).anchors
            ):
                yield f"{path.relative_to(site)}: {link}"


def test_every_link_and_every_anchor_exists(site: Path) -> None:
    assert list(broken_links(site)) == []


def test_every_document_is_a_page(site: Path) -> None:
    for slug in every_rule():
        assert (site / "rules" / slug / "index.html").is_file()
    for guide in (ROOT / "docs" / "guide").glob("[!R]*.md"):
        assert (site / "guide" / guide.stem / "index.html").is_file()
    for name in ("", "guide", "rules", "editors", "editors/vscode", "editors/neovim", "changelog", "guide/policies"):
        assert (site / name / "index.html").is_file()


def test_each_wrong_example_has_a_link_to_the_playground(site: Path) -> None:
    for slug, rule in every_rule().items():
        wrong = sum(example.wrong for example in rule.examples)
        links = page(site / "rules" / slug / "index.html").links
        found = [link for link in links if "playground/#rule=" in link]
        shown = 0 if rule.subject == "Change" or slug == "shellcheck" else wrong
        assert found == [f"../../playground/#rule={slug}&example={number + 1}" for number in range(shown)], slug


@pytest.fixture
def builder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script that builds the site, whose work is in a folder of the test."""
    spec = spec_from_file_location("build_site", ROOT / "docs/site/build.py")
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "WORK", tmp_path / "work")
    return module


def test_a_link_to_a_missing_file_ends_the_build(
    builder: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = builder.Pages()
    monkeypatch.setattr(builder, "ROOT", tmp_path)
    document = tmp_path / "docs/guide/show.md"
    document.parent.mkdir(parents=True)
    document.write_text("see [this](nowhere.md), but not `[that](there.md)`")
    with pytest.raises(builder.BrokenLink, match=re.escape("docs/guide/show.md: nowhere.md leads to nothing")):
        pages.text("docs/guide/show.md")


def test_a_link_to_a_missing_anchor_ends_the_build(
    builder: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("zensical")
    written = builder.Pages.text

    def with_link(self: object, source: str) -> str:
        text = written(self, source)
        return f"{text}\n[this](settings.md#nowhere)\n" if source == "docs/guide/show.md" else text

    monkeypatch.setattr(builder.Pages, "text", with_link)
    with pytest.raises(subprocess.CalledProcessError):
        builder.build(tmp_path / "site", has_playground=False)
    assert not (tmp_path / "site").exists()
