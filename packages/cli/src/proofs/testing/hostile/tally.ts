/** What became of inputs: each has one outcome, or is a fault. */
export class Tally {
  readonly counts = new Map<string, number>();
  readonly faults: string[] = [];

  add(outcome: string, times = 1): void {
    if (times > 0) this.counts.set(outcome, (this.counts.get(outcome) ?? 0) + times);
  }

  /** Said once for each of its kind, with what was sent. */
  blame(where: string, what: string): void {
    if (this.faults.length < 200) this.faults.push(`${where}: ${what.slice(0, 400)}`);
  }

  get tried(): number {
    return [...this.counts.values()].reduce((sum, times) => sum + times, this.faults.length);
  }

  /** `12 kept, 3 refused`. */
  get words(): string {
    return [...this.counts].map(([outcome, times]) => `${times.toLocaleString('en')} ${outcome}`).join(', ');
  }
}

/** Does one after the other in several lanes. */
export async function inLanes<T>(lanes: number, work: Iterable<T>, each: (one: T) => Promise<void>): Promise<void> {
  const left = work[Symbol.iterator]();
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (let next = left.next(); next.done !== true; next = left.next()) await each(next.value);
    }),
  );
}

/** At most so many of them, from everywhere, and others at each turn: over the turns all have theirs. */
export function someOf<T>(all: readonly T[], max: number, turn: number): readonly T[] {
  if (all.length <= max) return all;
  return Array.from({ length: max }, (_, at) => all[(turn + Math.floor((at * all.length) / max)) % all.length] as T);
}

/** Whether a terminal would obey something in a text. */
export function obeyedIn(said: string): boolean {
  return /[^\P{Cc}\n\t]|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/u.test(said);
}
