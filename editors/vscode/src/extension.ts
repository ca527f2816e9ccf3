import * as vscode from "vscode";
import { EffectiveDocuments, pickWorker } from "./effective";
import { Explanations } from "./explanation";
import { ANY_CONFIGURATION, SELECTOR } from "./files";
import { Server, type Handler } from "./server";
import { Status } from "./status";
import { Tasks } from "./tasks";
import { TopologyPanel } from "./topology/panel";
import { yieldSchema } from "./yaml";

/** Changes of these settings restart the server; other changes are sent to it. */
const DECIDE_START = ["upsunLint.enable", "upsunLint.path"];

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const log = vscode.window.createOutputChannel("Upsun Lint", { log: true });
  // Commands of the server that the client runs: a click on a code lens comes here.
  const handlers: ReadonlyMap<string, Handler> = new Map<string, Handler>([
    ["upsun-lint.showEffective", (uri, worker) => effective.show({ uri: String(uri), worker: String(worker) })],
    ["upsun-lint.explain", (rule) => explanations.show(String(rule))],
    ["upsun-lint.copy", (text) => vscode.env.clipboard.writeText(String(text))],
  ]);
  const server = new Server(context, log, handlers);
  const effective = new EffectiveDocuments(server);
  const explanations = new Explanations(server);
  const command = vscode.commands.registerCommand;
  context.subscriptions.push(
    log,
    server,
    effective,
    explanations,
    new Status(server),
    vscode.tasks.registerTaskProvider("upsun-lint", new Tasks(server)),
    command("upsunLint.restart", () => server.restart()),
    command("upsunLint.showLogs", () => {
      log.show();
    }),
    command("upsunLint.showEffective", () => showEffective(server, effective)),
    command("upsunLint.explainRule", async (rule?: unknown) => {
      const chosen = typeof rule === "string" ? rule : await explanations.pick();
      if (chosen !== undefined) {
        await explanations.show(chosen);
      }
    }),
    command("upsunLint.showTopology", async () => {
      const uri = await anyConfiguration();
      if (uri !== undefined) {
        TopologyPanel.show(context, server, uri);
      }
    }),
    command("upsunLint.exportTopology", () => exportTopology(server)),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (DECIDE_START.some((name) => event.affectsConfiguration(name))) {
        void server.restart();
      }
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => server.restart()),
  );
  await Promise.all([yieldSchema(log), startWhenNeeded(context, server)]);
}

/** Starts the server if the folders have a project; otherwise when the first file of a project is opened. */
async function startWhenNeeded(context: vscode.ExtensionContext, server: Server): Promise<void> {
  const isOurs = (document: vscode.TextDocument): boolean => vscode.languages.match([...SELECTOR], document) > 0;
  const [found] = await vscode.workspace.findFiles(ANY_CONFIGURATION, undefined, 1);
  if (found !== undefined || vscode.workspace.textDocuments.some(isOurs)) {
    await server.restart();
    return;
  }
  const waiting = vscode.workspace.onDidOpenTextDocument((document) => {
    if (isOurs(document)) {
      waiting.dispose();
      void server.restart();
    }
  });
  context.subscriptions.push(waiting);
}

async function showEffective(server: Server, effective: EffectiveDocuments): Promise<void> {
  const uri = await anyConfiguration();
  if (uri === undefined) {
    return;
  }
  const active = vscode.window.activeTextEditor;
  const editor =
    active?.document.uri.toString() === uri.toString() ? active : await vscode.window.showTextDocument(uri);
  const target = await pickWorker(server, editor);
  if (target !== undefined) {
    await effective.show(target);
  }
}

/** Opens the topology as a new Markdown document with a Mermaid flowchart, to be kept anywhere. */
async function exportTopology(server: Server): Promise<void> {
  const uri = await anyConfiguration();
  if (uri === undefined) {
    return;
  }
  const content = await server.execute<string>("upsun-lint.exportTopology", uri.toString());
  if (content == null) {
    void vscode.window.showInformationMessage("Upsun Lint: the project is too large for a flowchart.");
    return;
  }
  const document = await vscode.workspace.openTextDocument({ language: "markdown", content });
  await vscode.window.showTextDocument(document, vscode.ViewColumn.Beside);
}

/** The active configuration file, a visible one, or any one in the workspace. */
async function anyConfiguration(): Promise<vscode.Uri | undefined> {
  const editors = [vscode.window.activeTextEditor, ...vscode.window.visibleTextEditors];
  const open = editors.find((editor) => editor && vscode.languages.match([SELECTOR[0]], editor.document) > 0);
  const uri = open?.document.uri ?? (await vscode.workspace.findFiles(ANY_CONFIGURATION, undefined, 1))[0];
  if (uri === undefined) {
    void vscode.window.showInformationMessage("Upsun Lint: this workspace has no .upsun folder.");
  }
  return uri;
}
