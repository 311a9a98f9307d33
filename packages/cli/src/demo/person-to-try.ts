import { documentOf, listOf, textOf } from '../api/answer-document.ts';
import type { ApiClient } from '../api/api-client.ts';
import { CommandFailure } from '../command-failure.ts';
import { openOwnFile } from '../import/own-file.ts';

/** The purpose that a person is looked at for in the lines to try. */
export const PURPOSE_TO_TRY = 'store_measurement';
/** Customers that are asked about at most: one in a few has said yes and bought, and nobody waits long for a nicer one. */
const CANDIDATES_MAX = 40;
/** Channels that a timeline worth looking at goes through. */
const CHANNELS_WANTED = 2;

/** The first customers of a file that the demo sent, as one asks for them: `loyalty_card:2990001234567`. */
export async function customersIn(file: string, signal: AbortSignal): Promise<readonly string[]> {
  const { steps } = await openOwnFile(file, { kind: 'customers', country: 'FR', signal });
  const found: string[] = [];
  for await (const { items } of steps()) {
    for (const { json } of items) {
      const { loyaltyCard, userId } = documentOf(documentOf(JSON.parse(json))['identifiers']);
      if (typeof loyaltyCard === 'string') found.push(`loyalty_card:${loyaltyCard}`);
      else if (typeof userId === 'string') found.push(`user_id:${userId}`);
    }
    if (found.length >= CANDIDATES_MAX) break;
  }
  return found.slice(0, CANDIDATES_MAX);
}

/**
 * Of people the demo knows of, one that may be seen, through as many channels as possible: asked of the server, as anybody
 * would. Undefined where nobody may be seen. Errors: `CommandFailure` when no server answers; that of the signal.
 */
export async function personToTry(
  client: Pick<ApiClient, 'call'>,
  brand: string,
  candidates: readonly string[],
): Promise<string | undefined> {
  let best: { readonly person: string; readonly channels: number } | undefined;
  for (const person of candidates) {
    const channels = await channelsOf(client, brand, person);
    if (channels !== undefined && channels > (best?.channels ?? -1)) best = { person, channels };
    if ((best?.channels ?? 0) >= CHANNELS_WANTED) break;
  }
  return best?.person;
}

/** How many channels a person's timeline goes through; undefined for one that is unknown or may not be seen. */
async function channelsOf(client: Pick<ApiClient, 'call'>, brand: string, person: string): Promise<number | undefined> {
  const query = new URLSearchParams({ brand, purpose: PURPOSE_TO_TRY });
  try {
    const answer = await client.call('GET', `/api/profiles/${encodeURIComponent(person)}/events?${query.toString()}`);
    return new Set(listOf(documentOf(answer)['items']).map(({ channel }) => textOf(channel))).size;
  } catch (fault) {
    if (fault instanceof CommandFailure && fault.problem !== undefined) return undefined;
    throw fault;
  }
}
