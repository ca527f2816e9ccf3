import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as vscode from "vscode";
import { file, ID, until } from "./support";

describe("in a trusted folder", () => {
  it("the same setting is applied, so the test in Restricted Mode can fail", async () => {
    assert.equal(vscode.workspace.isTrusted, true);
    await vscode.extensions.getExtension(ID)?.activate();
    const trace = file("executed").fsPath;
    await until("its trace", () => fs.existsSync(trace) || undefined);
    assert.match(fs.readFileSync(trace, "utf8"), /upsun-lint --version\n/);
  });
});
