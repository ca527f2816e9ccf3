import * as assert from "node:assert/strict";
import { isConfiguration } from "../../src/files";

describe("our files", () => {
  it("are in .upsun, at any depth", () => {
    for (const path of ["/p/.upsun/config.yaml", "/p/.upsun/more.yml", "/p/.upsun/a/b.yaml", "C:\\p\\.upsun\\config.yaml"]) {
      assert.ok(isConfiguration(path), path);
    }
  });

  it("are nowhere else", () => {
    for (const path of ["/p/config.yaml", "/p/.upsun/readme.md", "/p/upsun/config.yaml", "/p/x.upsun/config.yaml", "/p/.upsun"]) {
      assert.ok(!isConfiguration(path), path);
    }
  });
});
