import * as assert from "node:assert/strict";
import { decided, type Inspected } from "../../src/settings";

function told(section: Record<string, unknown>, inspected: Record<string, Inspected>): Record<string, unknown> {
  return decided(section, (name) => inspected[name]);
}

describe("the server is told", () => {
  it("nothing that nobody has set: the project's own settings count", () => {
    const defaults = { select: [], ignore: [], severities: {}, severity: "info", cronMinimumInterval: 5, inlayHints: true };
    assert.deepEqual(told(defaults, {}), {});
    assert.deepEqual(told(defaults, { ignore: {}, select: { globalValue: undefined } }), {});
  });

  it("what is set anywhere, as it counts in the end", () => {
    const section = { ignore: ["b"], severity: "error", codeLenses: false };
    const inspected = {
      ignore: { globalValue: ["a"], workspaceValue: ["b"] },
      severity: { workspaceFolderValue: "error" },
      codeLenses: { globalValue: false },
    };
    assert.deepEqual(told(section, inspected), section);
  });

  it("nothing that is the extension's own business", () => {
    const set = { globalValue: "x" };
    const section = { path: ["x"], enable: true, yamlSchema: "off", trace: { server: "off" } };
    assert.deepEqual(told(section, { path: set, enable: set, yamlSchema: set, trace: set }), {});
  });
});
