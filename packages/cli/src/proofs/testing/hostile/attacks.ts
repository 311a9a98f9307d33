import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib';
import { wrongWith } from './api-doors.ts';
import { refusedIn, userOf } from './item-doors.ts';
import { consentOf, type Place, type PlaceAnswer } from './place.ts';
import { inLanes, someOf, type Tally } from './tally.ts';

const BESIDE = 9;

/** Bytes in the place of a value: the items beside it are taken, unless no reader could tell where the next one begins. */
export async function playBodies(place: Place, bodies: readonly Buffer[], tally: Tally): Promise<void> {
  await inLanes(3, bodies.entries(), async ([at, body]) => {
    const good = Array.from({ length: BESIDE }, (_, n) => JSON.stringify(goodItem(`beside-${at}-${n}`)));
    const bad = Buffer.concat([
      Buffer.from(
        `{"type":"track","event":"Seen","messageId":"body-${at}","userId":"${userOf('value')}","properties":{"v":`,
      ),
      body,
      Buffer.from('}}'),
    ]);
    const batch = Buffer.concat([Buffer.from(`{"batch":[${good.slice(0, 5).join()},`), bad, Buffer.from(`,${good.slice(5).join()}]}`)]); // biome-ignore format: one line
    const answer = await place.send('server', '/v1/batch', batch).catch(String);
    const refused = refusedIn(answer, BESIDE + 1);
    if (typeof refused === 'string') return tally.blame('/v1/batch', `${shown(body)} ${refused}`);
    const isWhole = refused.size === BESIDE + 1;
    if (!isWhole && (refused.size > 1 || [...refused].some((number) => number !== 5))) {
      tally.blame('/v1/batch', `${shown(body)} cost the items ${[...refused].join()}`);
    }
    tally.add(isWhole ? 'refused, whole' : refused.size === 1 ? 'refused, alone' : 'taken');
  });
}

const shown = (body: Buffer): string => JSON.stringify(body.subarray(0, 60).toString('latin1'));
const goodItem = (messageId: string) => ({ type: 'track', event: 'Seen', messageId, userId: userOf('value') });

/** One call in a hundred with something wrong in it, that can be told from the others: 99 are stored, or all of them. */
export async function playCalls(place: Place, calls: readonly string[], tally: Tally): Promise<number> {
  let stored = 0;
  for (const [at, call] of calls.entries()) {
    const good = Array.from({ length: 99 }, (_, n) => JSON.stringify(goodItem(`call-${at}-${n}`)));
    const batch = `{"batch":[${[...good.slice(0, 57), call, ...good.slice(57)].join()}]}`;
    const before = await place.settledFlow();
    const answer = await place.send('server', '/v1/batch', batch).catch(String);
    const refused = refusedIn(answer, 100);
    const after = await place.settledFlow();
    const kept = after.kept - before.kept;
    stored += Math.min(kept, 99);
    const isRight = typeof refused !== 'string' && [...refused].every((number) => number === 57) && kept >= 99;
    if (!isRight)
      tally.blame(
        '99 and one',
        `${call.slice(0, 100)}: ${kept} are stored, ${typeof refused === 'string' ? refused : [...refused].join()} refused`,
      );
    else tally.add(refused.size === 1 ? 'refused, alone' : 'taken');
  }
  return stored;
}

const BODY_DOORS: readonly (readonly [source: string, path: string])[] = [
  ['server', '/v1/track'], ['server', '/v1/batch'], ['server', '/v1/merge'], ['server', '/v1/webhook'], ['server', '/v1/import'],
  ['server', '/v1/import/consents'], ['server', '/v1/import/products'], ['server', '/v1/import/stores'], ['server', '/v1/import/campaigns'],
  ['server', '/v1/consents'], ['server', '/v1/consents/confirmations'], ['', '/v1/consents/confirm'], ['', '/api/sql'], ['', '/api/exports'],
  ['', '/api/separations'], ['', '/api/session'], ['', '/api/tokens'], ['', '/api/keys'],
  ['', '/api/quarantine/00000000-0000-4000-8000-000000000000/replay'],
]; // biome-ignore format: a table

/** Bytes as the whole body, at every door that takes one, at most so many at each. */
export async function playWholeBodies(
  place: Place,
  bodies: readonly Buffer[],
  tally: Tally,
  each = bodies.length,
): Promise<void> {
  const pairs = BODY_DOORS.flatMap((door, turn) => someOf(bodies, each, turn).map((body) => ({ door, body })));
  await inLanes(4, pairs, async ({ door: [source, path], body }) => {
    const answer = await (source === '' ? place.ask('POST', path, body as unknown as string) : place.send(source, path, body)).catch(String); // biome-ignore format: one line
    judge(`${path} (body)`, shown(body), answer, tally);
  });
}

const PACKED = [
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', (bytes: Buffer) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })],
] as const;

/** Few bytes that become many: refused at the limit, at every door that unpacks. */
export async function playBombs(place: Place, bytes: number, tally: Tally): Promise<void> {
  for (const [encoding, pack] of PACKED) {
    const bomb = pack(Buffer.alloc(bytes, 0x20));
    for (const [source, path] of BODY_DOORS) {
      if (source === '') continue;
      const answer = await place.send(source, path, bomb, { 'content-encoding': encoding }).catch(String);
      if (typeof answer !== 'string' && answer.status === 413) tally.add('refused');
      else tally.blame(`${path} ${encoding}`, `a bomb ${typeof answer === 'string' ? answer : answer.status}`);
    }
  }
}

