import type { Location, Topology } from "./topology/model";

/** A worker by its name on the platform, `application--worker`, and its place. */
export interface PlacedWorker {
  readonly worker: string;
  readonly location: Location;
}

export function workersOf(topology: Topology): PlacedWorker[] {
  return topology.applications.flatMap(({ name, instances }) =>
    instances
      .filter(({ kind }) => kind === "worker")
      .map((instance) => ({ worker: `${name}--${instance.name}`, location: instance.location })),
  );
}

/** The worker whose block contains a line: the last one above it, unless a line in between ends its block. */
export function workerAt(
  workers: readonly PlacedWorker[],
  uri: string,
  line: number,
  indent: (line: number) => number | undefined,
): string | undefined {
  const above = workers
    .filter(({ location }) => location.uri === uri && location.range.start.line <= line)
    .sort((one, other) => other.location.range.start.line - one.location.range.start.line)[0];
  if (above === undefined) {
    return undefined;
  }
  const { start } = above.location.range;
  for (let between = start.line + 1; between <= line; between++) {
    if ((indent(between) ?? Infinity) <= start.character) {
      return undefined;
    }
  }
  return above.worker;
}

/** A place written as `(path:line)` in a text: its range in the text, the path, and the line, counted from 0. */
export interface Link {
  readonly start: number;
  readonly end: number;
  readonly path: string;
  readonly line: number;
}

export function links(text: string): Link[] {
  return [...text.matchAll(/\((?<path>[^()\n]+\.ya?ml):(?<line>\d+)\)/g)].map(({ index, 0: whole, groups = {} }) => ({
    start: index + 1,
    end: index + whole.length - 1,
    path: groups.path ?? "",
    line: Number(groups.line) - 1,
  }));
}
