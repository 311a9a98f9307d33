import { type Backfill, callsRequest, consentRequest, mergedRequest, type SimulatedRequest } from './request.ts';
import { tracesByArrival } from './timeline.ts';
import type { CallsTrace } from './trace.ts';
import { type WorldSettings, worldOf } from './world.ts';

export type PlaySettings = WorldSettings & {
  /** Only one kind of request; both by default. */
  readonly only?: 'calls' | 'consents';
  /**
   * For a receiver whose clock is the real one: departure times are stated by its clock and decisions go by the server
   * key. All consents come before all calls, because a door that decides once must know them first.
   */
  readonly backfill?: Backfill;
  readonly signal?: AbortSignal;
};

export type SendRequest = (request: SimulatedRequest) => Promise<void>;

/**
 * Hands every request of the history to `send`, in order of arrival, one at a time (a caller that wants several in
 * flight returns early and keeps its own window). Returns how many items were handed over. Errors: those of `send`.
 */
export async function playHistory(settings: PlaySettings, send: SendRequest): Promise<number> {
  const { only, backfill } = settings;
  if (backfill === undefined || only !== undefined) return play(settings, send, only);
  const consents = await play(settings, send, 'consents');
  return consents + (await play(settings, send, 'calls'));
}

async function play(settings: PlaySettings, send: SendRequest, only: PlaySettings['only']): Promise<number> {
  let items = 0;
  for (const request of requestsOf(settings, only)) {
    if (settings.signal?.aborted === true) break;
    await send(request);
    items += request.items;
  }
  return items;
}

function* requestsOf(settings: PlaySettings, only: PlaySettings['only']): Generator<SimulatedRequest> {
  const { backfill } = settings;
  const merging = backfill?.batch === undefined ? undefined : new Merging(backfill, backfill.batch);
  for (const trace of tracesByArrival(worldOf(settings), { requests: true, tickets: false })) {
    if (trace.kind === 'ticket' || (only !== undefined && trace.kind !== only)) continue;
    if (trace.kind === 'consents') yield consentRequest(trace, backfill);
    // A malformed call stays alone, or it could cost its neighbours.
    else if (merging === undefined || trace.single === true) yield callsRequest(trace, backfill);
    else yield* merging.add(trace);
  }
  if (merging !== undefined) yield* merging.close();
}

const BATCH_MAX = 500;

/** Gathers calls by source until there are enough for a request. */
class Merging {
  readonly #backfill: Backfill;
  readonly #size: number;
  readonly #open = new Map<string, { traces: CallsTrace[]; calls: number }>();

  constructor(backfill: Backfill, size: number) {
    if (!Number.isInteger(size) || size < 2 || size > BATCH_MAX) {
      throw new RangeError(`batch: from 2 to ${BATCH_MAX} calls, not ${size}`);
    }
    this.#backfill = backfill;
    this.#size = size;
  }

  *add(trace: CallsTrace): Generator<SimulatedRequest> {
    const known = this.#open.get(trace.source);
    const full = known !== undefined && known.calls + trace.calls.length > this.#size;
    if (full) yield* this.#request(known.traces);
    const open = known === undefined || full ? { traces: [], calls: 0 } : known;
    open.traces.push(trace);
    open.calls += trace.calls.length;
    this.#open.set(trace.source, open);
  }

  *close(): Generator<SimulatedRequest> {
    for (const { traces } of this.#open.values()) yield* this.#request(traces);
  }

  *#request(traces: readonly CallsTrace[]): Generator<SimulatedRequest> {
    const request = mergedRequest(traces, this.#backfill);
    if (request !== undefined) yield request;
  }
}
