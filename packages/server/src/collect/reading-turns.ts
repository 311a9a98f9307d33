/**
 * One large body is read in each turn of the event loop, so that an engine's answer waits for one of them at most: the
 * next group of the door begins with it. Bodies are read in the order in which they ask.
 */
export class ReadingTurns {
  readonly #waiting: (() => void)[] = [];

  /** Resolves when it is this body's turn. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#waiting.push(resolve) === 1) setImmediate(() => this.#take());
    });
  }

  #take(): void {
    this.#waiting.shift()?.();
    if (this.#waiting.length > 0) setImmediate(() => this.#take());
  }
}
