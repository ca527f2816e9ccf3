// What a person sees and does, by keys and mouse in a real window, with pictures of it for the README.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";

/** Goes through all of it, in a page that opens the configuration. Each wait is for something to be seen. */
export async function drive(page, folder, output, patience) {
  const window = new Window(page, folder, output, patience);
  await page.locator(".tab.active", { hasText: "config.yaml" }).waitFor();
  await page.locator(".view-line", { hasText: "A shop" }).click();
  // The side bar would take a third of each picture.
  await page.keyboard.press("Control+B");
  try {
    for (const scene of [problems, hover, option, quickFix, completion, effective, explanation, topology, status]) {
      await scene(window);
    }
  } catch (error) {
    await window.picture("failure");
    throw error;
  }
}

/** How often a key is pressed: a window that is busy can lose one. */
const ATTEMPTS = 10;

class Window {
  constructor(page, folder, output, patience) {
    this.page = page;
    this.patience = patience;
    this.lines = readFileSync(path.join(folder, ".upsun/config.yaml"), "utf8").split("\n");
    this.output = output;
  }

  /** Opens the field at the top of the window with a key, and types into it. */
  async type(key, text) {
    const { page } = this;
    const isOpen = () => page.locator(".quick-input-widget input:focus").waitFor({ timeout: this.patience / ATTEMPTS });
    for (let attempt = 1; ; attempt++) {
      await page.keyboard.press(key);
      try {
        await isOpen();
        break;
      } catch (error) {
        if (attempt === ATTEMPTS) {
          throw error;
        }
      }
    }
    await page.keyboard.type(text);
  }

  async command(title) {
    const { page } = this;
    await this.type("F1", title);
    await page.locator(".quick-input-list .monaco-list-row.focused", { hasText: title }).waitFor();
    await page.keyboard.press("Enter");
  }

  /** Puts the cursor before a text of the file, or at the end of its line. */
  async goTo(text, where = "before") {
    const { page } = this;
    const line = this.number(text);
    const column = 1 + (where === "end" ? this.lines[line - 1].length : this.lines[line - 1].indexOf(text));
    await this.type("Control+G", `${line}:${column}`);
    await page.locator(".quick-input-widget", { hasText: `${line}` }).waitFor();
    await page.keyboard.press("Enter");
    await page.locator(".quick-input-widget").waitFor({ state: "hidden" });
    await this.cursorAt(line, column);
  }

  /** The number of the line that holds a text, counted from 1. */
  number(text) {
    return this.lines.findIndex((line) => line.includes(text)) + 1;
  }

  /** Waits until the cursor is in a line, and in a column of it. */
  async cursorAt(line, column = "") {
    await this.page.locator("#status\\.editor\\.selection", { hasText: `Ln ${line}, Col ${column}` }).waitFor();
  }

  async picture(name, clip) {
    await this.page.waitForTimeout(300);
    await this.page.screenshot({ path: path.join(this.output, `${name}.png`), ...(clip === undefined ? {} : { clip }) });
  }
}

async function problems(window) {
  const { page } = window;
  await window.goTo("mailer:");
  await page.locator(".squiggly-error").first().waitFor();
  await page.keyboard.press("Control+Shift+M");
  const row = ".markers-panel .monaco-list-row";
  await page.locator(row).nth(3).waitFor();
  await page.locator(`${row}[aria-label^="Error: \`&\` moves"]`).waitFor();
  await window.goTo("mailer:");
  await window.picture("problems");
  await page.keyboard.press("Control+J");
}

async function hover(window) {
  const { page } = window;
  await window.goTo("mailer:");
  await page.keyboard.press("Control+K");
  await page.keyboard.press("Control+I");
  await page.locator(".monaco-hover:not(.hidden)", { hasText: "inherited from" }).first().waitFor();
  await window.picture("hover");
  await page.keyboard.press("Escape");
}

async function option(window) {
  const { page } = window;
  await window.goTo("--max-time");
  await page.keyboard.press("Control+K");
  await page.keyboard.press("Control+I");
  await page.locator(".monaco-hover:not(.hidden)", { hasText: "starts it again" }).first().waitFor();
  await window.picture("option");
  await page.keyboard.press("Escape");
}

async function quickFix(window) {
  const { page } = window;
  await window.goTo("&");
  await page.keyboard.press("Control+.");
  await page.locator(".action-widget .monaco-list-row").first().waitFor();
  await window.picture("quick-fix");
  await page.keyboard.press("Escape");
}

async function completion(window) {
  const { page } = window;
  await window.goTo("mailer:", "end");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Control+Space");
  await page.locator(".suggest-widget.visible .monaco-list-row").first().waitFor();
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
  await page.locator(".tab", { hasText: "effective" }).waitFor();
  await page.locator(".view-line", { hasText: "Effective configuration of worker" }).waitFor();
  await window.picture("effective");
  await page.keyboard.press("Control+2");
  await page.locator(".editor-group-container.active .tab.active", { hasText: "effective" }).waitFor();
  await page.keyboard.type("x");
  await page.getByText("Cannot edit in read-only editor").first().waitFor();
  await page.keyboard.press("Control+W");
}

async function explanation(window) {
  const { page } = window;
  await window.command("Upsun Lint: Explain a Rule");
  await page.locator(".quick-input-list .monaco-list-row", { hasText: "backgrounded-start-command" }).waitFor();
  await page.keyboard.type("backgrounded-start");
  await page.locator(".quick-input-list .monaco-list-row.focused", { hasText: "backgrounded-start-command" }).waitFor();
  await page.keyboard.press("Enter");
  const frame = await webview(window, "pre");
  await frame.getByText("Wrong").first().waitFor();
  await frame.getByText("Right").first().waitFor();
  await window.picture("explanation");
  await page.keyboard.press("Control+W");
}

async function topology(window) {
  const { page } = window;
  await window.command("Upsun Lint: Show Topology");
  const frame = await webview(window, "main article");
  await window.picture("topology");
  await frame.locator(".heading", { hasText: "mailer" }).click();
  await window.cursorAt(window.number("mailer:"));
  await frame.locator(".row", { hasText: "public/uploads" }).click();
  await window.cursorAt(window.number("public/uploads"));
  await frame.locator(".heading", { hasText: "files" }).click();
  await page.locator(".tab.active", { hasText: "services.yaml" }).waitFor();
  await window.cursorAt(6);
}

/** The page inside a page inside a page that a webview is. */
async function webview({ page, patience }, content) {
  const end = Date.now() + patience;
  while (Date.now() < end) {
    for (const frame of page.frames()) {
      if ((await frame.locator(content).count().catch(() => 0)) > 0) {
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
  await item.filter({ hasText: /1\s*1\s*1[\s–-]*upsun-lint \d+\.\d+\.\d+\S*, bundled/ }).waitFor();
  const { width, height } = page.viewportSize();
  await window.picture("status", { x: width - 400, y: height - 64, width: 400, height: 64 });
}
