import * as assert from "node:assert/strict";
import * as vscode from "vscode";
import { at, file, ID, open, ours, problems, replace, restore, servers, until } from "./support";

const CONFIG = ".upsun/config.yaml";
const SERVICES = ".upsun/services.yaml";

function effectiveDocument(): vscode.TextDocument | undefined {
  return vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === "upsun-effective");
}

function tabs(): string[] {
  return vscode.window.tabGroups.all.flatMap((group) => group.tabs.map(({ label }) => label));
}

describe("the commands", () => {
  let document: vscode.TextDocument;

  before(async () => {
    await vscode.extensions.getExtension(ID)?.activate();
    await restore(CONFIG, SERVICES);
  });
  beforeEach(async () => {
    document = await open(CONFIG);
    await problems(document.uri, "the three mistakes", (all) => ours(all).length === 3);
  });
  afterEach(async () => {
    await restore(CONFIG, SERVICES);
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });

  it("show the effective worker at the cursor, and update it while typing", async () => {
    const editor = await vscode.window.showTextDocument(document, vscode.ViewColumn.One);
    const place = at(document, "nohup php");
    editor.selection = new vscode.Selection(place, place);
    await vscode.commands.executeCommand("upsunLint.showEffective");
    const effective = await until("the effective configuration", effectiveDocument);
    assert.match(effective.getText(), /mailer/);
    assert.match(effective.getText(), /nohup php artisan mail:send/);
    await replace(document, "nohup php artisan mail:send", "php artisan mail:work");
    await until("the new command", () => effective.getText().includes("php artisan mail:work") || undefined);
    await replace(document, "mailer:\n        commands:\n", "mailer:\n        commands: [\n");
    await replace(document, "commands: [\n", "commands:\n");
    await replace(document, "php artisan mail:work", "php artisan mail:last");
    await until("the command typed last", () => effective.getText().includes("php artisan mail:last") || undefined);
  });

  it("show a worker when its lens is clicked", async () => {
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      "vscode.executeCodeLensProvider",
      document.uri,
      20,
    );
    const lens = lenses.find(({ command }) => command?.command === "upsun-lint.showEffective");
    assert.ok(lens?.command, `a lens among ${lenses.map(({ command }) => command?.title).join(", ")}`);
    await vscode.commands.executeCommand(lens.command.command, ...((lens.command.arguments ?? []) as unknown[]));
    await until("the effective configuration", effectiveDocument);
  });

  it("explain a rule", async () => {
    await vscode.commands.executeCommand("upsunLint.explainRule", "backgrounded-start-command");
    await until("the explanation", () => tabs().find((label) => label.includes("backgrounded-start-command")));
    const uri = vscode.Uri.from({ scheme: "upsun-rule", path: "/backgrounded-start-command.md" });
    const explanation = await vscode.workspace.openTextDocument(uri);
    assert.match(explanation.getText(), /```yaml/);
  });

  it("show the project as a graph", async () => {
    await vscode.commands.executeCommand("upsunLint.showTopology");
    await until("the picture", () => tabs().find((label) => label === "Upsun Topology"));
  });

  it("export the project as a flowchart", async () => {
    await vscode.commands.executeCommand("upsunLint.exportTopology");
    const exported = await until("the flowchart", () =>
      vscode.workspace.textDocuments.find(({ languageId, isUntitled }) => isUntitled && languageId === "markdown"),
    );
    assert.match(exported.getText(), /^```mermaid\nflowchart LR\n[^]*mailer[^]*```\n$/);
    await vscode.window.showTextDocument(exported);
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
  });

  it("copy the command of the second lens", async () => {
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>("vscode.executeCodeLensProvider", document.uri, 20);
    const lens = lenses.find(({ command }) => command?.command === "upsun-lint.copy");
    assert.deepEqual(lens?.command?.arguments, ["upsun ssh --worker=queue"]);
    // A browser has no clipboard without a click in it: that the text arrives is for a person to see.
    await vscode.commands.executeCommand("upsun-lint.copy", "upsun ssh --worker=queue");
  });

  it("run a check as a task, without reporting anything twice", async () => {
    const tasks = await vscode.tasks.fetchTasks({ type: "upsun-lint" });
    assert.deepEqual(tasks.map(({ name }) => name).sort(), ["check", "fix"]);
    const check = tasks.find(({ name }) => name === "check");
    assert.ok(check);
    assert.equal(await finish(check), 1);
    // Something the server says later has come: what the task had to say would be here, too.
    await replace(document, "    web:\n", "    webb:\n");
    const found = await problems(document.uri, "a fourth", (all) => ours(all).includes("unknown-key"));
    assert.equal(new Set(ours(found)).size, ours(found).length, ours(found).join(", "));
  });

  it("provide a problem matcher for the user's own tasks", async () => {
    const [task] = await vscode.tasks.fetchTasks({ type: "upsun-lint" });
    const { process: program } = task?.execution as vscode.ProcessExecution;
    const settings = vscode.workspace.getConfiguration("upsunLint");
    await settings.update("enable", false, vscode.ConfigurationTarget.Workspace);
    // A server that ends takes its problems with it, and those of a task, which have the same owner.
    await until("no server", () => servers().length === 0 || undefined);
    await problems(document.uri, "none of ours", (all) => ours(all).length === 0);
    const extra = file(".upsun/extra.yaml");
    await vscode.workspace.fs.writeFile(extra, Buffer.from("services:\n  kv:\n    typ: 'valkey:8.0'\n"));
    try {
      const [folder] = vscode.workspace.workspaceFolders ?? [];
      assert.ok(folder);
      // VS Code may lose the last lines of a program that ends at once.
      const command = `"${program}" --format concise; sleep 3`;
      const execution = new vscode.ShellExecution(command, { cwd: folder.uri.fsPath });
      const own = new vscode.Task({ type: "shell" }, folder, "lint", "test", execution, ["$upsun-lint"]);
      // In a terminal that it uses again, VS Code loses the first lines of a program that is quick.
      own.presentationOptions = { panel: vscode.TaskPanelKind.New };
      await finish(own);
      const found = await problems(extra, "those from the task", (all) => ours(all).length > 0);
      const error = found.find(({ severity }) => severity === vscode.DiagnosticSeverity.Error);
      assert.ok(error?.range.start.isEqual(new vscode.Position(2, 4)), found.map(({ message }) => message).join("; "));
      assert.match(error?.message ?? "", /`typ`/);
    } finally {
      await vscode.workspace.fs.delete(extra);
      await settings.update("enable", undefined, vscode.ConfigurationTarget.Workspace);
    }
  });
});

/** Runs a task to its end; returns its exit status. */
async function finish(task: vscode.Task): Promise<number | undefined> {
  const ended = new Promise<number | undefined>((resolve) => {
    const waiting = vscode.tasks.onDidEndTaskProcess(({ execution, exitCode }) => {
      if (execution.task.name === task.name) {
        waiting.dispose();
        resolve(exitCode);
      }
    });
  });
  await vscode.tasks.executeTask(task);
  return ended;
}
