"""The playground in headless Chromium, on a site built now, compared with its budgets.

    python tests/benchmarks/playground.py [SITE]

The median of several visits counts: what else the machine does is in a single one.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser, Page

from tests.benchmarks.inputs import SIZES, configuration
from tests.site.browsing import browser, chromium
from tests.site.serving import Served, compressed, served

VISITS = 5
KEYSTROKES = 60

MOST_BYTES_FIRST = 12_000_000
MOST_BYTES_SECOND = 0
MOST_SECONDS = 8.0
MOST_MILLISECONDS = 150.0

# From the key to the list of findings that has the new line in it. Each line above a finding moves it.
_KEYSTROKE = """() => new Promise((resolve) => {
  const list = document.getElementById("findings");
  const before = list.querySelector(".place").textContent;
  let started;
  const observer = new MutationObserver(() => {
    if (list.querySelector(".place").textContent !== before) {
      observer.disconnect();
      resolve(performance.now() - started);
    }
  });
  observer.observe(list, { childList: true, subtree: true });
  addEventListener("keydown", () => { started = performance.now(); }, { once: true, capture: true });
})"""


def visit(browser_: Browser, server: Served) -> tuple[float, int, int]:
    """The seconds to the first finding of a first visit, and the bytes of it and of a second one."""
    context = browser_.new_context()
    before = server.bytes_sent
    first = seconds_to_finding(context.new_page(), server)
    sent = server.bytes_sent - before
    seconds_to_finding(context.new_page(), server)
    again = server.bytes_sent - before - sent
    context.close()
    return first, sent, again


def seconds_to_finding(page: Page, server: Served) -> float:
    started = time.perf_counter()
    page.goto(f"{server.address}playground/")
    page.wait_for_selector("#findings li")
    return time.perf_counter() - started


def keystrokes(browser_: Browser, server: Served) -> list[float]:
    """The milliseconds from each keystroke to its findings, in a file of 60 lines."""
    page = browser_.new_page()
    page.set_default_timeout(60_000)
    seconds_to_finding(page, server)
    page.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    # With one mistake, so that there is a finding that moves.
    page.keyboard.insert_text(configuration(*SIZES["60 lines"]).replace("hooks:", "hook:", 1))
    page.wait_for_timeout(3_000)
    page.keyboard.press("Control+Home")
    found = []
    for _ in range(KEYSTROKES):
        waiting = page.evaluate_handle(f"() => {{ globalThis.measured = ({_KEYSTROKE})(); }}")
        page.keyboard.press("Enter")
        found.append(page.evaluate("measured"))
        waiting.dispose()
    page.close()
    return found


def main() -> int:
    """Measure, print, and fail if a budget is exceeded."""
    program = chromium()
    if program is None:
        sys.exit("Chromium is not installed")
    with tempfile.TemporaryDirectory() as folder:
        site = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(folder, "site")
        if not site.exists():
            subprocess.run([sys.executable, "docs/site/build.py", "--into", site], cwd=ROOT, check=True)
        for file in site.rglob("*"):
            if file.is_file():  # A host compresses a file once, not for each visitor.
                compressed(file)
        with served(site) as server, browser(program) as chrome:
            visits = [visit(chrome, server) for _ in range(VISITS)]
            strokes = sorted(keystrokes(chrome, server))
    firsts, sizes, seconds = zip(*visits, strict=True)
    rows = [
        ("first visit, bytes", max(sizes), MOST_BYTES_FIRST),
        ("second visit, bytes", max(seconds), MOST_BYTES_SECOND),
        ("first finding, s (median)", round(statistics.median(firsts), 2), MOST_SECONDS),
        ("keystroke to findings, ms (p95)", round(strokes[int(len(strokes) * 0.95)], 1), MOST_MILLISECONDS),
    ]
    print(f"first finding, s: {', '.join(f'{one:.1f}' for one in firsts)}")
    print(f"keystroke to findings, ms: median {statistics.median(strokes):.0f}, longest {strokes[-1]:.0f}")
    for name, measured, most in rows:
        print(f"{name:34} {measured:>12,} of at most {most:,}{'' if measured <= most else '  TOO MUCH'}")
    return int(any(measured > most for _, measured, most in rows))


if __name__ == "__main__":
    sys.exit(main())
