import { setDiagnostics, type Diagnostic } from "@codemirror/lint";
import type * as lsp from "vscode-languageserver-protocol";
import { make } from "./make";
import { offset, position, type File, type Project } from "./project";
import type { Server } from "./server";

const SEVERITIES = ["error", "error", "warning", "info", "hint"] as const;

/** A finding in a file with what can be done about it. */
interface Finding {
  readonly file: File;
  readonly diagnostic: lsp.Diagnostic;
  readonly actions: readonly lsp.CodeAction[];
}

/** The findings of a project: under the text, and in a list. */
export class Findings {
  readonly #server: Server;
  readonly #list: HTMLElement;
  readonly #count: HTMLElement;
  readonly #show: (file: File) => void;
  readonly #found = new Map<File, readonly lsp.Diagnostic[]>();
  readonly #actions = new Map<lsp.Diagnostic, readonly lsp.CodeAction[]>();
  readonly #asking = new Set<File>();
  readonly #again = new Set<File>();
  #project: Project | undefined;
  #pause: ReturnType<typeof setTimeout> | undefined;

  /** `show` brings a file to the front. */
  constructor(server: Server, list: HTMLElement, count: HTMLElement, show: (file: File) => void) {
    this.#server = server;
    this.#list = list;
    this.#count = count;
    this.#show = show;
  }

  /** Look at another project. */
  open(project: Project): void {
    this.#project = project;
    this.#found.clear();
    this.#actions.clear();
    this.#list.setAttribute("aria-busy", "true");
    this.refresh();
  }

  /** Ask about every file. */
  refresh(): void {
    this.#project?.files.forEach((file) => { void this.ask(file); });
  }

