// Runs the extension in real VS Code: node run.mjs PLAN.json. What the plan holds is written by ../run_vscode.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { format } from "node:util";
import { drive } from "./pictures.mjs";
import { makePage, openFolder, startBrowser, startServer } from "./workbench.mjs";

const TRUSTED = { "security.workspace.trust.enabled": false };
const RESTRICTED = { "security.workspace.trust.enabled": true, "security.workspace.trust.startupPrompt": "never" };
const PICTURES = {
  "breadcrumbs.enabled": false,
  "editor.minimap.enabled": false,
  "editor.stickyScroll.enabled": false,
  "workbench.activityBar.location": "hidden",
};
const plan = JSON.parse(readFileSync(process.argv[2], "utf8"));
const here = import.meta.dirname;
const playwright = createRequire(path.join(plan.browser, "package.json"))("playwright-core");
const strangers = new Set();
const scratch = mkdtempSync(path.join(tmpdir(), "upsun-vscode-"));
const failures = [];
const browser = await startBrowser(playwright, plan.chromium);
let running;

// Whoever started this holds the other end of standard input. If they are gone, nothing is left behind.
process.stdin.resume().once("end", async () => {
  await running?.stop();
  await browser.close();
  rmSync(scratch, { recursive: true, force: true });
  process.exit(1);
});

/** One session: a server, a copy of a project, and something that is done in a page of it. */
async function session(name, { project, settings, tests = [] }, action) {
  if (plan.only.length > 0 && !plan.only.includes(name)) return;
  const started = Date.now();
  const data = path.join(scratch, name);
  const folder = path.join(data, project);
  mkdirSync(data);
  cpSync(path.join(here, "projects", project), folder, { recursive: true });
  const result = path.join(data, "result.txt");
  const server = (running = await startServer({
    vscode: plan.vscode,
    data,
    extensions: plan.extensions,
    settings,
    patience: plan.patience,
    environment: {
      E2E_TESTS: tests.join(","),
      E2E_RESULT: result,
      E2E_PATIENCE: String(plan.patience),
      YAML_LANGUAGE_SERVER: plan.yamlLanguageServer,
    },
  }));
  try {
    const failed = await action({ server, folder, result, name });
    console.log(`${name}: ${failed ? "FAILED" : "ok"}, ${((Date.now() - started) / 1000).toFixed(1)} s`);
    if (failed) failures.push(name);
  } catch (error) {
    console.log(`${name}: FAILED\n${error.stack}`);
    failures.push(name);
  } finally {
    await server.stop();
  }
}

/** Runs a suite of mocha inside the extension host, as @vscode/test-electron would on a desktop. */
async function runTests({ server, folder, result }) {
  const page = await makePage(browser, strangers);
  const done = new Promise((resolve) => page.exposeFunction("codeAutomationExit", resolve));
  await page.exposeFunction("codeAutomationLog", (_type, args) => plan.verbose && console.log(format(...args)));
  // Tests belong to an extension under development. Ours is installed, as a user would do it; so it is a stand-in.
  await openFolder(page, server.base, folder, [
    ["extensionDevelopmentPath", remote(path.join(here, "stand-ins", "upsun"))],
    ["extensionTestsPath", remote(plan.index)],
  ]);
  // Each test gives up by itself; this is for an extension host that never starts or hangs.
  const code = await Promise.race([done, sleep(3 * plan.patience, "time limit", { ref: false })]);
  if (code !== 0) {
    await page.screenshot({ path: path.join(plan.output, `${path.basename(folder)}.png`) });
  }
  await page.close();
  process.stdout.write(existsSync(result) ? readFileSync(result, "utf8") : `no result: ${code}\n`);
  return code !== 0 || !existsSync(result);
}

/** Goes through the window as a person would, and takes pictures. */
async function takePictures({ server, folder }) {
  const page = await makePage(browser, strangers, { viewport: { width: 1000, height: 680 } });
  page.setDefaultTimeout(plan.patience);
  // Named as the workbench names the files of the folder: by the address of the server.
  const file = `vscode-remote://${new URL(server.base).host}${path.join(folder, ".upsun/config.yaml")}`;
  await openFolder(page, server.base, folder, [["openFile", file]]);
  await drive(page, folder, plan.output, plan.patience);
  await page.close();
}

/** What VS Code in a browser calls a file of its server: the authority is literally `remote`. */
function remote(file) {
  return `vscode-remote://remote${file}`;
}

try {
  await session("tests", { project: "shop", settings: TRUSTED, tests: plan.tests }, runTests);
  await session("restricted", { project: "hostile", settings: RESTRICTED, tests: ["restricted"] }, runTests);
  await session("trusted", { project: "hostile", settings: TRUSTED, tests: ["trusted"] }, runTests);
  await session("idle", { project: "plain", settings: TRUSTED, tests: ["idle"] }, runTests);
  await session("pictures", { project: "shop", settings: { ...TRUSTED, ...PICTURES } }, takePictures);
} finally {
  await browser.close();
  rmSync(scratch, { recursive: true, force: true });
}
if (strangers.size > 0) {
  console.log(`asked for other machines: ${[...strangers].join(", ")}`);
}
process.stdin.destroy();
process.exitCode = failures.length > 0 || strangers.size > 0 ? 1 : 0;
