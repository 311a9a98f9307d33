import type { SettingsInput } from './segment-settings.ts';

/** Name of RudderStack's provider for a consent manager that is not one of those it knows. */
const CUSTOM_PROVIDER = 'custom';

/**
 * `GET /sourceConfig/`: the least that RudderStack's browser SDK starts with (wire.md 4.3). Everything is forwarded by
 * this server, so there are no destinations for the device, and the SDK's own statistics stay off.
 */
export function rudderSettings({ source, writeKey }: Omit<SettingsInput, 'publicUrl'>): object {
  return {
    source: {
      id: source.id,
      name: source.id,
      workspaceId: source.brand,
      writeKey,
      enabled: source.disabled !== true,
      config: { statsCollection: { errors: { enabled: false }, metrics: { enabled: false } } },
      destinations: [],
      connections: [],
    },
    consentManagementMetadata: { providers: [{ provider: CUSTOM_PROVIDER, resolutionStrategy: 'and' }] },
  };
}
