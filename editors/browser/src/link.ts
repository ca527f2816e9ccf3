/** The files of a project: their texts by their paths. */
export type Files = Readonly<Record<string, string>>;

/** The projects that a link can name, as `build.py` writes them. */
export interface Examples {
  readonly projects: Readonly<Record<string, Files>>;
  readonly rules: Readonly<Record<string, readonly Files[]>>;
}

/** No configuration is nearly as large; a link could claim to be. */
const MOST_BYTES = 2_000_000;

/** The files that the fragment of an address names or contains; undefined for an empty one. */
export async function filesOf(fragment: string, examples: Examples): Promise<Files | undefined> {
  const parameters = new URLSearchParams(fragment.replace(/^#/, ""));
  const [packed, project, rule] = ["files", "project", "rule"].map((name) => parameters.get(name));
  if (packed) {
    return unpack(packed);
  }
  if (project) {
    return found(own(examples.projects, project), `there is no example ${project}`);
  }
  if (rule) {
    const number = Number(parameters.get("example") ?? 1);
    return found(own(examples.rules, rule)?.[number - 1], `the rule ${rule} has no example ${number} here`);
  }
  return undefined;
}

/** The fragment that contains some files. */
export async function fragmentOf(files: Files): Promise<string> {
  const bytes = await piped(new TextEncoder().encode(JSON.stringify(files)), new CompressionStream("deflate-raw"));
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return `#files=${text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}

async function unpack(packed: string): Promise<Files> {
  const binary = atob(packed.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  const files: unknown = JSON.parse(new TextDecoder().decode(await piped(bytes, new DecompressionStream("deflate-raw"))));
  if (typeof files !== "object" || files === null || !Object.entries(files).every(isFile)) {
    throw new Error("it has no files");
  }
  return files as Files;
}

function isFile([path, text]: [string, unknown]): boolean {
  return isPath(path) && typeof text === "string";
}

/** Whether a text is a path of a file below the project. */
export function isPath(path: string): boolean {
  return path.length < 200 && path.split("/").every((part) => part !== "" && part !== "." && part !== ".." && !/[\\\p{Cc}]/u.test(part));
}

function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function found(files: Files | undefined, reason: string): Files {
  if (files === undefined) {
    throw new Error(reason);
  }
  return files;
}

async function piped(bytes: Uint8Array<ArrayBuffer>, through: GenericTransformStream): Promise<Uint8Array> {
  const reader = new Blob([bytes]).stream().pipeThrough<Uint8Array>(through as ReadableWritablePair).getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    chunks.push(part.value);
    size += part.value.length;
    if (size > MOST_BYTES) {
      throw new Error("it is too large");
    }
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
