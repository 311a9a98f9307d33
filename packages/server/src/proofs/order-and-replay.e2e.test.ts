import { createHash } from 'node:crypto';
import { DAY_MS, instant, MINUTE_MS } from '@filrouge/domain/base';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildDeployment } from '../config/build-deployment.ts';
import { readEnvironment } from '../config/environment.ts';
import { openOffline } from '../offline.ts';
import { shuffled, timed, yesOfEverybody } from './testing/arrival-orders.ts';
import { type Installation, openInstallation } from './testing/installation.ts';
import { type Portrait, portraitOf } from './testing/portrait.ts';
import { type Delivery, deliver, findRetailer, RETAILER, type Truth } from './testing/retailer.ts';

const WORLD = { seed: 40, shoppers: 32, days: 40 };

/** Two installations one after the other. Unit: ms. */
const MINUTES_MAX = 5 * MINUTE_MS;

type Way = 'in order' | 'in any order, twice, eight at once';
const WAYS: readonly Way[] = ['in order', 'in any order, twice, eight at once'];

describe('order and repetition of arrival change nothing (S3, S13, S16, invariants 2, 3, 24)', () => {
  const houses = new Map<Way, Installation>();
  const portraits = new Map<Way, Portrait>();
  const now = Date.now();

  beforeAll(async () => {
    const retailer = await findRetailer(WORLD, now, ({ truth }) => isWorthIt(truth));
    const yes = yesOfEverybody(retailer, now - (WORLD.days + 2) * DAY_MS);
    const facts = [...retailer.imports, ...timed(retailer.calls, now)];
    for (const way of WAYS) {
      // Facts of one instant are taken in the order of keyed hashes (S13): the same keys, the same order.
      const [keysOf] = houses.values();
      const house = await openInstallation({ config: RETAILER, ...(keysOf === undefined ? {} : { keysOf }) });
      houses.set(way, house);
      await deliver(house, yes, 8);
      await send(house, facts, way);
      await house.server.drain();
      await send(house, retailer.consents, way);
      await house.server.drain();
      portraits.set(way, await portraitOf(house.server.engines, instant(now)));
    }
  }, MINUTES_MAX);

  afterAll(async () => {
    for (const house of houses.values()) await house.remove();
  });

  test('the world is worth it: identifiers of four kinds in one person, a terminal of several, people who said no', () => {
    const { persons, profiles, reports } = portraits.get('in order') as Portrait;
    expect(persons.some((members) => new Set(members.map(namespaceOf)).size >= 4)).toBe(true);
    const owners = Map.groupBy(
      persons.flatMap((members) => [...new Set(members.map(terminalOf))]),
      (terminal) => terminal,
    );
    owners.delete('');
    expect(Math.max(...[...owners.values()].map(({ length }) => length))).toBeGreaterThanOrEqual(3);
    const text = JSON.stringify(profiles);
    for (const word of ['withdrawn', 'refused', 'purchase_count', 'Product Viewed']) expect(text).toContain(word);
    expect(Object.values(reports).some(({ byCount }) => byCount.consentedBase > 0)).toBe(true);
  });

  for (const way of WAYS.slice(1)) {
    test(`${way}: what is kept is the same`, () => {
      expect(portraits.get(way)?.kept).toEqual(portraits.get('in order')?.kept);
    });

    test(`${way}: the same identifiers are the same persons, the same spans of terminals theirs`, () => {
      expect(portraits.get(way)?.persons).toEqual(portraits.get('in order')?.persons);
    });

    test(`${way}: profiles, computed traits, timelines and statuses are the same for each purpose`, () => {
      const [found, expected] = [portraits.get(way)?.profiles, portraits.get('in order')?.profiles];
      expect(Object.keys(found ?? {})).toEqual(Object.keys(expected ?? {}));
      for (const [name, profile] of Object.entries(expected ?? {})) expect(found?.[name], name).toEqual(profile);
    });

    test(`${way}: every ROPO report and every total is the same`, () => {
      expect(portraits.get(way)?.reports).toEqual(portraits.get('in order')?.reports);
      expect(portraits.get(way)?.totals).toEqual(portraits.get('in order')?.totals);
    });
  }

  for (const way of WAYS) {
    test(`${way}: a replay gives the same digests, and then the same answers (S17)`, async () => {
      const house = houses.get(way) as Installation;
      await house.stop();
      const offline = await openOffline({
        environment: readEnvironment({ FILROUGE_DATA_DIR: house.dataDir }, house.directory),
        deployment: buildDeployment(RETAILER, 'proof'),
        onProgress: () => undefined,
      });
      try {
        const before = await offline.digest();
        expect(Object.keys(before).length).toBeGreaterThan(8);
        await offline.replay(() => undefined);
        expect(await offline.digest()).toEqual(before);
        const flow = await offline.flow();
        expect(flow.accepted).toBe(flow.pending + flow.kept + flow.withheld + flow.quarantined + flow.discarded);
      } finally {
        await offline.close();
      }
      if (way === 'in order') return;
      const again = await openInstallation({ config: RETAILER, directory: house.directory });
      try {
        expect(digestOf(await portraitOf(again.server.engines, instant(now)))).toBe(digestOf(portraits.get(way)));
      } finally {
        await again.stop();
      }
    });
  }
});

/** A tablet that changed hands, and a sale that was taken back. */
function isWorthIt({ totals }: Truth): boolean {
  const { mess, tickets } = totals;
  return (mess['shared-tablet'] ?? 0) > 0 && tickets.all.refunds > 0;
}

/** The terminal that a span is of, or nothing for what is no terminal. */
function terminalOf(member: string): string {
  return member.includes('[') ? member.slice(0, member.indexOf('[')) : '';
}

function namespaceOf(member: string): string {
  return /\w+:/.exec(member)?.[0] ?? '';
}

function digestOf(portrait: Portrait | undefined): string {
  return createHash('sha256').update(JSON.stringify(portrait)).digest('hex');
}

function send(house: Installation, deliveries: readonly Delivery[], way: Way): Promise<void> {
  switch (way) {
    case 'in order':
      return deliver(house, deliveries);
    case 'in any order, twice, eight at once':
      return deliver(
        house,
        shuffled(
          deliveries.flatMap((delivery) => [delivery, delivery]),
          WORLD.seed,
        ),
        8,
      );
  }
}
