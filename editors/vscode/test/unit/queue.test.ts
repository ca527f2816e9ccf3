import * as assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { Queue, Refresher } from "../../src/queue";

describe("a queue", () => {
  it("runs its tasks in order, even after a failure", async () => {
    const queue = new Queue();
    const done: string[] = [];
    const job = (name: string) => async () => {
      done.push(`${name} begins`);
      await turn();
      done.push(`${name} ends`);
      if (name === "b") {
        throw new Error("b");
      }
    };
    const jobs = ["a", "b", "c"].map((name) => queue.add(job(name)));
    assert.deepEqual(
      (await Promise.allSettled(jobs)).map(({ status }) => status),
      ["fulfilled", "rejected", "fulfilled"],
    );
    assert.deepEqual(done, ["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
  });
});

describe("a refresher", () => {
  it("runs once after any number of requests", async () => {
    let running = 0;
    let count = 0;
    const refresher = new Refresher(async () => {
      assert.equal(++running, 1);
      count++;
      await turn();
      running--;
    });
    for (let asked = 0; asked < 50; asked++) {
      refresher.ask();
    }
    await turn();
    await turn();
    await turn();
    assert.equal(count, 2);
    refresher.ask();
    await turn();
    await turn();
    assert.equal(count, 3);
  });
});
