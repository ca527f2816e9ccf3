"""The playground in a real browser, on the built site, below a folder of its host."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

pytest.importorskip("playwright")

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.server.command import upsun_lint, write
from tests.site.browsing import MILLISECONDS, browser, chromium
from tests.site.serving import Served

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "editors/browser/node_modules/axe-core/axe.min.js"

MOST_BYTES = 12_000_000

expect.set_options(timeout=MILLISECONDS)


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    program = chromium()
    if program is None:
        pytest.skip("Chromium is not installed")
    with browser(program) as found:
        yield found


def visit(context: BrowserContext, server: Served, path: str = "playground/") -> Page:
    page = context.new_page()
    page.set_default_timeout(MILLISECONDS)
    page.goto(server.address + path)
    return page


def listed(page: Page) -> list[str]:
    """The findings of the list, once there are some: rule and place."""
    expect(page.locator("#findings")).not_to_have_attribute("aria-busy", "true")
    return [
        f"{one.locator('a').inner_text()} {one.locator('.place').inner_text()}"
        for one in page.locator("#findings li").all()
    ]


@pytest.fixture(scope="module")
def context(chrome: Browser, server: Served) -> Iterator[BrowserContext]:
    """A visitor, whose every request goes to the host of the site."""
    found = chrome.new_context(
        viewport={"width": 1400, "height": 850}, permissions=["clipboard-read", "clipboard-write"]
    )
    foreign: list[str] = []
    complaints: list[str] = []
    found.on("request", lambda request: foreign.append(request.url) if is_foreign(request.url, server) else None)
    found.on("weberror", lambda error: complaints.append(str(error.error)))
    found.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    yield found
    found.close()
    assert foreign == []
    assert complaints == []


def is_foreign(url: str, server: Served) -> bool:
    return url.startswith("http") and not url.startswith(server.address)


@pytest.fixture(scope="module")
def visited(context: BrowserContext, server: Served) -> Page:
    """The one page of most tests: starting Python takes seconds, opening another project does not."""
    page = visit(context, server)
    expect(page.locator("#findings li").first).to_be_visible()
    return page


@pytest.fixture
def page(visited: Page) -> Page:
    """The page with the example of the README."""
    return opened(visited, "#project=bare-relationships")


_numbers = count()


def opened(page: Page, fragment: str) -> Page:
    """The page with another project, or with the same one as it was."""
    address = f"{fragment}&test={next(_numbers)}"
    page.evaluate("address => { location.hash = address; }", address)
    page.wait_for_function("address => document.getElementById('editors').dataset.fragment === address", arg=address)
    expect(page.locator("#findings")).not_to_have_attribute("aria-busy", "true")
    page.locator("#show-findings").click()
    return page


def text_of(page: Page) -> str:
    """The text of the file that is shown."""
    return "\n".join(page.locator("#editors > div:not([hidden]) .cm-line").all_inner_texts()).replace("\n\n", "\n")


def replace(page: Page, text: str) -> None:
    """Write another text into the editor, as with the keyboard."""
    page.locator("#editors > div:not([hidden]) .cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(text)


WORKERS = """\
applications:
  app:
    type: 'php:8.4'
    source: {root: /}
    variables: {env: {A: b}}
    workers:
      queue:
        commands: {start: php artisan queue:work --max-time=3600}
