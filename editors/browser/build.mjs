// Bundles the playground into a folder that `build.py` has put the Python packages and the examples into.
//   node build.mjs FOLDER
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import * as esbuild from "esbuild";
import { loadPyodide } from "pyodide";

const target = process.argv[2];
const shared = { bundle: true, minify: true, format: "esm", target: "es2022", logLevel: "warning", outdir: target };
// Pyodide and web-tree-sitter run in Node, too, and ask for its modules only there.
const browser = { ...shared, platform: "browser", external: ["node:*", "fs", "fs/promises", "module", "path", "url", "ws"] };

const { metafile } = await esbuild.build({
  ...browser,
  metafile: true,
  entryPoints: ["src/playground.ts", "src/worker.ts", "src/topology-frame.ts"],
});
// The tests run the same Python in Node.
await esbuild.build({
  ...shared,
  platform: "node",
  external: ["pyodide", "web-tree-sitter"],
  entryPoints: ["src/python.ts"],
  outdir: "build",
  outExtension: { ".js": ".mjs" },
});
for (const [from, to] of Object.entries({
  "index.html": "index.html",
  "playground.css": "playground.css",
  "topology.html": "topology.html",
  "topology-colors.css": "topology-colors.css",
  "../vscode/media/topology.css": "topology.css",
  "../vscode/images/icon.png": "icon.png",
  "node_modules/web-tree-sitter/web-tree-sitter.wasm": "web-tree-sitter.wasm",
  "node_modules/tree-sitter-bash/tree-sitter-bash.wasm": "tree-sitter-bash.wasm",
  "node_modules/pyodide/pyodide.asm.mjs": "pyodide/pyodide.asm.mjs",
  "node_modules/pyodide/pyodide.asm.wasm": "pyodide/pyodide.asm.wasm",
})) {
  mkdirSync(join(target, to, ".."), { recursive: true });
  copyFileSync(from, join(target, to));
}
// No package of Pyodide's distribution is used.
const lock = JSON.parse(readFileSync("node_modules/pyodide/pyodide-lock.json", "utf8"));
writeFileSync(join(target, "pyodide/pyodide-lock.json"), JSON.stringify({ ...lock, packages: {} }));
writeFileSync(join(target, "THIRD-PARTY-LICENSES.txt"), licenses(Object.keys(metafile.inputs)));

const compile = await compiler();
for (const [from, to] of [
  ["node_modules/pyodide/python_stdlib.zip", "pyodide/python_stdlib.zip"],
  [join(target, "packages.zip"), "packages.zip"],
]) {
  writeFileSync(join(target, to), compile(new Uint8Array(readFileSync(from))));
}

// Last, because the worker of the second visit keeps exactly these files.
const files = readdirSync(target, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => relative(target, join(entry.parentPath, entry.name)))
  .sort();
const version = createHash("sha256");
for (const file of files) {
  version.update(file).update(readFileSync(join(target, file)));
}
await esbuild.build({
  ...browser,
  entryPoints: ["src/service-worker.ts"],
  define: { VERSION: JSON.stringify(version.digest("hex").slice(0, 16)) },
});

/** A function that compiles the modules in an archive, which saves the page seconds at each start. */
async function compiler() {
  const python = await loadPyodide();
  python.runPython(readFileSync("compile_archive.py", "utf8"));
  const compiled = python.globals.get("compiled");
  return (archive) => {
    const result = compiled(archive);
    try {
      return result.toJs();
    } finally {
      result.destroy();
    }
  };
}

/** The licenses of the packages that some files belong to, and of those that are copied. */
function licenses(inputs) {
  const bundled = inputs.flatMap((file) => file.match(/^node_modules\/(?:@[^/]+\/)?[^/]+/) ?? []);
  const copied = ["pyodide", "web-tree-sitter", "tree-sitter-bash"].map((name) => `node_modules/${name}`);
  return [...new Set([...bundled, ...copied])]
    .sort()
    .flatMap((folder) =>
      readdirSync(folder)
        .filter((name) => /^(licen[cs]e|copying|notice|thirdparty)/i.test(name))
        .map((name) => `${folder.slice("node_modules/".length)}\n\n${readFileSync(`${folder}/${name}`, "utf8").trim()}\n`),
    )
    .join("\n\n");
}
