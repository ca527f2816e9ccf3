import * as vscode from "vscode";
import type { Server } from "./server";

const SCHEME = "upsun-rule";

interface Rule {
  readonly rule: string;
  readonly severity: string;
  readonly title: string;
}

/** The documentation of rules, as documents. */
export class Explanations implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);

  constructor(private readonly server: Server) {}

  dispose(): void {
    this.#registration.dispose();
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const rule = uri.path.slice(1).replace(/\.md$/, "");
    return (await this.server.execute<string>("upsun-lint.explain", rule)) ?? `There is no rule \`${rule}\`.\n`;
  }

  /** Shows the documentation of a rule next to the file. */
  async show(rule: string): Promise<void> {
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${rule}.md` });
    try {
      await vscode.commands.executeCommand("markdown.showPreviewToSide", uri);
    } catch {
      // The Markdown extension of VS Code may be disabled; then show the text.
      await vscode.window.showTextDocument(uri, { viewColumn: vscode.ViewColumn.Beside, preview: true });
    }
  }

  /** Lets the user pick a rule. Rules with problems at the cursor come first, then those with problems in the file. */
  async pick(): Promise<string | undefined> {
    const editor = vscode.window.activeTextEditor;
    const rules = JSON.parse(await this.server.run("rules", "--format", "json")) as Rule[];
    const found = editor === undefined ? [] : vscode.languages.getDiagnostics(editor.document.uri);
    const line = editor?.selection.active.line ?? -1;
    const here = named(found.filter(({ range }) => range.start.line <= line && line <= range.end.line));
    const inFile = named(found).filter((rule) => !here.includes(rule));
    const item = ({ rule, severity, title }: Rule): vscode.QuickPickItem => ({
      label: rule,
      // A single finding, and the settings of a project, can have another severity than the rule.
      description: severityOf(rule, found) ?? severity,
      detail: title,
    });
    const of = (names: readonly string[]): Rule[] => rules.filter(({ rule }) => names.includes(rule));
    const others = rules.filter(({ rule }) => !here.includes(rule) && !inFile.includes(rule));
    const picked = await vscode.window.showQuickPick(
      [
        ...group("At the cursor", of(here).map(item)),
        ...group("In this file", of(inFile).map(item)),
        ...group("All others", others.map(item)),
      ],
      { title: "Explain a Rule", matchOnDetail: true },
    );
    return picked?.label;
  }
}

const SEVERITIES = ["error", "warning", "info", "hint"] as const;

/** The highest severity of the problems that a rule reports in the file. */
function severityOf(rule: string, found: readonly vscode.Diagnostic[]): string | undefined {
  const own = found.filter((diagnostic) => named([diagnostic]).includes(rule));
  return own.length === 0 ? undefined : SEVERITIES[Math.min(...own.map(({ severity }) => severity))];
}

function named(diagnostics: readonly vscode.Diagnostic[]): string[] {
  return diagnostics.flatMap(({ source, code }) => {
    const name = typeof code === "object" ? code.value : code;
    return source === "upsun-lint" && name !== undefined ? [String(name)] : [];
  });
}

function group(label: string, items: vscode.QuickPickItem[]): vscode.QuickPickItem[] {
  return items.length === 0 ? [] : [{ label, kind: vscode.QuickPickItemKind.Separator }, ...items];
}
