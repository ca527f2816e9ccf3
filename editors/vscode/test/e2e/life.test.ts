import * as assert from "node:assert/strict";
import * as vscode from "vscode";
import { ID, open, ours, problems, replace, restore, servers, until } from "./support";

const CONFIG = ".upsun/config.yaml";

describe("the server", () => {
  let document: vscode.TextDocument;

  before(async () => {
    await vscode.extensions.getExtension(ID)?.activate();
    await restore(CONFIG);
    document = await open(CONFIG);
    await problems(document.uri, "the three mistakes", (all) => ours(all).length === 3);
  });
  afterEach(() => restore(CONFIG));

  async function other(pid: number | undefined): Promise<void> {
    await until("another server", () => servers().find((one) => one.pid !== pid));
    await replace(document, "    web:\n", "    webb:\n");
    await problems(document.uri, "a fourth", (all) => ours(all).length > 3);
    await until("the end of the old one", () => servers().length === 1 || undefined);
  }

  it("restarts after it is killed", async () => {
    const [server] = servers();
    assert.ok(server);
    process.kill(server.pid, "SIGKILL");
    await other(server.pid);
  });

  it("restarts on request", async () => {
    const [server] = servers();
    await Promise.all([1, 2, 3].map(() => vscode.commands.executeCommand("upsunLint.restart")));
    await other(server?.pid);
  });

  it("can be switched off and on", async () => {
    const settings = vscode.workspace.getConfiguration("upsunLint");
    await settings.update("enable", false, vscode.ConfigurationTarget.Workspace);
    await until("no server", () => servers().length === 0 || undefined);
    await problems(document.uri, "none of ours", (all) => ours(all).length === 0);
    await settings.update("enable", undefined, vscode.ConfigurationTarget.Workspace);
    await problems(document.uri, "the three mistakes", (all) => ours(all).length === 3);
  });

  it("reports a setting that names another program, and uses the bundled one", async () => {
    const settings = vscode.workspace.getConfiguration("upsunLint");
    const before = servers()[0]?.pid;
    await settings.update("path", ["/bin/echo", "hello"], vscode.ConfigurationTarget.Global);
    try {
      await until("another server", () => servers().find((one) => one.pid !== before));
      await problems(document.uri, "the three mistakes", (all) => ours(all).length === 3);
      assert.match(servers()[0]?.command ?? "", /bundled\/upsun-lint$/);
    } finally {
      await settings.update("path", undefined, vscode.ConfigurationTarget.Global);
    }
  });
});
