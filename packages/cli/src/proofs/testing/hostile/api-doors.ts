import type { Place, PlaceAnswer } from './place.ts';
import { inLanes, someOf, type Tally } from './tally.ts';

/** A place of a request into which anybody may write what they like. */
type ApiDoor = {
  readonly name: string;
  readonly method: string;
  /** It has to reckon for long, or leaves something behind for each: only some of many texts are tried at it. */
  readonly isCostly: boolean;
  readonly request: (text: string) => { readonly path: string; readonly body?: string };
};

type Schema = { readonly properties?: Readonly<Record<string, Schema>>; readonly enum?: readonly string[] };
type Parameter = { readonly in: string; readonly name: string; readonly schema?: Schema };
type Operation = {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
};
type ApiDocument = { readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> };

const NOBODY_ID = '00000000-0000-4000-8000-000000000000';
const NAMESPACES = ['anonymous_id', 'email', 'phone', 'loyalty_card', 'device_id', 'push_token', 'person'];

/** What stands in the other places of a request while one is tried. */
const PARAMETERS: Readonly<Record<string, string>> = {
  namespace: 'user_id',
  value: 'somebody',
  id: NOBODY_ID,
  purpose: 'profiling',
};
const BODIES: Readonly<Record<string, object>> = {
  '/api/separations': {
    brand: 'maison',
    a: { namespace: 'user_id', value: 'somebody' },
    b: { namespace: 'email', value: 'somebody@example.com' },
    reason: 'two customers',
  },
  '/api/sql': {
    brand: 'maison',
    purpose: 'profiling',
    query: 'SELECT {v:String} AS v, count() AS n FROM events WHERE name = {v:String}',
    parameters: { v: 'x' },
    from: '2026-01-01',
    to: '2026-12-31',
    limit: 10,
  },
  '/api/exports': {
    what: 'events',
    brand: 'maison',
    purpose: 'profiling',
    from: '2026-01-01',
    to: '2026-01-02',
    format: 'csv',
    dryRun: true,
  },
  '/api/quarantine/{id}/replay': { item: { type: 'track', event: 'x', userId: 'somebody' } },
  '/api/quarantine/{id}/discard': { reason: 'a slip' },
  '/api/keys': { source: 'web' },
  '/api/tokens': { name: 'a token', scopes: ['flow:read'], brand: 'maison' },
  '/api/accounts': { email: 'new@example.com', password: 'correct horse battery' },
  '/api/accounts/password': { email: 'nobody@example.com', password: 'correct horse battery' },
  '/api/session': { email: 'nobody@example.com', password: 'correct horse battery' },
};
/** Engines are asked, passwords hashed, files made; or it is read as the address above it is. */
const COSTLY = [
  '/api/sql',
  '/api/accounts',
  '/api/session',
  '/api/exports',
  '/api/tokens',
  '/api/keys',
  '/api/reports',
];

