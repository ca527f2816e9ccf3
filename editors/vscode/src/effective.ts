import * as vscode from "vscode";
import { isConfiguration, projectRoot } from "./files";
import type { Server } from "./server";
import type { Topology } from "./topology/model";
import { links, workerAt, workersOf } from "./workers";

/** A worker of a project: the file it was asked for from, and its name, `application--worker`. */
interface Target {
  readonly uri: string;
  readonly worker: string;
}

const SCHEME = "upsun-effective";

/** What workers are in the end, as read-only documents that follow what is typed. */
export class EffectiveDocuments implements vscode.TextDocumentContentProvider, vscode.DocumentLinkProvider {
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #texts = new Map<string, string>();
  readonly #subscriptions: { dispose(): unknown }[];

  readonly onDidChange = this.#changed.event;

  constructor(private readonly server: Server) {
    this.#subscriptions = [
      this.#changed,
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      vscode.languages.registerDocumentLinkProvider({ scheme: SCHEME }, this),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (isConfiguration(document.uri.path)) {
          this.#refresh();
        }
      }),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.#texts.delete(uri.toString())),
      server.onDidChange(({ kind }) => {
        if (kind === "running") {
          this.#refresh();
        }
      }),
    ];
  }

  dispose(): void {
    vscode.Disposable.from(...this.#subscriptions).dispose();
  }

  /** Shows a worker beside the file. */
  async show(target: Target): Promise<void> {
    const uri = uriOf(target);
    const document = await vscode.workspace.openTextDocument(uri);
    const shown = vscode.window.visibleTextEditors.find((editor) => editor.document === document);
    const viewColumn = shown?.viewColumn ?? vscode.ViewColumn.Beside;
    await vscode.window.showTextDocument(document, { viewColumn, preserveFocus: true, preview: true });
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const { uri: file, worker } = targetOf(uri);
    const text = await this.server.execute<string>("upsun-lint.showEffective", file, worker);
    // A worker that is gone for a moment, in the middle of being typed, stays as it was.
    const last = text ?? this.#texts.get(uri.toString()) ?? `# There is no worker ${worker}.\n`;
    this.#texts.set(uri.toString(), last);
    return last;
  }

  /** Makes the places that the remarks name lead there. */
  async provideDocumentLinks(document: vscode.TextDocument): Promise<vscode.DocumentLink[]> {
    const root = projectRoot(vscode.Uri.parse(targetOf(document.uri).uri));
    const bases = [vscode.Uri.file(root ?? "/"), ...(vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri)];
    const found = links(document.getText()).map(async ({ start, end, path, line }) => {
      const target = await existing(bases.map((base) => vscode.Uri.joinPath(base, path)));
      const range = new vscode.Range(document.positionAt(start), document.positionAt(end));
      return new vscode.DocumentLink(range, target?.with({ fragment: `L${line + 1}` }));
    });
    return (await Promise.all(found)).filter(({ target }) => target !== undefined);
  }

  #refresh(): void {
    for (const { uri } of vscode.workspace.textDocuments) {
      if (uri.scheme === SCHEME) {
        this.#changed.fire(uri);
      }
    }
  }
}

/** The first of some files that exists. */
async function existing(uris: readonly vscode.Uri[]): Promise<vscode.Uri | undefined> {
  for (const uri of uris) {
    try {
      await vscode.workspace.fs.stat(uri);
      return uri;
    } catch {
      // Not this one.
    }
  }
  return undefined;
}

function uriOf({ uri, worker }: Target): vscode.Uri {
  return vscode.Uri.from({ scheme: SCHEME, path: `/${worker} (effective).yaml`, query: JSON.stringify({ uri, worker }) });
}

function targetOf(uri: vscode.Uri): Target {
  return JSON.parse(uri.query) as Target;
}

/** Returns the worker that is meant: the one at the cursor, the only one, or the one that is picked. */
export async function pickWorker(server: Server, editor: vscode.TextEditor): Promise<Target | undefined> {
  const uri = editor.document.uri.toString();
  const topology = await server.execute<Topology>("upsun-lint.topology", uri);
  const workers = topology == null ? [] : workersOf(topology);
  if (workers.length === 0) {
    void vscode.window.showInformationMessage("Upsun Lint: there are no workers in this project.");
    return undefined;
  }
  const here = workerAt(workers, uri, editor.selection.active.line, (line) => indentation(editor.document, line));
  if (here !== undefined || workers.length === 1) {
    return { uri, worker: here ?? workers[0]?.worker ?? "" };
  }
  const picked = await vscode.window.showQuickPick(
    workers.map(({ worker }) => worker),
    { title: "Show Effective Configuration", placeHolder: "Which worker?" },
  );
  return picked === undefined ? undefined : { uri, worker: picked };
}

/** How far a line is indented; undefined for one that holds nothing, or a comment. */
function indentation(document: vscode.TextDocument, line: number): number | undefined {
  const { text, firstNonWhitespaceCharacterIndex, isEmptyOrWhitespace } = document.lineAt(line);
  return isEmptyOrWhitespace || text[firstNonWhitespaceCharacterIndex] === "#" ? undefined : firstNonWhitespaceCharacterIndex;
}
