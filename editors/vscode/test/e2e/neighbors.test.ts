import * as assert from "node:assert/strict";
import * as vscode from "vscode";
import { at, hovers, ID, offered, open, ours, problems, replace, restore } from "./support";

const CONFIG = ".upsun/config.yaml";

/** The problems that come from Red Hat's YAML extension and the schema that Upsun's brings it. */
function theirs(found: readonly vscode.Diagnostic[]): vscode.Diagnostic[] {
  return found.filter(({ source }) => source !== "upsun-lint");
}

describe("next to the YAML extension and Upsun's extension with its schema", () => {
  let document: vscode.TextDocument;
  const settings = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration("upsunLint");

  before(async () => {
    for (const id of [ID, "redhat.vscode-yaml", "Upsun.upsun"]) {
      const extension = vscode.extensions.getExtension(id);
      assert.ok(extension, id);
      await extension.activate();
    }
    await restore(CONFIG);
    document = await open(CONFIG);
  });
  afterEach(async () => {
    await settings().update("yamlSchema", undefined, vscode.ConfigurationTarget.Workspace);
    await restore(CONFIG);
  });

  it("every mistake would be reported twice without our setting", async () => {
    await settings().update("yamlSchema", "leave", vscode.ConfigurationTarget.Workspace);
    await replace(document, "    web:\n", "    webb:\n");
    const line = at(document, "webb").line;
    await problems(document.uri, "both", (all) => all.filter(({ range }) => range.start.line === line).length === 2);
    const found = vscode.languages.getDiagnostics(document.uri);
    assert.ok(ours(found).length > 3 && theirs(found).length > 0);
  });

  it("every mistake is reported once", async () => {
    await replace(document, "    web:\n", "    webc:\n");
    const found = await problems(document.uri, "ours alone", (all) => ours(all).length > 3 && theirs(all).length === 0);
    const line = at(document, "webc").line;
    assert.equal(found.filter(({ range }) => range.start.line === line).length, 1);
  });

  it("hovers and completion are ours", async () => {
    assert.equal((await hovers(document, at(document, "mounts:"))).length, 1);
    const labels = await offered(document, at(document, "    mounts:").translate(0, 4));
    assert.ok(labels.length > 0);
    assert.equal(new Set(labels).size, labels.length, "nothing is offered twice");
  });
});
