#!/usr/bin/env node
// Starts the program of this platform, which is in a package of its own beside this one. Nothing is downloaded.
"use strict";

const { spawnSync } = require("node:child_process");
const { constants } = require("node:os");
const { dirname, join } = require("node:path");

const target = `${process.platform}-${process.arch}`;

function program() {
  try {
    const folder = dirname(require.resolve(`upsun-lint-${target}/package.json`));
    return join(folder, "program", process.platform === "win32" ? "upsun-lint.exe" : "upsun-lint");
  } catch {
    process.stderr.write(
      `upsun-lint: there is no program for ${target} here; install without --omit=optional, or use pipx, where Python is\n`,
    );
    process.exit(2);
  }
}

const done = spawnSync(program(), process.argv.slice(2), { stdio: "inherit", windowsHide: true });
if (done.error) {
  process.stderr.write(`upsun-lint: ${done.error.message}\n`);
  process.exit(2);
}
process.exit(done.status ?? 128 + constants.signals[done.signal]);
