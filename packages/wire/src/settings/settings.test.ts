import { describe, expect, test } from 'vitest';
import { aSource } from '../testing/a-source.ts';
import { rudderSettings } from './rudder-settings.ts';
import { segmentSettings } from './segment-settings.ts';

describe('settings', () => {
  test('Segment’s clients get our address without scheme, and the categories that the source maps', () => {
    const source = aSource({ stamps: { noticeId: 'n', noticeVersion: '1', categories: { b: [], a: [] } } });
    expect(segmentSettings({ source, writeKey: 'K', publicUrl: 'https://t.example.com' })).toMatchObject({
      integrations: { 'Segment.io': { apiKey: 'K', apiHost: 't.example.com/v1', protocol: 'https' } },
      plan: { track: { __default: { enabled: true } } },
      metrics: { sampleRate: 0 },
      consentSettings: { allCategories: ['a', 'b'], hasUnmappedDestinations: false },
    });
    expect(segmentSettings({ source, writeKey: 'K', publicUrl: 'http://127.0.0.1:4400/t/' })).toMatchObject({
      integrations: { 'Segment.io': { apiHost: '127.0.0.1:4400/t/v1', protocol: 'http' } },
    });
  });

  test('a source whose stamps decide nothing does not switch Segment’s consent wrappers off', () => {
    expect(segmentSettings({ source: aSource(), writeKey: 'K', publicUrl: 'https://t.example.com' })).toMatchObject({
      consentSettings: { allCategories: [], hasUnmappedDestinations: true },
    });
  });

  test('RudderStack’s clients get an enabled source without destinations and without statistics', () => {
    expect(rudderSettings({ source: aSource(), writeKey: 'K' })).toMatchObject({
      source: {
        writeKey: 'K',
        enabled: true,
        destinations: [],
        config: { statsCollection: { errors: { enabled: false } } },
      },
      consentManagementMetadata: { providers: [{ provider: 'custom', resolutionStrategy: 'and' }] },
    });
    expect(rudderSettings({ source: aSource({ disabled: true }), writeKey: 'K' })).toMatchObject({
      source: { enabled: false },
    });
  });

  test('the settings say how long Segment’s clients wait after 429 and 503: they win over what the client has built in', () => {
    const settings = segmentSettings({ source: aSource(), writeKey: 'K', publicUrl: 'https://t.example.com' });
    expect(settings).toMatchObject({
      integrations: {
        'Segment.io': {
          httpConfig: {
            rateLimitConfig: { enabled: true, maxRetryInterval: 300 },
            backoffConfig: { enabled: true, maxBackoffInterval: 300 },
          },
        },
      },
    });
  });
});
