import {
  connected,
  edgeId,
  type Application,
  type Edge,
  type FromPage,
  type Instance,
  type Location,
  type Mount,
  type Property,
  type Service,
  type ToPage,
  type Topology,
} from "../src/topology/model";

declare function acquireVsCodeApi(): { postMessage(message: FromPage): void };

const SVG = "http://www.w3.org/2000/svg";
const code = acquireVsCodeApi();
const picture = document.querySelector("main") ?? document.body;
let shown: ToPage | undefined;

window.addEventListener("message", ({ data }: MessageEvent<ToPage>) => {
  shown = data;
  draw(data);
});
new ResizeObserver(() => {
  if (shown !== undefined) {
    drawEdges(shown.topology);
  }
}).observe(picture);
code.postMessage({ kind: "ready" });

function draw({ project, topology }: ToPage): void {
  const focused = document.activeElement?.id;
  const edges = document.createElementNS(SVG, "svg");
  edges.id = "edges";
  edges.setAttribute("aria-hidden", "true");
  const columns = make("div", "columns", [
    make("section", "column", topology.applications.map((application) => drawApplication(topology, application))),
    make("section", "column services", topology.services.map(drawService)),
  ]);
  const empty = make("p", "empty", ["This project has no applications or services yet."]);
  picture.replaceChildren(
    make("h1", "", [project]),
    ...(topology.applications.length + topology.services.length === 0 ? [empty] : [edges, columns]),
  );
  drawEdges(topology);
  for (const part of picture.querySelectorAll<HTMLElement>("[data-part]")) {
    const id = part.dataset.part ?? "";
    part.addEventListener("mouseenter", () => { highlight(topology, id); });
    part.addEventListener("mouseleave", () => { highlight(topology, outerPart(part)); });
    part.addEventListener("focusin", (event) => { event.stopPropagation(); highlight(topology, id); });
  }
  if (focused) {
    document.getElementById(focused)?.focus();
  }
}

function outerPart(part: HTMLElement): string | undefined {
  return part.parentElement?.closest<HTMLElement>("[data-part]")?.dataset.part;
}

// -- boxes ------------------------------------------------------------------------------------------------------------

function drawApplication(topology: Topology, application: Application): HTMLElement {
  return part("application", application.id, [
    heading(application.id, "application", application.name, application.type, application.location),
    ...rows(topology, application.id, application.mounts),
    ...application.instances.map((instance) => drawInstance(topology, instance)),
  ]);
}

function drawInstance(topology: Topology, instance: Instance): HTMLElement {
  const inherited = instance.properties.filter(({ origin }) => origin === "application");
  const own = instance.properties.filter(({ origin }) => origin === "own");
  return part(`instance ${instance.kind}`, instance.id, [
    heading(instance.id, instance.kind, instance.kind === "web" ? "web" : instance.name, null, instance.location),
    ...(instance.command === null ? [] : [make("code", "command", [instance.command])]),
    ...(inherited.length === 0 ? [] : [make("div", "inherited", ["inherits ", ...separated(inherited)])]),
    ...own.map(drawOwn),
    ...rows(topology, instance.id, instance.mounts),
  ]);
}

/** The names of properties; a comma is never wrapped to the next line. */
function separated(properties: readonly Property[]): Node[] {
  return properties.flatMap(({ name, location }, index) => [
    make("span", "together", [
      link("property", name, location, `Go to the application's ${name}`),
      index === properties.length - 1 ? "" : ",",
    ]),
    document.createTextNode(" "),
  ]);
}

function drawOwn({ name, replaces, dropped, location }: Property): HTMLElement {
  const lost = dropped.length === 0 ? [] : [", loses ", make("s", "dropped", [dropped.join(", ")])];
  return make("div", replaces ? "overrides" : "own", [
    replaces ? "overrides " : "own ",
    link("property", name, location, `Go to ${name} of this instance`),
    ...lost,
  ]);
}

function drawService(service: Service): HTMLElement {
  const kind = service.missing ? "missing" : "service";
  const type = service.missing ? "not defined" : service.type;
  return part(`service ${kind}`, service.id, [heading(service.id, kind, service.name, type, service.location)]);
}

