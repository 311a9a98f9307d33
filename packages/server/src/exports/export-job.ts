import { hash } from 'node:crypto';
import type { Instant, JsonObject } from '@filrouge/domain/base';
import type { Deployment } from '@filrouge/domain/deployment';
import type { NodeId } from '@filrouge/domain/identity';
import { createExporter, type Exporter, type ExportQuery, type ExportRow } from '@filrouge/pipeline';
import type { EventStore, Head, ReadingStore, Vault } from '@filrouge/ports';
import { Spool } from './spool.ts';

export type ExportsDeps = {
  readonly reading: ReadingStore;
  readonly events: EventStore;
  readonly vault: Vault;
  readonly deployment: Deployment;
  /** Resolves when everything that was accepted before is in the projections. */
  readonly projected: () => Promise<unknown>;
  /** Of spools alone. */
  readonly directory: string;
  /** Throws while there is no room on the disk for a spool. */
  readonly requireRoom: () => Promise<void>;
  readonly now: () => Instant;
  readonly onFault: (fault: unknown) => void;
};

/** Who asked, and for what; `format` is what the rows are going to be written as. */
export type ExportOrder = {
  readonly id: string;
  /** The token that may fetch it. */
  readonly bearer: string;
  readonly query: ExportQuery;
  readonly format: string;
  /** Counts and keeps nothing. */
  readonly dryRun: boolean;
  readonly begunAt: Instant;
};

/** `published`: a download came to its end, and every row of it was still permitted there. */
export type ExportState = 'running' | 'ready' | 'published' | 'failed';

/** What an export came to. `rows` are lines of the file, `subjects` the persons, events or decisions they tell of. */
export type ExportCounts = {
  readonly seen: number;
  readonly subjects: number;
  readonly rows: number;
  /** Left out because the purpose may not have them. */
  readonly closed: number;
  readonly unreadable: number;
  readonly superseded: number;
  /** Left out because the permission ended while the export was under way. */
  readonly withdrawn: number;
};

/**
 * One export: read through the predicate into a spool, decided on again where anything moved since, then published, and
 * looked at once more at the last byte (S10). A download during which somebody said no is not published: it is fetched
 * again, without them.
 */
export class ExportJob {
  readonly order: ExportOrder;
  readonly #deps: ExportsDeps;
  readonly #exporter: Exporter;
  /** Rows that are other than in the spool, by their place in it; undefined for one that is out. */
  readonly #decided = new Map<number, ExportRow | undefined>();
  readonly #counts = { seen: 0, subjects: 0, rows: 0, closed: 0, unreadable: 0, superseded: 0, withdrawn: 0 };
  #spool: Spool | undefined;
  /** As of where every row of the spool, with what was decided since, may be published. */
  #head: Head | undefined;
  #state: ExportState = 'running';
  /** Counts what was decided anew: a download stands where it is the same at the end. */
  #version = 0;
  #stopped = false;
  #closing: () => void = () => undefined;
  #done: Promise<void> = Promise.resolve();
  /** One reader of the spool at a time: a second would publish what the first is about to take out. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(deps: ExportsDeps, order: ExportOrder) {
    this.#deps = deps;
    this.order = order;
    this.#exporter = createExporter(deps, order.query);
  }

  get state(): ExportState {
    return this.#state;
  }

  get counts(): ExportCounts {
    return { ...this.#counts };
  }

  /** Position of the ledger as of which the rows were last decided on. */
  get ledgerPosition(): number | undefined {
    return this.#head?.ledgerPosition;
  }

