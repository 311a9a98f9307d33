import { setTimeout as pause } from 'node:timers/promises';
import { consentOf, type Server } from './one-source-house.ts';

/** What callers told and had acknowledged, as they remember it: the other side of the comparison. */
export type Told = {
  /** Message id -> what it was. Everything that was ever sent. */
  readonly sent: Map<string, { readonly user: string; readonly amountMinor: number | undefined }>;
  /** Message ids that were answered 200. */
  readonly acknowledged: Set<string>;
  /** User -> the last decision on e-mails that was answered 200, and whether a later one was not. */
  readonly decided: Map<string, { status: 'given' | 'withdrawn'; acknowledged: boolean; count: number }>;
  /** By what was answered instead of 200 (status, code, whether it says when to come again), how often. */
  readonly putOff: Map<string, number>;
};

export type Caller = {
  readonly lane: number;
  readonly users: readonly string[];
  readonly random: () => number;
  /** Not more than these; default: as fast as it is answered. */
  readonly eventsPerSecond?: number;
};

const BATCH_MAX = 4;
const PATIENCE_MS = 5_000;

export function nothingTold(): Told {
  return { sent: new Map(), acknowledged: new Set(), decided: new Map(), putOff: new Map() };
}

/** Sends until told to stop, each request again until it is answered 200, as clients do. */
export async function call(
  { lane, users, random, eventsPerSecond }: Caller,
  server: Server,
  told: Told,
  stop: AbortSignal,
): Promise<void> {
  const pick = (): string => users[Math.floor(random() * users.length)] as string;
  let due = performance.now();
  for (let at = 0; !stop.aborted; at += 1) {
    const size = 1 + Math.floor(random() * BATCH_MAX);
    if (random() < 0.1) await decide(server, told, pick(), stop, random);
    else {
      const batch = Array.from({ length: size }, (_, n) => itemOf(`${lane}-${at}-${n}`, pick(), random, told));
      if (await post(server, '/v1/batch', { batch }, stop, told)) {
        for (const { messageId } of batch) told.acknowledged.add(messageId);
      }
    }
    if (eventsPerSecond === undefined) await pause(Math.floor(random() * 20));
    else {
      // Whoever was put off sends what it has kept as fast as it may.
      due += (size * 1_000) / eventsPerSecond;
      await pause(Math.max(0, due - performance.now()));
    }
  }
}

function itemOf(messageId: string, userId: string, random: () => number, told: Told) {
  const timestamp = new Date().toISOString();
  if (random() < 0.5) {
    told.sent.set(messageId, { user: userId, amountMinor: undefined });
    return { type: 'track', event: 'Product Viewed', messageId, userId, timestamp, properties: { sku: 'a-1' } };
  }
  const amountMinor = 100 + Math.floor(random() * 9_900);
  told.sent.set(messageId, { user: userId, amountMinor });
  const lines = [{ sku: 'a-1', quantity: 1, amountMinor }];
  const receipt = { kind: 'order', type: 'sale', number: messageId, currency: 'EUR', amountMinor, lines };
  return { type: 'order', messageId, identifiers: { userId }, timestamp, receipt };
}

async function decide(
  server: Server,
  told: Told,
  user: string,
  stop: AbortSignal,
  random: () => number,
): Promise<void> {
  const status = random() < 0.5 ? 'given' : 'withdrawn';
  const count = told.decided.get(user)?.count ?? 0;
  told.decided.set(user, { status, acknowledged: false, count });
  if (await post(server, '/v1/consents', consentOf(user, 'email_marketing', status), stop, told)) {
    told.decided.set(user, { status, acknowledged: true, count: count + 1 });
  }
}

/** Whether it was answered 200 before everything stopped. A refusal is a mistake of the caller and throws. */
export async function post(
  server: Server,
  path: string,
  body: object,
  stop: AbortSignal,
  { putOff }: Pick<Told, 'putOff'>,
): Promise<boolean> {
  const note = (what: string): void => void putOff.set(what, (putOff.get(what) ?? 0) + 1);
  while (!stop.aborted) {
    try {
      const answer = await fetch(`${server.url}${path}`, {
        method: 'POST',
        headers: { authorization: server.authorization, 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      const text = await answer.text();
      if (answer.status === 200) {
        if (text.includes('rejected":[{')) throw new Error(`${path} was refused: ${text}`);
        return true;
      }
      if (answer.status < 500 && answer.status !== 429)
        throw new Error(`${path} was answered ${answer.status}: ${text}`);
      note(problemTold(answer, text));
    } catch (fault) {
      if (fault instanceof Error && /was (refused|answered)/.test(fault.message)) throw fault;
      note(fault instanceof Error ? fault.name : 'unknown');
    }
    await pause(50);
  }
  return false;
}

/** A problem in a few words: `503 storage-unavailable, again in 2 s`. */
export function problemTold({ status, headers }: Response, text: string): string {
  const isProblem = headers.get('content-type')?.startsWith('application/problem+json') === true;
  const code = isProblem ? (JSON.parse(text) as { readonly code: string }).code : 'no problem document';
  const seconds = headers.get('retry-after');
  return `${status} ${code}${seconds === null ? '' : `, again in ${seconds} s`}`;
}
