import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as vscode from "vscode";
import { file, ID, open, ours, problems, servers } from "./support";

describe("in Restricted Mode", () => {
  it("the folder's own program is never run, and the bundled server finds the mistakes", async () => {
    assert.equal(vscode.workspace.isTrusted, false);
    await vscode.extensions.getExtension(ID)?.activate();
    const document = await open(".upsun/config.yaml");
    await problems(document.uri, "the mistake", (all) => ours(all).length > 0);
    assert.match(servers()[0]?.command ?? "", /bundled\/upsun-lint$/);
    await vscode.commands.executeCommand("upsunLint.restart");
    await problems(document.uri, "the mistake again", (all) => ours(all).length > 0);
    assert.ok(!fs.existsSync(file("executed").fsPath));
  });

  it("the server does not start in the folder, where programs may look for code and settings", () => {
    const [server] = servers();
    assert.ok(server);
    assert.ok(!fs.readlinkSync(`/proc/${server.pid}/cwd`).startsWith(file("").fsPath));
  });
});
