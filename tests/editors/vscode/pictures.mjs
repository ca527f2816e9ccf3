// What a person sees and does, by keys and mouse in a real window, with pictures of it for the README.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";

const WAIT = 20_000;

/** Goes through all of it. Each picture is of a part of the window, so that it stays small. */
export async function drive(page, folder, output) {
  const window = new Window(page, folder, output);
  await page.waitForSelector(".monaco-workbench", { timeout: 60_000 });
  await window.open("config.yaml");
  // The side bar would take a third of each picture.
  await page.keyboard.press("Control+B");
  try {
    for (const scene of [problems, hover, quickFix, completion, effective, topology, status]) {
      await scene(window);
    }
  } catch (error) {
    await window.picture("failure");
    throw error;
  }
}

class Window {
  constructor(page, folder, output) {
    this.page = page;
    this.lines = readFileSync(path.join(folder, ".upsun/config.yaml"), "utf8").split("\n");
    this.output = output;
  }

  /** Opens a file by Quick Open. */
  async open(name) {
    const { page } = this;
    for (let attempt = 0; attempt < 5; attempt++) {
      await page.keyboard.press("Control+P");
      await page.waitForSelector(".quick-input-widget input", { state: "visible", timeout: WAIT });
      await page.keyboard.type(name, { delay: 20 });
      await page.waitForTimeout(700);
      await page.keyboard.press("Enter");
      // The list of files may not have been there yet.
      if (await appears(page.locator(".tab", { hasText: name }), 2000)) {
        return;
      }
      await page.keyboard.press("Escape");
    }
    assert.fail(`${name} cannot be opened`);
  }

  async command(title) {
    const { page } = this;
    await page.keyboard.press("F1");
    await page.waitForSelector(".quick-input-widget input", { state: "visible", timeout: WAIT });
    await page.keyboard.type(title);
    await page.locator(".quick-input-list .monaco-list-row", { hasText: title }).first().waitFor({ timeout: WAIT });
    await page.keyboard.press("Enter");
  }

  /** Puts the cursor before a text of the file, or at the end of its line. */
  async goTo(text, where = "before") {
    const { page } = this;
    const line = this.number(text);
    const column = where === "end" ? this.lines[line - 1].length : this.lines[line - 1].indexOf(text);
    await page.keyboard.press("Control+G");
    await page.waitForSelector(".quick-input-widget input", { state: "visible", timeout: WAIT });
    await page.keyboard.type(`${line}:${column + 1}`);
    await page.keyboard.press("Enter");
    await page.waitForTimeout(150);
  }

  /** The number of the line that holds a text, counted from 1. */
  number(text) {
    return this.lines.findIndex((line) => line.includes(text)) + 1;
  }

  /** Waits until the cursor is in a line. */
  async cursorAt(line) {
    await this.page.locator("#status\\.editor\\.selection", { hasText: `Ln ${line},` }).waitFor({ timeout: WAIT });
  }

  async picture(name, clip) {
    await this.page.waitForTimeout(300);
    await this.page.screenshot({ path: path.join(this.output, `${name}.png`), ...(clip === undefined ? {} : { clip }) });
  }
}

async function appears(locator, limit) {
  return locator
    .first()
    .waitFor({ timeout: limit })
    .then(() => true, () => false);
}

async function problems(window) {
  const { page } = window;
  await window.goTo("mailer:");
  await page.waitForSelector(".squiggly-error", { timeout: 60_000 });
  await page.keyboard.press("Control+Shift+M");
  const rows = page.locator(".markers-panel .monaco-list-row");
  await rows.nth(3).waitFor({ timeout: WAIT });
  const labels = await rows.evaluateAll((all) => all.map((row) => row.getAttribute("aria-label") ?? ""));
  assert.equal(labels.filter((label) => label.startsWith("Error: `&` sends")).length, 1, labels.join("\n"));
  await window.goTo("mailer:");
  await window.picture("problems");
  await page.keyboard.press("Control+J");
}

async function hover(window) {
  const { page } = window;
  await window.goTo("mailer:");
  await page.keyboard.press("Control+K");
  await page.keyboard.press("Control+I");
  await page.locator(".monaco-hover:not(.hidden)", { hasText: "inherited from" }).first().waitFor({ timeout: WAIT });
  await window.picture("hover");
  await page.keyboard.press("Escape");
}

async function quickFix(window) {
  const { page } = window;
  await window.goTo("&");
  await page.keyboard.press("Control+.");
  await page.locator(".action-widget .monaco-list-row").first().waitFor({ timeout: WAIT });
  await window.picture("quick-fix");
  await page.keyboard.press("Escape");
}

async function completion(window) {
  const { page } = window;
  await window.goTo("mailer:", "end");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Control+Space");
  await page.locator(".suggest-widget.visible .monaco-list-row").first().waitFor({ timeout: WAIT });
  await window.picture("completion");
  await page.keyboard.press("Escape");
  for (let press = 0; press < 2; press++) {
    await page.keyboard.press("Control+Z");
  }
}

async function effective(window) {
  const { page } = window;
  await window.goTo("nohup");
  await window.command("Upsun Lint: Show Effective Configuration of a Worker");
  await page.locator(".tab", { hasText: "effective" }).waitFor({ timeout: WAIT });
  await page.locator(".view-line", { hasText: "as it is in the end" }).waitFor({ timeout: WAIT });
  await window.picture("effective");
  await page.keyboard.press("Control+2");
  await page.keyboard.type("x");
  await page.getByText("Cannot edit in read-only editor").first().waitFor({ timeout: WAIT });
  await page.keyboard.press("Control+W");
}

async function topology(window) {
  const { page } = window;
  await window.command("Upsun Lint: Show Topology");
  const frame = await webview(page);
  await window.picture("topology");
  await frame.locator(".heading", { hasText: "mailer" }).click();
  await window.cursorAt(window.number("mailer:"));
  await frame.locator(".row", { hasText: "public/uploads" }).click();
  await window.cursorAt(window.number("public/uploads"));
  await frame.locator(".heading", { hasText: "files" }).click();
  await page.locator(".tab.active", { hasText: "services.yaml" }).waitFor({ timeout: WAIT });
  await window.cursorAt(6);
}

/** The page inside a page inside a page that a webview is. */
async function webview(page) {
  const end = Date.now() + WAIT;
  while (Date.now() < end) {
    for (const frame of page.frames()) {
      if ((await frame.locator("main article").count().catch(() => 0)) > 0) {
        return frame;
      }
    }
    await page.waitForTimeout(100);
  }
  return assert.fail("the picture was not drawn");
}

async function status(window) {
  const { page } = window;
  await page.locator("#status\\.languageStatus").first().hover();
  const item = page.locator(".hover-language-status", { hasText: "upsun-lint" }).first();
  await item.waitFor({ timeout: WAIT });
  assert.match(await item.innerText(), /1\s+1\s+1[\s–-]+upsun-lint \d+\.\d+\.\d+\S*, bundled/);
  const { width, height } = page.viewportSize();
  await window.picture("status", { x: width - 400, y: height - 64, width: 400, height: 64 });
}
