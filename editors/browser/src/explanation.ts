import { LSPPlugin } from "@codemirror/lsp-client";
import { StateEffect, StateField, type Extension } from "@codemirror/state";
import { keymap, showTooltip, type EditorView, type Tooltip } from "@codemirror/view";
import type * as lsp from "vscode-languageserver-protocol";

const shown = StateEffect.define<Tooltip | null>();

const field = StateField.define<Tooltip | null>({
  create: () => null,
  update(tooltip, transaction) {
    const effect = transaction.effects.find((one) => one.is(shown));
    return effect === undefined ? (transaction.docChanged || transaction.selection ? null : tooltip) : effect.value;
  },
  provide: (from) => showTooltip.from(from),
});

/** The hover of the place at the cursor, for whoever has no mouse: F1 shows it, Escape removes it. */
export function explanation(): Extension {
  return [
    field,
    keymap.of([
      { key: "F1", run: (view) => { void explain(view); return true; } },
      { key: "Escape", run: close },
    ]),
  ];
}

function close(view: EditorView): boolean {
  const isShown = view.state.field(field) !== null;
  if (isShown) {
    view.dispatch({ effects: shown.of(null) });
  }
  return isShown;
}

async function explain(view: EditorView): Promise<void> {
  const plugin = LSPPlugin.get(view);
  const { state } = view;
  const pos = state.selection.main.head;
  if (plugin === null) {
    return;
  }
  const hover = await plugin.client.request<lsp.HoverParams, lsp.Hover | null>("textDocument/hover", {
    textDocument: { uri: plugin.uri },
    position: plugin.toPosition(pos),
  });
  if (hover !== null && view.state.doc === state.doc) {
    view.dispatch({ effects: shown.of({ pos, above: true, create: () => ({ dom: drawn(plugin, hover) }) }) });
  }
}

function drawn(plugin: LSPPlugin, { contents }: lsp.Hover): HTMLElement {
  const dom = document.createElement("div");
  dom.className = "cm-lsp-hover-tooltip cm-lsp-documentation";
  dom.setAttribute("role", "status");
  dom.innerHTML = plugin.docToHTML(contents as lsp.MarkupContent, "markdown");
  return dom;
}
