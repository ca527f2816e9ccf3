// Loaded by VS Code itself, inside the extension host. Which tests to run is said in the environment.
import * as fs from "node:fs";
import * as path from "node:path";
import Mocha from "mocha";
import { PATIENCE } from "./support";

export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: "bdd", timeout: 2 * PATIENCE, reporter: "min", forbidOnly: true });
  for (const name of process.env.E2E_TESTS?.split(",") ?? []) {
    mocha.addFile(path.join(__dirname, `${name}.test.js`));
  }
  const lines: string[] = [];
  const count = { passed: 0, failed: 0, skipped: 0 };
  await new Promise<void>((resolve) => {
    const runner = mocha.run(() => {
      resolve();
    });
    runner.on("pass", (test) => {
      count.passed++;
      lines.push(`ok    ${test.fullTitle()} (${test.duration ?? 0} ms)`);
    });
    runner.on("fail", (test, error: Error) => {
      count.failed++;
      lines.push(`FAIL  ${test.fullTitle()}`, error.stack ?? String(error));
    });
    runner.on("pending", (test) => {
      count.skipped++;
      lines.push(`skip  ${test.fullTitle()}`);
    });
  });
  lines.push(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`, "");
  // The extension host's console goes to the browser; a file is read more easily.
  fs.writeFileSync(process.env.E2E_RESULT ?? "result.txt", lines.join("\n"));
  if (count.failed > 0 || count.passed === 0) {
    throw new Error(`${count.failed} failed`);
  }
}
