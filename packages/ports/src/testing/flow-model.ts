import { invariant } from '@filrouge/domain/base';
import fc from 'fast-check';
import type { FlowCount, QuarantineEntry } from '../append-store.ts';
import type { FlowReading } from '../reading-store.ts';
import {
  ATELIER,
  aBatch,
  aQuarantineEntry,
  aUuid,
  day,
  MAISON,
  NOON,
  rowsOf,
  type StoresUnderTest,
  TILL,
  WEB,
} from './stores-under-test.ts';

/** What moves the sums of S2: the door, the projector, and staff. */
export type FlowCommand = Readonly<
  | {
      kind: 'receive';
      brand: 0 | 1;
      kept: number;
      withheld: number;
      quarantined: number;
      twice: number;
      refused: number;
    }
  | { kind: 'project'; itemsMax: number; poison: boolean; failing: boolean }
  | { kind: 'release'; to: 'journal' | 'withheld' | 'quarantine' }
  | { kind: 'discard' }
  | { kind: 'replay' }
>;

const some = fc.nat(4);

export const flowCommands: fc.Arbitrary<readonly FlowCommand[]> = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('receive' as const),
      brand: fc.constantFrom<0 | 1>(0, 1),
      kept: some,
      withheld: some,
      quarantined: fc.nat(2),
      twice: some,
      refused: some,
    }),
    fc.record({
      kind: fc.constant('project' as const),
      itemsMax: fc.integer({ min: 1, max: 6 }),
      poison: fc.boolean(),
      failing: fc.boolean(),
    }),
    fc.record({
      kind: fc.constant('release' as const),
      to: fc.constantFrom<'journal' | 'withheld' | 'quarantine'>('journal', 'withheld', 'quarantine'),
    }),
    fc.constant({ kind: 'discard' as const }),
    fc.constant({ kind: 'replay' as const }),
  ),
  { minLength: 3, maxLength: 12 },
);

const BRANDS = [ATELIER, MAISON] as const;
type Sums = Pick<
  FlowReading,
  | 'accepted'
  | 'pending'
  | 'kept'
  | 'withheld'
  | 'quarantined'
  | 'damaged'
  | 'discarded'
  | 'duplicates'
  | 'refused'
  | 'bots'
>;

/** Plays commands on the stores and counts beside them. Begins at what the stores say. */
export class FlowModel {
  readonly #stores: StoresUnderTest;
  readonly #sums: { -readonly [Name in keyof Sums]: Sums[Name] };
  readonly #open: QuarantineEntry[] = [];

  constructor(stores: StoresUnderTest, { bySource: _bySource, ...sums }: FlowReading) {
    this.#stores = stores;
    this.#sums = { ...sums };
  }

  expected(): Sums {
    return this.#sums;
  }

  async run(command: FlowCommand): Promise<void> {
    switch (command.kind) {
      case 'receive':
        return this.#receive(command);
      case 'project':
        await this.#project(command);
        return;
      case 'release':
        return this.#release(command.to);
      case 'discard':
        return this.#discard();
      case 'replay':
        return this.#stores.projection.reset();
    }
  }

  /** Projects what is left, so that the next run begins with nothing pending. */
  async settle(): Promise<void> {
    let more = true;
    while (more) more = await this.#project({ itemsMax: 1_000, poison: false, failing: false });
  }

