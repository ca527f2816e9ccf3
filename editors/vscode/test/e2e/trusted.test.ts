import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as vscode from "vscode";
import { file, ID, until } from "./support";

describe("in a trusted folder", () => {
  it("the same setting is obeyed: the test in Restricted Mode could have failed", async () => {
    assert.equal(vscode.workspace.isTrusted, true);
    await vscode.extensions.getExtension(ID)?.activate();
    const trace = file("executed").fsPath;
    await until("its trace", () => fs.existsSync(trace) || undefined);
    assert.match(fs.readFileSync(trace, "utf8"), /upsun-lint --version\n/);
  });
});
