import { nextDiagnostic, previousDiagnostic } from "@codemirror/lint";
import { Prec } from "@codemirror/state";
import { keymap } from "@codemirror/view";
import type * as lsp from "vscode-languageserver-protocol";
import { explanation } from "./explanation";
import { Findings } from "./findings";
import { filesOf, fragmentOf, isPath, type Examples, type Files } from "./link";
import { byId, make, select, withArrowKeys } from "./make";
import { Outlook } from "./outlook";
import { position, Project, type File } from "./project";
import { Server } from "./server";

const FIRST = "bare-relationships";

const status = byId("status");
const examples = byId<HTMLSelectElement>("examples");
const tabs = byId("tabs");

const missing = whatIsMissing();
if (missing === undefined) {
  void start();
} else {
  say("");
  byId("missing").textContent = `It has no ${missing}.`;
  byId("unsupported").hidden = false;
}

function whatIsMissing(): string | undefined {
  const needed = { WebAssembly: "object", Worker: "function", CompressionStream: "function" };
  return Object.entries(needed).find(([name, kind]) => typeof Reflect.get(globalThis, name) !== kind)?.[0];
}

async function start(): Promise<void> {
  await keepFiles();
  const found = fetch("examples.json").then((response) => response.json() as Promise<Examples>);
  const page = new Page(await found);
  await page.load();
  window.addEventListener("hashchange", () => { void page.load(); });
}

/** Let a service worker keep the files of the playground, where there is one. */
async function keepFiles(): Promise<void> {
  if (!("serviceWorker" in navigator)) {
    return;
  }
  try {
    await navigator.serviceWorker.register("service-worker.js");
    if (navigator.serviceWorker.controller === null) {
      // From then on it sees what is loaded.
      await Promise.race([
        new Promise((resolve) => { navigator.serviceWorker.addEventListener("controllerchange", resolve, { once: true }); }),
        new Promise((resolve) => { setTimeout(resolve, 2_000); }),
      ]);
    }
  } catch {
    // Some browsers forbid it, as in private windows; then the next visit loads the files again.
  }
}

function say(text: string): void {
  status.textContent = text;
  status.hidden = text === "";
}

class Page {
  readonly #examples: Examples;
  readonly #server: Server;
  readonly #findings: Findings;
  readonly #outlook: Outlook;
  #project: Project | undefined;
  #active: File | undefined;
  #fragment = "";
  #pause: ReturnType<typeof setTimeout> | undefined;

