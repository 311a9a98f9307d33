import { COLLECT_ROUTES } from '@filrouge/wire';
import { wrongWith } from './api-doors.ts';
import { consentOf, type Place, type PlaceAnswer } from './place.ts';
import { inLanes, someOf, type Tally } from './tally.ts';

/** Items of one request. */
const BATCH = 100;
const RECEIPT = { type: 'sale', number: 'n', currency: 'EUR', amountMinor: 100, lines: [] };

type Item = Readonly<Record<string, unknown>>;
type Shape = { readonly name: string; readonly source: string; readonly item: (text: string, user: string) => Item };

/** Each place of an item in which a text may stand. */
export const ITEM_SHAPES: readonly Shape[] = (
  [
    ['event', (text, userId) => ({ type: 'track', event: text, userId })],
    ['value', (text, userId) => ({ type: 'track', event: 'Seen', userId, properties: { v: text } })],
    ['key', (text, userId) => ({ type: 'track', event: 'Seen', userId, properties: { [text]: 1 } })],
    ['userId', (text) => ({ type: 'track', event: 'Seen', userId: text })],
    ['anonymousId', (text) => ({ type: 'track', event: 'Seen', anonymousId: text })],
    ['messageId', (text, userId) => ({ type: 'track', event: 'Seen', userId, messageId: text })],
    ['timestamp', (text, userId) => ({ type: 'track', event: 'Seen', userId, timestamp: text })],
    ['type', (text, userId) => ({ type: text, userId })],
    ['e-mail', (text, userId) => ({ type: 'identify', userId, traits: { email: text } })],
    ['phone', (text, userId) => ({ type: 'identify', userId, traits: { phone: text } })],
    ['card', (text, userId) => ({ type: 'identify', userId, traits: { loyaltyCard: text } })],
    ['trait', (text, userId) => ({ type: 'identify', userId, traits: { firstName: text, [`x_${text}`]: text } })],
    ['page', (text, userId) => ({
      type: 'page', userId, name: text,
      context: { page: { url: text, referrer: text }, userAgent: text, locale: text, campaign: { name: text } },
    })],
    ['device', (text, userId) => ({
      type: 'track', event: 'Seen', userId,
      context: { device: { id: text, token: text }, externalIds: [{ type: 'email', id: text, collection: 'users', encoding: 'none' }] },
    })],
    ['alias', (text, userId) => ({ type: 'alias', userId, previousId: text })],
    ['group', (text, userId) => ({ type: 'group', userId, groupId: text, traits: { name: text } })],
    ['screen', (text, userId) => ({ type: 'screen', userId, name: text })],
    ['native', (text) => ({ type: 'track', event: 'Seen', identifiers: { userId: text, email: text, deviceId: text } })],
    ['order', (text, userId) => ({
      type: 'track', event: 'Order Completed', userId,
      properties: { order_id: text, currency: 'EUR', total: text, coupon: text, products: [{ sku: text, name: text, price: text, quantity: 1 }] },
    })],
    ['receipt', (text, userId) => ({
      type: 'ticket', identifiers: { userId },
      receipt: { ...RECEIPT, number: text, store: text, till: text, lines: [{ sku: text, name: text, quantity: 1, amountMinor: 100 }] },
    })],
    ['currency', (text, userId) => ({ type: 'order', identifiers: { userId }, receipt: { ...RECEIPT, number: text, currency: text } })],
    ['call', (text, userId) => ({ type: 'call', identifiers: { userId }, properties: { reason: text, outcome: text } })],
    ['claim', (text, userId) => ({ type: 'track', event: 'Seen', userId, context: { consent: { categoryPreferences: { [text]: true } } } })],
  ] as readonly (readonly [string, Shape['item']])[]
).map(([name, item]) => ({ name, item, source: name === 'receipt' ? 'store' : 'server' })); // biome-ignore format: a table

/** Whoever stands in the items of a shape, and permits what is sent. */
export const userOf = (shape: string): string => `user-of-${shape}`;
/** The id of an item, where its shape does not put another there. */
export const idOf = (shape: string, at: number): string => `hostile-${shape}-${at}`;

