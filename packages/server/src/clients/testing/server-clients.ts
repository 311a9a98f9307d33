import { createRequire } from 'node:module';
import { Analytics as CustomerIoAnalytics } from '@customerio/cdp-analytics-node';
import { DittofeedSdk } from '@dittofeed/sdk-node';
import { jitsuAnalytics } from '@jitsu/js';
import RudderAnalytics from '@rudderstack/rudder-sdk-node';
import { Analytics as SegmentAnalytics } from '@segment/analytics-node';
import LegacyAnalytics from 'analytics-node';

const require = createRequire(import.meta.url);

type ExpoConstructor = new (
  writeKey: string,
  url: string,
  options?: object,
) => Callable & { flush(): Promise<unknown> };

/** One call as an application makes it; `at` is left to clients that take a time. */
export type Call = {
  readonly type: 'identify' | 'track' | 'page' | 'screen' | 'group' | 'alias';
  readonly userId: string;
  readonly at: Date;
  readonly event?: string;
  readonly name?: string;
  readonly groupId?: string;
  readonly previousId?: string;
  readonly properties?: Readonly<Record<string, string | number>>;
  readonly traits?: Readonly<Record<string, string>>;
};

export type OpenClient = {
  readonly send: (call: Call) => void;
  /** Resolves when everything sent was answered; how the client says that it gave up is its own affair. */
  readonly flush: () => Promise<void>;
};

/** How an unmodified package for servers is driven. */
export type ServerClient = {
  readonly name: string;
  /** The source of its own, so that its flow is counted apart. */
  readonly source: string;
  readonly has: readonly Call['type'][];
  /** Whether an application can say when it happened. */
  readonly takesTime: boolean;
  /** Whether it sends again what was not taken. */
  readonly retries: boolean;
  readonly open: (url: string, writeKey: string) => OpenClient;
};

const ALL = ['identify', 'track', 'page', 'screen', 'group', 'alias'] as const;

type Callable = Readonly<Record<Call['type'], (message: never) => unknown>>;

/** Segment's own shape: a method for each type, one object with everything in it. */
function segmentShaped(client: Callable, flush: () => Promise<unknown>): OpenClient {
  return {
    send: ({ type, at, ...message }) => client[type]({ ...message, timestamp: at } as never),
    flush: async () => void (await flush().catch(() => undefined)),
  };
}

/** Waits for a client that sends each call by itself and tells nobody when it has. */
function gathering(): { readonly fetch: typeof fetch; readonly settled: () => Promise<void> } {
  const running = new Set<Promise<unknown>>();
  const watched: typeof fetch = (input, init) => {
    const answer = fetch(input, init);
    running.add(answer);
    answer.catch(() => undefined).finally(() => running.delete(answer));
    return answer;
  };
  return {
    fetch: watched,
    async settled() {
      do {
        await Promise.allSettled(running);
        await new Promise((resolve) => setTimeout(resolve, 20));
      } while (running.size > 0);
    },
  };
}

export const SERVER_CLIENTS: readonly ServerClient[] = [
  {
    name: '@segment/analytics-node',
    source: 'segment-node',
    has: ALL,
    takesTime: true,
    retries: true,
    open(url, writeKey) {
      const client = new SegmentAnalytics({ writeKey, host: url, flushAt: 20 });
      return segmentShaped(client as unknown as Callable, () => client.flush());
    },
  },
  {
    name: 'analytics-node',
    source: 'segment-legacy',
    has: ALL,
    takesTime: true,
    retries: true,
    open(url, writeKey) {
      const client = new LegacyAnalytics(writeKey, { host: url, errorHandler: () => undefined });
      const answered: Promise<unknown>[] = [];
      return {
        // It sends the first call at once and alone: only the callbacks know of that request.
        send: ({ type, at, ...message }) =>
          answered.push(new Promise((resolve) => client[type]({ ...message, timestamp: at }, resolve))),
        async flush() {
          await client.flush();
          await Promise.all(answered);
        },
      };
    },
  },
  {
    name: '@rudderstack/rudder-sdk-node',
    source: 'rudder-node',
    has: ALL,
    takesTime: true,
    retries: true,
    open(url, writeKey) {
      const client = new RudderAnalytics(writeKey, { dataPlaneUrl: url, logLevel: 'silent' });
      return segmentShaped(client as unknown as Callable, () => client.flush() as Promise<unknown>);
    },
  },
  {
    name: '@customerio/cdp-analytics-node',
    source: 'customerio-node',
    has: ALL,
    takesTime: true,
    retries: true,
    open(url, writeKey) {
      const client = new CustomerIoAnalytics({ writeKey, host: url, maxEventsInBatch: 20 });
      return segmentShaped(client as unknown as Callable, () => client.closeAndFlush());
    },
  },
  {
    name: '@expo/rudder-sdk-node',
    source: 'expo-node',
    has: ALL,
    takesTime: true,
    retries: true,
    open(url, writeKey) {
      // A test runner and Node disagree on what the default of this CommonJS package is; require has one answer.
      const { default: Analytics } = require('@expo/rudder-sdk-node') as { readonly default: ExpoConstructor };
      const client = new Analytics(writeKey, `${url}/v1/batch`, { logLevel: 60 });
      return segmentShaped(client, () => client.flush());
    },
  },
  {
    name: '@jitsu/js',
    source: 'jitsu-s2s',
    has: ['identify', 'track', 'page', 'group'],
    takesTime: false,
    retries: false,
    open(url, writeKey) {
      const { fetch: watched, settled } = gathering();
      const client = jitsuAnalytics({ host: url, writeKey: `${writeKey}:secret`, s2s: true, fetch: watched });
      return {
        send({ type, userId, event = '', name = '', groupId = '', properties, traits }) {
          const options = { userId };
          if (type === 'identify') void client.identify(userId, traits, options);
          else if (type === 'track') void client.track(event, properties, options);
          else if (type === 'page') void client.page({ name, ...properties }, options);
          else if (type === 'group') void client.group(groupId, traits, options);
          else throw new Error(`the client has no ${type}`);
        },
        flush: settled,
      };
    },
  },
  {
    name: '@dittofeed/sdk-node',
    source: 'dittofeed-node',
    has: ['identify', 'track', 'page', 'screen'],
    takesTime: false,
    retries: false,
    open(url, writeKey) {
      const authorization = `Basic ${Buffer.from(`${writeKey}:`).toString('base64')}`;
      const started = DittofeedSdk.init({ host: url, writeKey: authorization });
      return {
        send({ type, at: _, ...message }) {
          if (type === 'group' || type === 'alias') throw new Error(`the client has no ${type}`);
          DittofeedSdk[type](message as never);
        },
        async flush() {
          await started;
          await DittofeedSdk.flush();
        },
      };
    },
  },
];
