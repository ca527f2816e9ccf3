import { loadPyodide, type PyodideAPI } from "pyodide";
import { loadGrammar } from "./grammar";

/** Where the parts are that other packages read: addresses in a page, paths in Node. */
export interface Places {
  /** The folder of Pyodide, with a slash at its end. */
  readonly pyodide: string;
  /** The core of web-tree-sitter. */
  readonly treeSitter: string;
}

/** The parts that are read here. */
export interface Parts {
  /** Our packages and what they need, as a zip archive. */
  readonly packages: Uint8Array;
  /** The grammar of bash. */
  readonly grammar: Uint8Array;
}

const FOLDER = "/upsun-lint";

/** A Python that can import upsun-lint. */
export async function loadPython({ pyodide, treeSitter }: Places, parts: Promise<Parts>): Promise<PyodideAPI> {
  const [python, { packages, grammar }] = await Promise.all([loadPyodide({ indexURL: pyodide }), parts]);
  python.registerJsModule("bash_grammar", await loadGrammar(treeSitter, grammar));
  python.unpackArchive(packages, "zip", { extractDir: FOLDER });
  python.runPython(`import sys; sys.path.insert(0, "${FOLDER}")`);
  return python;
}
