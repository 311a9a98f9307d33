import { DAY_MS, HOUR_MS, MINUTE_MS } from '@filrouge/domain/base';
import { type Call, callFull, canary, type Marker, receiptFull, type Who } from './canary-items.ts';

const NOTICE = { id: 'banner', version: '1' };
const BRAND = 'maison';

/** One brand with every kind of source; `study` serves nothing but what needs a yes, so that receipts can be withheld too. */
export const ABSENCE_CONFIG = {
  brands: [{ id: BRAND, name: 'Maison' }],
  properties: [{ id: 'site', brand: BRAND, name: 'Site', kind: 'site' }],
  sources: [
    { id: 'web', brand: BRAND, property: 'site', kind: 'web' },
    { id: 'app', brand: BRAND, property: 'site', kind: 'app' },
    { id: 'server', brand: BRAND, property: 'site', kind: 'server' },
    { id: 'till', brand: BRAND, property: 'site', kind: 'store' },
    {
      id: 'study',
      brand: BRAND,
      property: 'site',
      kind: 'server',
      serves: { order: ['profiling'], ticket: ['profiling'], customer: ['profiling'], call: ['profiling'] },
    },
  ],
  notices: [
    {
      ...NOTICE,
      brand: BRAND,
      purposes: ['audience_measurement', 'profiling', 'store_measurement', 'email_open_tracking'],
      text: { fr: 'Oui ?', en: 'Yes?' },
    },
  ],
};

/** One request to the door. */
export type Request = {
  readonly source: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  /** What must become of its items, one word each; absent for consents. */
  readonly expected: readonly string[];
  readonly status: number;
};

export type Subject = Readonly<Partial<Record<'anonymousId' | 'userId' | 'email' | 'loyaltyCard', string>>>;

const consent = (source: string, body: Call, status = 200): Request => ({
  source,
  method: 'POST',
  path: '/v1/consents',
  body: JSON.stringify(body),
  expected: [],
  status,
});

function decision(subject: Subject, purposes: readonly string[], status: string, at: number, channel = 'web'): Call {
  return {
    subject,
    brand: BRAND,
    property: 'site',
    decisions: purposes.map((purpose) => ({ purpose, status })),
    notice: NOTICE,
    channel,
    indicatedAt: new Date(at).toISOString(),
    indicatedBy: { kind: 'agent', id: canary('subject') },
    evidence: { note: canary('subject'), [canary('subject')]: [canary('subject')] },
  };
}

/** A state of a terminal, how it comes about, and the reason under which its calls are withheld. */
type Standing = {
  readonly reason: 'unknown' | 'refused' | 'withdrawn' | 'expired' | 'requested';
  readonly marker: Marker;
  readonly decide: (anonymousId: string, now: number) => readonly Request[];
};

/** A contract in place of a yes (R17): its number is proof, sealed like the rest. */
function contract(subject: Subject, at: number): Call {
  return {
    ...decision(subject, [], 'given', at),
    decisions: [
      { purpose: 'phone_marketing', status: 'given', basis: 'current-contract', reference: canary('subject') },
    ],
  };
}

const AUDIENCE = ['audience_measurement'];

const STANDINGS: readonly Standing[] = [
  { reason: 'unknown', marker: 'withheld', decide: () => [] },
  {
    reason: 'refused',
    marker: 'subject',
    decide: (anonymousId, now) => [consent('web', decision({ anonymousId }, AUDIENCE, 'refused', now - HOUR_MS))],
  },
  {
    reason: 'withdrawn',
    marker: 'subject',
    decide: (anonymousId, now) => [
      consent('web', decision({ anonymousId }, AUDIENCE, 'given', now - DAY_MS)),
      consent('web', decision({ anonymousId }, AUDIENCE, 'withdrawn', now - HOUR_MS)),
    ],
  },
  {
    reason: 'expired',
    marker: 'subject',
    decide: (anonymousId, now) => [consent('server', decision({ anonymousId }, AUDIENCE, 'given', now - 200 * DAY_MS))],
  },
  {
    reason: 'requested',
    marker: 'subject',
    decide: (anonymousId, now) => [consent('web', decision({ anonymousId }, AUDIENCE, 'given', now - 30 * DAY_MS))],
  },
];

type Doorway = {
  readonly source: string;
  readonly path: string;
  readonly type: string;
  readonly form: 'one' | 'batch' | 'pixel' | 'data';
};

