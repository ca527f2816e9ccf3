import * as vscode from "vscode";
import { isConfiguration } from "./files";

/** What Red Hat's YAML extension exports, as far as it is used here. */
interface YamlExtension {
  registerContributor(
    schema: string,
    requestSchema: (resource: string) => string | undefined,
    requestSchemaContent: (uri: string) => string,
  ): boolean;
}

/** The YAML extension shows the last part of it above the file. */
const ANYTHING = "upsun-lint://schema/upsun-lint";

/**
 * Keeps Red Hat's YAML extension, where it is, from checking our files against a schema that somebody else brings:
 * Upsun's own extension does, and every mistake would be told twice. A contributed schema comes before those of
 * other extensions and of the settings; the one contributed here allows anything.
 */
export async function yieldSchema(log: vscode.LogOutputChannel): Promise<void> {
  const extension = vscode.extensions.getExtension<YamlExtension | undefined>("redhat.vscode-yaml");
  if (extension === undefined) {
    return;
  }
  try {
    const api = await extension.activate();
    api?.registerContributor(
      "upsun-lint",
      (resource) => (isOff() && isConfiguration(vscode.Uri.parse(resource).path) ? ANYTHING : undefined),
      () => "{}",
    );
  } catch (error) {
    log.warn(`Red Hat's YAML extension could not be told to leave these files alone: ${String(error)}`);
  }
}

function isOff(): boolean {
  return vscode.workspace.getConfiguration("upsunLint").get("yamlSchema") !== "leave";
}
