import * as assert from "node:assert/strict";
import type { Location } from "../../src/topology/model";
import { links, workerAt } from "../../src/workers";

const TEXT = `applications:
  shop:
    workers:
      queue:
        commands:
          start: a
# a remark

        variables: {}
      mailer:
        commands:
          start: b
    web:
      commands:
services:
`;

function at(line: number, character: number, uri = "file:///config.yaml"): Location {
  return { uri, range: { start: { line, character }, end: { line, character: character + 5 } } };
}

function worker(line: number, uri = "file:///config.yaml"): string | undefined {
  const lines = TEXT.split("\n");
  const indent = (number: number): number | undefined => {
    const text = lines[number] ?? "";
    return text.trim() === "" || text.trim().startsWith("#") ? undefined : text.length - text.trimStart().length;
  };
  const workers = [
    { worker: "shop--queue", location: at(3, 6) },
    { worker: "shop--mailer", location: at(9, 6) },
    { worker: "blog--queue", location: at(2, 6, "file:///other.yaml") },
  ];
  return workerAt(workers, uri, line, indent);
}

describe("the worker at a line", () => {
  it("is the one whose block it is in", () => {
    assert.deepEqual([3, 4, 5, 6, 7, 8].map((line) => worker(line)), Array(6).fill("shop--queue"));
    assert.deepEqual([9, 10, 11].map((line) => worker(line)), Array(3).fill("shop--mailer"));
  });

  it("does not exist outside all blocks or in another file", () => {
    assert.deepEqual([0, 1, 2, 12, 13, 14].map((line) => worker(line)), Array(6).fill(undefined));
    assert.equal(worker(5, "file:///third.yaml"), undefined);
  });
});

describe("the links in a text", () => {
  it("are the places in it", () => {
    const text = "# own (.upsun/config.yaml:28). A shell (bash)\n# inherited from shop (api/.upsun/a b.yml:4)\n";
    const found = links(text);
    assert.deepEqual(
      found.map(({ start, end }) => text.slice(start, end)),
      [".upsun/config.yaml:28", "api/.upsun/a b.yml:4"],
    );
    assert.deepEqual(
      found.map(({ path, line }) => [path, line]),
      [
        [".upsun/config.yaml", 27],
        ["api/.upsun/a b.yml", 3],
      ],
    );
    assert.deepEqual(links("(12:30) (a.yaml) (x.txt:3)"), []);
  });
});
