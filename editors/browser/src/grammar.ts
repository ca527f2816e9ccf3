import { Language, Parser } from "web-tree-sitter";

/** What Python sees as the module `bash_grammar`: see `python/tree_sitter.py`. */
export interface BashGrammar {
  readonly kinds: readonly string[];
  readonly fields: readonly (string | null)[];
  parse(text: string): Int32Array | undefined;
}

/** How many numbers one node takes: kind, whether it is named, field, start, end, number of children. */
const WIDTH = 6;

/** The grammar of bash, from its file and the place of web-tree-sitter's own. */
export async function loadGrammar(core: string, grammar: Uint8Array): Promise<BashGrammar> {
  await Parser.init({ locateFile: () => core });
  const language = await Language.load(grammar);
  const parser = new Parser();
  parser.setLanguage(language);
  return {
    kinds: Array.from(language.types, (name) => name ?? ""),
    fields: Array.from(language.fields, (name) => name ?? null),
    parse: (text) => parse(parser, text),
  };
}

/** The nodes of a tree, each before its children; undefined for a text that is not shell. */
function parse(parser: Parser, text: string): Int32Array | undefined {
  const tree = parser.parse(text);
  if (tree === null) {
    return undefined;
  }
  try {
    if (tree.rootNode.hasError) {
      return undefined;
    }
    const rows: number[] = [];
    const parents: number[] = [];
    const cursor = tree.walk();
    for (;;) {
      const parent = parents.at(-1);
      if (parent !== undefined) {
        rows[parent + WIDTH - 1] = (rows[parent + WIDTH - 1] ?? 0) + 1;
      }
      const here = rows.length;
      rows.push(cursor.nodeTypeId, cursor.nodeIsNamed ? 1 : 0, cursor.currentFieldId, cursor.startIndex, cursor.endIndex, 0);
      if (cursor.gotoFirstChild()) {
        parents.push(here);
        continue;
      }
      while (!cursor.gotoNextSibling()) {
        if (!cursor.gotoParent()) {
          cursor.delete();
          return Int32Array.from(rows);
        }
        parents.pop();
      }
    }
  } finally {
    tree.delete();
  }
}
