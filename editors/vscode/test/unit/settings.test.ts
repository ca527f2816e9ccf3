import * as assert from "node:assert/strict";
import { decided, type Inspected } from "../../src/settings";

function told(section: Record<string, unknown>, inspected: Record<string, Inspected>): Record<string, unknown> {
  return decided(section, (name) => inspected[name]);
}

describe("the settings for the server", () => {
  it("have no defaults, so the project's own settings apply", () => {
    const defaults = { select: [], ignore: [], severities: {}, severity: "info", cronMinimumInterval: 5, inlayHints: true };
    assert.deepEqual(told(defaults, {}), {});
    assert.deepEqual(told(defaults, { ignore: {}, select: { globalValue: undefined } }), {});
  });

  it("have the effective value of what is set anywhere", () => {
    const section = { ignore: ["b"], severity: "error", codeLenses: false };
    const inspected = {
      ignore: { globalValue: ["a"], workspaceValue: ["b"] },
      severity: { workspaceFolderValue: "error" },
      codeLenses: { globalValue: false },
    };
    assert.deepEqual(told(section, inspected), section);
  });

  it("do not contain those of the extension itself", () => {
    const set = { globalValue: "x" };
    const section = { path: ["x"], enable: true, yamlSchema: "off", trace: { server: "off" } };
    assert.deepEqual(told(section, { path: set, enable: set, yamlSchema: set, trace: set }), {});
  });
});