/** What was sent, by the ids of the items that the door took. */
export type Taken = Map<string, { readonly shape: string; readonly text: string }>;

/** Decisions of those that the items are about, so that these may be kept. */
export async function permitShapes(place: Place): Promise<void> {
  await inLanes(4, ITEM_SHAPES, async ({ name }) => {
    const { status, text } = await place.send('server', '/v1/consents', consentOf({ userId: userOf(name) }));
    if (status !== 200) throw new Error(`a consent was answered ${status} ${text}`);
  });
}

/** Texts in every place of an item, at most so many in each: every item is taken, or refused by its number with a pointer. */
export async function playItems(place: Place, all: readonly string[], tally: Tally, each = all.length): Promise<Taken> {
  const taken: Taken = new Map();
  const lots = ITEM_SHAPES.flatMap((shape, turn) => {
    const texts = someOf(all, each, turn);
    return Array.from({ length: Math.ceil(texts.length / BATCH) }, (_, lot) => ({ shape, from: lot * BATCH, texts }));
  });
  await inLanes(3, lots, async ({ shape, from, texts }) => {
    const some = texts.slice(from, from + BATCH);
    const batch = some.map((text, at) => ({
      messageId: idOf(shape.name, from + at),
      ...shape.item(text, userOf(shape.name)),
    }));
    const answer = await place.send(shape.source, '/v1/batch', JSON.stringify({ batch })).catch(String);
    const refused = refusedIn(answer, some.length);
    if (typeof refused === 'string') return tally.blame(`/v1/batch ${shape.name} from ${from}`, refused);
    tally.add('refused', refused.size);
    tally.add('taken', some.length - refused.size);
    for (const [at, text] of some.entries()) {
      if (!refused.has(at)) taken.set(idOf(shape.name, from + at), { shape: shape.name, text });
    }
  });
  return taken;
}

/** The numbers of the items that were refused, or what is wrong with the answer. */
export function refusedIn(answer: PlaceAnswer | string, size: number): ReadonlySet<number> | string {
  if (typeof answer === 'string') return answer;
  const wrong = wrongWith(answer);
  if (wrong !== undefined) return wrong;
  const rejected = (answer.json?.['rejected'] ?? []) as readonly Readonly<Record<string, unknown>>[];
  const bad = rejected.find(
    ({ index, code, pointer, message }) =>
      typeof index !== 'number' || ![code, pointer, message].every((each) => typeof each === 'string'),
  );
  if (bad !== undefined) return `refused without a place: ${JSON.stringify(bad)}`;
  const numbers = new Set(rejected.map(({ index }) => Number(index)));
  if (numbers.size !== rejected.length) return 'an item was refused twice';
  if (answer.status !== 200 && numbers.size !== size && rejected.length > 0) return `${answer.status} for a part of it`;
  return answer.status !== 200 && rejected.length === 0
    ? new Set(Array.from({ length: size }, (_, at) => at))
    : numbers;
}

/** Texts at every address that takes events, in the way that its dialect sends them, at most so many at each. */
export async function playAddresses(
  place: Place,
  texts: readonly string[],
  tally: Tally,
  each = texts.length,
): Promise<void> {
  const pairs = COLLECT_ROUTES.flatMap(({ method, path }, turn) =>
    someOf(texts, each, turn).map((text) => ({ method, path, text })),
  );
  await inLanes(4, pairs, async ({ method, path, text }) => {
    const call = {
      event: text,
      name: text,
      type: 'track',
      userId: userOf('event'),
      properties: { v: text },
      previousId: text,
    };
    const answer =
      method === 'GET'
        ? await place.ask('GET', `${path}?${queryOf(path, call, place.keyOf('server'))}`).catch(String)
        : await place.send('server', path, bodyOf(path, call)).catch(String);
    const wrong = typeof answer === 'string' ? answer : wrongWith(answer);
    if (wrong !== undefined) return tally.blame(`${method} ${path}`, `${JSON.stringify(text.slice(0, 100))} ${wrong}`);
    tally.add((answer as PlaceAnswer).status < 300 ? 'answered' : 'refused');
  });
}

