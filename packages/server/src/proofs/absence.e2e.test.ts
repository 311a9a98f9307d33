import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { BrandId } from '@filrouge/domain/deployment';
import type { FlowReading } from '@filrouge/ports';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ABSENCE_CONFIG, absenceRequests, erasedPerson, type Request } from './testing/absence-world.ts';
import { canary, MARKERS } from './testing/canary-items.ts';
import { type ChildInstallation, openChildInstallation } from './testing/child-installation.ts';
import { filesBelow } from './testing/files-below.ts';
import { createSearch, type Finding } from './testing/needles.ts';
import { type OpenedStores, openStores } from './testing/opened-stores.ts';
import { type OpenedText, openedTexts } from './testing/opened-texts.ts';

const searchAll = createSearch(Object.values(MARKERS));
const searchFor = (...markers: readonly (keyof typeof MARKERS)[]): ReturnType<typeof createSearch> =>
  createSearch(markers.map((marker) => MARKERS[marker]));

describe('a withheld item leaves nothing but its header (S2, S9, S14, S15)', () => {
  let directory: string;
  let requests: readonly Request[];
  let answers: readonly { readonly request: Request; readonly status: number; readonly text: string }[];
  let flow: FlowReading;
  let printed: Buffer;
  let onDisk: readonly Finding[];
  let files = 0;
  let stores: OpenedStores;
  let texts: readonly OpenedText[];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'filrouge-absence-'));
    const erased = erasedPerson();
    const first = await openChildInstallation(ABSENCE_CONFIG, directory);
    await first.stop();
    await bury(erased.identifiers, join(directory, 'data'));
    const house = await openChildInstallation(ABSENCE_CONFIG, directory);
    const now = Date.now();
    requests = [...absenceRequests(now), ...erased.requests(now)];
    answers = await sendAll(house, requests);
    await house.drain();
    flow = await house.flow();
    await house.stop();
    printed = Buffer.concat([first.printed(), house.printed()]);
    const found: Finding[] = [];
    for await (const { path, bytes } of filesBelow(directory)) {
      files += 1;
      found.push(...searchAll(path, bytes));
    }
    onDisk = found;
    stores = await openStores(join(directory, 'data'));
    texts = await openedTexts(stores);
  });

  afterAll(async () => {
    await stores?.close();
    await rm(directory, { recursive: true, force: true });
  });

  test('every request is answered as it must be, and every item becomes what it must become (S2)', () => {
    const wrong = answers.filter(({ request, status }) => status !== request.status);
    expect(wrong.map(({ request, status, text }) => `${request.path} ${status} ${text}`)).toEqual([]);
    const expected = Map.groupBy(
      requests.flatMap((request) => request.expected),
      (word) => word,
    );
    const count = (word: string): number => expected.get(word)?.length ?? 0;
    const reasons = [
      'unknown',
      'refused',
      'withdrawn',
      'expired',
      'requested',
      'objected',
      'consent-later',
      'no-purpose-served',
      'erased',
    ];
    const withheld: Record<string, number> = {};
    for (const { withheldBy } of Object.values(flow.bySource)) {
      for (const [reason, names] of Object.entries(withheldBy)) {
        withheld[reason] = Object.values(names).reduce((sum, n) => sum + n, withheld[reason] ?? 0);
      }
    }
    const refusedItems =
      requests.filter(({ status }) => status === 400).flatMap((request) => request.expected).length + 1;
    const words = Object.fromEntries(
      reasons.map((reason) => [reason, count(reason) - (reason === 'refused' ? refusedItems : 0)]),
    );
    expect(withheld).toEqual(words);
    expect(flow).toMatchObject({
      pending: 0,
      kept: count('kept'),
      quarantined: count('quarantined'),
      duplicates: count('duplicate'),
      discarded: 0,
    });
  });

  test('on disk, not one of its words in any form: databases, logs, keys, temporary files', () => {
    expect(files).toBeGreaterThan(900);
    expect(onDisk.filter(({ marker }) => marker !== MARKERS.clear)).toEqual([]);
    expect(onDisk.length, 'what may stand in clear is found').toBeGreaterThan(0);
  });

  test('with the keys in hand, not one of its words in any row of any table', () => {
    const search = searchFor('withheld');
    expect(texts.flatMap(({ place, bytes }) => search(place, bytes))).toEqual([]);
  });

  test('its subject, where somebody decided, is in the consent record alone', () => {
    const search = searchFor('subject');
    const places = texts.filter(({ bytes }) => search('', bytes).length > 0).map(({ place }) => place);
    expect(new Set(places)).toEqual(new Set(['consent_record.sealed']));
  });

  test('what waits in quarantine is there and nowhere else', () => {
    const search = searchFor('quarantined');
    const places = texts.filter(({ bytes }) => search('', bytes).length > 0).map(({ place }) => place);
    expect(new Set(places)).toEqual(new Set(['quarantine.sealed']));
  });

  test('what was kept is read back from behind its keys, and in clear only what S15 lists', () => {
    const sealed = searchFor('kept');
    const found = texts.filter(({ bytes }) => sealed('', bytes).length > 0);
    expect(found.filter((text) => !text.sealed).map(({ place }) => place)).toEqual([]);
    expect(new Set(found.map(({ place }) => place))).toEqual(
      new Set([
        'journal.body',
        'quarantine.sealed',
        'consent_record.sealed',
        'node.sealed',
        'trait_history.sealed',
        'filrouge.event.sealed',
      ]),
    );
    const clear = searchFor('clear');
    const inClear = texts.filter((text) => !text.sealed && clear('', text.bytes).length > 0);
    expect(new Set(inClear.map(({ place }) => place))).toEqual(new Set(['filrouge.event', 'purchase']));
  });

  test('nothing of anybody was printed or logged, and no answer repeats what was sent', () => {
    expect(printed.length).toBeGreaterThan(0);
    expect(searchAll('printed', printed)).toEqual([]);
    expect(answers.flatMap(({ request, text }) => searchAll(request.path, Buffer.from(text)))).toEqual([]);
  });

  test('the search finds a leak that is planted: in a file of any dress, and in a row of either engine', async () => {
    const planted = canary('withheld');
    const dresses: readonly (readonly [string, Buffer])[] = [
      ['text', Buffer.from(`x ${planted} y`)],
      ['base64', Buffer.from(Buffer.from(`{"e":"${planted}"}`).toString('base64'))],
      ['base64 shifted', Buffer.from(Buffer.from(`a${planted}"}`).toString('base64'))],
      ['base64url', Buffer.from(Buffer.from(`ab${planted}`).toString('base64url'))],
      ['hex', Buffer.from(Buffer.from(planted).toString('hex'))],
      ['HEX', Buffer.from(Buffer.from(planted).toString('hex').toUpperCase())],
      ['utf16le', Buffer.from(planted, 'utf16le')],
      ['utf16be', Buffer.from(planted, 'utf16le').swap16()],
      ['gzip', Buffer.concat([Buffer.from('head'), gzipSync(`{"e":"${planted}"}`)])],
    ];
    for (const [dress, bytes] of dresses) {
      await writeFile(join(directory, 'planted'), bytes);
      const found: Finding[] = [];
      for await (const file of filesBelow(directory)) {
        if (file.path === 'planted') found.push(...searchFor('withheld')(file.path, file.bytes));
      }
      expect(found.length, dress).toBeGreaterThan(0);
    }
    await stores.database.execute(
      `insert into flow (day, brand, source, outcome, reason, name, n) values (current_date, 'x', 'x', 'x', 'x', $1, 1)`,
      [planted],
    );
    await stores.events.insert({ table: 'event', values: [{ brand: 'x', name: planted }], format: 'JSONEachRow' });
    const search = searchFor('withheld');
    const places = (await openedTexts(stores)).filter(({ bytes }) => search('', bytes).length > 0);
    expect(new Set(places.map(({ place }) => place))).toEqual(new Set(['flow', 'filrouge.event']));
  });
});

