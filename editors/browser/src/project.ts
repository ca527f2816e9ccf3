import { EditorState, type Extension } from "@codemirror/state";
import { EditorView, type ViewUpdate } from "@codemirror/view";
import type * as lsp from "vscode-languageserver-protocol";
import type { Files } from "./link";
import { basics, isYaml } from "./look";
import type { Server } from "./server";

/** A file of the project and its editor. */
export interface File {
  readonly path: string;
  readonly uri: string;
  readonly view: EditorView;
  /** Whether the language server has it open; it only reads the others. */
  readonly isOpen: boolean;
}

/** What a project tells the page. */
export interface Listener {
  changed(file: File): void;
}

let projects = 0;

/** The files of a project, each in an editor; `place` holds the editors, of which the page shows one. */
export class Project {
  readonly files: File[] = [];
  readonly #root = `/project-${++projects}`;
  readonly #server: Server;
  readonly #place: HTMLElement;
  readonly #listener: Listener;
  readonly #more: Extension;

  /** `more` are the extensions of the page. */
  constructor(server: Server, place: HTMLElement, listener: Listener, more: Extension, files: Files) {
    this.#server = server;
    this.#place = place;
    this.#listener = listener;
    this.#more = more;
    // All files first: which ones belong to a project is seen when one of them is opened.
    for (const [path, text] of Object.entries(files)) {
      server.write(this.#location(path), text);
    }
    for (const [path, text] of Object.entries(files)) {
      this.#open(path, text);
    }
  }

  /** The texts of all files. */
  get texts(): Files {
    return Object.fromEntries(this.files.map(({ path, view }) => [path, view.state.sliceDoc()]));
  }

  /** The file with a URI. */
  at(uri: string): File | undefined {
    return this.files.find((file) => file.uri === uri);
  }

  /** Add an empty file. */
  add(path: string): File {
    this.#server.write(this.#location(path), "");
    const file = this.#open(path, "");
    this.#tellChange(file);
    return file;
  }

  /** Apply an edit of the server. */
  apply({ changes }: lsp.WorkspaceEdit): void {
    for (const [uri, edits] of Object.entries(changes ?? {})) {
      const view = this.at(uri)?.view;
      view?.dispatch({
        changes: edits.map(({ range, newText }) => ({
          from: offset(view.state, range.start),
          to: offset(view.state, range.end),
          insert: newText,
        })),
        userEvent: "input.fix",
      });
    }
  }

  /** Close all editors. */
  close(): void {
    this.files.splice(0).forEach(({ view }) => {
      view.dom.parentElement?.remove();
      view.destroy();
    });
  }

  #location(path: string): string {
    return `${this.#root}/${path}`;
  }

  #open(path: string, text: string): File {
    const uri = `file://${this.#location(path).split("/").map(encodeURIComponent).join("/")}`;
    const isOpen = isYaml(path) || path === ".upsun-lint.toml";
    const parent = document.createElement("div");
    parent.setAttribute("role", "tabpanel");
    parent.setAttribute("aria-label", path);
    parent.hidden = true;
    this.#place.append(parent);
    const view = new EditorView({
      parent,
      state: EditorState.create({
        doc: text,
        extensions: [
          this.#more,
          basics(path),
          isOpen ? this.#server.client.plugin(uri, isYaml(path) ? "yaml" : "toml") : [],
          EditorView.updateListener.of((update) => { this.#updated(uri, update); }),
        ],
      }),
    });
    const file = { path, uri, view, isOpen };
    this.files.push(file);
    return file;
  }

  #updated(uri: string, { docChanged }: ViewUpdate): void {
    const file = this.at(uri);
    if (docChanged && file !== undefined) {
      if (file.isOpen) {
        this.#server.client.sync();
      } else {
        this.#server.write(this.#location(file.path), file.view.state.sliceDoc());
        this.#tellChange(file);
      }
      this.#listener.changed(file);
    }
  }

  #tellChange({ uri }: File): void {
    this.#server.client.notification<lsp.DidChangeWatchedFilesParams>("workspace/didChangeWatchedFiles", {
      changes: [{ uri, type: 2 }],
    });
  }
}

/** The offset of a place; what lies behind the end of a line or the text is its end. */
export function offset(state: EditorState, { line, character }: lsp.Position): number {
  const { from, to } = state.doc.line(Math.min(line + 1, state.doc.lines));
  return line >= state.doc.lines ? to : Math.min(from + character, to);
}

/** The place of an offset. */
export function position(state: EditorState, at: number): lsp.Position {
  const { number, from } = state.doc.lineAt(at);
  return { line: number - 1, character: at - from };
}