/** Every parameter and every text of a body of the API, as its own document names them; and what reads consents. */
function apiDoors({ paths }: ApiDocument): readonly ApiDoor[] {
  return Object.entries(paths).flatMap(([path, operations]) => {
    const isRead = path === '/v1/consents' || path === '/v1/consents/confirm';
    if (!isRead && !(path.startsWith('/api/') && !/^\/api\/(s|public)\//.test(path))) return [];
    return Object.entries(operations).flatMap(([method, operation]) => {
      if (path === '/v1/consents' && method !== 'get') return [];
      return [...parameterDoors(path, method, operation), ...bodyDoors(path, method, operation)];
    });
  });
}

function isCostly(path: string): boolean {
  return COSTLY.some((begin) => path.startsWith(begin)) || /\/(traits|identifiers|consents|explain)$/.test(path);
}

function parameterDoors(path: string, method: string, { parameters = [], requestBody }: Operation): ApiDoor[] {
  const body = requestBody === undefined ? undefined : JSON.stringify(BODIES[path] ?? {});
  const doorOf = (name: string, tried: string, others: Readonly<Record<string, string>> = {}): ApiDoor => ({
    name,
    method: method.toUpperCase(),
    isCostly: isCostly(path),
    request: (text) => ({
      path: addressOf(path, parameters, {
        ...PARAMETERS,
        ...others,
        brand: others['brand'] ?? 'maison',
        [tried]: text,
      }),
      ...(body === undefined ? {} : { body }),
    }),
  });
  const own = parameters
    .filter((parameter) => parameter.in !== 'header')
    .map(({ name }) => doorOf(`${method} ${path} ${name}`, name));
  // Each kind of identifier is read in a way of its own.
  const kinds =
    path === '/api/profiles/{namespace}:{value}'
      ? NAMESPACES.map((namespace) => doorOf(`${method} ${path} ${namespace}`, 'value', { namespace }))
      : [];
  const strange = own.length === 0 ? [] : [doorOf(`${method} ${path} (a parameter that is none)`, 'none-such')];
  return [...own, ...kinds, ...strange];
}

function addressOf(path: string, parameters: readonly Parameter[], values: Readonly<Record<string, string>>): string {
  const encoded = (name: string): string => encodeURIComponent((values[name] ?? '').toWellFormed());
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encoded(name));
  const asked = parameters.filter((each) => each.in === 'query' && values[each.name] !== undefined);
  const query = [...asked.map(({ name }) => name), ...('none-such' in values ? ['none-such'] : [])];
  return query.length === 0 ? filled : `${filled}?${query.map((name) => `${name}=${encoded(name)}`).join('&')}`;
}

function bodyDoors(path: string, method: string, { requestBody, parameters = [] }: Operation): ApiDoor[] {
  if (requestBody === undefined) return [];
  const sample = path === '/v1/consents/confirm' ? { token: 'x' } : BODIES[path];
  const { schema = {} } = Object.values(requestBody.content)[0] ?? {};
  const unknown = Object.keys(schema.properties ?? {}).filter((name) => !Object.hasOwn(sample ?? {}, name));
  if (sample === undefined || unknown.length > 0) throw new Error(`${path} takes ${unknown.join()}: add it to BODIES`);
  const at = addressOf(path, parameters, PARAMETERS);
  return leavesOf(sample).flatMap((place) => [
    {
      name: `${method} ${path} /${place.join('/')}`,
      method: method.toUpperCase(),
      isCostly: isCostly(path),
      request: (text: string) => ({ path: at, body: JSON.stringify(withText(sample, place, text)) }),
    },
  ]);
}

/** Where something stands that is no object. */
function leavesOf(value: unknown): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [[]];
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner).map((place) => [key, ...place]));
}

function withText(value: unknown, [step, ...rest]: readonly string[], text: string): unknown {
  if (step === undefined) return text;
  if (Array.isArray(value)) return value.map((each, at) => (String(at) === step ? withText(each, rest, text) : each));
  const object = value as Readonly<Record<string, unknown>>;
  return { ...object, [step]: withText(object[step], rest, text) };
}

/** Texts through every door, at most so many at each: what comes back is an answer, or a refusal that says where. */
export async function playApi(
  place: Place,
  texts: readonly string[],
  tally: Tally,
  { each = texts.length, costly = each }: { readonly each?: number; readonly costly?: number } = {},
): Promise<void> {
  const doors = apiDoors((await place.ask('GET', '/api/openapi.json')).json as unknown as ApiDocument);
  const pairs = doors.flatMap((door, turn) =>
    someOf(texts, door.isCostly ? costly : each, turn).map((text) => ({ door, text })),
  );
  await inLanes(6, pairs, async ({ door, text }) => {
    const { path, body } = door.request(text);
    const answer = await place.ask(door.method, path, body).catch((fault: unknown) => String(fault));
    const wrong = typeof answer === 'string' ? answer : wrongWith(answer);
    if (wrong !== undefined) tally.blame(door.name, `${JSON.stringify(text.slice(0, 100))} ${wrong}`);
    else tally.add((answer as PlaceAnswer).status < 300 ? 'answered' : 'refused');
  });
}

/** Why an answer is none that a hostile text may get; undefined where nothing is wrong with it. */
export function wrongWith({ status, json, text }: PlaceAnswer): string | undefined {
  if (status < 300) return undefined;
  if (status >= 500) return `was answered ${status} ${text.slice(0, 200)}`;
  // Whoever opened a link in a mail is told in a page, which holds nothing of the request.
  if (text.startsWith('<!doctype html>')) return text.includes('<script') ? 'a page with a script' : undefined;
  const isProblem =
    ['title', 'code', 'message', 'pointer'].every((name) => typeof json?.[name] === 'string') &&
    json?.['status'] === status;
  return isProblem ? undefined : `was answered ${status} without a problem: ${text.slice(0, 200)}`;
}