  constructor(found: Examples) {
    this.#examples = found;
    this.#server = new Server({
      step: say,
      failed: (reason) => { say(`The playground cannot start: ${reason}. Reload the page to try again.`); },
      refreshed: () => { this.#findings.refresh(); },
      edited: (edit) => { this.#project?.apply(edit); },
    });
    const show = (file: File): void => { this.#show(file); };
    this.#findings = new Findings(this.#server, byId("findings"), byId("count"), show);
    this.#outlook = new Outlook(this.#server, show);
    this.#offerExamples();
    this.#connectTools();
  }

  /** Show what the address says, unless it changes in the meantime. */
  async load(): Promise<void> {
    const fragment = location.hash;
    if (fragment === this.#fragment && this.#project !== undefined) {
      return;
    }
    this.#fragment = fragment;
    clearTimeout(this.#pause);
    let files: Files | undefined;
    let complaint = "";
    try {
      files = await filesOf(fragment, this.#examples);
    } catch (error) {
      complaint = `This link cannot be opened: ${error instanceof Error ? error.message : String(error)}.`;
    }
    await this.#server.ready;
    if (this.#fragment === fragment) {
      this.#open(files ?? this.#examples.projects[FIRST] ?? {});
      say(complaint);
      examples.value = fragment;
    }
  }

  #open(files: Files): void {
    this.#project?.close();
    byId("work").hidden = false;
    for (const id of ["fix", "download", "share"]) {
      byId<HTMLButtonElement>(id).disabled = false;
    }
    this.#project = new Project(
      this.#server,
      byId("editors"),
      { changed: (file) => { this.#changed(file); } },
      [explanation(), this.#keys()],
      files,
    );
    this.#active = undefined;
    const first = this.#project.files.find(({ isOpen }) => isOpen) ?? this.#project.files[0];
    if (first !== undefined) {
      this.#show(first);
    }
    this.#findings.open(this.#project);
    this.#outlook.open(this.#project);
    byId("editors").dataset.fragment = this.#fragment;
  }

  #keys() {
    return Prec.highest(
      keymap.of([
        { key: "F8", run: nextDiagnostic },
        { key: "Shift-F8", run: previousDiagnostic },
        { key: "Mod-.", run: () => this.#focusFixes() },
      ]),
    );
  }

  #focusFixes(): boolean {
    this.#outlook.choose(byId("show-findings"));
    return this.#active !== undefined && this.#findings.focusFixes(this.#active);
  }

  #changed(file: File): void {
    void this.#findings.ask(file);
    this.#outlook.changed();
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => { void this.#remember(); }, 300);
  }

  /** Put the files into the address, which is never sent. */
  async #remember(): Promise<void> {
    const before = this.#fragment;
    const fragment = await fragmentOf(this.#project?.texts ?? {});
    // Another project may have been asked for in the meantime.
    if (this.#fragment === before) {
      this.#fragment = fragment;
      history.replaceState(null, "", fragment);
      examples.value = "";
    }
  }

  // -- tabs ------------------------------------------------------------------------------------------------------

  #show(file: File): void {
    this.#active = file;
    const files = this.#project?.files ?? [];
    const drawn = files.map((one) => {
      const tab = make("button", { type: "button", role: "tab" }, one.path);
      tab.addEventListener("click", () => { this.#show(one); });
      return tab;
    });
    const hadFocus = tabs.contains(document.activeElement);
    tabs.replaceChildren(...drawn);
    const chosen = drawn[files.indexOf(file)];
    if (chosen !== undefined) {
      select(tabs, chosen);
      if (hadFocus) {
        chosen.focus();
      }
    }
    for (const one of files) {
      const panel = one.view.dom.parentElement;
      if (panel !== null) {
        panel.hidden = one !== file;
      }
    }
    file.view.requestMeasure();
  }

  #add(): void {
    const path = prompt("Path of the new file, from the root of the repository:", ".upsun/services.yaml")?.trim();
    if (!path || this.#project === undefined) {
      return;
    }
    const known = this.#project.files.find((file) => file.path === path);
    if (known === undefined && !isPath(path)) {
      say(`\`${path}\` is not a path of a file.`);
      return;
    }
    const file = known ?? this.#project.add(path);
    this.#show(file);
    file.view.focus();
    this.#changed(file);
  }

  /** A project without the file is another project: the server reads it from the start. */
  async #remove(): Promise<void> {
    const { [this.#active?.path ?? ""]: _, ...files } = this.#project?.texts ?? {};
    if (Object.keys(files).length > 0) {
      this.#open(files);
      await this.#remember();
    }
  }

  // -- tools -----------------------------------------------------------------------------------------------------

  #offerExamples(): void {
    const projects = Object.keys(this.#examples.projects).map((name) =>
      make("option", { value: `#project=${name}` }, name),
    );
    const rules = Object.entries(this.#examples.rules).flatMap(([rule, all]) =>
      all.map((_, index) =>
        make("option", { value: `#rule=${rule}&example=${index + 1}` }, index === 0 ? rule : `${rule} (${index + 1})`),
      ),
    );
    examples.append(make("optgroup", { label: "Projects" }, ...projects), make("optgroup", { label: "Rules" }, ...rules));
    examples.addEventListener("change", () => {
      if (examples.value !== "") {
        location.hash = examples.value;
      }
    });
  }

  #connectTools(): void {
    withArrowKeys(tabs, (tab) => { tab.click(); });
    byId("add").addEventListener("click", () => { this.#add(); });
    byId("close").addEventListener("click", () => { void this.#remove(); });
    byId("fix").addEventListener("click", () => { void this.#fixAll(); });
    byId("download").addEventListener("click", () => { this.#download(); });
    byId("share").addEventListener("click", () => { void this.#share(); });
  }

  async #fixAll(): Promise<void> {
    let edits = 0;
    for (const file of this.#project?.files.filter(({ isOpen }) => isOpen) ?? []) {
      const { state } = file.view;
      const actions = await this.#server.client.request<lsp.CodeActionParams, lsp.CodeAction[] | null>(
        "textDocument/codeAction",
        {
          textDocument: { uri: file.uri },
          range: { start: { line: 0, character: 0 }, end: position(state, state.doc.length) },
          context: { diagnostics: [], only: ["source.fixAll.upsun-lint"] },
        },
      );
      for (const { edit } of actions ?? []) {
        if (edit !== undefined && file.view.state.doc === state.doc) {
          this.#project?.apply(edit);
          edits += 1;
        }
      }
    }
    say(edits === 0 ? "There is no safe fix; the others are beside the findings." : "Every safe fix was applied.");
  }

  #download(): void {
    if (this.#active !== undefined) {
      const { path, view } = this.#active;
      const address = URL.createObjectURL(new Blob([view.state.sliceDoc()], { type: "text/plain" }));
      make("a", { href: address, download: path.split("/").at(-1) ?? "config.yaml" }).click();
      URL.revokeObjectURL(address);
    }
  }

  async #share(): Promise<void> {
    await this.#remember();
    try {
      await navigator.clipboard.writeText(location.href);
      say("The link was copied. It contains your files; they are sent to nobody but whom you give it to.");
    } catch {
      say("The address of this page is now the link. It contains your files.");
    }
  }
}
