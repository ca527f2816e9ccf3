import type * as vscode from "vscode";

/** The files that are ours by their names: those of `.upsun`, and the settings of the linter. */
export const SELECTOR = [
  { scheme: "file", pattern: "**/.upsun/**/*.{yaml,yml}" },
  { scheme: "file", pattern: "**/.upsun-lint.toml" },
] as const;

/**
 * The files that are sent to the server. It knows which YAML files outside `.upsun` a project includes, and says nothing
 * about the others.
 */
export const SERVED = [{ scheme: "file", pattern: "**/*.{yaml,yml}" }, SELECTOR[1]] as const;

/** The pattern for `workspace.findFiles` to find out whether there is a project. */
export const ANY_CONFIGURATION = "**/.upsun/*.{yaml,yml}";

/** Whether a path, with `/` or `\\`, is that of a file in a `.upsun` folder. */
export function isConfiguration(path: string): boolean {
  return /[\\/]\.upsun[\\/](?:.*[\\/])?[^\\/]+\.ya?ml$/.test(path);
}

/** The root of the project of a configuration file: the folder that contains its `.upsun`. */
export function projectRoot(uri: vscode.Uri): string | undefined {
  return /^(.*)\/\.upsun\//.exec(uri.path)?.[1];
}
