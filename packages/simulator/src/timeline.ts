import { DAY_MS } from '@filrouge/domain/base';
import { ArrivalQueue } from './arrival-queue.ts';
import type { Episode, Plan } from './episode.ts';
import { expand } from './expand.ts';
import { kioskTerminal } from './kiosk.ts';
import { planOf } from './plan.ts';
import { STORES } from './stores.ts';
import type { Trace } from './trace.ts';
import type { World } from './world.ts';

/** Episodes held at once (24 bytes each): this, and not the number of shoppers, bounds the memory. */
const EPISODES_HELD = 2_000_000;
/** Episodes expanded before their traces are handed out: some 5 MB of requests. */
const EPISODES_AT_ONCE = 4_096;
/** A shopper has about 17 episodes a year, 3 of them receipts; with the margin for busy seasons, this many a day at most. */
const EPISODES_PER_SHOPPER_DAY = { all: 0.12, receipts: 0.03 } as const;

/** Which traces are wanted: what is left out is not even made. */
export type Wanted = { readonly requests: boolean; readonly tickets: boolean };

/**
 * All traces of a world in order of arrival. Time is cut into blocks; for each, every shopper's plan is made again and
 * the episodes of the block are noted as three numbers, then expanded by time. What arrives later than it happens (no
 * network, retries, a shop without a line) waits in a queue, which holds a few days of stragglers.
 */
export function* tracesByArrival(world: World, wanted: Wanted): Generator<Trace> {
  const queue = new ArrivalQueue<Trace>();
  if (wanted.requests) for (const trace of kioskInstallations(world)) queue.push(trace);
  const perDay = world.shoppers * EPISODES_PER_SHOPPER_DAY[wanted.requests ? 'all' : 'receipts'];
  const blockMs = Math.max(1, Math.floor(EPISODES_HELD / perDay)) * DAY_MS;
  for (let from = world.start; from < world.until; from += blockMs) {
    const to = Math.min(from + blockMs, world.until);
    const block = episodesBetween(world, from, to, wanted);
    for (let done = 0; done < block.order.length; done += EPISODES_AT_ONCE) {
      const slots = block.order.subarray(done, done + EPISODES_AT_ONCE);
      yield* queue.takeUntil(block.at[slots[0] as number] as number);
      expandSlots(world, block, slots, queue);
    }
  }
  yield* queue.takeUntil(Number.POSITIVE_INFINITY);
}

/** Expands episodes shopper by shopper, so that who has several of them is planned once. */
function expandSlots(world: World, block: Block, slots: Uint32Array, queue: ArrivalQueue<Trace>): void {
  // Slots are numbered shopper by shopper: in their own order, one shopper's stand together, by time.
  let plan: Plan | undefined;
  for (const slot of slots.slice().sort()) {
    const index = block.shopper[slot] as number;
    if (plan?.shopper.index !== index) plan = planOf(world, index);
    const ordinal = block.ordinal[slot] as number;
    for (const trace of expand(world, plan.shopper, plan.episodes[ordinal] as Episode)) queue.push(trace);
  }
}

type Block = {
  readonly at: Float64Array;
  readonly shopper: Uint32Array;
  readonly ordinal: Uint32Array;
  /** Slots by time. */
  readonly order: Uint32Array;
};

function episodesBetween(world: World, from: number, to: number, wanted: Wanted): Block {
  const notes = new Notes();
  for (let index = 0; index < world.shoppers; index++) {
    const { episodes } = planOf(world, index);
    for (let ordinal = 0; ordinal < episodes.length; ordinal++) {
      const episode = episodes[ordinal];
      if (episode === undefined || episode.at < from || episode.at >= to) continue;
      const isTicket = episode.kind === 'purchase' || episode.kind === 'refund';
      if (isTicket ? wanted.tickets : wanted.requests) notes.add(episode.at, index, ordinal);
    }
  }
  return notes.close();
}

/** Three columns that grow by doubling. */
class Notes {
  #at = new Float64Array(1024);
  #shopper = new Uint32Array(1024);
  #ordinal = new Uint32Array(1024);
  #length = 0;

  add(at: number, shopper: number, ordinal: number): void {
    if (this.#length === this.#at.length) this.#grow();
    this.#at[this.#length] = at;
    this.#shopper[this.#length] = shopper;
    this.#ordinal[this.#length] = ordinal;
    this.#length++;
  }

  close(): Block {
    const at = this.#at;
    // Slots are filled shopper by shopper, so the slot breaks ties the same way whatever the block.
    const order = Uint32Array.from({ length: this.#length }, (_, slot) => slot);
    order.sort((a, b) => (at[a] as number) - (at[b] as number) || a - b);
    return { at, shopper: this.#shopper, ordinal: this.#ordinal, order };
  }

  #grow(): void {
    this.#at = doubled(this.#at, new Float64Array(this.#length * 2));
    this.#shopper = doubled(this.#shopper, new Uint32Array(this.#length * 2));
    this.#ordinal = doubled(this.#ordinal, new Uint32Array(this.#length * 2));
  }
}

function doubled<A extends Float64Array | Uint32Array>(old: A, wider: A): A {
  wider.set(old);
  return wider;
}

/** The choices made on the shops' own tablets: the only consents that no shopper's plan brings. */
function kioskInstallations(world: World): readonly Trace[] {
  return STORES.flatMap((store) => {
    const terminal = kioskTerminal(world, store);
    return terminal.decisions.map((decision): Trace => {
      const subject = { anonymousId: terminal.anonymousId };
      return { kind: 'consents', at: decision.arrivedAt, brand: store.brand, subject, decision };
    });
  });
}
