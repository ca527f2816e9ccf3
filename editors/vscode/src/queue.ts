/** One thing after the other: starting and stopping must not overlap, or processes are left behind. */
export class Queue {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs a job when all before it are done. */
  add<T>(job: () => Promise<T>): Promise<T> {
    const next = this.#last.then(job, job);
    this.#last = next.catch(() => undefined);
    return next;
  }
}

/**
 * A job that is asked for more often than it can be done: it is done once more after the last word, never twice at a
 * time. One that fails is done again when it is asked for again.
 */
export class Refresher {
  #isRunning = false;
  #isWanted = false;

  constructor(private readonly job: () => Promise<void>) {}

  /** Asks for the job; what is asked while it runs is one more run. */
  ask(): void {
    this.#isWanted = true;
    if (!this.#isRunning) {
      void this.#run();
    }
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#isWanted) {
      this.#isWanted = false;
      await this.job().catch(() => undefined);
    }
    this.#isRunning = false;
  }
}
