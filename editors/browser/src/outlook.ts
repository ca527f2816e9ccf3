import type { Application, FromPage, ToPage, Topology } from "../../vscode/src/topology/model";
import { isLocation } from "../../vscode/src/topology/model";
import { byId, make, select, withArrowKeys } from "./make";
import { offset, type File, type Project } from "./project";
import type { Server } from "./server";

/** What is beside the text: the findings, the effective configuration of a worker, and the topology. */
export class Outlook {
  readonly #server: Server;
  readonly #show: (file: File) => void;
  readonly #views = byId("views");
  readonly #workers = byId<HTMLSelectElement>("workers");
  readonly #frame = byId<HTMLIFrameElement>("picture");
  #project: Project | undefined;
  #topology: Topology | undefined;
  #pause: ReturnType<typeof setTimeout> | undefined;

  /** `show` brings a file to the front. */
  constructor(server: Server, show: (file: File) => void) {
    this.#server = server;
    this.#show = show;
    for (const tab of this.#views.querySelectorAll<HTMLElement>("[role=tab]")) {
      tab.addEventListener("click", () => { this.choose(tab); });
    }
    withArrowKeys(this.#views, (tab) => { this.choose(tab); });
    this.#workers.addEventListener("change", () => { void this.#drawConfiguration(); });
    window.addEventListener("message", ({ source, data }: MessageEvent<FromPage>) => {
      if (source === this.#frame.contentWindow) {
        this.#take(data);
      }
    });
  }

  /** Show one of the views. */
  choose(tab: HTMLElement): void {
    select(this.#views, tab);
    for (const one of this.#views.querySelectorAll("[role=tab]")) {
      byId(one.getAttribute("aria-controls") ?? "").hidden = one !== tab;
    }
    if (!byId("topology").hidden && this.#frame.src === "") {
      this.#frame.src = "topology.html";
    }
    this.changed(0);
  }

  /** Look at another project. */
  open(project: Project): void {
    this.#project = project;
    this.#topology = undefined;
    this.changed(0);
  }

  /** Draw again what is shown, after a pause in milliseconds. */
  changed(pause = 300): void {
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => { void this.#draw(); }, pause);
  }

  async #draw(): Promise<void> {
    const uri = this.#uri();
    if (uri === undefined || !byId("findings").hidden) {
      return;
    }
    this.#topology = (await this.#server.run<Topology>("upsun-lint.topology", uri)) ?? undefined;
    this.#drawTopology();
    const names = (this.#topology?.applications ?? []).flatMap(workersOf);
    const chosen = this.#workers.value;
    this.#workers.replaceChildren(...names.map((name) => make("option", { value: name }, name)));
    this.#workers.value = names.includes(chosen) ? chosen : (names[0] ?? "");
    await this.#drawConfiguration();
  }

  #drawTopology(): void {
    if (this.#topology !== undefined) {
      const data: ToPage = { project: "", topology: this.#topology };
      this.#frame.contentWindow?.postMessage(data, location.origin);
    }
  }

  async #drawConfiguration(): Promise<void> {
    const uri = this.#uri();
    const name = this.#workers.value;
    const text = uri && name ? await this.#server.run<string>("upsun-lint.showEffective", uri, name) : null;
    byId("configuration").textContent = text ?? "This project has no workers.";
  }

  /** The URI of a file that belongs to the project. */
  #uri(): string | undefined {
    return this.#project?.files.find(({ path }) => path.startsWith(".upsun/"))?.uri ?? this.#project?.files[0]?.uri;
  }

  #take(message: FromPage): void {
    if (message.kind === "ready") {
      this.#drawTopology();
    } else if (isLocation(message.location)) {
      const { uri, range } = message.location;
      const file = this.#project?.at(uri);
      if (file !== undefined) {
        this.#show(file);
        file.view.dispatch({ selection: { anchor: offset(file.view.state, range.start) }, scrollIntoView: true });
        file.view.focus();
      }
    }
  }
}

function workersOf({ name, instances }: Application): string[] {
  return instances.filter(({ kind }) => kind === "worker").map((worker) => `${name}--${worker.name}`);
}
