import * as vscode from "vscode";
import { isConfiguration, projectRoot, SELECTOR } from "./files";
import type { Server } from "./server";

const SOURCE = "upsun-lint";
const ORIGINS = {
  setting: "from the setting upsunLint.path",
  bundled: "bundled",
  environment: "from the Python environment",
  path: "from the search path",
};

/** The number of problems of each severity, the worst first. */
export type Counts = readonly [errors: number, warnings: number, others: number];

/** Counts the problems in the project of a file. */
export function count(all: readonly [vscode.Uri, readonly vscode.Diagnostic[]][], root: string | undefined): Counts {
  const counts: [number, number, number] = [0, 0, 0];
  for (const [uri, diagnostics] of all) {
    if (root === undefined || projectRoot(uri) === root) {
      for (const { source, severity } of diagnostics) {
        if (source === SOURCE) {
          counts[severity === vscode.DiagnosticSeverity.Error ? 0 : severity === vscode.DiagnosticSeverity.Warning ? 1 : 2]++;
        }
      }
    }
  }
  return counts;
}

/** The language status item (`{}`) for the project of the open file: its problems, and the server. */
export class Status implements vscode.Disposable {
  readonly #item: vscode.LanguageStatusItem;
  readonly #subscriptions: { dispose(): unknown }[];

  constructor(private readonly server: Server) {
    this.#item = vscode.languages.createLanguageStatusItem("upsunLint.status", [...SELECTOR]);
    this.#item.name = "Upsun Lint";
    const show = (): void => {
      this.#show();
    };
    this.#subscriptions = [
      this.#item,
      server.onDidChange(show),
      vscode.languages.onDidChangeDiagnostics(({ uris }) => {
        if (uris.some((uri) => isConfiguration(uri.path))) {
          show();
        }
      }),
      vscode.window.onDidChangeActiveTextEditor(show),
    ];
    show();
  }

  dispose(): void {
    vscode.Disposable.from(...this.#subscriptions).dispose();
  }

  #show(): void {
    const { condition } = this.server;
    this.#item.busy = condition.kind === "starting";
    this.#item.severity =
      condition.kind === "failed" ? vscode.LanguageStatusSeverity.Error : vscode.LanguageStatusSeverity.Information;
    if (condition.kind === "running") {
      const active = vscode.window.activeTextEditor?.document.uri;
      const [errors, warnings, others] = count(
        vscode.languages.getDiagnostics(),
        active === undefined ? undefined : projectRoot(active),
      );
      this.#item.text = `$(error) ${errors} $(warning) ${warnings} $(info) ${others}`;
      this.#item.detail = `upsun-lint ${condition.version}, ${ORIGINS[condition.command.origin]}`;
      this.#item.command = { command: "upsunLint.showLogs", title: "Show Logs" };
    } else {
      this.#item.text = "Upsun Lint";
      this.#item.detail = { off: "off", starting: "starting", failed: "not running" }[condition.kind];
      this.#item.command = { command: "upsunLint.restart", title: "Restart" };
    }
  }
}