const HEADERS = ['user-agent', 'accept-language', 'accept', 'content-encoding', 'content-type', 'origin', 'x-filrouge-import', 'x-filrouge-source', 'sec-gpc', 'anonymousid', 'x-write-key', 'authorization', 'x-forwarded-for', 'cookie', 'referer']; // biome-ignore format: a list

/** Texts in the headers that are read, as far as a client lets them through, at most so many in each. */
export async function playHeaders(
  place: Place,
  texts: readonly string[],
  tally: Tally,
  each = texts.length,
): Promise<void> {
  const body = JSON.stringify({ batch: [goodItem('of-headers')] });
  const sendable = texts.filter((text) => /^[\x21-\xff][\x20-\xff]{0,4000}$/.test(text) && !/[\x7f-\x9f]/.test(text));
  const pairs = HEADERS.flatMap((name, turn) => someOf(sendable, each, turn).map((text) => ({ name, text })));
  await inLanes(4, pairs, async ({ name, text }) => {
    for (const path of ['/v1/batch', '/v1/import']) {
      judge(
        `${path} ${name}`,
        JSON.stringify(text),
        await place.send('server', path, body, { [name]: text }).catch(String),
        tally,
      );
    }
  });
}

function judge(door: string, what: string, answer: PlaceAnswer | string, tally: Tally): void {
  const wrong = typeof answer === 'string' ? answer : wrongWith(answer);
  if (wrong !== undefined) tally.blame(door, `${what.slice(0, 100)} ${wrong}`);
  else tally.add((answer as PlaceAnswer).status < 300 ? 'answered' : 'refused');
}

/** What anybody can read in a page's source is the web key: with it nobody consents for others, and nothing is sold. Returns what went through. */
export async function playForgeries(place: Place, tally: Tally): Promise<number> {
  const victim = `victim-${randomBytes(6).toString('hex')}`;
  const sold = async (): Promise<string> => (await place.ask('GET', '/api/reports/ropo?brand=maison&from=2026-01-01&direction=store-to-online')).json?.['population'] as string; // biome-ignore format: one line
  const before = await sold();
  const consents = [
    consentOf({ userId: victim }),
    consentOf({ email: `${victim}@example.com` }),
    consentOf({ loyaltyCard: victim }),
    consentOf({ anonymousId: victim, userId: victim }),
    consentOf({ anonymousId: victim }, { channel: 'store', indicatedBy: { kind: 'agent', id: 'x' } }),
    consentOf({ userId: victim }, { identityToken: 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.' }),
  ];
  for (const body of consents)
    judge('/v1/consents (web)', 'a forged yes', await place.send('web', '/v1/consents', body), tally);
  const receipt = { type: 'sale', number: victim, currency: 'EUR', amountMinor: 1_000_000, lines: [] };
  const order = { order_id: victim, total: 10_000, currency: 'EUR', products: [] };
  const items = [
    { type: 'ticket', identifiers: { userId: victim }, receipt },
    { type: 'order', identifiers: { userId: victim }, receipt },
    { type: 'track', event: 'Order Completed', userId: victim, properties: order },
    {
      type: 'track',
      event: 'Seen',
      userId: victim,
      context: { consent: { categoryPreferences: { profiling: true } } },
    },
  ];
  for (const item of items) judge('/v1/batch (web)', 'a forged sale', await place.send('web', '/v1/batch', JSON.stringify({ batch: [item] })), tally); // biome-ignore format: one line
  await place.settledFlow();
  const profile = await place.ask('GET', `/api/profiles/user_id:${victim}?brand=maison&purpose=profiling`);
  const through = [profile.status === 200, (await sold()) !== before].filter(Boolean).length;
  if (through > 0) tally.blame('forgeries', `${through} went through: ${profile.status} ${profile.text}`);
  return through;
}

/** Connections that send a header or a body byte by byte: each is cut, and others are answered meanwhile. Returns how long the slowest of these waited, and the last was kept. Unit: ms. */
export async function playSlowly(place: Place, connections: number, tally: Tally) {
  const port = Number(new URL(place.url).port);
  const head = 'POST /v1/batch HTTP/1.1\r\nhost: x\r\n';
  const slow = Array.from({ length: connections }, (_, at) =>
    drip(port, [`${head}x-slow: `, `${head}content-length: 1000\r\n\r\n`, ''][at % 3] ?? '', at % 3 === 2 ? '' : 'a'),
  );
  let open = true;
  let waited = 0;
  const ended = Promise.all(slow).then((times) => {
    open = false;
    return times;
  });
  while (open) {
    const begun = performance.now();
    const answer = await place
      .send('server', '/v1/batch', JSON.stringify({ batch: [goodItem('quick')] }))
      .catch(String);
    judge('/v1/batch beside slow ones', '', answer, tally);
    waited = Math.max(waited, performance.now() - begun);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  const times = await ended;
  tally.add('cut', times.length);
  return { waited, longest: Math.max(...times) };
}

/** How long a connection that drips was let be. Unit: ms. */
function drip(port: number, begin: string, more: string): Promise<number> {
  return new Promise((resolve) => {
    const begun = performance.now();
    const socket = connect(port, '127.0.0.1');
    const dripping = setInterval(() => more !== '' && socket.writable && socket.write(more), 1_000);
    socket.resume();
    // A connection that is cut while it is written to ends with an error.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearInterval(dripping);
      resolve(performance.now() - begun);
    });
    if (begin !== '') socket.write(begin);
  });
}