function bodyOf(path: string, call: Item): string {
  if (/\/(batch|b|import)$/.test(path)) return JSON.stringify({ batch: [call], context: { locale: call['event'] } });
  if (!path.endsWith('/merge')) return JSON.stringify(call);
  const mergeProperties = ['userId', 'email'].map((type) => ({ type, value: call['event'] }));
  return JSON.stringify({ mergeProperties });
}

function queryOf(path: string, call: Item, writeKey: string): string {
  const data = Buffer.from(JSON.stringify(call)).toString('base64url');
  if (path.startsWith('/v1/pixel')) return new URLSearchParams({ writeKey, data }).toString();
  const text = String(call['event']).toWellFormed();
  return new URLSearchParams({ writeKey, userId: userOf('event'), event: text, 'properties.v': text }).toString();
}

/** Texts in every place of a decision, one request each, at most so many in each place. */
export async function playConsents(
  place: Place,
  texts: readonly string[],
  tally: Tally,
  each = texts.length,
): Promise<void> {
  const subject = { userId: userOf('event') };
  const shapes: Readonly<Record<string, (text: string) => string>> = {
    anonymousId: (text) => consentOf({ anonymousId: text }),
    email: (text) => consentOf({ email: text }),
    phone: (text) => consentOf({ phone: text }),
    brand: (text) => consentOf(subject, { brand: text }),
    property: (text) => consentOf(subject, { property: text }),
    purpose: (text) => consentOf(subject, { decisions: [{ purpose: text, status: 'given' }] }),
    status: (text) => consentOf(subject, { decisions: [{ purpose: 'profiling', status: text }] }),
    vendor: (text) => consentOf(subject, { decisions: [{ purpose: 'profiling', status: 'given', vendor: text }] }),
    notice: (text) => consentOf(subject, { notice: { id: text, version: text } }),
    channel: (text) => consentOf(subject, { channel: text }),
    indicatedAt: (text) => consentOf(subject, { indicatedAt: text }),
    agent: (text) => consentOf(subject, { channel: 'store', indicatedBy: { kind: 'agent', id: text } }),
    evidence: (text) => consentOf(subject, { evidence: { note: text, [text]: [text] } }),
    identityToken: (text) => consentOf(subject, { identityToken: text }),
  };
  const pairs = Object.entries(shapes).flatMap(([name, shape], turn) =>
    someOf(texts, each, turn).map((text) => ({ name, text, shape })),
  );
  await inLanes(6, pairs, async ({ name, text, shape }) => {
    const answer = await place.send('server', '/v1/consents', shape(text)).catch(String);
    const wrong = typeof answer === 'string' ? answer : wrongWith(answer);
    if (wrong !== undefined)
      return tally.blame(`/v1/consents ${name}`, `${JSON.stringify(text.slice(0, 100))} ${wrong}`);
    tally.add((answer as PlaceAnswer).status === 200 ? 'taken' : 'refused');
  });
}

/** People whose names are texts: who permits it is found under that name, letter by letter, and nobody else is. */
export async function playNames(place: Place, texts: readonly string[], tally: Tally): Promise<void> {
  await inLanes(6, texts, async (text) => {
    const name = text.trim();
    const consent = await place.send('server', '/v1/consents', consentOf({ userId: text })).catch(String);
    const wrong = typeof consent === 'string' ? consent : wrongWith(consent);
    if (wrong !== undefined) return tally.blame('a name', `${JSON.stringify(text.slice(0, 100))} ${wrong}`);
    if ((consent as PlaceAnswer).status !== 200) return tally.add('refused');
    const item = JSON.stringify({ batch: [{ type: 'track', event: 'Seen', userId: text }] });
    await place.send('server', '/v1/batch', item);
    tally.add('taken', 2);
    await place.settledFlow();
    const address = `/api/profiles/user_id:${encodeURIComponent(text)}?brand=maison&purpose=profiling`;
    const { json, text: told } = await place.ask('GET', address);
    const names = (json?.['identifiers'] ?? []) as readonly { readonly namespace: string; readonly value: string }[];
    const users = names.filter(({ namespace }) => namespace === 'user_id').map(({ value }) => value);
    if (users.length !== 1 || users[0] !== name)
      tally.blame('a name', `${JSON.stringify(name)} is ${told.slice(0, 200)}`);
  });
}
