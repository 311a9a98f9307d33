import type { FactStatus } from '@filrouge/domain/consent';
import type { RopoCell } from '@filrouge/domain/measurement';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SERVER, SM } from '../testing/example-deployment.ts';
import { at, type PipelineWorld } from '../testing/pipeline-world.ts';
import { histories, IDENTIFIERS, RECEIVED, shuffled, tell } from '../testing/small-world.ts';

const RUNS = Number(process.env['FILROUGE_RUNS'] ?? 25);

type Fact = Parameters<typeof tell>[0][number];

/**
 * What closes may come whenever it comes. What opens again may not: a separation or a logout that comes late finds
 * items whose bit was decided without it, and nothing is given back to them (S3, S9). So nobody is separated here, no
 * terminal says no, which would be the word of whoever is signed in there, and every terminal has one user.
 */
const PERSONAL = IDENTIFIERS.filter((name) => !/^(anonymous|device)_id:/.test(name));

const USERS: Readonly<Record<string, string>> = { a1: 'u1', a2: 'u2', d1: 'u1' };

function withOneUser(fact: Fact): readonly Fact[] {
  if (fact.kind !== 'item') return [];
  const { identifiers, previous: _, ...rest } = fact.item;
  const [terminal] = identifiers.flatMap(({ value }) => USERS[value] ?? []);
  const left = identifiers.flatMap((one) => {
    const user = USERS[one.value];
    if (terminal === undefined || user === terminal) return [one];
    return one.namespace === 'user_id' ? [{ ...one, value: terminal }] : [];
  });
  return [{ ...fact, item: { ...rest, identifiers: left } }];
}

/** A no to store measurement after everything happened; what was collected stays permitted for other purposes. */
const aNo: fc.Arbitrary<Fact> = fc
  .record({ who: fc.constantFrom(...PERSONAL), status: fc.constantFrom<FactStatus>('refused', 'withdrawn') })
  .map(({ who, status }) => ({ kind: 'decision', source: SERVER, who, status, purpose: SM, t: at('2026-11-19') }));

async function reportsOf(world: PipelineWorld): Promise<readonly (readonly RopoCell[])[]> {
  const question = {
    brand: SERVER.brand,
    from: at('2026-09-01'),
    to: RECEIVED,
    permission: { purpose: SM, use: 'aggregate', now: RECEIVED },
    window: 30,
    by: 'store',
  } as const;
  const asked = [
    { direction: 'online-to-store', match: 'any' },
    { direction: 'store-to-online', match: 'any' },
  ] as const;
  return Promise.all(asked.map((how) => world.events.ropoCells({ ...question, ...how })));
}

test('S7 S10 S13 ROPO is the same whether merges and withdrawals come before or after the events', async () => {
  let counted = 0;
  await fc.assert(
    fc.asyncProperty(histories(20), fc.array(aNo, { maxLength: 3 }), fc.nat(1_000_000), async (history, noes, seed) => {
      const items = history.items.flatMap(withOneUser);
      const after = await reportsOf(await tell([...items, ...noes], { drainEvery: 3 }));
      counted += after.flat().reduce((sum, cell) => sum + cell.ropo.count, 0);
      for (const facts of [
        [...noes, ...items],
        [...mergesOf(items), ...noes, ...others(items)],
        [...others(items), ...noes, ...mergesOf(items)],
        shuffled([...noes, ...items], seed),
      ]) {
        expect(await reportsOf(await tell(facts, { drainEvery: (seed % 4) + 1 }))).toEqual(after);
      }
    }),
    { numRuns: RUNS },
  );
  // Reports in which nobody ever bought after a visit would all be equal.
  expect(counted).toBeGreaterThan(0);
});

const MERGING = new Set(['identify', 'customer', 'alias']);

function isMerge(fact: Fact): boolean {
  return fact.kind === 'item' && MERGING.has(fact.item.kind);
}

function mergesOf(facts: readonly Fact[]): readonly Fact[] {
  return facts.filter(isMerge);
}

function others(facts: readonly Fact[]): readonly Fact[] {
  return facts.filter((fact) => !isMerge(fact));
}
