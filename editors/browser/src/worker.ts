// Python, the rules and the language server, beside the page.
import type { PyCallable, PyProxy } from "pyodide/ffi";
import type { ToPage, ToWorker } from "./messages";
import { loadPython } from "./python";

interface Playground extends PyProxy {
  serve(send: (text: string) => void): PyCallable;
  write(path: string, text: string): void;
}

const started = start();

self.addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
  void started.then((take) => take?.(data));
});

/** The function that takes the messages of the page; undefined if Python cannot be started. */
async function start(): Promise<((message: ToWorker) => void) | undefined> {
  try {
    tell({ kind: "step", text: "Loading Python (once, about 8 MB) …" });
    const parts = Promise.all([read("packages.zip"), read("tree-sitter-bash.wasm")]);
    const python = await loadPython(
      { pyodide: address("pyodide/"), treeSitter: address("web-tree-sitter.wasm") },
      parts.then(([packages, grammar]) => ({ packages, grammar })),
    );
    tell({ kind: "step", text: "Loading the rules …" });
    const playground = python.pyimport("playground") as Playground;
    const receive = playground.serve((text) => { tell({ kind: "message", text }); });
    tell({ kind: "ready" });
    return (message) => {
      if (message.kind === "message") {
        receive(message.text);
      } else {
        playground.write(message.path, message.text);
      }
    };
  } catch (error) {
    tell({ kind: "failed", reason: error instanceof Error ? error.message : String(error) });
    return undefined;
  }
}

function address(path: string): string {
  return new URL(path, import.meta.url).href;
}

async function read(path: string): Promise<Uint8Array> {
  const response = await fetch(address(path));
  if (!response.ok) {
    throw new Error(`${path}: ${response.status} ${response.statusText}`);
  }
  return new Uint8Array(await response.arrayBuffer());
}

function tell(message: ToPage): void {
  self.postMessage(message);
}
