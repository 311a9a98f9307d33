import type { Source } from '@filrouge/domain/deployment';

/** What a settings answer depends on. */
export type SettingsInput = {
  readonly source: Source;
  readonly writeKey: string;
  /** Address under which clients reach this server, e.g. `https://t.example.com`, without a slash at the end. */
  readonly publicUrl: string;
};

/**
 * `GET /v1/projects/:key/settings` and `GET /projects/:key/settings`: the least that analytics-next and
 * analytics-react-native start with (wire.md 4.2). No destination runs in the browser, so nothing but our own appears.
 * `consentSettings` lists the categories that the source maps, for Segment's consent wrappers. These switch the client
 * off where no category that a visitor allowed is in the list and nothing is unmapped: right on a source whose stamps
 * decide, wrong on one whose consents come by `POST /v1/consents`.
 */
export function segmentSettings({ source, writeKey, publicUrl }: SettingsInput): object {
  const url = new URL(publicUrl);
  const path = url.pathname.replace(/\/$/, '');
  return {
    integrations: {
      'Segment.io': {
        apiKey: writeKey,
        // The clients put the protocol in front themselves.
        apiHost: `${url.host}${path}/v1`,
        protocol: url.protocol === 'http:' ? 'http' : 'https',
        // How long a client waits after 429 or 503; the settings win over what the client has built in.
        httpConfig: {
          rateLimitConfig: { enabled: true, maxRetryCount: 100, maxRetryInterval: 300 },
          backoffConfig: { enabled: true, maxRetryCount: 100, baseBackoffInterval: 0.5, maxBackoffInterval: 300 },
        },
      },
    },
    plan: { track: { __default: { enabled: true, integrations: {} } } },
    metrics: { sampleRate: 0 },
    middlewareSettings: {},
    enabledMiddleware: {},
    remotePlugins: [],
    edgeFunction: {},
    consentSettings: {
      allCategories: Object.keys(source.stamps?.categories ?? {}).sort(),
      hasUnmappedDestinations: source.stamps === undefined,
    },
  };
}
