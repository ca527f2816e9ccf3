import * as path from "node:path";

/** Where a server was found. */
export type Origin = "setting" | "bundled" | "environment" | "path";

/** A command that may be a server: the program, and its arguments before `server` or another command. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly origin: Origin;
}

/** Everything that decides where a server is searched. */
export interface Surroundings {
  /** The setting `upsunLint.path`, as VS Code gives it: in Restricted Mode without the folder's value. */
  readonly setting: readonly string[];
  /** The server inside the extension, if this build has one. */
  readonly bundled: string | undefined;
  /** The Python interpreters of the workspace, best first. */
  readonly interpreters: readonly string[];
  /** The folders of the workspace. */
  readonly folders: readonly string[];
  readonly isTrusted: boolean;
  readonly home: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  isFile(file: string): boolean;
}

/**
 * Yields the commands to try, in order: the setting, the bundled server, the workspace's Python environment, the
 * search path. It never yields anything from a folder that is not trusted.
 */
export function* candidates(around: Surroundings): Generator<Command> {
  const [program, ...args] = around.setting.map((part) => expand(part, around));
  if (program) {
    yield { program, args, origin: "setting" };
  }
  if (around.bundled !== undefined && around.isFile(around.bundled)) {
    yield { program: around.bundled, args: [], origin: "bundled" };
  }
  if (around.isTrusted) {
    for (const file of inEnvironments(around)) {
      yield { program: file, args: [], origin: "environment" };
    }
  }
  const found = onPath(around);
  if (found !== undefined) {
    yield { program: found, args: [], origin: "path" };
  }
}

/** The working directory of the server. Some programs read settings, or even code, from it. */
export function startFolder(isTrusted: boolean, folders: readonly string[], neutral: string): string {
  return (isTrusted ? folders[0] : undefined) ?? neutral;
}

/** The name of the console script on a platform. */
export function executable(platform: NodeJS.Platform): string {
  return platform === "win32" ? "upsun-lint.exe" : "upsun-lint";
}

/** The usual Python interpreters inside a workspace folder. */
export function usualInterpreters(folder: string, platform: NodeJS.Platform): string[] {
  const flavour = platform === "win32" ? path.win32 : path.posix;
  const python = platform === "win32" ? ["Scripts", "python.exe"] : ["bin", "python"];
  return [".venv", "venv"].map((name) => flavour.join(folder, name, ...python));
}

function expand(part: string, around: Surroundings): string {
  const folder = around.folders[0];
  const whole = folder === undefined ? part : part.replaceAll("${workspaceFolder}", folder);
  return whole === "~" || /^~[\\/]/.test(whole) ? around.home + whole.slice(1) : whole;
}

function* inEnvironments(around: Surroundings): Generator<string> {
  const flavour = around.platform === "win32" ? path.win32 : path.posix;
  for (const interpreter of around.interpreters) {
    const file = flavour.join(flavour.dirname(interpreter), executable(around.platform));
    if (around.isFile(file)) {
      yield file;
    }
  }
}

/** The first on the search path, without relative entries and those inside the workspace. */
function onPath(around: Surroundings): string | undefined {
  const flavour = around.platform === "win32" ? path.win32 : path.posix;
  const name = Object.keys(around.environment).find((key) => key.toUpperCase() === "PATH");
  const entries = (name === undefined ? undefined : around.environment[name])?.split(flavour.delimiter) ?? [];
  return entries
    .filter((entry) => flavour.isAbsolute(entry) && !around.folders.some((folder) => isInside(entry, folder, flavour)))
    .map((entry) => flavour.join(entry, executable(around.platform)))
    .find((file) => around.isFile(file));
}

function isInside(entry: string, folder: string, flavour: path.PlatformPath): boolean {
  const relative = flavour.relative(folder, entry);
  return relative !== ".." && !relative.startsWith(`..${flavour.sep}`) && !flavour.isAbsolute(relative);
}