/** Every dialect, each with the calls that its clients send. */
const DOORWAYS: readonly Doorway[] = [
  { source: 'web', path: '/v1/p', type: 'page', form: 'one' },
  { source: 'web', path: '/v1/t', type: 'track', form: 'one' },
  { source: 'web', path: '/v1/i', type: 'identify', form: 'one' },
  { source: 'web', path: '/v1/g', type: 'group', form: 'one' },
  { source: 'web', path: '/v1/a', type: 'alias', form: 'one' },
  { source: 'app', path: '/v1/screen', type: 'screen', form: 'one' },
  { source: 'app', path: '/v1/batch', type: 'track', form: 'batch' },
  { source: 'web', path: '/beacon/v1/batch', type: 'page', form: 'batch' },
  { source: 'web', path: '/v1/track', type: 'track', form: 'one' },
  { source: 'web', path: '/api/s/event', type: 'identify', form: 'one' },
  { source: 'web', path: '/api/public/apps/batch', type: 'track', form: 'batch' },
  { source: 'web', path: '/v1/pixel/track', type: 'track', form: 'data' },
  { source: 'web', path: '/pixel/v1/page', type: 'page', form: 'pixel' },
];

/** A call in the manner of its dialect. */
function through(doorway: Doorway, call: Call, expected: string): Request {
  const { source, path, form } = doorway;
  if (form === 'one' || form === 'batch') {
    const body = JSON.stringify(form === 'one' ? call : { batch: [call], context: { traits: {} } });
    return { source, method: 'POST', path, body, expected: [expected], status: 200 };
  }
  const query =
    form === 'data'
      ? `data=${Buffer.from(JSON.stringify(call)).toString('base64url')}`
      : new URLSearchParams(dotted(call)).toString();
  return { source, method: 'GET', path: `${path}?${query}`, expected: [expected], status: 200 };
}

function dotted(value: unknown, path = ''): [string, string][] {
  if (value === null || typeof value !== 'object') return [[path, String(value)]];
  return Object.entries(value).flatMap(([key, inner]) => dotted(inner, path === '' ? key : `${path}.${key}`));
}

/** Terminals of every standing through every doorway. Consents first, all of them. */
function fromTerminals(now: number): readonly Request[] {
  return STANDINGS.flatMap(({ reason, marker, decide }) =>
    DOORWAYS.flatMap((doorway) => {
      const anonymousId = canary(marker);
      const named = doorway.type === 'identify' || doorway.type === 'alias';
      const who: Who = { anonymousId, ...(named ? { userId: canary('withheld') } : {}) };
      const call = callFull(doorway.type, who, 'withheld', now - 5 * MINUTE_MS);
      return [...decide(anonymousId, now), through(doorway, call, reason)];
    }),
  );
}

/** What only secret keys may say, about persons of every standing. */
function fromServers(now: number): readonly Request[] {
  const at = now - 10 * MINUTE_MS;
  const post = (source: string, path: string, call: Call, expected: string): Request => ({
    source,
    method: 'POST',
    path,
    body: JSON.stringify({ batch: [call] }),
    expected: [expected],
    status: 200,
  });
  const person = (
    standing: 'unknown' | 'refused' | 'withdrawn',
  ): { readonly who: Who; readonly requests: readonly Request[] } => {
    if (standing === 'unknown') return { who: { userId: canary('withheld') }, requests: [] };
    const userId = canary('subject');
    const decide = (status: string, ago: number): Request =>
      consent('server', decision({ userId }, ['profiling', 'email_open_tracking'], status, now - ago));
    return {
      who: { userId },
      requests:
        standing === 'refused'
          ? [decide('refused', DAY_MS)]
          : [decide('given', 2 * DAY_MS), decide('withdrawn', DAY_MS)],
    };
  };
  return (['unknown', 'refused', 'withdrawn'] as const).flatMap((standing) =>
    (['order', 'ticket', 'customer', 'call', 'mail-open', 'track', 'identify'] as const).flatMap((kind) => {
      const { who, requests } = person(standing);
      const call = callFull(kind, who, 'withheld', at);
      const receipt = kind === 'order' || kind === 'ticket' ? { receipt: receiptFull(kind, 'withheld') } : {};
      const source = kind === 'mail-open' || kind === 'track' || kind === 'identify' ? 'server' : 'study';
      const path = kind === 'ticket' || kind === 'customer' ? '/v1/import' : '/v1/batch';
      return [...requests, post(source, path, { ...call, ...receipt }, standing)];
    }),
  );
}

