// Runs in the browser: bundled for the test pages, and driven from outside through `globalThis.clients`.
import { RudderAnalytics } from '@rudderstack/analytics-js/bundled';
import { createWrapper } from '@segment/analytics-consent-tools';
import { AnalyticsBrowser } from '@segment/analytics-next';

export type Stamp = Readonly<Record<string, boolean>>;

export type SegmentSettings = {
  readonly writeKey: string;
  /** Where settings are fetched; everything else follows from them. */
  readonly cdnURL: string;
  readonly batching?: boolean;
  /** Present: the client is wrapped by Segment's consent tools, and these are the visitor's choices. */
  readonly stamp?: Stamp;
};

export type RudderSettings = {
  readonly writeKey: string;
  readonly url: string;
  readonly delivery: 'xhr' | 'batch' | 'beacon';
  /** Present: the client stamps its events with these. */
  readonly consented?: { readonly allowed: string[]; readonly denied: string[] };
};

/** A call as an application makes it: the method and its arguments. */
export type BrowserCall = readonly [method: string, ...args: unknown[]];

type Method = (...args: readonly unknown[]) => unknown;

type ImageElement = { onload: () => void; onerror: () => void; src: string; readonly naturalWidth: number };

/** The little that is used of the browser's own objects: the house is compiled without their types. */
const page = globalThis as unknown as {
  readonly Image: new () => ImageElement;
  readonly addEventListener: (type: 'pagehide', listener: () => void) => void;
  readonly navigator: { sendBeacon(url: string, text: string): boolean };
};

const state: { client: Readonly<Record<string, Method>>; changed: (stamp: Stamp) => void; stamp: Stamp } = {
  client: {},
  changed: () => undefined,
  stamp: {},
};

const inBrowser = {
  /** Answers the visitor's anonymous id. */
  async segment({ writeKey, cdnURL, batching = false, stamp }: SegmentSettings): Promise<string> {
    const analytics = new AnalyticsBrowser();
    state.client = analytics as unknown as typeof state.client;
    const delivery = { strategy: 'batching', config: { size: 20, timeout: 300 } } as const;
    const options = batching ? { integrations: { 'Segment.io': { deliveryStrategy: delivery } } } : {};
    if (stamp === undefined) analytics.load({ writeKey, cdnURL }, options);
    else {
      state.stamp = stamp;
      const withConsent = createWrapper({
        getCategories: () => state.stamp,
        registerOnConsentChanged: (changed) => {
          state.changed = changed;
        },
      });
      withConsent(analytics as never);
      (analytics as unknown as { load: Method }).load({ writeKey, cdnURL }, options);
    }
    // A client that switched itself off never answers.
    const off = new Promise<never>((_, reject) => setTimeout(() => reject(new Error('the client stays off')), 10_000));
    const user = await Promise.race([analytics.user(), off]);
    return (user as unknown as { anonymousId(): string }).anonymousId();
  },

  rudder({ writeKey, url, delivery, consented }: RudderSettings): Promise<string> {
    const analytics = new RudderAnalytics();
    state.client = analytics as unknown as typeof state.client;
    return new Promise((resolve) => {
      analytics.load(writeKey, url, {
        configUrl: url,
        logLevel: 'NONE',
        useBeacon: delivery === 'beacon',
        queueOptions: { batch: { enabled: delivery === 'batch', maxItems: 20, flushInterval: 300 } },
        ...(consented === undefined
          ? {}
          : {
              consentManagement: {
                enabled: true,
                provider: 'custom',
                allowedConsentIds: consented.allowed,
                deniedConsentIds: consented.denied,
              },
            }),
        onLoaded: () => resolve(analytics.getAnonymousId() ?? ''),
      });
    });
  },

  call(calls: readonly BrowserCall[]): void {
    for (const [method, ...args] of calls) void state.client[method]?.(...args);
  },

  /** The visitor changes what they consented to, through the page's own dialogue. */
  choose(stamp: Stamp): void {
    state.stamp = stamp;
    state.changed(stamp);
  },

  /** A request that the page itself makes. */
  async post(url: string, headers: Readonly<Record<string, string>>, body: string): Promise<number> {
    return (await fetch(url, { method: 'POST', headers, body })).status;
  },

  /** Shows an image and answers its width; a page cannot learn more of a request across origins. */
  image(src: string): Promise<number> {
    return new Promise((resolve) => {
      const image = new page.Image();
      image.onload = () => resolve(image.naturalWidth);
      image.onerror = () => resolve(0);
      image.src = src;
    });
  },

  /** Sends a beacon when the page is left, as pages do. */
  beaconOnLeave(url: string, text: string): void {
    page.addEventListener('pagehide', () => page.navigator.sendBeacon(url, text));
  },
};

declare global {
  var clients: typeof inBrowser;
}

globalThis.clients = inBrowser;
