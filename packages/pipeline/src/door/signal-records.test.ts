import { DAY_MS, HOUR_MS, type Instant, instant, MINUTE_MS } from '@filrouge/domain/base';
import { DEFAULT_PURPOSES, type PurposeId } from '@filrouge/domain/consent';
import type { BrandId, Deployment, PropertyId, Source, SourceId, SourceKind } from '@filrouge/domain/deployment';
import type { IncomingItem } from '@filrouge/domain/event';
import { type ConsentRecord, createMemoryVault } from '@filrouge/ports';
import { describe, expect, test } from 'vitest';
import { AD, AM, STAMPED, WEB } from '../testing/example-deployment.ts';
import { PipelineWorld } from '../testing/pipeline-world.ts';
import { item, type ToldItem } from '../testing/told-items.ts';
import { hashItem } from './hashed-item.ts';
import { recordsFromSignals } from './signal-records.ts';
import { SubjectBook } from './subject-book.ts';
import type { Submission } from './submission.ts';

const r = instant(Date.UTC(2026, 10, 21, 12, 0, 0));
const brand = 'maison' as BrandId;

const deployment: Deployment = {
  brands: new Map([[brand, { id: brand, name: 'Maison' }]]),
  properties: new Map(),
  sources: new Map(),
  purposes: new Map(DEFAULT_PURPOSES.map((purpose) => [purpose.id, purpose])),
  notices: [{ id: 'banner', version: '1', brand, purposes: ['audience_measurement' as PurposeId], text: {} }],
  jointControllers: [],
  stores: new Map(),
};

describe('what events say about consent beside their content', () => {
  for (const kind of ['web', 'app', 'server', 'store'] as const) {
    test(`S6 a stamp that a ${kind} key relays is the terminal's word: an untrusted clock, nothing verified`, () => {
      const [record] = recordsOf(kind, { occurredAt: instant(r - HOUR_MS) });
      expect(record?.decisions).toMatchObject([
        { purpose: 'audience_measurement', status: 'given', clock: 'untrusted', verified: false },
      ]);
      expect(record?.channel).toBe(kind === 'app' ? 'app' : 'web');
    });
  }

  test('S4 S6 the decision is dated by the corrected time: a clock that is a day late cancels out', () => {
    const [record] = recordsOf('web', {
      occurredAt: instant(r - DAY_MS - HOUR_MS),
      sentAt: instant(r - DAY_MS),
    });
    expect(record?.decisions[0]?.indicatedAt).toBe(r - HOUR_MS);
  });

  test('S4 S6 a clock ahead of the server dates nothing into the future', () => {
    const [record] = recordsOf('web', { occurredAt: instant(r + DAY_MS) });
    expect(record?.decisions[0]?.indicatedAt).toBe(r);
    const [none] = recordsOf('web', {});
    expect(none?.decisions[0]?.indicatedAt).toBe(r);
  });

  test('S7 GPC is a no of the terminal at its receipt', () => {
    const [, signal] = recordsOf('server', { occurredAt: instant(r - MINUTE_MS) }, { globalPrivacyControl: true });
    expect(signal?.decisions.map(({ status, indicatedAt, verified }) => ({ status, indicatedAt, verified }))).toEqual([
      { status: 'refused', indicatedAt: r, verified: false },
      { status: 'refused', indicatedAt: r, verified: false },
    ]);
  });
});

function recordsOf(
  kind: SourceKind,
  times: IncomingItem['times'],
  circumstances: Partial<Submission> = {},
): readonly ConsentRecord[] {
  const vault = createMemoryVault();
  const submission: Submission = {
    source: sourceOf(kind),
    items: [itemAt(times)],
    consents: [],
    receivedAt: r,
    imported: false,
    globalPrivacyControl: false,
    refused: new Map(),
    ...circumstances,
  };
  const hashed = hashItem(vault, submission, 0);
  const judged = recordsFromSignals({ vault, deployment, newId: () => 'record' }, new SubjectBook(), [hashed]);
  return judged.map((one) => {
    if (one.kind !== 'accepted') throw new Error(one.kind);
    return one.own.toRecord(1, vault.newKey());
  });
}

function sourceOf(kind: SourceKind): Source {
  return {
    id: 'source' as SourceId,
    brand,
    property: 'site' as PropertyId,
    kind,
    channel: 'web',
    country: 'FR',
    allowedKinds: ['page'],
    allowedOrigins: [],
    quotaPerSecond: 1,
    personQuotaPerSecond: 1,
    serves: {},
    kiosk: false,
    stamps: {
      noticeId: 'banner',
      noticeVersion: '1',
      categories: { Analytics: ['audience_measurement' as PurposeId] },
    },
  };
}

function itemAt(times: { readonly occurredAt?: Instant; readonly sentAt?: Instant }): IncomingItem {
  return {
    kind: 'page',
    name: 'Page Viewed',
    messageId: 'm1',
    times,
    identifiers: [{ namespace: 'anonymous_id', value: 'a1' }],
    traits: {},
    properties: {},
    context: {},
    stamp: { Analytics: true },
    marks: [],
    bodyHash: '0'.repeat(32),
  };
}

describe('G18: of what a limit refused', () => {
  const limits = { globalPrivacyControl: true, items: [], refused: new Map([['person-quota-exceeded', 1]]) };
  const seen = (said: ToldItem) => item('page', ['anonymous_id:a1'], said);

  test('the browser’s no is recorded, in the commit that follows, and nothing of the item is', async () => {
    const world = new PipelineWorld();
    const told = { ...limits, overheard: [seen({}), seen({})] };
    const { items } = await world.send(WEB, world.now, [], told);
    const { ledgerPosition, journalPosition } = await world.projection.head();
    expect([items, await world.status('anonymous_id:a1', AD), journalPosition]).toEqual([[], 'refused', 0]);
    expect((await world.send(WEB, world.now, [], told)).items).toEqual([]);
    expect((await world.projection.head()).ledgerPosition, 'what says nothing new is not written again').toBe(
      ledgerPosition,
    );
  });

  test('a stamp’s no is heard and its yes is not', async () => {
    const world = new PipelineWorld();
    const overheard = [seen({ stamp: { Analytics: true, Ads: false } })];
    await world.send(STAMPED, world.now, [], { ...limits, globalPrivacyControl: false, overheard });
    expect(await world.status('anonymous_id:a1', AM)).toBe('unknown');
    expect(await world.status('anonymous_id:a1', AD)).toBe('refused');
  });
});