  async #receive(command: Extract<FlowCommand, { kind: 'receive' }>): Promise<void> {
    const { kept, withheld, quarantined, twice, refused } = command;
    const brand = BRANDS[command.brand];
    const source = command.brand === 0 ? WEB : TILL;
    const count = (outcome: FlowCount['outcome'], by: number, reason = ''): readonly FlowCount[] =>
      by === 0 ? [] : [{ brand, source, outcome, reason, name: reason === '' ? '' : 'Viewed', count: by }];
    const entries = Array.from({ length: quarantined }, () => aQuarantineEntry({ brand, source }));
    await this.#stores.append.append((transaction) =>
      transaction.write(
        aBatch({
          journal:
            kept === 0
              ? undefined
              : { position: transaction.head.journalPosition + 1, items: kept, body: bodyOf(brand) },
          quarantined: entries,
          flow: [
            ...count('accepted', kept + withheld + quarantined),
            ...count('withheld', withheld, 'refused'),
            ...count('duplicate', twice),
            ...count('refused', refused, 'too-large'),
          ],
        }),
      ),
    );
    this.#open.push(...entries);
    this.#add({ accepted: kept + withheld + quarantined, pending: kept, withheld, quarantined });
    this.#add({ duplicates: twice, refused });
  }

  /** Projects one range; each item is kept, but the first of a poisoned one. False when there was none. */
  async #project(command: Omit<Extract<FlowCommand, { kind: 'project' }>, 'kind'>): Promise<boolean> {
    const { projection } = this.#stores;
    const at = await projection.position();
    const { position, counted } = at;
    const upTo = await projection.rangeAfter(position, command.itemsMax);
    if (upTo === undefined) return false;
    const rows = (await rowsOf(this.#stores, position, upTo)).filter((row) => row.position > counted);
    const [first] = rows;
    const poison = command.poison && first !== undefined ? [{ ...poisonOf(first.body), receivedAt: NOON }] : [];
    const items = rows.reduce((total, row) => total + row.items, 0);
    const attempt = await projection.begin(at, upTo);
    const projected = projection.project(async (transaction) => {
      await transaction.quarantine(poison);
      for (const [index, row] of rows.entries()) {
        const brand = row.body.toString() as typeof ATELIER;
        const count = row.items - (index === 0 ? poison.length : 0);
        const source = brand === ATELIER ? WEB : TILL;
        await transaction.countKept([{ brand, source, day: day(0), count, bots: Math.min(1, count) }]);
      }
      await transaction.commit({ attempt, position: upTo, items, ledgerPosition: 0, separationPosition: 0 });
      invariant(!command.failing, 'a range that fails');
    });
    if (command.failing) {
      await projected.catch(() => undefined);
      return true;
    }
    await projected;
    this.#open.push(...poison);
    const bots = rows.filter((row, at) => row.items - (at === 0 ? poison.length : 0) > 0).length;
    this.#add({
      pending: -items,
      kept: items - poison.length,
      quarantined: poison.length,
      damaged: poison.length,
      bots,
    });
    return true;
  }

  async #release(to: 'journal' | 'withheld' | 'quarantine'): Promise<void> {
    const entry = this.#open.shift();
    if (entry === undefined) return;
    const { brand, source } = entry;
    const again = aQuarantineEntry({ brand, source });
    await this.#stores.append.append((transaction) =>
      transaction.write(
        aBatch({
          released: [entry.id],
          ...(to === 'journal'
            ? { journal: { position: transaction.head.journalPosition + 1, items: 1, body: bodyOf(brand) } }
            : {}),
          ...(to === 'quarantine' ? { quarantined: [again] } : {}),
          ...(to === 'withheld'
            ? { flow: [{ brand, source, outcome: 'withheld', reason: 'erased', name: 'Viewed', count: 1 }] }
            : {}),
        }),
      ),
    );
    if (to === 'quarantine') this.#open.push(again);
    this.#add({
      damaged: -damageOf(entry),
      quarantined: to === 'quarantine' ? 0 : -1,
      pending: to === 'journal' ? 1 : 0,
    });
    this.#add({ withheld: to === 'withheld' ? 1 : 0 });
  }

  async #discard(): Promise<void> {
    const entry = this.#open.pop();
    if (entry === undefined) return;
    await this.#stores.reading.discard(entry.id, 'staff-1', NOON);
    this.#add({ damaged: -damageOf(entry), quarantined: -1, discarded: 1 });
  }

  #add(changes: Partial<Sums>): void {
    for (const [name, by] of Object.entries(changes)) this.#sums[name as keyof Sums] += by;
  }
}

/** The body of a row names its brand: the model's items have no content. */
function bodyOf(brand: typeof ATELIER): Buffer {
  return Buffer.from(brand);
}

function damageOf({ reason }: QuarantineEntry): number {
  return reason === 'damaged' ? 1 : 0;
}

function poisonOf(body: Buffer): QuarantineEntry {
  const brand = body.toString() as typeof ATELIER;
  return aQuarantineEntry({ id: aUuid(), brand, source: brand === ATELIER ? WEB : TILL, reason: 'damaged' });
}