  begin(): void {
    this.#done = this.#read().catch(async (fault: unknown) => {
      this.#state = 'failed';
      this.#deps.onFault(fault);
      await this.#removeSpool();
    });
  }

  /** Resolves when the reading came to an end, good or bad. */
  ended(): Promise<void> {
    return this.#done;
  }

  async #read(): Promise<void> {
    const { id, dryRun } = this.order;
    await this.#deps.projected();
    // The head is read first: whatever moves from here on is decided on again before it is published.
    this.#head = await this.#deps.reading.head();
    if (!dryRun) this.#spool = await Spool.create(this.#deps.directory, id);
    for await (const { rows, seen, closed, unreadable, superseded } of this.#exporter.pages()) {
      if (this.#stopped) return;
      if (this.#spool !== undefined) {
        await this.#deps.requireRoom();
        await this.#spool.append(rows);
      }
      this.#counts.seen += seen;
      this.#counts.closed += closed;
      this.#counts.unreadable += unreadable;
      this.#counts.superseded += superseded;
      this.#counts.subjects += rows.length;
      this.#counts.rows += rows.reduce((sum, { items }) => sum + items.length, 0);
    }
    this.#state = 'ready';
  }

  /** Decides again on every row whose permission may have moved. */
  settle(): Promise<void> {
    const settled = this.#turn.then(() => this.#settle());
    this.#turn = settled.catch(() => undefined);
    return settled;
  }

  async #settle(): Promise<void> {
    const { reading } = this.#deps;
    const head = await reading.head();
    const moved = this.#head === undefined ? 'everything' : await reading.consentMovedSince(this.#head);
    if (moved.length > 0) await this.#decideAgain(moved);
    this.#head = head;
  }

  async #decideAgain(moved: readonly NodeId[] | 'everything'): Promise<void> {
    const nodes = moved === 'everything' ? undefined : new Set(moved);
    let begin = 0;
    for await (const block of this.#blocks()) {
      const places = block.flatMap((row, at) =>
        row !== undefined && (nodes === undefined || row.rests.some((node) => nodes.has(node))) ? [at] : [],
      );
      const before = places.map((at) => block[at] as ExportRow);
      const after = places.length === 0 ? [] : await this.#exporter.again(before);
      for (const [i, at] of places.entries()) {
        const [was, is] = [before[i] as ExportRow, after[i]];
        if (is !== undefined && JSON.stringify(is.items) === JSON.stringify(was.items)) continue;
        this.#version += 1;
        this.#decided.set(begin + at, is);
        this.#counts.rows += (is?.items.length ?? 0) - was.items.length;
        if (is !== undefined) continue;
        this.#counts.subjects -= 1;
        this.#counts.withdrawn += 1;
      }
      begin += block.length;
    }
  }

  /** The spool with what was decided since; undefined stands where a row was taken out. */
  async *#blocks(): AsyncGenerator<readonly (ExportRow | undefined)[]> {
    let place = 0;
    for await (const block of this.#spool?.blocks() ?? []) {
      const rows = block.map((row, at) => (this.#decided.has(place + at) ? this.#decided.get(place + at) : row));
      place += block.length;
      yield rows;
    }
  }

  /** NDJSON, after `settle`. At its end it is settled once more: where nothing moved meanwhile, it is published. */
  async *lines(): AsyncGenerator<string> {
    const version = this.#version;
    this.#state = 'ready';
    for await (const block of this.#blocks()) {
      const text = block.flatMap((row) => row?.items ?? []).map((item) => `${JSON.stringify(withId(item))}\n`);
      if (text.length > 0) yield text.join('');
    }
    await this.settle();
    this.#state = this.#version === version ? 'published' : 'ready';
  }

  onClose(then: () => void): void {
    this.#closing = then;
  }

  /** Ends the reading and removes what was read. */
  async close(): Promise<void> {
    this.#stopped = true;
    this.#closing();
    await this.#done;
    await this.#turn;
    await this.#removeSpool();
  }

  async #removeSpool(): Promise<void> {
    const spool = this.#spool;
    this.#spool = undefined;
    await spool?.remove();
  }
}

/** A customer has no event of its own whose id it could bear: the same content is the same item (S16). */
function withId(item: JsonObject): JsonObject {
  if (item['messageId'] !== undefined) return item;
  return { messageId: `customer:${hash('sha256', JSON.stringify(item), 'hex').slice(0, 32)}`, ...item };
}
