/** Runs jobs one after the other: if starting and stopping overlap, processes are left behind. */
export class Queue {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs a job after all earlier ones. */
  add<T>(job: () => Promise<T>): Promise<T> {
    const next = this.#last.then(job, job);
    this.#last = next.catch(() => undefined);
    return next;
  }
}

/**
 * A job that may be requested faster than it runs: it runs once more after the last request, never twice at a time.
 * After a failure, the next request runs it again.
 */
export class Refresher {
  #isRunning = false;
  #isWanted = false;

  constructor(private readonly job: () => Promise<void>) {}

  /** Requests the job; all requests while it runs become one more run. */
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
