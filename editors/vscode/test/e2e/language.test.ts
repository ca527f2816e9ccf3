import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as vscode from "vscode";
import { at, code, file, hovers, ID, offered, open, ours, problems, replace, restore, servers, until } from "./support";

const CONFIG = ".upsun/config.yaml";
const SERVICES = ".upsun/services.yaml";

describe("language features", () => {
  let document: vscode.TextDocument;

  before(async () => {
    await vscode.extensions.getExtension(ID)?.activate();
    await restore(CONFIG, SERVICES);
    document = await open(CONFIG);
  });
  afterEach(() => restore(CONFIG, SERVICES));

  it(`come from the bundled program, without Python, in VS Code ${vscode.version}`, async () => {
    const [server] = await until("the server", () => (servers().length > 0 ? servers() : undefined));
    assert.match(server?.command ?? "", /extensions\/upsun-lint\.upsun-lint-[^/]+\/bundled\/upsun-lint$/);
    assert.ok(!fs.readFileSync(`/proc/${server?.pid ?? 0}/maps`, "utf8").includes("/usr/lib/python"));
  });

  it("show mistakes", async () => {
    const found = await problems(document.uri, "the three mistakes", (all) => ours(all).length === 3);
    const error = found.find((one) => code(one) === "backgrounded-start-command");
    assert.equal(error?.severity, vscode.DiagnosticSeverity.Error);
    assert.equal(document.getText(error.range), "&");
    assert.deepEqual(ours(found).sort(), [
      "backgrounded-start-command",
      "override-drops-relationships",
      "override-drops-variables",
    ]);
    const lost = found.find((one) => code(one) === "override-drops-variables");
    assert.ok(lost?.relatedInformation?.[0]?.location.range.start.isEqual(at(document, "variables:\n      env:\n        APP_ENV")));
  });

  it("show new mistakes while typing, and remove them", async () => {
    await problems(document.uri, "the three mistakes", (all) => ours(all).length === 3);
    await replace(document, "    web:\n", "    webb:\n");
    await problems(document.uri, "a fourth", (all) => ours(all).length > 3);
    await replace(document, "    webb:\n", "    web:\n");
    await problems(document.uri, "three again", (all) => ours(all).length === 3);
  });

  it("show in one file what was broken in another", async () => {
    await problems(document.uri, "the three mistakes", (all) => ours(all).length === 3);
    const services = await vscode.workspace.openTextDocument(file(SERVICES));
    await replace(services, "  db:\n", "  database:\n");
    await problems(document.uri, "a relationship to nothing", (all) => ours(all).length > 3);
  });

  it("show in a hover what a worker inherits", async () => {
    const [text = ""] = await hovers(document, at(document, "queue:\n        commands"));
    assert.match(text, /inherited/);
    assert.match(text, /MAIL_FROM|variables/);
  });

  it("describe a schedule in words", async () => {
    const [text = ""] = await hovers(document, at(document, "0 3 * * *"));
    assert.match(text, /03:00/);
  });

  it("show in hints what a worker inherits, unless they are turned off", async () => {
    const settings = vscode.workspace.getConfiguration("upsunLint");
    const hints = async (): Promise<number> => {
      const range = new vscode.Range(0, 0, document.lineCount, 0);
      const found = await vscode.commands.executeCommand<vscode.InlayHint[]>("vscode.executeInlayHintProvider", document.uri, range);
      return found.length;
    };
    assert.equal(await hints(), 2);
    await settings.update("inlayHints", false, vscode.ConfigurationTarget.Workspace);
    try {
      await until("no hints", async () => (await hints()) === 0 || undefined);
    } finally {
      await settings.update("inlayHints", undefined, vscode.ConfigurationTarget.Workspace);
    }
    await until("hints again", async () => (await hints()) === 2 || undefined);
  });

  it("fix a mistake on request", async () => {
    await problems(document.uri, "the three mistakes", (all) => ours(all).length === 3);
    const place = at(document, " &\n").translate(0, 1);
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      "vscode.executeCodeActionProvider",
      document.uri,
      new vscode.Range(place, place),
      vscode.CodeActionKind.QuickFix.value,
    );
    const fix = actions.find(({ isPreferred }) => isPreferred);
    assert.ok(fix?.edit, `a preferred fix among ${actions.map(({ title }) => title).join(", ")}`);
    await vscode.workspace.applyEdit(fix.edit);
    assert.ok(!document.getText().includes("&\n"));
    await problems(document.uri, "no error", (all) => !ours(all).includes("backgrounded-start-command"));
  });

  it("apply safe fixes on saving, and no others", async () => {
    const editor = vscode.workspace.getConfiguration("editor");
    await editor.update("codeActionsOnSave", { "source.fixAll.upsun-lint": "explicit" }, vscode.ConfigurationTarget.Workspace);
    try {
      const before = document.getText();
      await replace(document, "# A shop", "# The shop");
      await document.save();
      assert.equal(
        document.getText(),
        before.replace("# A shop", "# The shop").replace("nohup php artisan mail:send --daemon &", "nohup php artisan mail:send --daemon"),
      );
    } finally {
      await editor.update("codeActionsOnSave", undefined, vscode.ConfigurationTarget.Workspace);
    }
  });

  it("complete a line that is not valid YAML yet", async () => {
    await replace(document, "      mailer:\n", "      mailer:\n        re\n");
    const labels = await offered(document, at(document, "        re\n").translate(0, 10));
    assert.ok(!labels.includes("relationships"), "what is there already is not offered");
    assert.ok(!labels.includes("crons"), "what never runs on a worker is not offered");
    assert.ok(labels.some((label) => label.startsWith("resources") || label.startsWith("access") || label.startsWith("mounts")), labels.join(", "));
  });

  it("complete the names of services in another file", async () => {
    await replace(document, "database: 'db:mysql'", "database: ");
    const labels = await offered(document, at(document, "database: ", "after"));
    assert.ok(labels.some((label) => label.startsWith("db")), labels.join(", "));
  });

  it("rename a service in all files", async () => {
    const edit = await vscode.commands.executeCommand<vscode.WorkspaceEdit>(
      "vscode.executeDocumentRenameProvider",
      document.uri,
      at(document, "queue:redis"),
      "broker",
    );
    await vscode.workspace.applyEdit(edit);
    const services = await vscode.workspace.openTextDocument(file(SERVICES));
    assert.match(services.getText(), /^ {2}broker:$/m);
    assert.equal(document.getText().match(/broker:redis/g)?.length, 2);
    assert.match(document.getText(), /^ {6}queue:$/m, "the worker of the same name keeps it");
  });

  it("ignore other YAML files", async () => {
    const uri = file("other.yaml");
    await vscode.workspace.fs.writeFile(uri, Buffer.from("applications:\n  app:\n    typ: 1\n"));
    const other = await vscode.workspace.openTextDocument(uri);
    await replace(other, "typ", "tipe");
    await problems(document.uri, "the three mistakes", (all) => ours(all).length === 3);
    assert.deepEqual(ours(vscode.languages.getDiagnostics(uri)), []);
  });

  it("check the linter's own settings, and apply them", async () => {
    const uri = file(".upsun-lint.toml");
    await vscode.workspace.fs.writeFile(uri, Buffer.from('ignore = ["override-drops-variables"]\n'));
    try {
      await problems(document.uri, "one fewer", (all) => ours(all).length === 2);
      const toml = await open(".upsun-lint.toml");
      await replace(toml, "override-drops-variables", "override-drops-variable");
      await problems(uri, "a rule that there is not", (all) => ours(all).length === 1);
      await toml.save();
    } finally {
      await vscode.commands.executeCommand("workbench.action.closeActiveEditor");
      await vscode.workspace.fs.delete(uri);
    }
    await problems(document.uri, "three again", (all) => ours(all).length === 3);
  });

  it("apply the settings of the editor, but not their defaults", async () => {
    const settings = vscode.workspace.getConfiguration("upsunLint");
    await settings.update("ignore", ["override-drops-relationships"], vscode.ConfigurationTarget.Workspace);
    try {
      await problems(document.uri, "one fewer", (all) => ours(all).length === 2);
    } finally {
      await settings.update("ignore", undefined, vscode.ConfigurationTarget.Workspace);
    }
    await problems(document.uri, "three again", (all) => ours(all).length === 3);
  });
});
