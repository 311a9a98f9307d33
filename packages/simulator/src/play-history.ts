import { type Backfill, callsRequest, consentRequest, type SimulatedRequest } from './request.ts';
import { tracesByArrival } from './timeline.ts';
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
  const { backfill, signal } = settings;
  let items = 0;
  for (const trace of tracesByArrival(worldOf(settings), { requests: true, tickets: false })) {
    if (signal?.aborted === true) break;
    if (trace.kind === 'ticket' || (only !== undefined && trace.kind !== only)) continue;
    const request = trace.kind === 'calls' ? callsRequest(trace, backfill) : consentRequest(trace, backfill);
    await send(request);
    items += request.items;
  }
  return items;
}
