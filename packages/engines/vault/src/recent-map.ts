/**
 * A map that keeps what was used lately and forgets the rest: at most `capacity` entries, at least the `capacity / 2`
 * used last. Two halves, a young and an old one: what is found in the old half moves to the young one, and when the
 * young half is full it becomes the old one. So a use costs no reordering.
 */
export class RecentMap<K, V> {
  readonly #half: number;
  #young = new Map<K, V>();
  #old = new Map<K, V>();

  constructor(capacity: number) {
    this.#half = Math.max(1, Math.floor(capacity / 2));
  }

  get(key: K): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: K, value: V): void {
    if (this.#young.size >= this.#half && !this.#young.has(key)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }

  /** Forgets the entries whose value is one of these. */
  deleteValues(values: ReadonlySet<V>): void {
    for (const half of [this.#young, this.#old]) {
      for (const [key, value] of half) if (values.has(value)) half.delete(key);
    }
  }
}
