import { execFile } from "node:child_process";
import { statSync } from "node:fs";
import { homedir } from "node:os";
import * as path from "node:path";
import * as vscode from "vscode";
import {
  ExecuteCommandRequest,
  LanguageClient,
  RevealOutputChannelOn,
  State,
  type LanguageClientOptions,
} from "vscode-languageclient/node";
import { candidates, executable, startFolder, usualInterpreters, type Command, type Surroundings } from "./discovery";
import { SERVED } from "./files";
import { Queue } from "./queue";
import { decided } from "./settings";
import { complaint } from "./version";

/** The state of the server. */
export type Condition =
  | { readonly kind: "off" | "starting" | "failed" }
  | { readonly kind: "running"; readonly version: string; readonly command: Command };

/** Handlers for the commands of the server that run in this window. */
export type Handler = (...args: unknown[]) => unknown;

const SECTION = "upsunLint";
const PATIENCE = 10_000;

/** The language server of this window. */
export class Server implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<Condition>();
  readonly #queue = new Queue();
  #client: LanguageClient | undefined;
  #condition: Condition = { kind: "off" };

  /** Fires when the server has started, stopped, or died. */
  readonly onDidChange = this.#changed.event;

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly log: vscode.LogOutputChannel,
    private readonly handlers: ReadonlyMap<string, Handler>,
  ) {}

  get condition(): Condition {
    return this.#condition;
  }

  /** Starts the server, or restarts a running one. */
  restart(): Promise<void> {
    return this.#queue.add(async () => {
      await this.#stop();
      await this.#start();
    });
  }

  stop(): Promise<void> {
    return this.#queue.add(() => this.#stop());
  }

  dispose(): void {
    void this.stop();
    this.#changed.dispose();
  }

  /** The command that the server was started with, after all pending starts and stops. */
  async command(): Promise<Command | undefined> {
    await this.#queue.add(() => Promise.resolve());
    return this.#condition.kind === "running" ? this.#condition.command : undefined;
  }

  /** Runs a command of the server; undefined if the server is not running. */
  async execute<T>(command: string, ...args: unknown[]): Promise<T | undefined> {
    if (this.#client?.state !== State.Running) {
      return undefined;
    }
    const params = { command, arguments: args };
    return (await this.#client.sendRequest(ExecuteCommandRequest.type, params)) as T | undefined;
  }

  /** Runs the command line of the running server and returns what it prints. */
  async run(...args: string[]): Promise<string> {
    const command = await this.command();
    if (command === undefined) {
      throw new Error("the server does not run");
    }
    return run(command, args, this.#folder());
  }

  async #start(): Promise<void> {
    if (!vscode.workspace.getConfiguration(SECTION).get<boolean>("enable", true)) {
      this.#become({ kind: "off" });
      return;
    }
    this.#become({ kind: "starting" });
    const command = await this.#find();
    if (command === undefined) {
      this.#become({ kind: "failed" });
      return;
    }
    this.log.info(`Starting ${shown(command)} server (${command.origin})`);
    const client = this.#makeClient(command);
    this.#client = client;
    client.onDidChangeState(({ newState }) => {
      this.#follow(client, newState, command);
    });
    try {
      await client.start();
    } catch (error) {
      this.#become({ kind: "failed" });
      this.#complain(`The server did not start: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  async #stop(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    this.#become({ kind: "off" });
    try {
      await client?.dispose();
    } catch (error) {
      // A crashed server does not answer.
      this.log.debug(`Stopping: ${String(error)}`);
    }
  }

  /** Updates the state from a client, unless it is no longer the current one. */
  #follow(client: LanguageClient, state: State, command: Command): void {
    if (client !== this.#client) {
      return;
    }
    if (state === State.Running) {
      const version = client.initializeResult?.serverInfo?.version ?? "";
      this.log.info(`Running upsun-lint ${version}`);
      this.#become({ kind: "running", version, command });
    } else {
      this.#become({ kind: state === State.Starting ? "starting" : "failed" });
    }
  }

  #become(condition: Condition): void {
    this.#condition = condition;
    void vscode.commands.executeCommand("setContext", "upsunLint.isRunning", condition.kind === "running");
    this.#changed.fire(condition);
  }

  #makeClient(command: Command): LanguageClient {
    const options: LanguageClientOptions = {
      documentSelector: [...SERVED],
      // The list of completions opens again behind a key that is accepted.
      initializationOptions: { suggestCommand: "editor.action.triggerSuggest" },
      outputChannel: this.log,
      traceOutputChannel: this.log,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      diagnosticPullOptions: { onChange: true, onSave: true, onTabs: true },
      middleware: {
        executeCommand: (name, args: unknown[], next): unknown => {
          const handler = this.handlers.get(name);
          return handler === undefined ? next(name, args) : handler(...args);
        },
        workspace: {
          configuration: async (params, token, next) => {
            const answers = await next(params, token);
            return Array.isArray(answers)
              ? answers.map((answer: unknown, index) =>
                  params.items[index]?.section === SECTION ? onlyDecided(answer) : answer,
                )
              : answers;
          },
        },
      },
    };
    const start = {
      command: command.program,
      args: [...command.args, "server"],
      options: { cwd: this.#folder(), env: { ...process.env, PYTHONUTF8: "1" } },
    };
    return new LanguageClient(SECTION, "Upsun Lint", start, options);
  }

  /** The first command whose version is supported; reports a problem with one that the user has set. */
  async #find(): Promise<Command | undefined> {
    for (const command of candidates(await this.#surroundings())) {
      // The bundled server has the version of the extension.
      const fault = command.origin === "bundled" ? undefined : await this.#fault(command);
      if (fault === undefined) {
        return command;
      }
      if (command.origin === "setting") {
        this.#complain(`${fault} Check the setting \`upsunLint.path\`; until then, another server is used.`);
      } else {
        this.log.warn(fault);
      }
    }
    const here = `${process.platform}-${process.arch}`;
    this.#complain(
      `No server found: this build of the extension has none for ${here}, and none is installed. ` +
        "Install upsun-lint, or set `upsunLint.path`.",
    );
    return undefined;
  }

  async #fault(command: Command): Promise<string | undefined> {
    try {
      return complaint(shown(command), await run(command, ["--version"], this.#folder()));
    } catch (error) {
      return `\`${shown(command)}\` cannot be run: ${error instanceof Error ? error.message : String(error)}.`;
    }
  }

  async #surroundings(): Promise<Surroundings> {
    const folders = (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath);
    const { isTrusted } = vscode.workspace;
    return {
      setting: vscode.workspace.getConfiguration(SECTION).get<string[]>("path", []),
      bundled: path.join(this.context.extensionPath, "bundled", executable(process.platform)),
      interpreters: isTrusted ? await interpreters(folders) : [],
      folders,
      isTrusted,
      home: homedir(),
      environment: process.env,
      platform: process.platform,
      isFile: (file) => statSync(file, { throwIfNoEntry: false })?.isFile() ?? false,
    };
  }

  #folder(): string {
    const folders = (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath);
    return startFolder(vscode.workspace.isTrusted, folders, this.context.extensionPath);
  }

  #complain(message: string): void {
    this.log.error(message);
    void vscode.window.showErrorMessage(`Upsun Lint: ${message}`, "Open Settings", "Show Logs").then((picked) => {
      if (picked === "Show Logs") {
        this.log.show();
      } else if (picked === "Open Settings") {
        void vscode.commands.executeCommand("workbench.action.openSettings", "upsunLint.path");
      }
    });
  }
}