  /** Ask for the findings of a file; while an answer is awaited, once more after it. */
  async ask(file: File): Promise<void> {
    if (!file.isOpen) {
      return;
    }
    if (this.#asking.has(file)) {
      this.#again.add(file);
      return;
    }
    this.#asking.add(file);
    try {
      do {
        this.#again.delete(file);
        await this.#askOnce(file);
      } while (this.#again.has(file));
    } finally {
      this.#asking.delete(file);
    }
  }

  /** Move the focus to the first thing that can be done about what is at the cursor of a file. */
  focusFixes(file: File): boolean {
    const at = file.view.state.selection.main.head;
    const found = this.#findings().findIndex(({ diagnostic: { range }, ...finding }) => {
      const line = file.view.state.doc.lineAt(at);
      const from = offset(file.view.state, range.start);
      return finding.file === file && from <= line.to && offset(file.view.state, range.end) >= line.from;
    });
    const button = this.#list.querySelectorAll("li")[found]?.querySelector<HTMLElement>(".fixes button");
    button?.focus();
    return button != null;
  }

  async #askOnce(file: File): Promise<void> {
    const params: lsp.DocumentDiagnosticParams = { textDocument: { uri: file.uri } };
    const report = await this.#server.client.request<lsp.DocumentDiagnosticParams, lsp.DocumentDiagnosticReport>(
      "textDocument/diagnostic",
      params,
    );
    if (report.kind === "full" && this.#project?.files.includes(file)) {
      this.#found.set(file, report.items);
      this.#draw(file);
      clearTimeout(this.#pause);
      this.#pause = setTimeout(() => { void this.#askForActions(); }, 150);
    }
  }

  /** Ask what can be done about the findings, once nobody types. */
  async #askForActions(): Promise<void> {
    for (const [file, diagnostics] of this.#found) {
      if (diagnostics.length === 0) {
        continue;
      }
      const { state } = file.view;
      const actions = await this.#server.client.request<lsp.CodeActionParams, lsp.CodeAction[] | null>(
        "textDocument/codeAction",
        {
          textDocument: { uri: file.uri },
          range: { start: { line: 0, character: 0 }, end: position(state, state.doc.length) },
          context: { diagnostics: [...diagnostics], only: ["quickfix"] },
        },
      );
      if (this.#found.get(file) !== diagnostics || file.view.state.doc !== state.doc) {
        return;
      }
      for (const diagnostic of diagnostics) {
        this.#actions.set(diagnostic, (actions ?? []).filter((action) => isAbout(action, diagnostic)));
      }
      this.#draw(file);
    }
  }

  #findings(): Finding[] {
    return (this.#project?.files ?? []).flatMap((file) =>
      (this.#found.get(file) ?? []).map((diagnostic) => ({
        file,
        diagnostic,
        actions: this.#actions.get(diagnostic) ?? [],
      })),
    );
  }

  #draw(file: File): void {
    const { view } = file;
    const findings = this.#findings();
    const own = findings.filter((finding) => finding.file === file);
    view.dispatch(setDiagnostics(view.state, own.map((finding) => this.#underlined(finding))));
    this.#count.textContent = String(findings.length);
    this.#count.dataset.worst = SEVERITIES[Math.min(...findings.map(({ diagnostic }) => diagnostic.severity ?? 1), 4)];
    this.#list.removeAttribute("aria-busy");
    const focused = this.#list.contains(document.activeElement) ? document.activeElement?.id : undefined;
    this.#list.replaceChildren(
      findings.length === 0
        ? make("p", { class: "good" }, "All good: nothing was found.")
        : make("ol", {}, ...findings.map((finding, index) => this.#listed(finding, index))),
    );
    if (focused) {
      (document.getElementById(focused) ?? this.#list).focus();
    }
  }

  #underlined({ file, diagnostic, actions }: Finding): Diagnostic {
    const { state } = file.view;
    return {
      from: offset(state, diagnostic.range.start),
      to: offset(state, diagnostic.range.end),
      severity: SEVERITIES[diagnostic.severity ?? 1] ?? "error",
      source: String(diagnostic.code ?? ""),
      message: textOf(diagnostic),
      actions: actions.slice(0, 3).map((action) => ({ name: action.title, apply: () => { this.#apply(action); } })),
    };
  }

  #listed({ file, diagnostic, actions }: Finding, index: number): HTMLElement {
    const severity = SEVERITIES[diagnostic.severity ?? 1] ?? "error";
    const rule = String(diagnostic.code ?? "");
    const place = make(
      "button",
      { type: "button", class: "place", id: `finding-${index}` },
      `${file.path}:${diagnostic.range.start.line + 1}`,
    );
    place.addEventListener("click", () => { this.#go(file, diagnostic); });
    const fixes = actions.map((action, number) => {
      const button = make("button", { type: "button", id: `finding-${index}-${number}` }, action.title);
      button.addEventListener("click", () => { this.#apply(action); });
      return button;
    });
    // What is wrong with the settings belongs to no rule.
    const link = rule === "" ? [] : [make("a", { href: `../rules/${encodeURIComponent(rule)}/`, target: "_blank" }, rule)];
    return make(
      "li",
      { class: severity },
      make("div", { class: "head" }, make("span", { class: "severity" }, severity), place, ...link),
      make("p", {}, ...marked(textOf(diagnostic))),
      make("div", { class: "fixes" }, ...fixes),
    );
  }

  #go(file: File, { range }: lsp.Diagnostic): void {
    this.#show(file);
    const anchor = offset(file.view.state, range.start);
    file.view.dispatch({ selection: { anchor, head: offset(file.view.state, range.end) }, scrollIntoView: true });
    file.view.focus();
  }

  #apply({ edit, command }: lsp.CodeAction): void {
    if (edit !== undefined) {
      this.#project?.apply(edit);
    } else if (command !== undefined) {
      void this.#server.run(command.command, ...(command.arguments ?? []));
    }
  }
}

function textOf({ message }: lsp.Diagnostic): string {
  return typeof message === "string" ? message : message.value;
}

/** A message, with the names in it as code. */
function marked(message: string): (Node | string)[] {
  return message.split(/`([^`]+)`/).map((part, index) => (index % 2 === 1 ? make("code", {}, part) : part));
}

function isAbout({ diagnostics }: lsp.CodeAction, { code, range }: lsp.Diagnostic): boolean {
  return (diagnostics ?? []).some((one) => one.code === code && JSON.stringify(one.range) === JSON.stringify(range));
}
