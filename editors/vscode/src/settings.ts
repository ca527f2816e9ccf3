/** What VS Code knows of a setting: who has set it. */
export interface Inspected {
  readonly globalValue?: unknown;
  readonly workspaceValue?: unknown;
  readonly workspaceFolderValue?: unknown;
}

/** The settings that are not the server's business. */
const NOT_FOR_SERVER = new Set(["enable", "path", "yamlSchema", "trace"]);

/**
 * Returns what of a section the server is told: only what somebody has set. A default is no decision, and must not
 * lie over the one in the project's `.upsun-lint.toml`.
 */
export function decided(
  section: Readonly<Record<string, unknown>>,
  inspect: (name: string) => Inspected | undefined,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(section).filter(([name]) => {
      const found = NOT_FOR_SERVER.has(name) ? undefined : inspect(name);
      return [found?.globalValue, found?.workspaceValue, found?.workspaceFolderValue].some(
        (value) => value !== undefined,
      );
    }),
  );
}
