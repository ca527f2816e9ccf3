/** Where a setting is set. */
export interface Inspected {
  readonly globalValue?: unknown;
  readonly workspaceValue?: unknown;
  readonly workspaceFolderValue?: unknown;
}

/** The settings that are not sent to the server. */
const NOT_FOR_SERVER = new Set(["enable", "path", "yamlSchema", "trace"]);

/**
 * The part of a section that is sent to the server: only what the user has set. A default must not override the
 * project's `.upsun-lint.toml`.
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
