/** What has happened but not yet arrived: a binary heap by instant, and by insertion where two arrive together. */
export class ArrivalQueue<T extends { readonly at: number }> {
  readonly #heap: { readonly item: T; readonly rank: number }[] = [];
  #rank = 0;

  /** When the next one arrives; undefined when nothing is under way. */
  get nextAt(): number | undefined {
    return this.#heap[0]?.item.at;
  }

  push(item: T): void {
    const heap = this.#heap;
    const entry = { item, rank: this.#rank++ };
    let place = heap.length;
    heap.push(entry);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!this.#before(entry, heap[parent])) break;
      heap[place] = heap[parent] as (typeof heap)[number];
      place = parent;
    }
    heap[place] = entry;
  }

  /** Takes out, in order, everything that arrives before `at`. */
  *takeUntil(at: number): Generator<T> {
    for (let first = this.#heap[0]; first !== undefined && first.item.at < at; first = this.#heap[0]) {
      this.#removeFirst();
      yield first.item;
    }
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const moved = heap.pop();
    if (moved === undefined || heap.length === 0) return;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && this.#before(heap[child + 1], heap[child])) child++;
      if (!this.#before(heap[child], moved)) break;
      heap[place] = heap[child] as (typeof heap)[number];
      place = child;
    }
    heap[place] = moved;
  }

  #before(
    a: { readonly item: T; readonly rank: number } | undefined,
    b: { readonly item: T; readonly rank: number } | undefined,
  ): boolean {
    if (a === undefined || b === undefined) return false;
    return a.item.at === b.item.at ? a.rank < b.rank : a.item.at < b.item.at;
  }
}
