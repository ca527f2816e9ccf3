// VS Code's own server, as it is in npm's code-server, and a page of it in a browser. Everything stays on this machine.
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { mkdirSync, openSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const SETTINGS = {
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "extensions.autoUpdate": false,
  "extensions.autoCheckUpdates": false,
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "chat.disableAIFeatures": true,
  "git.enabled": false,
};

/** Starts a server with its own extensions (a folder of VSIX files' contents) and settings. */
export async function startServer({ vscode, data, extensions, settings, environment, patience }) {
  const port = await freePort();
  mkdirSync(path.join(data, "User"), { recursive: true });
  writeFileSync(path.join(data, "User", "settings.json"), JSON.stringify({ ...SETTINGS, ...settings }));
  const log = openSync(path.join(data, "server.log"), "a");
  const child = spawn(process.execPath, [path.join(vscode, "out", "server-main.js"), ...flags(data, extensions, port)], {
    // No gallery of extensions is ever asked, and what the machine has installed is not found by accident.
    env: { HOME: data, PATH: path.dirname(process.execPath), LANG: "C.UTF-8", EXTENSIONS_GALLERY: '{"serviceUrl":""}', ...environment },
    stdio: ["ignore", log, log],
  });
  const base = `http://127.0.0.1:${port}`;
  await listening(`${base}/version`, child, patience);
  return { base, stop: () => stop(child) };
}

function flags(data, extensions, port) {
  return [
    ...["--host", "127.0.0.1", "--port", String(port), "--without-connection-token", "--accept-server-license-terms"],
    // Without it, the address's `payload`, which names the tests, is ignored.
    "--enable-smoke-test-driver",
    ...["--disable-telemetry", "--disable-experiments", "--telemetry-level", "off"],
    ...["--user-data-dir", data, "--server-data-dir", path.join(data, "server"), "--extensions-dir", extensions],
  ];
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function listening(address, child, patience) {
  const end = Date.now() + patience;
  while (Date.now() < end) {
    if (child.exitCode !== null) {
      throw new Error(`VS Code's server ended with ${child.exitCode}`);
    }
    try {
      if ((await fetch(address)).ok) return;
    } catch {
      // It does not listen yet.
    }
    await sleep(100);
  }
  throw new Error("VS Code's server did not start");
}

/** Ends the server, and with it the extension host and the language server; waits until it is gone. */
async function stop(child) {
  if (child.exitCode === null && child.signalCode === null) {
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill();
    await Promise.race([gone, sleep(5000).then(() => child.kill("SIGKILL"))]);
  }
}

const CHROMIUM = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];

export async function startBrowser(playwright, executable) {
  return playwright.chromium.launch({ executablePath: executable, headless: true, args: CHROMIUM });
}

/** Makes an empty page. `strangers` collects the hosts that it asks for, and is refused. */
export async function makePage(browser, strangers, options = {}) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, ...options });
  await page.route("**/*", (route) => {
    const { hostname, protocol } = new URL(route.request().url());
    if (["127.0.0.1", "localhost"].includes(hostname) || ["data:", "blob:"].includes(protocol)) {
      return route.continue();
    }
    strangers.add(hostname);
    return route.abort();
  });
  return page;
}

/** Opens a folder in a page. What @vscode/test-electron passes as flags goes into the payload. */
export async function openFolder(page, base, folder, payload = []) {
  const query = new URLSearchParams({ folder, payload: JSON.stringify(payload) });
  await page.goto(`${base}/?${query}`, { waitUntil: "commit" });
}
