/** Whose manner of speaking a path belongs to. `/v1/track` is spoken by Segment and RudderStack clients alike. */
export type Dialect = 'segment' | 'rudderstack' | 'jitsu' | 'dittofeed';

/**
 * How the answer looks when all went well: `success` = `{"success":true,…}`, `ok-text` = `ok` as text/plain,
 * `ok-json` = `{"ok":true}`, `gif` = one transparent pixel whatever happened.
 */
export type AnswerStyle = 'success' | 'ok-text' | 'ok-json' | 'gif';

/** The six calls of the tracking API. */
export const CALL_TYPES = ['identify', 'track', 'page', 'screen', 'group', 'alias'] as const;
export type CallType = (typeof CALL_TYPES)[number];

type RouteBase = {
  readonly method: 'POST' | 'GET';
  readonly path: string;
  readonly dialect: Dialect;
  readonly answer: AnswerStyle;
};

/** A body with one item. `type` is the path's word; absent, the item names its own. */
export type ItemRoute = RouteBase & { readonly shape: 'item'; readonly type?: CallType };
/** A body with `{"batch":[…]}`. */
export type BatchRoute = RouteBase & { readonly shape: 'batch' };
/** One item in the query string. */
export type PixelRoute = RouteBase & { readonly shape: 'pixel'; readonly type: CallType };
/** Telemetry about the client itself: answered, never read. */
export type IgnoredRoute = RouteBase & { readonly shape: 'ignored' };
/** A call that we do not offer; `instead` says what to use (goes into the detail of `not-served`). */
export type UnservedRoute = RouteBase & { readonly shape: 'unserved'; readonly instead: string };

export type CollectRoute = ItemRoute | BatchRoute | PixelRoute | IgnoredRoute | UnservedRoute;

/** Browser clients shorten the call to its first letter (wire.md 4.1). */
const SHORT: Readonly<Record<string, CallType>> = {
  i: 'identify',
  t: 'track',
  p: 'page',
  s: 'screen',
  g: 'group',
  a: 'alias',
};

/** React Native proxies drop `/v1`, so the bare prefix is served too (wire.md 4.1). */
const TRACKING_PREFIXES = ['/v1', ''] as const;

const MERGE_INSTEAD =
  'alias, or identify with a server key: two persons are joined by verified evidence only, never on a client’s word';
const WEBHOOK_INSTEAD = '/v1/track or /v1/batch: payloads of other products are not translated here';

function trackingRoutes(prefix: string): CollectRoute[] {
  const common = { method: 'POST', dialect: 'segment', answer: 'success' } as const;
  return [
    ...CALL_TYPES.map((type) => ({ ...common, path: `${prefix}/${type}`, shape: 'item', type }) as const),
    ...Object.entries(SHORT).map(
      ([letter, type]) => ({ ...common, path: `${prefix}/${letter}`, shape: 'item', type }) as const,
    ),
    { ...common, path: `${prefix}/batch`, shape: 'batch' },
    { ...common, path: `${prefix}/b`, shape: 'batch' },
    { ...common, path: `${prefix}/m`, shape: 'ignored' },
  ];
}

function pixelRoutes(): CollectRoute[] {
  const common = { method: 'GET', shape: 'pixel', answer: 'gif' } as const;
  return [
    ...CALL_TYPES.map((type) => ({ ...common, path: `/v1/pixel/${type}`, dialect: 'segment', type }) as const),
    { ...common, path: '/pixel/v1/track', dialect: 'rudderstack', type: 'track' },
    { ...common, path: '/pixel/v1/page', dialect: 'rudderstack', type: 'page' },
  ];
}

function rudderRoutes(): CollectRoute[] {
  const post = { method: 'POST', dialect: 'rudderstack', answer: 'ok-text' } as const;
  return [
    { ...post, path: '/v1/import', shape: 'batch' },
    { ...post, path: '/beacon/v1/batch', shape: 'batch' },
    { ...post, path: '/v1/merge', shape: 'unserved', instead: MERGE_INSTEAD },
    { ...post, path: '/v1/webhook', shape: 'unserved', instead: WEBHOOK_INSTEAD },
    { ...post, method: 'GET', path: '/v1/webhook', shape: 'unserved', instead: WEBHOOK_INSTEAD },
  ];
}

function jitsuRoutes(prefix: string): CollectRoute[] {
  const common = { method: 'POST', dialect: 'jitsu', answer: 'ok-json' } as const;
  return [
    ...CALL_TYPES.map((type) => ({ ...common, path: `${prefix}/${type}`, shape: 'item', type }) as const),
    { ...common, path: `${prefix}/event`, shape: 'item' },
    { ...common, path: `${prefix}/batch`, shape: 'batch' },
  ];
}

function dittofeedRoutes(): CollectRoute[] {
  const common = { method: 'POST', dialect: 'dittofeed', answer: 'success' } as const;
  return [
    ...CALL_TYPES.map((type) => ({ ...common, path: `/api/public/apps/${type}`, shape: 'item', type }) as const),
    { ...common, path: '/api/public/apps/batch', shape: 'batch' },
  ];
}

/** Every path that takes events, as data: the server registers its routes from it, tests and documentation read it. */
export const COLLECT_ROUTES: readonly CollectRoute[] = [
  ...TRACKING_PREFIXES.flatMap(trackingRoutes),
  ...pixelRoutes(),
  ...rudderRoutes(),
  ...jitsuRoutes('/api/s'),
  ...jitsuRoutes('/api/s/s2s'),
  ...dittofeedRoutes(),
];

const byAddress = new Map(COLLECT_ROUTES.map((route) => [`${route.method} ${route.path}`, route]));

/** The route of a method and path (without query; one trailing slash is forgiven). */
export function findRoute(method: string, path: string): CollectRoute | undefined {
  return byAddress.get(`${method} ${path}`) ?? byAddress.get(`${method} ${path.replace(/\/$/, '')}`);
}
