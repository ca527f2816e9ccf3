import * as assert from "node:assert/strict";
import { connected, inWords, isLocation, sourceOf, usersOf, type Location, type Topology } from "../../src/topology/model";

const location: Location = { uri: "file:///c.yaml", range: { start: { line: 1, character: 2 }, end: { line: 1, character: 4 } } };
const problems = { errors: 0, warnings: 0 };
const property = { replaces: false, dropped: [], location };

/** An application whose `mailer` has its own relationships, and a service that talks to another. */
const topology: Topology = {
  routes: [{ id: "route:/", name: "/", type: "upstream", to: null, location, problems }],
  tasks: [],
  applications: [
    {
      id: "application:shop",
      name: "shop",
      type: "php:8.4",
      location,
      mounts: [],
      crons: [],
      problems,
      instances: [
        {
          id: "worker:shop--queue",
          kind: "worker",
          name: "queue",
          command: null,
          location,
          mounts: [],
          problems,
          properties: [{ ...property, name: "relationships", origin: "application" }],
        },
        {
          id: "worker:shop--mailer",
          kind: "worker",
          name: "mailer",
          command: null,
          location,
          mounts: [],
          problems,
          properties: [{ ...property, name: "relationships", origin: "own", replaces: true, dropped: ["database"] }],
        },
      ],
    },
  ],
  services: ["db", "redis", "files", "cache"].map((name) => ({ id: `service:${name}`, name, type: null, location, missing: false, problems })),
  edges: [
    { kind: "relationship", source: "application:shop", target: "service:db", name: "database", endpoint: null, location },
    { kind: "relationship", source: "worker:shop--mailer", target: "service:redis", name: "cache", endpoint: null, location },
    { kind: "mount", source: "application:shop", target: "service:files", name: "uploads", endpoint: null, location },
    { kind: "relationship", source: "service:cache", target: "service:db", name: "db", endpoint: null, location },
    { kind: "route", source: "route:/", target: "application:shop", name: "/", endpoint: "http", location },
  ],
};
const [shop] = topology.applications;
assert.ok(shop);
const [queue, mailer] = shop.instances;
assert.ok(queue && mailer);

describe("in the graph of a project", () => {
  it("an instance has what it sets itself, or all of what its application sets", () => {
    assert.equal(sourceOf(shop, queue, "relationship"), "application:shop");
    assert.equal(sourceOf(shop, mailer, "relationship"), "worker:shop--mailer");
    assert.equal(sourceOf(shop, mailer, "mount"), "application:shop");
    assert.deepEqual(
      topology.edges.map((edge) => usersOf(topology, edge)),
      [["worker:shop--queue"], ["worker:shop--mailer"], ["worker:shop--queue", "worker:shop--mailer"], [], []],
    );
  });

  it("what belongs to an instance is highlighted with it, and nothing else", () => {
    assert.deepEqual([...connected(topology, "worker:shop--queue")].sort(), [
      "edge:0",
      "edge:2",
      "service:db",
      "service:files",
      "worker:shop--queue",
    ]);
    assert.deepEqual([...connected(topology, "worker:shop--mailer")].sort(), [
      "edge:1",
      "edge:2",
      "service:files",
      "service:redis",
      "worker:shop--mailer",
    ]);
  });

  it("the users of a service are highlighted with it", () => {
    assert.deepEqual([...connected(topology, "service:db")].sort(), [
      "application:shop",
      "edge:0",
      "edge:3",
      "service:cache",
      "service:db",
      "worker:shop--queue",
    ]);
    assert.deepEqual([...connected(topology, "service:nobody")], ["service:nobody"]);
  });
});

describe("a message of the page", () => {
  it("is a place only if it has all its parts", () => {
    assert.ok(isLocation(location));
    for (const other of [null, undefined, 1, {}, { uri: "file:///x" }, { ...location, uri: 3 }, { ...location, range: {} }]) {
      assert.ok(!isLocation(other), JSON.stringify(other));
    }
    assert.ok(!isLocation({ uri: "file:///x", range: { start: { line: 0.5, character: 0 }, end: { line: 1, character: 0 } } }));
  });

  it("problems are counted in words", () => {
    assert.equal(inWords(problems), undefined);
    assert.equal(inWords({ errors: 1, warnings: 2 }), "1 error, 2 warnings");
    assert.deepEqual(connected(topology, "route:/"), new Set(["route:/", "application:shop", "edge:4"]));
  });
});
