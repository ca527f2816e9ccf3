import * as vscode from "vscode";
import { isConfiguration } from "./files";

/** The used part of the API of Red Hat's YAML extension. */
interface YamlExtension {
  registerContributor(
    schema: string,
    requestSchema: (resource: string) => string | undefined,
    requestSchemaContent: (uri: string) => string,
  ): boolean;
}

/** The YAML extension shows the last part of this URI above the file. */
const ANYTHING = "upsun-lint://schema/upsun-lint";

/**
 * Stops Red Hat's YAML extension from checking these files against the schema of another extension, such as Upsun's:
 * every problem would be reported twice. A contributed schema has priority over those of other extensions and of the
 * settings, and the one contributed here allows everything.
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
    log.warn(`Red Hat's YAML extension could not be stopped from checking these files: ${String(error)}`);
  }
}

function isOff(): boolean {
  return vscode.workspace.getConfiguration("upsunLint").get("yamlSchema") !== "leave";
}
