import { describe, expect, test } from 'vitest';
import { onlyItem, send } from '../testing/a-source.ts';
import { isPreferenceEvent, readStamp } from './stamp.ts';
import { type StampRules, stampVerdict } from './stamp-verdict.ts';

const CATEGORIES = { ad: ['facebook', 'google-ads'], an: ['amplitude'] };
const BOTH = { ad: ['facebook', 'google-ads'], an: ['amplitude', 'facebook'] };
const I = { facebook: true, amplitude: false };
const prefs = (categoryPreferences: object): object => ({ consent: { categoryPreferences } });

/**
 * The truth table of Segment's consent documentation (wire.md 4.5), in its order: what an event carries, its
 * integrations object, what the source maps, what Segment sends to, and what we do. `U` are unmapped destinations.
 */
const TABLE = [
  ['absent, no integrations', {}, undefined, CATEGORIES, 'all', []],
  ['consent:{} , no integrations', { consent: {} }, undefined, CATEGORIES, 'all', []],
  ['empty preferences, no integrations', prefs({}), undefined, CATEGORIES, 'U only', []],
  ['absent, facebook on', {}, I, CATEGORIES, 'facebook', []],
  ['consent:{} , facebook on', { consent: {} }, I, CATEGORIES, 'U, facebook, unlisted', []],
  ['empty preferences, facebook on', prefs({}), I, CATEGORIES, 'U, facebook, unlisted', []],
  ['ad yes an no, nothing mapped', prefs({ ad: true, an: false }), I, {}, 'all', 'mapping-missing'],
  ['ad yes an no', prefs({ ad: true, an: false }), undefined, CATEGORIES, 'facebook, google-ads', ['facebook', 'google-ads']],
  ['ad yes an no, facebook on', prefs({ ad: true, an: false }), I, CATEGORIES, 'same', ['facebook', 'google-ads']],
  ['ad yes an no, facebook off', prefs({ ad: true, an: false }), { facebook: false, amplitude: false }, CATEGORIES, 'google-ads', ['google-ads']],
  ['ad yes an no, facebook in both', prefs({ ad: true, an: false }), I, BOTH, 'google-ads', ['google-ads']],
  ['ad yes an yes, facebook in both', prefs({ ad: true, an: true }), I, BOTH, 'google-ads, facebook', ['facebook', 'google-ads']],
  ['ad no an yes, facebook in both', prefs({ ad: false, an: true }), I, BOTH, 'none', []],
] as const; // biome-ignore format: a table

describe('S9 consent stamps', () => {
  test.each(TABLE)('%s', (_row, context, integrations, categories, _segment, ours) => {
    const verdict = stampVerdict({ categories } as StampRules, readStamp(context as never), integrations);
    expect(verdict.ok ? verdict.value : verdict.refusal).toEqual(ours);
  });

  test('only a declared other basis opens without a stamp, and integrations still close it', () => {
    const rules = { categories: CATEGORIES, otherBasis: ['fraud'] };
    expect(stampVerdict(rules, undefined, undefined)).toEqual({ ok: true, value: ['fraud'] });
    expect(stampVerdict(rules, undefined, { All: false })).toEqual({ ok: true, value: [] });
    expect(stampVerdict(rules, undefined, { All: false, fraud: {} })).toEqual({ ok: true, value: ['fraud'] });
    expect(stampVerdict(rules, { ad: true }, { all: false, Facebook: false })).toEqual({
      ok: true,
      value: ['facebook', 'fraud', 'google-ads'],
    });
  });

  test.each([
    [{ consent: { categoryPreferences: { ad: true, an: false } } }, { ad: true, an: false }],
    [
      { consentManagement: { allowedConsentIds: ['C1'], deniedConsentIds: ['C2'], provider: 'oneTrust' } },
      { C1: true, C2: false },
    ],
    [{ consentManagement: { allowedConsentIds: ['C1', 'C2'], deniedConsentIds: ['C2'] } }, { C1: true, C2: false }],
    [
      { consent: { categoryPreferences: { a: false } }, consentManagement: { allowedConsentIds: ['a', 'b'] } },
      { a: false, b: true },
    ],
    [{ consent: { categoryPreferences: { ad: 'yes' } } }, undefined],
    [{ consent: { categoryPreferences: { ad: 1 } } }, undefined],
    [{ consent: { categoryPreferences: ['ad'] } }, undefined],
    [{ consent: true }, undefined],
    [{ consentManagement: { allowedConsentIds: 'C1' } }, undefined],
    [{ consentManagement: { allowedConsentIds: ['C1'], deniedConsentIds: {} } }, undefined],
    [{ consentManagement: { allowedConsentIds: ['C1', 2] } }, undefined],
    [{ consent: { categoryPreferences: { ad: true } }, consentManagement: { deniedConsentIds: 'ad' } }, undefined],
    [{}, undefined],
  ])('%j is the stamp %j', (context, stamp) => {
    expect(readStamp(context as never)).toEqual(stamp);
  });

  test('the stamp of the item wins over the one of the frame, and reaches the item', () => {
    const item = onlyItem(
      send('/v1/batch', {
        context: { consent: { categoryPreferences: { ad: true } } },
        batch: [
          {
            type: 'track',
            event: 'Segment Consent Preference Updated',
            userId: 'u',
            context: { consent: { categoryPreferences: { ad: false } } },
          },
        ],
      }),
    );
    expect(item.stamp).toEqual({ ad: false });
    expect(isPreferenceEvent(item.name) && isPreferenceEvent('Segment Consent Preference')).toBe(true);
  });
});
