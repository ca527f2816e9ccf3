import * as assert from "node:assert/strict";
import { complaint, isOlder } from "../../src/version";

describe("a version", () => {
  it("is ordered by its numbers", () => {
    assert.ok(isOlder("0.9.0", "0.10.0"));
    assert.ok(isOlder("0.1.9", "0.2.0"));
    assert.ok(isOlder("1.9.9", "2.0.0"));
    assert.ok(!isOlder("0.10.0", "0.9.0"));
    assert.ok(!isOlder("1.2.3", "1.2.3"));
  });

  it("comes before its release if it is a prerelease", () => {
    for (const version of ["1.2.0.dev1", "1.2.0rc1", "1.2.0a2", "1.2.0-beta.1"]) {
      assert.ok(isOlder(version, "1.2.0"), version);
      assert.ok(!isOlder("1.2.0", version), version);
    }
    assert.ok(!isOlder("1.2.0.post1", "1.2.0"));
  });
});

describe("the version that a command prints", () => {
  it("is new enough", () => {
    for (const answer of ["upsun-lint 0.1.0\n", "upsun-lint 2.0.0.dev3\r\n", "Installed 12 packages\nupsun-lint 0.4.1\n"]) {
      assert.equal(complaint("upsun-lint", answer), undefined);
    }
  });

  it("is too old", () => {
    const said = complaint("/opt/upsun-lint", "upsun-lint 0.0.9\n");
    assert.match(said ?? "", /`\/opt\/upsun-lint` is upsun-lint 0\.0\.9, and this extension needs 0\.1\.0 or later/);
  });

  it("is not one of upsun-lint", () => {
    assert.match(complaint("uvx ruff", "ruff 0.17.6\n") ?? "", /not upsun-lint.*says “ruff 0\.17\.6”/);
    assert.match(complaint("true", "") ?? "", /says nothing/);
    assert.ok((complaint("yes", "y".repeat(5000)) ?? "").length < 300);
  });
});
