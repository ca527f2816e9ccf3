import {
  connected,
  edgeId,
  inWords,
  type Application,
  type Cron,
  type Edge,
  type FromPage,
  type Instance,
  type Location,
  type Mount,
  type Problems,
  type Property,
  type Route,
  type Service,
  type Task,
  type ToPage,
  type Topology,
} from "../src/topology/model";

declare function acquireVsCodeApi(): { postMessage(message: FromPage): void };

/** How far a curve between boxes in one column reaches out, and the width below which columns are stacked, in pixels. */
const AROUND = 36;
const NARROW = 520;
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
    ...(topology.routes.length === 0 ? [] : [make("section", "column routes", topology.routes.map(drawRoute))]),
    make("section", "column", [
      ...topology.applications.map((application) => drawApplication(topology, application)),
      ...topology.tasks.map((task) => drawTask(topology, task)),
    ]),
    make("section", "column services", topology.services.map((service) => drawService(topology, service))),
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
    heading(application, "application", application.type),
    ...rows(topology, application.id, application.mounts),
    ...application.instances.map((instance) => drawInstance(topology, instance)),
    ...application.crons.map(drawCron),
  ]);
}

function drawRoute(route: Route): HTMLElement {
  const target = route.to === null ? [] : [make("div", "own", [`${route.type ?? "redirect"} to ${route.to}`])];
  return part("route", route.id, [heading(route, "route", null), ...target]);
}

function drawTask(topology: Topology, task: Task): HTMLElement {
  return part("task", task.id, [
    heading(task, "task", task.type),
    ...(task.command === null ? [] : [make("code", "command", [task.command])]),
    ...rows(topology, task.id, []),
  ]);
}

function drawCron(cron: Cron): HTMLElement {
  return part("cron", cron.id, [
    heading(cron, "cron", cron.schedule),
    ...(cron.command === null ? [] : [make("code", "command", [cron.command])]),
  ]);
}

function drawInstance(topology: Topology, instance: Instance): HTMLElement {
  const inherited = instance.properties.filter(({ origin }) => origin === "application");
  const own = instance.properties.filter(({ origin }) => origin === "own");
  return part(`instance ${instance.kind}`, instance.id, [
    heading(instance, instance.kind, null),
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

function drawService(topology: Topology, service: Service): HTMLElement {
  const kind = service.missing ? "missing" : "service";
  const type = service.missing ? "not defined" : service.type;
  return part(`service ${kind}`, service.id, [heading(service, kind, type), ...rows(topology, service.id, [])]);
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

interface Named {
  readonly id: string;
  readonly name: string;
  readonly location: Location;
  readonly problems: Problems;
}

function heading({ id, name, location, problems }: Named, kind: string, type: string | null): HTMLElement {
  const element = link("heading", name, location, `Go to ${kind} ${name}`);
  element.id = `heading:${id}`;
  if (["worker", "cron", "task"].includes(kind)) {
    element.append(make("span", "badge", [kind]));
  }
  const words = inWords(problems);
  if (words !== undefined) {
    element.append(make("span", problems.errors > 0 ? "problems error" : "problems warning", [words]));
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

/**
 * A curve between the facing sides of two boxes. Between boxes in one column it goes around the side with free space: the
 * left side of the last column, the right side of the others.
 */
function drawEdge(index: number, edge: Edge, from: DOMRect, to: DOMRect, origin: DOMRect): SVGElement {
  const isForward = from.right <= to.left;
  const isBackward = to.right <= from.left;
  const isAround = !isForward && !isBackward;
  const isLeft = isAround && !isStacked(origin) && from.left - origin.left > origin.width / 2;
  const start = { x: (isBackward || isLeft ? from.left : from.right) - origin.left, y: middle(from) - origin.top };
  const end = { x: (isForward || isLeft ? to.left : to.right) - origin.left, y: middle(to) - origin.top };
  const bend = isAround ? AROUND : Math.abs(end.x - start.x) / 2;
  const out = isBackward || isLeft ? -bend : bend;
  const back = isForward || isLeft ? -bend : bend;
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", `M${start.x},${start.y} C${start.x + out},${start.y} ${end.x + back},${end.y} ${end.x},${end.y}`);
  path.setAttribute("class", edge.kind);
  path.dataset.line = edgeId(index);
  return path;
}

/** Whether the columns are below each other: see `topology.css`. */
function isStacked(origin: DOMRect): boolean {
  return origin.width < NARROW;
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
