import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as vscode from "vscode";

export const ID = "upsun-lint.upsun-lint";

/** How long an event may take, in milliseconds. Only one that never comes takes so long. */
export const PATIENCE = Number(process.env.E2E_PATIENCE ?? 300_000);

export function folder(): vscode.Uri {
  const [first] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(first);
  return first.uri;
}

export function file(path: string): vscode.Uri {
  return vscode.Uri.joinPath(folder(), path);
}

/** Opens a file in an editor. */
export async function open(path: string): Promise<vscode.TextDocument> {
  const document = await vscode.workspace.openTextDocument(file(path));
  await vscode.window.showTextDocument(document, vscode.ViewColumn.One);
  return document;
}

/** Waits until a probe has an answer. */
export async function until<T>(what: string | (() => string), probe: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const found = await probe();
    if (found !== undefined) {
      return found;
    }
    assert.ok(Date.now() < end, `waited too long for ${typeof what === "string" ? what : what()}`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

/** The problems of a file, from whomever, once they are as a test wants them. */
export function problems(
  uri: vscode.Uri,
  what: string,
  wanted: (found: vscode.Diagnostic[]) => boolean,
): Promise<vscode.Diagnostic[]> {
  const all = (): vscode.Diagnostic[] => vscode.languages.getDiagnostics(uri);
  const shown = (): string => all().map((one) => `${one.source ?? "?"}: ${one.message}`).join("; ");
  return until(
    () => `${what}; there is ${shown()}`,
    () => (wanted(all()) ? all() : undefined),
  );
}

export function code(diagnostic: vscode.Diagnostic): string {
  return String(typeof diagnostic.code === "object" ? diagnostic.code.value : diagnostic.code);
}

export function ours(diagnostics: readonly vscode.Diagnostic[]): string[] {
  return diagnostics.filter(({ source }) => source === "upsun-lint").map(code);
}

/** The position right before a text, or right after it. */
export function at(document: vscode.TextDocument, text: string, where: "before" | "after" = "before"): vscode.Position {
  const offset = document.getText().indexOf(text);
  assert.ok(offset >= 0, `the document holds ${text}`);
  return document.positionAt(where === "before" ? offset : offset + text.length);
}

/** Replaces the first occurrence of a text as a person would, by typing. */
export async function replace(document: vscode.TextDocument, text: string, by: string): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, new vscode.Range(at(document, text), at(document, text, "after")), by);
  assert.ok(await vscode.workspace.applyEdit(edit));
}

const originals = new Map<string, string>();

/** Brings the configuration back to what it was when it was first asked for. */
export async function restore(...paths: string[]): Promise<void> {
  for (const path of paths) {
    const uri = file(path);
    const original = originals.get(path) ?? fs.readFileSync(uri.fsPath, "utf8");
    originals.set(path, original);
    const document = await vscode.workspace.openTextDocument(uri);
    if (document.getText() !== original) {
      const edit = new vscode.WorkspaceEdit();
      edit.replace(uri, new vscode.Range(0, 0, document.lineCount, 0), original);
      await vscode.workspace.applyEdit(edit);
    }
    if (document.isDirty) {
      await document.save();
    }
  }
}

/** The language servers of this extension host: processes whose command line ends in `upsun-lint server`. */
export function servers(): { pid: number; command: string }[] {
  return fs
    .readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const words = fs.readFileSync(`/proc/${name}/cmdline`, "utf8").split("\0").filter(Boolean);
        const parent = /^PPid:\s+(\d+)/m.exec(fs.readFileSync(`/proc/${name}/status`, "utf8"))?.[1];
        const isOurs = words.at(-1) === "server" && Number(parent) === process.pid;
        return isOurs ? [{ pid: Number(name), command: words[0] ?? "" }] : [];
      } catch {
        return [];
      }
    });
}

/** What is shown when a place is pointed at; extensions that have nothing to say answer with nothing. */
export async function hovers(document: vscode.TextDocument, place: vscode.Position): Promise<string[]> {
  const found = await vscode.commands.executeCommand<vscode.Hover[]>("vscode.executeHoverProvider", document.uri, place);
  return found
    .map(({ contents }) => contents.map((one) => (one as vscode.MarkdownString).value).join("\n"))
    .filter((text) => text !== "");
}

/** What is offered at a place. */
export async function offered(document: vscode.TextDocument, place: vscode.Position): Promise<string[]> {
  const list = await vscode.commands.executeCommand<vscode.CompletionList>(
    "vscode.executeCompletionItemProvider",
    document.uri,
    place,
  );
  return list.items.map(({ label }) => (typeof label === "string" ? label : label.label));
}
