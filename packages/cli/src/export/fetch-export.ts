import { setTimeout as wait } from 'node:timers/promises';
import { type AnswerDocument, documentOf, numberOf, textOf } from '../api/answer-document.ts';
import type { ApiClient } from '../api/api-client.ts';
import { CommandFailure } from '../command-failure.ts';
import { amount, count } from '../words/figures.ts';

/** How often the server is asked how far it is: sooner at first, for most exports are small. Unit: ms. */
const LOOK_MS_MIN = 50;
const LOOK_MS_MAX = 1_000;
const TELL_EVERY_MS = 2_000;
/** Downloads of one export: people who say no while it is written are taken out, and it is written again. */
const DOWNLOADS_MAX = 5;

/** How an export stands, as the server tells it. */
export type ExportStanding = {
  readonly id: string;
  readonly brand: string;
  readonly purpose: string;
  readonly state: string;
  readonly seen: number;
  readonly subjects: number;
  readonly rows: number;
  readonly notPermitted: number;
  readonly unreadable: number;
  readonly superseded: number;
  readonly withdrawn: number;
  readonly ledgerPosition: number | undefined;
};

/** Begins an export on the server. Errors: `CommandFailure`. */
export async function beginExport(client: ApiClient, asked: object): Promise<ExportStanding> {
  return standingOf(await client.call('POST', '/api/exports', asked));
}

/** Waits until everything was read. Errors: `CommandFailure`, that of the signal. */
export async function readyExport(
  client: ApiClient,
  begunAs: ExportStanding,
  { signal, say }: { readonly signal: AbortSignal; readonly say: (line: string) => void },
): Promise<ExportStanding> {
  let standing = begunAs;
  const begun = performance.now();
  let saidAt = begun;
  let pause = LOOK_MS_MIN;
  while (standing.state === 'running') {
    await wait(pause, undefined, { signal });
    pause = Math.min(pause * 2, LOOK_MS_MAX);
    standing = await exportStanding(client, standing.id);
    const at = performance.now();
    if (at - saidAt < TELL_EVERY_MS) continue;
    saidAt = at;
    say(
      `${count(standing.seen)} looked at, ${count((standing.seen / (at - begun)) * 1_000)} a second; ${amount(standing.rows, 'row')} so far`,
    );
  }
  if (standing.state !== 'failed') return standing;
  throw new CommandFailure('the server could not read everything', 'See the log of the server, and try again');
}

/**
 * Writes the rows, and again without them where people in it said no meanwhile: what is answered stands. `write` begins a
 * file anew at each call. Errors: `CommandFailure`, those of the file, that of the signal.
 */
export async function downloadExport(
  client: ApiClient,
  id: string,
  write: (lines: AsyncIterable<string>) => Promise<void>,
): Promise<ExportStanding> {
  for (let tries = 1; tries <= DOWNLOADS_MAX; tries += 1) {
    await write(client.lines(`/api/exports/${id}/rows`));
    const standing = await exportStanding(client, id);
    if (standing.state === 'published') return standing;
  }
  throw new CommandFailure(
    'people in the export keep changing their mind while it is written',
    'Try again later, or export less at a time',
  );
}

/** Removes what the server keeps of it. One that is gone is no fault. */
export async function removeExport(client: ApiClient, id: string): Promise<void> {
  await client.call('DELETE', `/api/exports/${id}`).catch(() => undefined);
}

async function exportStanding(client: ApiClient, id: string): Promise<ExportStanding> {
  return standingOf(await client.call('GET', `/api/exports/${id}`));
}

function standingOf(answer: unknown): ExportStanding {
  const document: AnswerDocument = documentOf(answer);
  const counted = (name: string): number => numberOf(document[name]) ?? 0;
  return {
    id: textOf(document['id']) ?? '',
    brand: textOf(document['brand']) ?? '',
    purpose: textOf(document['purpose']) ?? '',
    state: textOf(document['state']) ?? 'failed',
    seen: counted('seen'),
    subjects: counted('subjects'),
    rows: counted('rows'),
    notPermitted: counted('notPermitted'),
    unreadable: counted('unreadable'),
    superseded: counted('superseded'),
    withdrawn: counted('withdrawn'),
    ledgerPosition: numberOf(documentOf(document['asOf'])['ledgerPosition']),
  };
}
