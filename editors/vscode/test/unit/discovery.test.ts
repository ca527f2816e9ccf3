import * as assert from "node:assert/strict";
import { candidates, startFolder, usualInterpreters, type Surroundings } from "../../src/discovery";

const nothing: Surroundings = {
  setting: [],
  bundled: undefined,
  interpreters: [],
  folders: ["/code/shop"],
  isTrusted: true,
  home: "/home/ada",
  environment: {},
  platform: "linux",
  isFile: () => false,
};

function found(around: Partial<Surroundings>): string[] {
  return [...candidates({ ...nothing, ...around })].map(({ program, args, origin }) =>
    [origin, program, ...args].join(" "),
  );
}

describe("the search for a server", () => {
  const everywhere: Partial<Surroundings> = {
    setting: ["uvx", "upsun-lint"],
    bundled: "/ext/bundled/upsun-lint",
    interpreters: ["/code/shop/.venv/bin/python"],
    environment: { PATH: "/usr/local/bin:/usr/bin" },
    isFile: () => true,
  };

  it("looks in the setting, the extension, the Python environment and the search path", () => {
    assert.deepEqual(found(everywhere), [
      "setting uvx upsun-lint",
      "bundled /ext/bundled/upsun-lint",
      "environment /code/shop/.venv/bin/upsun-lint",
      "path /usr/local/bin/upsun-lint",
    ]);
  });

  it("never looks in a folder that is not trusted", () => {
    const hostile = { ...everywhere, environment: { PATH: "/code/shop/bin:.:node_modules/.bin:/code/shop:/usr/bin" } };
    assert.deepEqual(found({ ...hostile, setting: [], isTrusted: false }), [
      "bundled /ext/bundled/upsun-lint",
      "path /usr/bin/upsun-lint",
    ]);
  });

  it("only finds files", () => {
    assert.deepEqual(found({ ...everywhere, isFile: (file) => file === "/usr/bin/upsun-lint" }), [
      "setting uvx upsun-lint",
      "path /usr/bin/upsun-lint",
    ]);
    assert.deepEqual(found({}), []);
  });

  it("tells apart folders with similar names, and names with leading dots", () => {
    const path = { PATH: "/code/shopping/bin" };
    assert.deepEqual(found({ environment: path, isFile: () => true }), ["path /code/shopping/bin/upsun-lint"]);
    assert.deepEqual(found({ environment: { PATH: "/code/shop/..bin" }, isFile: () => true }), []);
  });

  it("works on Windows", () => {
    const windows: Partial<Surroundings> = {
      platform: "win32",
      folders: ["C:\\work\\shop"],
      interpreters: usualInterpreters("C:\\work\\shop", "win32"),
      environment: { Path: "C:\\work\\shop;C:\\tools" },
      isFile: () => true,
    };
    assert.deepEqual(found(windows), [
      "environment C:\\work\\shop\\.venv\\Scripts\\upsun-lint.exe",
      "environment C:\\work\\shop\\venv\\Scripts\\upsun-lint.exe",
      "path C:\\tools\\upsun-lint.exe",
    ]);
  });

  it("replaces variables and ~", () => {
    assert.deepEqual(found({ setting: ["~/bin/lint", "${workspaceFolder}/x", "~tilde"] }), [
      "setting /home/ada/bin/lint /code/shop/x ~tilde",
    ]);
    assert.deepEqual(found({ setting: ["${workspaceFolder}/x"], folders: [] }), ["setting ${workspaceFolder}/x"]);
  });
});

describe("the server", () => {
  it("starts in the folder if that is trusted", () => {
    assert.equal(startFolder(true, ["/code/shop"], "/ext"), "/code/shop");
    assert.equal(startFolder(true, [], "/ext"), "/ext");
    assert.equal(startFolder(false, ["/code/shop"], "/ext"), "/ext");
  });
});
