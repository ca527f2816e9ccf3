// Prints what upsun-lint says in Pyodide about a folder of this machine:
//   node check_all.mjs PYTHON-MODULE PLAYGROUND FOLDER
// PYTHON-MODULE is the bundled src/python.ts, PLAYGROUND the built playground.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

// Node would print the line of an error, and Pyodide is one line of a megabyte.
process.on("uncaughtException", (error) => {
  process.stderr.write(`${error.stack ?? error}\n`.slice(0, 3000));
  process.exit(1);
});

const [module, playground, folder] = process.argv.slice(2);
const { loadPython } = await import(pathToFileURL(module).href);
const read = (file) => new Uint8Array(readFileSync(join(playground, file)));
const python = await loadPython(
  { pyodide: join(playground, "pyodide/"), treeSitter: join(playground, "web-tree-sitter.wasm") },
  Promise.resolve({ packages: read("packages.zip"), grammar: read("tree-sitter-bash.wasm") }),
);
python.mountNodeFS("/checked", folder);
python.runPython("import os; os.chdir('/checked')");
process.stdout.write(
  JSON.stringify({
    findings: python.pyimport("playground").run(["check", ".", "--format", "json"]),
    scripts: python.runPython(`
${readFileSync(join(import.meta.dirname, "read_scripts.py"), "utf8")}
import json
"\\n".join(map(read, json.load(open("scripts.json"))))
`),
  }),
);