async function bury(identifiers: ReturnType<typeof erasedPerson>['identifiers'], dataDir: string): Promise<void> {
  const { database, vault, close } = await openStores(dataDir);
  try {
    for (const { namespace, value } of identifiers) {
      const node = vault.lookup('maison' as BrandId, namespace, value);
      await database.execute(
        `insert into tombstone (brand, node, erased_at) values ('maison', $1::text::uuid, now() - interval '1 day')`,
        [node],
      );
    }
  } finally {
    await close();
  }
}

/** Consents before everything else, each request after the answer of the one before. */
async function sendAll(
  house: ChildInstallation,
  requests: readonly Request[],
): Promise<readonly { readonly request: Request; readonly status: number; readonly text: string }[]> {
  const consents = requests.filter(({ path }) => path === '/v1/consents');
  const rest = requests.filter(({ path }) => path !== '/v1/consents');
  const answers = [];
  for (const request of [...consents, ...rest]) {
    const { source, method, path, body, headers } = request;
    const response = await fetch(`${house.url}${path}`, {
      method,
      headers: {
        authorization: `Basic ${btoa(`${house.keyOf(source)}:`)}`,
        'content-type': 'application/json',
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    });
    answers.push({ request, status: response.status, text: await response.text() });
  }
  return answers;
}