/** A file from before the yes, a kind that serves nothing, an objection. */
function special(now: number): readonly Request[] {
  const later = canary('subject');
  const objector = canary('subject');
  return [
    consent('server', decision({ userId: later }, ['profiling'], 'given', now - DAY_MS)),
    batch(
      'server',
      '/v1/import',
      [callFull('track', { userId: later }, 'withheld', now - 90 * DAY_MS)],
      ['consent-later'],
    ),
    batch(
      'server',
      '/v1/batch',
      [callFull('mail', { userId: canary('withheld') }, 'withheld', now)],
      ['no-purpose-served'],
    ),
    batch(
      'app',
      '/v1/batch',
      [callFull('location', { anonymousId: canary('withheld') }, 'withheld', now)],
      ['no-purpose-served'],
    ),
    consent('server', contract({ userId: objector }, now - DAY_MS)),
    consent('server', decision({ userId: objector }, ['customer_service'], 'objected', now - DAY_MS)),
    batch('server', '/v1/batch', [callFull('call', { userId: objector }, 'withheld', now)], ['objected']),
  ];
}

function batch(
  source: string,
  path: string,
  calls: readonly Call[],
  expected: readonly string[],
  status = 200,
): Request {
  return { source, method: 'POST', path, body: JSON.stringify({ batch: calls }), expected, status };
}

/** Bodies and items that cannot be read, alone and beside what can. */
function refused(now: number): readonly Request[] {
  const who: Who = { anonymousId: canary('withheld') };
  const full = (): Call => callFull('track', who, 'withheld', now);
  const raw = (text: string | Buffer): Request => ({
    source: 'web',
    method: 'POST',
    path: '/v1/track',
    body: text,
    expected: [],
    status: 400,
  });
  const deep = `${'{"a":'.repeat(60)}"${canary('withheld')}"${'}'.repeat(60)}`;
  return [
    raw(`{"anonymousId":"${canary('withheld')}","anonymousId":"${canary('withheld')}","event":"x"}`),
    raw(`{"anonymousId":"${canary('withheld')}","event":"x","properties":${deep}}`),
    raw(`{"anonymousId":"${canary('withheld')}","event":"x","note":"${canary('withheld')}`),
    raw(Buffer.concat([Buffer.from(`{"note":"${canary('withheld')}`), Buffer.from([0xff, 0xfe]), Buffer.from('"}')])),
    batch('web', '/v1/batch', [{ ...full(), timestamp: canary('withheld') }], ['refused'], 400),
    batch('web', '/v1/batch', [{ ...full(), anonymousId: { [canary('withheld')]: 1 } }], ['refused'], 400),
    batch('web', '/v1/batch', [{ ...full(), type: canary('withheld') }], ['refused'], 400),
    batch(
      'server',
      '/v1/batch',
      [{ ...full(), userId: `${canary('withheld')}\u0000x` }, callFull('track', who, 'withheld', now)],
      ['refused', 'unknown'],
    ),
    {
      ...consent(
        'web',
        {
          ...decision({ anonymousId: canary('withheld') }, AUDIENCE, canary('withheld'), now),
          evidence: { note: canary('withheld') },
          indicatedBy: { kind: 'agent', id: canary('withheld') },
        },
        400,
      ),
    },
    {
      ...consent(
        'web',
        {
          ...decision({ email: `${canary('withheld')}@example.com` }, ['no_such_purpose'], 'given', now),
          evidence: { note: canary('withheld') },
          indicatedBy: { kind: 'agent', id: canary('withheld') },
        },
        400,
      ),
    },
  ];
}

