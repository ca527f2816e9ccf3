/** What the server's command `upsun-lint.topology` returns: see `server/upsun_lint/lsp/features/topology.py`. */
export interface Topology {
  readonly routes: readonly Route[];
  readonly applications: readonly Application[];
  readonly tasks: readonly Task[];
  readonly services: readonly Service[];
  readonly edges: readonly Edge[];
}

/** A place in a file as the protocol writes it. */
export interface Location {
  readonly uri: string;
  readonly range: { readonly start: Position; readonly end: Position };
}

interface Position {
  readonly line: number;
  readonly character: number;
}

/** How many errors and warnings are in a part, without those in the parts inside it. */
export interface Problems {
  readonly errors: number;
  readonly warnings: number;
}

/** A URL and where its requests go: to an edge's target, or by a redirect to another URL. */
export interface Route {
  readonly id: string;
  readonly name: string;
  readonly type: string | null;
  readonly to: string | null;
  readonly location: Location;
  readonly problems: Problems;
}

/** A command that is started on demand, in a container of its type. */
export interface Task {
  readonly id: string;
  readonly name: string;
  readonly type: string | null;
  readonly command: string | null;
  readonly location: Location;
  readonly problems: Problems;
}

/** A command that runs on a schedule in the web container of an application. */
export interface Cron {
  readonly id: string;
  readonly name: string;
  readonly schedule: string | null;
  readonly command: string | null;
  readonly location: Location;
  readonly problems: Problems;
}

export interface Application {
  readonly id: string;
  readonly name: string;
  readonly type: string | null;
  readonly location: Location;
  readonly mounts: readonly Mount[];
  readonly instances: readonly Instance[];
  readonly crons: readonly Cron[];
  readonly problems: Problems;
}

/** The web process of an application, or one of its workers. */
export interface Instance {
  readonly id: string;
  readonly kind: "web" | "worker";
  readonly name: string;
  readonly command: string | null;
  readonly location: Location;
  readonly properties: readonly Property[];
  readonly mounts: readonly Mount[];
  readonly problems: Problems;
}

/** A property of an instance, inherited or set by the instance. */
export interface Property {
  readonly name: string;
  readonly origin: "own" | "application";
  /** Whether it replaces a block of the application. */
  readonly replaces: boolean;
  /** The names in that block that are lost. */
  readonly dropped: readonly string[];
  readonly location: Location;
}

export interface Mount {
  readonly path: string;
  readonly source: string | null;
  readonly location: Location;
}

export interface Service {
  readonly id: string;
  readonly name: string;
  readonly type: string | null;
  readonly location: Location;
  /** Whether it is not defined. */
  readonly missing: boolean;
  readonly problems: Problems;
}

/** A relationship, a mount that shows the files of a service or of another application, or where a route leads. */
export interface Edge {
  readonly kind: "relationship" | "mount" | "route";
  readonly source: string;
  readonly target: string;
  readonly name: string;
  readonly endpoint: string | null;
  readonly location: Location;
}

/** Messages from the page: it is ready to draw, or a part of the picture was clicked. */
export type FromPage = { readonly kind: "ready" } | { readonly kind: "open"; readonly location: Location };

/** Messages to the page. */
export interface ToPage {
  readonly project: string;
  readonly topology: Topology;
}

/** Whether a value is a place in a file; messages from a page are checked before they are used. */
export function isLocation(value: unknown): value is Location {
  const { uri, range } = (value ?? {}) as Partial<Location>;
  const positions = [range?.start, range?.end] as const;
  return (
    typeof uri === "string" &&
    positions.every((position) => Number.isInteger(position?.line) && Number.isInteger(position?.character))
  );
}

/**
 * The ids of the sources whose edges apply to an instance: the instance for what it sets, its application for what it
 * inherits.
 */
export function sourceOf(application: Application, instance: Instance, kind: Edge["kind"]): string {
  const property = kind === "relationship" ? "relationships" : "mounts";
  const isOwn = instance.properties.some(({ name, origin }) => name === property && origin === "own");
  return isOwn ? instance.id : application.id;
}

/** A part of the picture and everything connected with it, to highlight them together. */
export function connected(topology: Topology, id: string): Set<string> {
  const found = new Set([id]);
  for (const [index, edge] of topology.edges.entries()) {
    const users = usersOf(topology, edge);
    if (edge.source === id || users.includes(id)) {
      found.add(edge.target).add(edgeId(index));
    }
    if (edge.target === id) {
      [edge.source, edgeId(index), ...users].forEach((one) => found.add(one));
    }
  }
  return found;
}

/** What a badge says about problems; undefined if there are none. */
export function inWords({ errors, warnings }: Problems): string | undefined {
  const counted = (count: number, name: string): string[] => (count === 0 ? [] : [`${count} ${name}${count > 1 ? "s" : ""}`]);
  return [...counted(errors, "error"), ...counted(warnings, "warning")].join(", ") || undefined;
}

/** The name of an edge in the picture. */
export function edgeId(index: number): string {
  return `edge:${index}`;
}

/** The instances that an edge applies to: the one it is written in, or those that inherit it. */
export function usersOf(topology: Topology, edge: Edge): string[] {
  if (edge.kind === "route") {
    return [];
  }
  return topology.applications.flatMap((application) =>
    application.instances
      .filter((instance) => sourceOf(application, instance, edge.kind) === edge.source)
      .map((instance) => instance.id),
  );
}
