import * as assert from "node:assert/strict";
import * as vscode from "vscode";
import { file, ID, open, ours, problems, servers } from "./support";

describe("in a folder without a project", () => {
  it("no server runs until the first file of a project is opened", async () => {
    await open("compose.yaml");
    await vscode.extensions.getExtension(ID)?.activate();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    assert.deepEqual(servers(), []);
    const text = "applications:\n  app:\n    typ: 'php:8.4'\n";
    await vscode.workspace.fs.writeFile(file("api/.upsun/config.yaml"), Buffer.from(text));
    const document = await open("api/.upsun/config.yaml");
    await problems(document.uri, "the mistake", (all) => ours(all).length > 0);
    assert.equal(servers().length, 1);
  });
});
