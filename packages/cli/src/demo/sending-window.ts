/** A bounded number of things under way: `enter` waits for room, `settle` for all of them. The first fault ends both. */
export class SendingWindow {
  readonly #size: number;
  #underWay = 0;
  #fault: { readonly fault: unknown } | undefined;
  #waiting: (() => void) | undefined;

  constructor(size: number) {
    this.#size = size;
  }

  /** Starts `work` as soon as there is room. Errors: those of earlier work. */
  async enter(work: () => Promise<void>): Promise<void> {
    while (this.#underWay >= this.#size) await this.#change();
    this.#throwFault();
    this.#underWay += 1;
    void work()
      .catch((fault: unknown) => {
        this.#fault ??= { fault };
      })
      .finally(() => {
        this.#underWay -= 1;
        this.#waiting?.();
      });
  }

  /** Resolves when nothing is under way any more. Errors: those of the work. */
  async settle(): Promise<void> {
    while (this.#underWay > 0) await this.#change();
    this.#throwFault();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  #throwFault(): void {
    if (this.#fault !== undefined) throw this.#fault.fault;
  }
}