"""


# -- the first and the second visit ------------------------------------------------------------------------------------


def test_the_first_visit_is_small_and_the_second_transfers_nothing(chrome: Browser, server: Served) -> None:
    context = chrome.new_context()
    before = server.bytes_sent
    page = visit(context, server)
    expect(page.locator("#status")).to_contain_text("Loading")
    expect(page.locator("#findings li").first).to_be_visible()
    expect(page.locator("#status")).to_be_hidden()
    first = server.bytes_sent - before
    assert 1_000_000 < first <= MOST_BYTES
    page.close()
    page = visit(context, server)
    expect(page.locator("#findings li").first).to_be_visible()
    page.locator("#show-topology").click()
    expect(page.frame_locator("#picture").get_by_text("mysql").first).to_be_visible()
    assert server.bytes_sent - before == first
    context.close()


def test_without_webassembly_it_says_what_to_do(chrome: Browser, server: Served) -> None:
    context = chrome.new_context()
    context.add_init_script("delete globalThis.WebAssembly")
    page = visit(context, server)
    expect(page.locator("#unsupported")).to_be_visible()
    expect(page.locator("#unsupported")).to_contain_text("It has no WebAssembly.")
    expect(page.locator("#work")).to_be_hidden()
    page.locator("#unsupported a").first.click()
    expect(page).to_have_url(f"{server.address}guide/")
    context.close()


# -- the language server -----------------------------------------------------------------------------------------------


def test_the_findings_of_the_example_are_shown(page: Page) -> None:
    assert listed(page) == [
        "relationship-outside-block .upsun/config.yaml:14",
        "relationship-outside-block .upsun/config.yaml:23",
    ]
    expect(page.locator(".cm-lintRange-error").first).to_be_visible()
    expect(page.locator("#findings li a").first).to_have_attribute("href", "../rules/relationship-outside-block/")


def test_a_finding_moves_with_its_line(page: Page) -> None:
    page.locator("#editors > div:not([hidden]) .cm-content").click()
    page.keyboard.press("Control+Home")
    page.keyboard.press("Enter")
    expect(page.locator("#findings .place").first).to_have_text(".upsun/config.yaml:15")


def test_the_mouse_on_a_worker_shows_what_it_inherits(page: Page) -> None:
    replace(page, WORKERS)
    page.locator(".cm-line", has_text="queue:").first.locator("span", has_text="queue").first.hover()
    expect(page.locator(".cm-tooltip-hover table")).to_contain_text("inherited from")


def test_a_key_shows_what_is_at_the_cursor(page: Page) -> None:
    replace(page, WORKERS)
    for _ in range(2):
        page.keyboard.press("ArrowUp")
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("F1")
    expect(page.locator(".cm-lsp-hover-tooltip table")).to_contain_text("inherited from")
    page.keyboard.press("Escape")
    expect(page.locator(".cm-lsp-hover-tooltip")).to_have_count(0)


def test_keys_are_completed(page: Page) -> None:
    replace(page, WORKERS)
    page.keyboard.insert_text("        mou")
    page.keyboard.press("Control+Space")
    option = page.locator(".cm-tooltip-autocomplete li", has_text="mounts").first
    expect(option).to_be_visible()
    option.click()
    expect(page.locator(".cm-content:visible")).to_contain_text("mounts:")


def test_a_fix_is_one_click(page: Page) -> None:
    page.locator("#findings li").first.get_by_role("button", name="Move it below").click()
    expect(page.locator("#findings li")).to_have_count(1)
    assert "relationships:\n" in text_of(page)


def test_a_fix_is_a_few_keys(page: Page) -> None:
    page.locator("#editors > div:not([hidden]) .cm-content").click()
    page.keyboard.press("Control+Home")
    page.keyboard.press("F8")
    expect(page.get_by_role("button", name="Move it below").first).to_be_visible()
    page.keyboard.press("Control+.")
    expect(page.locator("#finding-0-0")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#findings li")).to_have_count(1)


def test_the_tabulator_leaves_the_editor(page: Page) -> None:
    content = page.locator("#editors > div:not([hidden]) .cm-content")
    content.click()
    expect(content).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#show-findings")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#configuration")).to_be_visible()
    page.keyboard.press("Shift+Tab")
    expect(content).to_be_focused()


def test_the_effective_configuration_follows_the_text(page: Page) -> None:
    replace(page, WORKERS)
    page.locator("#show-effective").click()
    expect(page.locator("#configuration")).to_contain_text("queue")
    expect(page.locator("#workers")).to_have_value("app--queue")
    replace(page, WORKERS.replace("queue:\n", "mail:\n"))
    expect(page.locator("#workers")).to_have_value("app--mail")


def test_the_topology_leads_to_the_text(page: Page) -> None:
    page.locator("#show-topology").click()
    picture = page.frame_locator("#picture")
    picture.get_by_text("mysql", exact=True).first.click()
    expect(page.locator("#editors > div:not([hidden]) .cm-content")).to_be_focused()
    expect(page.locator(".cm-activeLine:visible").first).to_contain_text("mysql")


def test_what_a_text_contains_is_never_html(page: Page) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    replace(page, WORKERS.replace("queue:", f"'{hostile}':"))
    page.locator("#show-effective").click()
    expect(page.locator("#configuration")).to_contain_text(hostile)
    page.locator("#show-topology").click()
    expect(page.frame_locator("#picture").get_by_text(hostile).first).to_be_visible()
    page.locator("#show-findings").click()
    page.locator(".cm-line", has_text="onerror").first.locator("span").last.hover()
    expect(page.locator(".cm-tooltip-hover table")).to_be_visible()
    assert page.locator("img[onerror]").count() == 0


def test_a_policy_is_not_silently_ignored(page: Page) -> None:
    text = '[[policies]]\nname = "no-shell"\nsubject = "worker"\nschema = {required = ["access"]}\n'
    opened(page, page.evaluate(PACK, {".upsun/config.yaml": WORKERS, ".upsun-lint.toml": text}))
    expect(page.locator("#findings li")).to_contain_text("policies need the Python package")


PACK = """async (files) => {
  const stream = new Blob([JSON.stringify(files)]).stream().pipeThrough(new CompressionStream('deflate-raw'));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const text = btoa(String.fromCharCode(...bytes));
  return '#files=' + text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}"""


# -- files -------------------------------------------------------------------------------------------------------------


def test_an_example_of_several_files_has_several_tabs(page: Page) -> None:
    opened(page, "#rule=unknown-script&example=1")
    assert listed(page) == ["unknown-script .upsun/config.yaml:7"]
    tabs = page.locator("#tabs [role=tab]")
    expect(tabs).to_have_text([".upsun/config.yaml", "package.json"])
    tabs.first.focus()
    page.keyboard.press("ArrowRight")
    expect(tabs.nth(1)).to_have_attribute("aria-selected", "true")
    replace(page, '{"scripts": {"wroker": "node worker.js"}}')
    expect(page.locator("#findings")).to_contain_text("All good")


def test_files_are_added_and_removed(page: Page) -> None:
    replace(page, WORKERS.replace("    variables", "    relationships: {db: 'db:mysql'}\n    variables"))
    expect(page.locator("#findings li a", has_text="undefined-relationship-target")).to_be_visible()
    page.once("dialog", lambda dialog: dialog.accept(".upsun/services.yaml"))
    page.locator("#add").click()
    expect(page.locator("#tabs [role=tab]")).to_have_count(2)
    replace(page, "services:\n  db: {type: 'mariadb:11.8'}\n")
    expect(page.locator("#findings li a", has_text="undefined-relationship-target")).to_have_count(0)
    page.locator("#close").click()
    expect(page.locator("#tabs [role=tab]")).to_have_count(1)
    expect(page.locator("#findings li a", has_text="undefined-relationship-target")).to_be_visible()


def test_a_link_contains_the_files(page: Page, context: BrowserContext, server: Served) -> None:
    text = WORKERS.replace("php artisan", "php artisän")
    replace(page, text)
    before = server.bytes_sent
    page.locator("#share").click()
    expect(page.locator("#status")).to_contain_text("copied")
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == page.url
    assert re.fullmatch(re.escape(f"{server.address}playground/#files=") + r"[\w-]+", link)
    other = context.new_page()
    other.goto(link)
    expect(other.locator(".cm-content:visible")).to_contain_text("artisän", timeout=MILLISECONDS)
    assert text_of(other) == text_of(page)
    other.close()
    assert server.bytes_sent == before


@pytest.mark.parametrize("fragment", ["#files=AAAA", "#rule=no-such-rule", "#project=__proto__", "#files=%"])
def test_a_broken_link_says_so_and_shows_the_first_example(page: Page, fragment: str) -> None:
    opened(page, fragment)
    expect(page.locator("#status")).to_contain_text("This link cannot be opened")
    assert len(listed(page)) == 2


def test_the_download_is_what_the_command_line_would_write(page: Page, tmp_path: Path) -> None:
    page.locator("#fix").click()
    expect(page.locator("#findings")).to_contain_text("All good")
    with page.expect_download() as started:
        page.locator("#download").click()
    downloaded = Path(started.value.path()).read_bytes()
    assert started.value.suggested_filename == "config.yaml"
    file = write(tmp_path, (ROOT / "examples/bare-relationships/.upsun/config.yaml").read_bytes())
    upsun_lint("check", "--fix", str(tmp_path))
    assert downloaded == file.read_bytes()


def test_the_examples_can_be_chosen(page: Page) -> None:
    page.locator("#examples").select_option("inherited")
    expect(page.locator(".cm-content:visible")).to_contain_text("applications")
    expect(page).to_have_url(re.compile("#project=inherited$"))
    page.locator("#examples").select_option("unknown-key")
    expect(page.locator("#findings li a")).to_have_text(["unknown-key"])


# -- the other pages ---------------------------------------------------------------------------------------------------


def test_a_rule_leads_to_its_example(context: BrowserContext, server: Served) -> None:
    page = visit(context, server, "rules/crons-on-worker/")
    page.get_by_role("link", name="Open in the playground").first.click()
    expect(page).to_have_url(f"{server.address}playground/#rule=crons-on-worker&example=1")
    expect(page.locator("#findings li a").first).to_have_text("crons-on-worker")
    page.locator(".brand").click()
    expect(page).to_have_url(server.address)
    page.close()


def test_the_search_finds_a_rule(context: BrowserContext, server: Served) -> None:
    page = visit(context, server, "guide/editor/")
    page.get_by_role("button", name="Search").first.click()
    page.locator("input:focus").fill("override-drops-variables")
    expect(page.get_by_text(re.compile(r"^\d+ results$"))).to_be_visible()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(re.escape(f"{server.address}rules/override-drops-variables/")))
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_serious_problem_for_a_screen_reader(chrome: Browser, server: Served, scheme: str) -> None:
    context = chrome.new_context(color_scheme=scheme)  # type: ignore[arg-type]
    for path in ("", "guide/editor/", "rules/unknown-script/"):
        page = visit(context, server, path)
        assert serious(page) == [], path
        page.close()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 420])
def test_the_playground_has_no_serious_problem_for_a_screen_reader(page: Page, scheme: str, width: int) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": 850})
    expect(page.locator(".fixes button").first).to_be_visible()
    assert serious(page) == []
    for view in ("show-effective", "show-topology"):
        page.locator(f"#{view}").click()
        assert serious(page) == []
    page.set_viewport_size({"width": 1400, "height": 850})
    page.emulate_media(color_scheme="light")


def serious(page: Page) -> list[str]:
    """The serious problems that axe finds in a page."""
    found = []
    # Each frame by itself: axe would send messages to frames that understand only those of the page.
    for frame in [frame for frame in page.frames if frame.url != "about:blank"]:
        frame.evaluate(AXE.read_text("utf-8"))
        found += frame.evaluate("axe.run(document, {iframes: false})")["violations"]
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:200]} {one['nodes'][0]['failureSummary'][:300]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
