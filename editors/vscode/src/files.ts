import type * as vscode from "vscode";

/** The files the server is told of: those of `.upsun`, and the project's own settings for the linter. */
export const SELECTOR = [
  { scheme: "file", pattern: "**/.upsun/**/*.{yaml,yml}" },
  { scheme: "file", pattern: "**/.upsun-lint.toml" },
] as const;

/** What `workspace.findFiles` is asked for to learn whether there is any project at all. */
export const ANY_CONFIGURATION = "**/.upsun/*.{yaml,yml}";

/** Whether a path, written either way, is that of a file of a `.upsun` folder. */
export function isConfiguration(path: string): boolean {
  return /[\\/]\.upsun[\\/](?:.*[\\/])?[^\\/]+\.ya?ml$/.test(path);
}

/** The root of the project a configuration file belongs to: the folder that holds its `.upsun`. */
export function projectRoot(uri: vscode.Uri): string | undefined {
  return /^(.*)\/\.upsun\//.exec(uri.path)?.[1];
}
