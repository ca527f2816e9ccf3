"""Build the site: the guide, the rule reference and the playground, as files that any web server can serve.

The documents are written for the repository, where their links lead to files. Here each file that is a page gets the
link to that page, and each other file is copied, so that no link leads out of the site.
"""

from __future__ import annotations

import argparse
import json
import posixpath
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from itertools import count
from pathlib import Path

from upsun_rules.catalog import every_rule

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
WORK = ROOT / "build" / "site"
SITE = ROOT / "site"
BROWSER = ROOT / "editors" / "browser"

PAGES = {
    "docs/site/index.md": "index.md",
    "docs/guide/README.md": "guide/index.md",
    "docs/rules/README.md": "rules/index.md",
    "editors/README.md": "editors/index.md",
    "editors/vscode/README.md": "editors/vscode.md",
    "editors/neovim/README.md": "editors/neovim.md",
    "CHANGELOG.md": "changelog.md",
    "README.md": "index.md",
}
"""The pages that are not called as their file, by the path in the repository."""

FILES = "files"
"""The folder of the site with the files that pages link to."""

_LINK = re.compile(r"(?P<image>!?)\[(?P<text>(?:[^\[\]]|\[[^\]]*\])*)\]\((?P<target>[^()\s]+)\)")
_FENCE = re.compile(r"(?ms)^(?P<fence> *`{3,})[^\n]*\n.*?^(?P=fence)$\n?|`[^`\n]+`")
# An example of several files is several fences, one after the other; one without a path is a whole example.
_WRONG = re.compile(r'(?ms)^```yaml title="wrong"\n.*?^```\n+|(?:^```\w+ title="wrong: [^\n]*\n.*?^```\n+)+')


class BrokenLink(Exception):
    """A link of a document that leads to nothing."""


def sources() -> dict[str, str]:
    """Where each document becomes a page, by its path in the repository."""
    found = dict(PAGES)
    for folder in ("guide", "rules"):
        for path in sorted((ROOT / "docs" / folder).glob("*.md")):
            found.setdefault(f"docs/{folder}/{path.name}", f"{folder}/{path.name}")
    return found


class Pages:
    """The pages of the site, and the files that they need."""

    def __init__(self) -> None:
        self.sources = sources()
        self.files: dict[str, str] = {}

    def text(self, source: str) -> str:
        """The page of a document, with the links that it has in the site."""
        # The home page of the site lies below the root like that of the repository.
        base = "" if source == "docs/site/index.md" else posixpath.dirname(source)
        text = (ROOT / source).read_text("utf-8")
        parts, at = [], 0
        for code in _FENCE.finditer(text):
            parts += [self._with_links(text[at : code.start()], source, base), code[0]]
            at = code.end()
        return "".join([*parts, self._with_links(text[at:], source, base)])

    def _with_links(self, text: str, source: str, base: str) -> str:
        def link(match: re.Match[str]) -> str:
            path, sharp, anchor = match["target"].partition("#")
            words = self._with_links(match["text"], source, base) if "[" in match["text"] else match["text"]
            if not path or ":" in path or path == "playground/":
                return f"{match['image']}[{words}]({match['target']})"
            target = posixpath.normpath(posixpath.join(base, path))
            if not (ROOT / target).exists():
                raise BrokenLink(f"{source}: {match['target']} leads to nothing")
            if (ROOT / target).is_dir():
                # A folder is there only in the repository; its path says where.
                return words if "`" in words else f"`{target}`"
            page = self.sources.get(target)
            if page is None:
                # A name that begins with a dot would be left out of the site.
                page = self.files[target] = f"{FILES}/{target.removeprefix('.')}"
            here = posixpath.dirname(self.sources[source]) or "."
            return f"{match['image']}[{words}]({posixpath.relpath(page, here)}{sharp}{anchor})"

        return _LINK.sub(link, text)


def with_playground(slug: str, text: str) -> str:
    """The page of a rule with a link to the playground below each wrong example that it can show."""
    rule = every_rule()[slug]
    # Changes are judged against an earlier commit, and ShellCheck is a program; the page has neither.
    if rule.subject == "Change" or slug == "shellcheck":
        return text
    numbers = count(1)

    def linked(match: re.Match[str]) -> str:
        link = f"[Open in the playground](../playground/#rule={slug}&example={next(numbers)})"
        return f"{match[0].rstrip()}\n\n{link}{{ .playground }}\n\n"

    return _WRONG.sub(linked, text)