/** A command as a user would type it. */
export function shown(command: Command): string {
  return [command.program, ...command.args].join(" ");
}

function onlyDecided(section: unknown): unknown {
  const configuration = vscode.workspace.getConfiguration(SECTION);
  return typeof section === "object" && section !== null
    ? decided(section as Record<string, unknown>, (name) => configuration.inspect(name))
    : section;
}

function run(command: Command, args: readonly string[], cwd: string): Promise<string> {
  const options = { cwd, timeout: PATIENCE, windowsHide: true, maxBuffer: 16_000_000 };
  return new Promise((resolve, reject) => {
    const child = execFile(command.program, [...command.args, ...args], options, (error, stdout) => {
      if (error === null) {
        resolve(stdout);
      } else {
        reject(new Error(error.killed ? `it took longer than ${PATIENCE / 1000} seconds` : firstLine(error)));
      }
    });
    child.stdin?.end();
  });
}

function firstLine(error: Error): string {
  return error.message.split("\n", 1)[0] ?? "";
}

/** The interpreters of the workspace: the one chosen in the Python extension, if it is installed, and the usual ones. */
async function interpreters(folders: readonly string[]): Promise<string[]> {
  const usual = folders.flatMap((folder) => usualInterpreters(folder, process.platform));
  const python = vscode.extensions.getExtension<PythonExtension>("ms-python.python");
  if (python === undefined) {
    return usual;
  }
  try {
    const api = await python.activate();
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    const chosen = api.environments?.getActiveEnvironmentPath(folder).path;
    return chosen === undefined ? usual : [chosen, ...usual];
  } catch {
    return usual;
  }
}

/** The used part of the Python extension's API. */
interface PythonExtension {
  readonly environments?: { getActiveEnvironmentPath(resource?: vscode.Uri): { readonly path: string } };
}