/** Items that are kept, each kind once, with what S15 lets stand in clear. */
function kept(now: number): readonly Request[] {
  const anonymousId = canary('kept');
  const userId = canary('kept');
  const at = now - 3 * MINUTE_MS;
  const purposes = ['profiling', 'store_measurement', 'email_open_tracking'];
  const page = callFull('page', { anonymousId }, 'kept', at, 'clear');
  const receipt = (kind: 'order' | 'ticket'): Call => ({
    ...callFull(kind, { userId }, 'kept', at, 'clear'),
    receipt: receiptFull(kind, 'kept', 'clear'),
  });
  const old = callFull('track', { userId }, 'quarantined', now - 500 * DAY_MS);
  return [
    consent('server', decision({ anonymousId }, AUDIENCE, 'given', now - DAY_MS)),
    consent('server', decision({ userId }, purposes, 'given', now - 600 * DAY_MS)),
    { ...batch('web', '/v1/batch', [page], ['kept']) },
    // A retry in which only what a client or proxy changes is another (S16), and the same id over another body.
    batch(
      'web',
      '/v1/batch',
      [{ ...page, sentAt: new Date(now).toISOString(), _metadata: { bundled: [canary('withheld')] } }],
      ['duplicate'],
    ),
    batch('web', '/v1/batch', [{ ...page, properties: { note: canary('quarantined') } }], ['quarantined']),
    batch('server', '/v1/batch', [old], ['quarantined']),
    ...['track', 'identify', 'call', 'mail-open', 'customer'].map((kind) =>
      batch('server', '/v1/batch', [callFull(kind, { userId }, 'kept', at, 'clear')], ['kept']),
    ),
    batch('server', '/v1/batch', [receipt('order')], ['kept']),
    batch('till', '/v1/import', [receipt('ticket')], ['kept']),
    ...DOORWAYS.filter(({ type }) => type !== 'alias').map((doorway) =>
      through(doorway, callFull(doorway.type, { anonymousId }, 'kept', at, 'clear'), 'kept'),
    ),
  ];
}

/** Persons that were erased: the names of their tombstones, and what still arrives about them. */
export type Erased = {
  readonly identifiers: readonly {
    readonly namespace: 'user_id' | 'anonymous_id' | 'email' | 'loyalty_card';
    readonly value: string;
  }[];
  readonly requests: (now: number) => readonly Request[];
};

export function erasedPerson(): Erased {
  const userId = canary('withheld');
  const anonymousId = canary('withheld');
  const card = canary('withheld');
  const email = `${canary('withheld')}@example.com`;
  const visitor = canary('kept');
  return {
    identifiers: [
      { namespace: 'user_id', value: userId },
      { namespace: 'anonymous_id', value: anonymousId },
      { namespace: 'loyalty_card', value: card },
      { namespace: 'email', value: email },
    ],
    requests: (now) => [
      consent('server', decision({ anonymousId: visitor }, AUDIENCE, 'given', now - DAY_MS)),
      batch('web', '/v1/batch', [callFull('page', { anonymousId }, 'withheld', now)], ['erased']),
      batch('server', '/v1/batch', [callFull('track', { userId }, 'withheld', now)], ['erased']),
      batch(
        'server',
        '/v1/batch',
        [{ ...callFull('identify', { userId }, 'withheld', now), traits: { email, firstName: canary('withheld') } }],
        ['erased'],
      ),
      // The sale counts without a person (S14, example 14): of its words only the receipt's own stay.
      batch(
        'till',
        '/v1/import',
        [
          {
            ...callFull('ticket', {}, 'withheld', now),
            messageId: canary('kept'),
            identifiers: { loyaltyCard: card, email },
            receipt: { ...receiptFull('ticket', 'kept', 'clear'), coupon: canary('withheld') },
          },
        ],
        ['kept'],
      ),
      // On a terminal that is another's: the visit is the visitor's, and says nothing of who was erased.
      batch(
        'web',
        '/v1/batch',
        [
          {
            type: 'identify',
            messageId: canary('kept'),
            anonymousId: visitor,
            userId,
            timestamp: new Date(now).toISOString(),
            traits: { email, firstName: canary('withheld') },
            context: { traits: { email }, page: { url: `https://shop.example/?u=${userId}`, title: canary('kept') } },
          },
        ],
        ['kept'],
      ),
      batch(
        'web',
        '/v1/batch',
        [
          {
            type: 'alias',
            messageId: canary('kept'),
            anonymousId: visitor,
            previousId: userId,
            timestamp: new Date(now).toISOString(),
          },
        ],
        ['kept'],
      ),
    ],
  };
}

/** The rest of the world: all consents before all else, as one after the other they come from `now`. */
export function absenceRequests(now: number): readonly Request[] {
  return [...fromTerminals(now), ...fromServers(now), ...special(now), ...refused(now), ...kept(now)];
}
