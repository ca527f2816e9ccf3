import { LSPClient, serverCompletion, hoverTooltips, type Transport } from "@codemirror/lsp-client";
import DOMPurify from "dompurify";
import type * as lsp from "vscode-languageserver-protocol";
import type { ToPage, ToWorker } from "./messages";

/** What a server says without being asked, apart from answers. */
export interface Events {
  /** How far the start is. */
  step(text: string): void;
  /** It cannot be started. */
  failed(reason: string): void;
  /** Diagnostics changed in files that were not asked about. */
  refreshed(): void;
  /** An edit of the server's own. */
  edited(edit: lsp.WorkspaceEdit): void;
}

/** What the page can do beyond the client of CodeMirror: it asks for diagnostics, and shows fixes with their edits. */
const CAPABILITIES = {
  workspace: {
    applyEdit: true,
    diagnostics: { refreshSupport: true },
    didChangeWatchedFiles: { dynamicRegistration: false },
  },
  textDocument: {
    diagnostic: { relatedInformation: true, codeDescriptionSupport: true },
    codeAction: {
      isPreferredSupport: true,
      codeActionLiteralSupport: { codeActionKind: { valueSet: ["quickfix", "refactor", "source"] } },
    },
  },
};

DOMPurify.addHook("afterSanitizeAttributes", (node) => {
  if (node.tagName === "A") {
    node.setAttribute("target", "_blank");
    node.setAttribute("rel", "noopener noreferrer");
  }
});

/** The language server in its worker, and the client that speaks with it. */
export class Server {
  readonly client: LSPClient;
  readonly ready: Promise<void>;
  readonly #worker: Worker;

  constructor(events: Events) {
    this.#worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
    this.client = new LSPClient({
      timeout: 60_000,
      sanitizeHTML: (html) => DOMPurify.sanitize(html),
      extensions: [{ clientCapabilities: CAPABILITIES }, serverCompletion({ override: true }), hoverTooltips({ hoverTime: 250 })],
    });
    const handlers = new Set<(text: string) => void>();
    this.ready = new Promise((resolve) => {
      this.#worker.addEventListener("message", ({ data }: MessageEvent<ToPage>) => {
        if (data.kind === "message") {
          if (!this.#answered(data.text, events)) {
            handlers.forEach((handle) => { handle(data.text); });
          }
        } else if (data.kind === "step") {
          events.step(data.text);
        } else if (data.kind === "failed") {
          events.failed(data.reason);
        } else {
          const transport: Transport = {
            send: (text) => { this.#tell({ kind: "message", text }); },
            subscribe: (handle) => { handlers.add(handle); },
            unsubscribe: (handle) => { handlers.delete(handle); },
          };
          void this.client.connect(transport).initializing.then(() => { resolve(); });
        }
      });
    });
    this.#worker.addEventListener("error", ({ message }) => { events.failed(message || "the worker could not be loaded"); });
  }

  /** Write a file where the server reads those that are not open. */
  write(path: string, text: string): void {
    this.#tell({ kind: "write", path, text });
  }

  /** Run a command of the server. */
  run<T>(command: string, ...values: unknown[]): Promise<T | null> {
    return this.client.request<lsp.ExecuteCommandParams, T | null>("workspace/executeCommand", {
      command,
      arguments: values as lsp.LSPAny[],
    });
  }

  #tell(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  /** Answer a request of the server; CodeMirror's client refuses all of them. */
  #answered(text: string, events: Events): boolean {
    const { id, method, params } = JSON.parse(text) as Partial<lsp.RequestMessage>;
    if (id === undefined || method === undefined) {
      return false;
    }
    let result: lsp.LSPAny = null;
    if (method === "workspace/diagnostic/refresh") {
      events.refreshed();
    } else if (method === "workspace/applyEdit") {
      events.edited((params as lsp.ApplyWorkspaceEditParams).edit);
      result = { applied: true };
    } else {
      return false;
    }
    this.#tell({ kind: "message", text: JSON.stringify({ jsonrpc: "2.0", id, result }) });
    return true;
  }
}
