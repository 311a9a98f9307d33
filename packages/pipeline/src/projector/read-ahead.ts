import type { ProjectionStore, Vault } from '@filrouge/ports';
import { type PreparedRange, prepareRange } from './prepared-range.ts';

type Ahead = { readonly life: string; readonly after: number; readonly range: Promise<PreparedRange | undefined> };

/**
 * The range after the one under way, prepared while that one waits for engines. Nothing of it leaves this process
 * before it is begun in its turn, and what it was made from never changes: journal rows and keys.
 */
export class ReadAhead {
  readonly #from: { readonly store: Pick<ProjectionStore, 'journal' | 'rangeAfter'>; readonly vault: Vault };
  readonly #itemsMax: number;
  #ahead: Ahead | undefined;

  constructor(
    from: { readonly store: Pick<ProjectionStore, 'journal' | 'rangeAfter'>; readonly vault: Vault },
    itemsMax: number,
  ) {
    this.#from = from;
    this.#itemsMax = itemsMax;
  }

  /** Begins with what follows position `after`, unless that is the rest of the journal, which may be growing still. */
  begin(life: string, after: number, head: number): void {
    if (this.#ahead !== undefined || after >= head) return;
    // A fault here is met again, and told, by whoever reads the range in its turn.
    this.#ahead = { life, after, range: this.#prepare(after, head).catch(() => undefined) };
  }

  /** What was prepared after that position in that life of the projections, if anything was. */
  async take(life: string, after: number): Promise<PreparedRange | undefined> {
    const ahead = this.#ahead;
    if (ahead?.life === life && ahead.after === after) {
      const range = await ahead.range;
      this.#ahead = undefined;
      return range;
    }
    await this.drop();
    return undefined;
  }

  async drop(): Promise<void> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    await ahead?.range;
  }

  async #prepare(after: number, head: number): Promise<PreparedRange | undefined> {
    const upTo = await this.#from.store.rangeAfter(after, this.#itemsMax);
    return upTo === undefined || upTo >= head ? undefined : prepareRange(this.#from, after, upTo);
  }
}
