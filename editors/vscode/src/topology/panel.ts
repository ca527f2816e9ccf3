import { randomBytes } from "node:crypto";
import * as path from "node:path";
import * as vscode from "vscode";
import { isConfiguration, projectRoot } from "../files";
import { Refresher } from "../queue";
import type { Server } from "../server";
import { isLocation, type FromPage, type Location, type ToPage, type Topology } from "./model";

/** The panel with the topology of a project; there is only one, for the last requested project. */
export class TopologyPanel implements vscode.Disposable {
  static #current: TopologyPanel | undefined;

  readonly #refresher = new Refresher(() => this.#refresh());
  readonly #subscriptions: { dispose(): unknown }[];

  /** Shows the project that a file belongs to. */
  static show(context: vscode.ExtensionContext, server: Server, uri: vscode.Uri): void {
    if (this.#current === undefined) {
      const panel = vscode.window.createWebviewPanel(
        "upsunLint.topology",
        "Upsun Topology",
        { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
        { enableScripts: true, localResourceRoots: [vscode.Uri.joinPath(context.extensionUri, "dist"), media(context)] },
      );
      this.#current = new TopologyPanel(context, server, panel, uri);
    } else {
      this.#current.uri = uri;
      this.#current.panel.reveal(undefined, true);
      this.#current.#refresher.ask();
    }
  }

  private constructor(
    context: vscode.ExtensionContext,
    private readonly server: Server,
    private readonly panel: vscode.WebviewPanel,
    private uri: vscode.Uri,
  ) {
    const refresh = (): void => {
      this.#refresher.ask();
    };
    panel.webview.html = page(context, panel.webview);
    this.#subscriptions = [
      panel.webview.onDidReceiveMessage((message: FromPage) => this.#receive(message)),
      panel.onDidDispose(() => {
        this.dispose();
      }),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (isConfiguration(document.uri.path)) {
          refresh();
        }
      }),
      server.onDidChange(refresh),
    ];
  }

  dispose(): void {
    TopologyPanel.#current = undefined;
    vscode.Disposable.from(...this.#subscriptions).dispose();
  }

  async #receive(message: FromPage): Promise<void> {
    if (message.kind === "ready") {
      this.#refresher.ask();
    } else if (isLocation(message.location)) {
      await open(message.location);
    }
  }

  async #refresh(): Promise<void> {
    const topology = await this.server.execute<Topology>("upsun-lint.topology", this.uri.toString());
    if (topology != null) {
      const project = path.posix.basename(projectRoot(this.uri) ?? "");
      const message: ToPage = { project, topology };
      await this.panel.webview.postMessage(message);
    }
  }
}

/** Opens a place, in the column that already shows its file, if any. */
async function open({ uri, range: { start, end } }: Location): Promise<void> {
  const target = vscode.Uri.parse(uri, true);
  const shown = vscode.window.visibleTextEditors.find(({ document }) => document.uri.toString() === target.toString());
  await vscode.window.showTextDocument(target, {
    viewColumn: shown?.viewColumn ?? vscode.ViewColumn.One,
    selection: new vscode.Range(start.line, start.character, end.line, end.character),
  });
}

function media(context: vscode.ExtensionContext): vscode.Uri {
  return vscode.Uri.joinPath(context.extensionUri, "media");
}

/** The page. Its policy allows nothing from outside the extension. */
function page(context: vscode.ExtensionContext, webview: vscode.Webview): string {
  const nonce = randomBytes(16).toString("base64");
  const script = webview.asWebviewUri(vscode.Uri.joinPath(context.extensionUri, "dist", "topology.js"));
  const style = webview.asWebviewUri(vscode.Uri.joinPath(media(context), "topology.css"));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${webview.cspSource}; script-src 'nonce-${nonce}'">
<link rel="stylesheet" href="${style.toString()}">
<title>Upsun Topology</title>
</head>
<body>
<main></main>
<script nonce="${nonce}" src="${script.toString()}"></script>
</body>
</html>`;
}