def navigation() -> list[object]:
    """The navigation: titles with their pages, in the order of the guide's table of contents."""
    text = (ROOT / "docs/guide/README.md").read_text("utf-8")
    guide: list[object] = ["guide/index.md"]
    for row in text.splitlines():
        if (heading := re.match(r"\| \*\*(.+?)\*\* \|", row)) is not None:
            guide.append({heading[1]: []})
        for title, page in re.findall(r"\[([^\]]+)\]\(([\w-]+\.md)\)", row):
            section = guide[-1]
            assert isinstance(section, dict)
            next(iter(section.values())).append({title: f"guide/{page}"})
    topics: dict[str, list[str]] = defaultdict(list)
    for rule in every_rule().values():
        topics[rule.heading].append(f"rules/{rule.slug}.md")
    return [
        {"Home": "index.md"},
        {"Guide": guide},
        {"Rules": ["rules/index.md", *({heading: topics[heading]} for heading in sorted(topics))]},
        {
            "Editors": [
                "editors/index.md",
                {"VS Code": "editors/vscode.md"},
                {"Neovim": "editors/neovim.md"},
            ]
        },
        {"Playground": "playground/"},
        {"Changelog": "changelog.md"},
    ]


def as_toml(value: object) -> str:
    """A navigation as TOML, whose tables differ from JSON in their sign."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {as_toml(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(as_toml, value)) + "]"
    return json.dumps(value)


def write_pages(folder: Path) -> None:
    """Write every page, and the files that pages link to."""
    pages = Pages()
    for source, page in pages.sources.items():
        if source == "README.md":  # Its links lead here, but its place is the repository.
            continue
        text = pages.text(source)
        if page.startswith("rules/") and page != "rules/index.md":
            text = with_playground(Path(page).stem, text)
        target = folder / page
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
    copies = pages.files | {
        "editors/vscode/images/icon.png": "assets/icon.png",
        "docs/site/site.css": "assets/site.css",
    }
    for source, page in copies.items():
        target = folder / page
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / source, target)


def build(site: Path, *, has_playground: bool = True) -> None:
    """Build the site into a folder. What is broken in a document ends the build, and the folder stays as it was."""
    shutil.rmtree(WORK, ignore_errors=True)
    write_pages(WORK / "pages")
    places = f'docs_dir = "pages"\nsite_dir = "html"\nnav = {as_toml(navigation())}\n'
    look = (HERE / "zensical.toml").read_text("utf-8")
    (WORK / "zensical.toml").write_text(look.replace("[project]\n", f"[project]\n{places}", 1), "utf-8")
    subprocess.run([sys.executable, "-m", "zensical", "build", "--strict"], cwd=WORK, check=True)
    if has_playground:
        build_playground(WORK / "html" / "playground")
    shutil.rmtree(site, ignore_errors=True)
    shutil.move(WORK / "html", site)


def build_playground(target: Path) -> None:
    """Build the playground into a folder of the site."""
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("the playground needs npm; --pages builds the site without it")
    subprocess.run([npm, "ci", "--ignore-scripts", "--no-progress", "--loglevel=error"], cwd=BROWSER, check=True)
    subprocess.run([sys.executable, BROWSER / "build.py", target], check=True)


def main() -> int:
    """Build what the command line says."""
    parser = argparse.ArgumentParser(description="Build the site.")
    parser.add_argument("--pages", action="store_true", help="leave out the playground, which needs npm")
    parser.add_argument("--into", type=Path, default=SITE, metavar="FOLDER", help="where the site is written")
    arguments = parser.parse_args()
    try:
        build(arguments.into, has_playground=not arguments.pages)
    except BrokenLink as broken:
        sys.stderr.write(f"{broken}\n")
        return 1
    except subprocess.CalledProcessError as failed:
        sys.stderr.write(f"`{Path(failed.cmd[0]).name}` failed\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
