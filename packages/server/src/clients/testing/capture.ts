import type { JsonObject } from '@filrouge/domain/base';
import type { Captured } from './capturing-front.ts';
import type { ReadEvent, Timeline } from './client-house.ts';

/** The items that a client put into a request. */
export function itemsOf({ body }: Captured): readonly JsonObject[] {
  const json = JSON.parse(body) as JsonObject & { readonly batch?: readonly JsonObject[] };
  return json.batch ?? [json];
}

/** Requests that carried events, whatever they were answered. */
export function deliveries(captured: readonly Captured[]): readonly Captured[] {
  return captured.filter(({ method }) => method === 'POST');
}

/** The messageIds that a client sent, each once, sorted. */
export function messageIdsOf(captured: readonly Captured[]): readonly string[] {
  return [
    ...new Set(deliveries(captured).flatMap((one) => itemsOf(one).map(({ messageId }) => messageId as string))),
  ].sort();
}

/** The events of a timeline; a refusal to show any is a fault here. */
export function eventsOf(timeline: Timeline): readonly ReadEvent[] {
  if (typeof timeline === 'string') throw new Error(`no timeline, but ${timeline}`);
  return timeline;
}

/** Names, oldest first. */
export function namesOf(timeline: Timeline): readonly string[] {
  return eventsOf(timeline).map(({ name }) => name);
}

/** Ids, sorted. */
export function idsOf(timeline: Timeline): readonly string[] {
  return eventsOf(timeline)
    .map(({ id }) => id)
    .toSorted();
}