/** The relationships and mounts that are written in an application or in an instance of it. */
function rows(topology: Topology, source: string, mounts: readonly Mount[]): HTMLElement[] {
  const relationships = [...topology.edges.entries()]
    .filter(([, edge]) => edge.source === source && edge.kind === "relationship")
    .map(([index, edge]) => edgeRow(index, edge));
  const folders = mounts.map((mount) => {
    const index = topology.edges.findIndex(
      (edge) => edge.source === source && edge.kind === "mount" && edge.name === mount.path,
    );
    const row = link("row mount", `/${mount.path}`, mount.location, `Go to the mount ${mount.path}`);
    row.append(make("span", "detail", [mount.source ?? ""]));
    if (index >= 0) {
      row.dataset.edge = edgeId(index);
    }
    return row;
  });
  return [...relationships, ...folders];
}

function edgeRow(index: number, edge: Edge): HTMLElement {
  const row = link("row relationship", edge.name, edge.location, `Go to the relationship ${edge.name}`);
  if (edge.endpoint !== null) {
    row.append(make("span", "detail", [edge.endpoint]));
  }
  row.dataset.edge = edgeId(index);
  return row;
}

function heading(id: string, kind: string, name: string, type: string | null, location: Location): HTMLElement {
  const element = link("heading", name, location, `Go to ${kind} ${name}`);
  element.id = `heading:${id}`;
  if (kind === "worker") {
    element.append(make("span", "badge", ["worker"]));
  }
  if (type !== null) {
    element.append(make("span", "type", [type]));
  }
  return element;
}

function part(className: string, id: string, children: (Node | string)[]): HTMLElement {
  const element = make("article", className, children);
  element.dataset.part = id;
  return element;
}

function link(className: string, text: string, location: Location, title: string): HTMLElement {
  const element = make("button", className, [make("span", "name", [text])]);
  element.title = title;
  element.addEventListener("click", () => { code.postMessage({ kind: "open", location }); });
  return element;
}

function make(tag: string, className: string, children: (Node | string)[]): HTMLElement {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...children);
  return element;
}

// -- lines ------------------------------------------------------------------------------------------------------------

function drawEdges(topology: Topology): void {
  const svg = document.getElementById("edges");
  if (svg === null) {
    return;
  }
  const origin = picture.getBoundingClientRect();
  svg.setAttribute("width", String(picture.scrollWidth));
  svg.setAttribute("height", String(picture.scrollHeight));
  svg.replaceChildren(
    ...topology.edges.flatMap((edge, index) => {
      const from = box(`[data-edge="${edgeId(index)}"]`) ?? box(`[data-part="${CSS.escape(edge.source)}"]`);
      const to = box(`[id="${CSS.escape(`heading:${edge.target}`)}"]`);
      return from === undefined || to === undefined ? [] : [drawEdge(index, edge, from, to, origin)];
    }),
  );
}

function box(selector: string): DOMRect | undefined {
  return picture.querySelector(selector)?.getBoundingClientRect();
}

/** A curve between the facing sides of two boxes, or around the right side of boxes in one column. */
function drawEdge(index: number, edge: Edge, from: DOMRect, to: DOMRect, origin: DOMRect): SVGElement {
  const isForward = from.right <= to.left;
  const isBackward = to.right <= from.left;
  const start = { x: (isBackward ? from.left : from.right) - origin.left, y: middle(from) - origin.top };
  const end = { x: (isForward ? to.left : to.right) - origin.left, y: middle(to) - origin.top };
  const bend = isForward || isBackward ? Math.abs(end.x - start.x) / 2 : 60;
  const out = isBackward ? -bend : bend;
  const back = isForward ? -bend : bend;
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", `M${start.x},${start.y} C${start.x + out},${start.y} ${end.x + back},${end.y} ${end.x},${end.y}`);
  path.setAttribute("class", edge.kind);
  path.dataset.line = edgeId(index);
  return path;
}

function middle(rectangle: DOMRect): number {
  return rectangle.top + rectangle.height / 2;
}

// -- what belongs together --------------------------------------------------------------------------------------------

function highlight(topology: Topology, id: string | undefined): void {
  const chosen = id === undefined ? undefined : connected(topology, id);
  picture.classList.toggle("highlighting", chosen !== undefined && chosen.size > 1);
  for (const element of picture.querySelectorAll<HTMLElement | SVGElement>("[data-part], [data-line]")) {
    const name = element.dataset.part ?? element.dataset.line ?? "";
    element.classList.toggle("connected", chosen?.has(name) ?? false);
  }
}
