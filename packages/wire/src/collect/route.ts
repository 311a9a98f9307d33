/** Whose manner of speaking a path belongs to. `/v1/track` is spoken by Segment and RudderStack clients alike. */
export type Dialect = 'segment' | 'rudderstack' | 'jitsu' | 'dittofeed';

/**
 * How the answer looks when all went well: `success` = `{"success":true,…}`, `ok-text` = `ok` as text/plain,
 * `ok-json` = `{"ok":true}`, `gif` = one transparent pixel whatever happened.
 */
export type AnswerStyle = 'success' | 'ok-text' | 'ok-json' | 'gif';

/**
 * Names the source whose rows an import brings, as whoever sends the file believes: a key of another is refused. Absent,
 * the key alone says it.
 */
export const IMPORT_SOURCE_HEADER = 'x-filrouge-source';

/** The six calls of the tracking API. */
export const CALL_TYPES = ['identify', 'track', 'page', 'screen', 'group', 'alias'] as const;
export type CallType = (typeof CALL_TYPES)[number];

type RouteBase = {
  readonly method: 'POST' | 'GET';
  readonly path: string;
  readonly dialect: Dialect;
  readonly answer: AnswerStyle;
};

/** What a body is where it is no call yet: RudderStack's merge, or whatever another product posts. */
export type ItemForm = 'merge' | 'webhook';

/** One item. `type` is the path's word; absent, the item names its own. */
type OneItem = { readonly type?: CallType; readonly form?: ItemForm };
/** A body with one item. */
export type ItemRoute = RouteBase & OneItem & { readonly shape: 'item' };
/** A body with `{"batch":[…]}`. */
export type BatchRoute = RouteBase & { readonly shape: 'batch' };
/** One item in the query string. */
export type PixelRoute = RouteBase & OneItem & { readonly shape: 'pixel' };
/** Telemetry about the client itself: answered, never read. */
export type IgnoredRoute = RouteBase & { readonly shape: 'ignored' };

export type CollectRoute = ItemRoute | BatchRoute | PixelRoute | IgnoredRoute;

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
    { ...post, path: '/v1/merge', shape: 'item', type: 'alias', form: 'merge' },
    { ...post, path: '/v1/webhook', shape: 'item', form: 'webhook' },
    { ...post, method: 'GET', path: '/v1/webhook', shape: 'pixel', form: 'webhook' },
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
