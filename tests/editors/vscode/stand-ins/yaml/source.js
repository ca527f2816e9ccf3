// Stands in for redhat.vscode-yaml 1.25: the real yaml-language-server, spoken to as that extension does, and the two
// ways by which other extensions bring schemas: `yamlValidation` in a manifest, and `registerContributor`.
const vscode = require("vscode");
const { LanguageClient, TransportKind } = require("vscode-languageclient/node");

exports.activate = async (context) => {
  const contributors = new Map();
  const server = { module: process.env.YAML_LANGUAGE_SERVER, transport: TransportKind.ipc };
  const client = new LanguageClient(
    "yaml",
    "YAML (stand-in)",
    { run: server, debug: server },
    {
      documentSelector: [{ language: "yaml" }],
      synchronize: { configurationSection: ["yaml"] },
    },
  );
  client.onRequest("custom/schema/request", (resource) =>
    [...contributors.values()].flatMap(({ requestSchema }) => requestSchema(resource) ?? []),
  );
  client.onRequest("custom/schema/content", (uri) => {
    const contributor = contributors.get(new URL(uri).protocol.slice(0, -1));
    return contributor === undefined ? "{}" : contributor.requestSchemaContent(uri);
  });
  await client.start();
  context.subscriptions.push({ dispose: () => client.dispose() });
  await client.sendNotification("json/schemaAssociations", associations());
  await client.sendNotification("yaml/registerCustomSchemaRequest");
  return {
    registerContributor(schema, requestSchema, requestSchemaContent) {
      if (contributors.has(schema)) {
        throw new Error(`there is a contributor for ${schema} already`);
      }
      contributors.set(schema, { requestSchema, requestSchemaContent });
      return true;
    },
  };
};

/** The schemas that manifests bring, and for which files. */
function associations() {
  return vscode.extensions.all.flatMap(({ extensionUri, packageJSON }) =>
    (packageJSON.contributes?.yamlValidation ?? []).map(({ fileMatch, url }) => ({
      fileMatch: [fileMatch],
      uri: vscode.Uri.joinPath(extensionUri, url).toString(),
    })),
  );
}
