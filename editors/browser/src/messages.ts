/** What the page tells the worker: a message for the language server, or a file that is not open there. */
export type ToWorker =
  | { readonly kind: "message"; readonly text: string }
  | { readonly kind: "write"; readonly path: string; readonly text: string };

/** What the worker tells the page: how far it is, or a message of the language server. */
export type ToPage =
  | { readonly kind: "step"; readonly text: string }
  | { readonly kind: "ready" }
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "message"; readonly text: string };
