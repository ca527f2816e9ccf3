import * as vscode from "vscode";
import { isConfiguration, projectRoot } from "./files";
import type { Server } from "./server";
import type { Topology } from "./topology/model";
import { links, workerAt, workersOf } from "./workers";

/** A worker of a project: a file of the project, and its name, `application--worker`. */
interface Target {
  readonly uri: string;
  readonly worker: string;
}

const SCHEME = "upsun-effective";

/** The effective configuration of workers, as read-only documents that update while you type. */
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

  /** Shows a worker next to the file. */
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
    // While a worker is missing, because somebody is typing, its old text stays.
    const last = text ?? this.#texts.get(uri.toString()) ?? `# There is no worker ${worker}.\n`;
    this.#texts.set(uri.toString(), last);
    return last;
  }

  /** Links for the places in the comments. */
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

/** The first file that exists. */
async function existing(uris: readonly vscode.Uri[]): Promise<vscode.Uri | undefined> {
  for (const uri of uris) {
    try {
      await vscode.workspace.fs.stat(uri);
      return uri;
    } catch {
      // It does not exist.
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

/** The worker at the cursor, the only worker, or the one that the user picks. */
export async function pickWorker(server: Server, editor: vscode.TextEditor): Promise<Target | undefined> {
  const uri = editor.document.uri.toString();
  const topology = await server.execute<Topology>("upsun-lint.topology", uri);
  const workers = topology == null ? [] : workersOf(topology);
  if (workers.length === 0) {
    void vscode.window.showInformationMessage("Upsun Lint: this project has no workers.");
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

/** The indentation of a line; undefined for an empty line or a comment. */
function indentation(document: vscode.TextDocument, line: number): number | undefined {
  const { text, firstNonWhitespaceCharacterIndex, isEmptyOrWhitespace } = document.lineAt(line);
  return isEmptyOrWhitespace || text[firstNonWhitespaceCharacterIndex] === "#" ? undefined : firstNonWhitespaceCharacterIndex;
}
