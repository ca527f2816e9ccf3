import * as vscode from "vscode";
import type { Command } from "./discovery";
import { ANY_CONFIGURATION } from "./files";
import type { Server } from "./server";

const TYPE = "upsun-lint";
const ARGUMENTS = { check: ["check"], fix: ["check", "--fix"] };

interface Definition extends vscode.TaskDefinition {
  readonly task: keyof typeof ARGUMENTS;
  readonly args?: readonly string[];
}

/** Tasks that check a whole folder with the command line of the running server. */
export class Tasks implements vscode.TaskProvider {
  constructor(private readonly server: Server) {}

  async provideTasks(token: vscode.CancellationToken): Promise<vscode.Task[]> {
    const command = await this.server.command();
    const tasks: vscode.Task[] = [];
    for (const folder of vscode.workspace.workspaceFolders ?? []) {
      const pattern = new vscode.RelativePattern(folder, ANY_CONFIGURATION);
      const [found] = await vscode.workspace.findFiles(pattern, undefined, 1, token);
      if (command !== undefined && found !== undefined) {
        tasks.push(...(["check", "fix"] as const).map((task) => make({ type: TYPE, task }, folder, command)));
      }
    }
    return tasks;
  }

  async resolveTask(task: vscode.Task): Promise<vscode.Task | undefined> {
    const definition = task.definition as Definition;
    const scope = typeof task.scope === "object" ? task.scope : vscode.workspace.workspaceFolders?.[0];
    const command = await this.server.command();
    const isComplete = definition.task in ARGUMENTS && scope !== undefined && command !== undefined;
    return isComplete ? make(definition, scope, command) : undefined;
  }
}

function make(definition: Definition, folder: vscode.WorkspaceFolder, { program, args }: Command): vscode.Task {
  const all = [...args, ...ARGUMENTS[definition.task], "--format", "concise", ...(definition.args ?? [])];
  const execution = new vscode.ProcessExecution(program, all, { cwd: folder.uri.fsPath });
  return new vscode.Task(definition, folder, definition.task, TYPE, execution, ["$upsun-lint"]);
}
