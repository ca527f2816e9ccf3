// Bundles the extension, the page of its webview, and the tests.
//   node esbuild.mjs [--production] [--tests]
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as esbuild from "esbuild";

const production = process.argv.includes("--production");
const shared = { bundle: true, minify: production, sourcemap: !production, logLevel: "warning" };
const node = { ...shared, format: "cjs", platform: "node", target: "node20", external: ["vscode"] };

if (production) {
  rmSync("dist", { recursive: true, force: true });
}
const { metafile } = await esbuild.build({
  ...node,
  entryPoints: ["src/extension.ts"],
  outfile: "dist/extension.js",
  metafile: true,
});
writeFileSync("dist/THIRD-PARTY-LICENSES.txt", licenses(Object.keys(metafile.inputs)));
await esbuild.build({
  ...shared,
  format: "iife",
  platform: "browser",
  target: "chrome124",
  entryPoints: ["webview/topology.ts"],
  outfile: "dist/topology.js",
});

if (process.argv.includes("--tests")) {
  const tests = ["unit", "e2e"].flatMap((kind) =>
    readdirSync(`test/${kind}`)
      .filter((name) => name.endsWith(".ts"))
      .map((name) => ({ in: `test/${kind}/${name}`, out: `${kind}/${name.slice(0, -3)}` })),
  );
  await esbuild.build({ ...node, entryPoints: tests, outdir: "out", external: ["vscode", "mocha"] });
}

/** The licenses of the packages that some files belong to. */
function licenses(files) {
  const packages = files.flatMap((file) => file.match(/^node_modules\/(?:@[^/]+\/)?[^/]+/) ?? []);
  return [...new Set(packages)]
    .sort()
    .flatMap((folder) =>
      readdirSync(folder)
        .filter((name) => /^(licen[cs]e|copying|notice|thirdparty)/i.test(name))
        .map((name) => `${folder.slice("node_modules/".length)}\n\n${readFileSync(`${folder}/${name}`, "utf8").trim()}\n`),
    )
    .join("\n\n");
}
