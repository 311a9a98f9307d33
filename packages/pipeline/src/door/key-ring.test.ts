import { DAY_MS, type Instant, MINUTE_MS } from '@filrouge/domain/base';
import { createMemoryVault, type DataKeyRow } from '@filrouge/ports';
import { describe, expect, test } from 'vitest';
import { AM, ATELIER, MAISON, WEB } from '../testing/example-deployment.ts';
import { at, PipelineWorld } from '../testing/pipeline-world.ts';
import { item, ticket } from '../testing/told-items.ts';
import { type Claim, KeyRing } from './key-ring.ts';

const NOON = at('2026-11-20T12:00:00');
const vault = createMemoryVault();
const ada = vault.lookup(MAISON, 'user_id', 'ada');
const ipad = {
  namespace: 'anonymous_id' as const,
  value: 'ipad',
  node: vault.lookup(MAISON, 'anonymous_id', 'ipad'),
};
const person: Claim = { brand: MAISON, kind: 'node', node: ada };
const span = (n: number): Claim => ({ brand: MAISON, kind: 'span', identifier: ipad, span: n });

function storeOf(rows: readonly DataKeyRow[]) {
  let asked = 0;
  return {
    get asked() {
      return asked;
    },
    async keys(claims: readonly { readonly claim: string }[]) {
      asked += 1;
      return rows.filter((row) => claims.some(({ claim }) => claim === row.claim));
    },
  };
}

describe('the keys of one group (S14)', () => {
  test('one key for each claim, however often it is named; another brand has another', async () => {
    const ring = new KeyRing(vault);
    const elsewhere: Claim = { ...person, brand: ATELIER };
    const nobody: Claim = { brand: MAISON, kind: 'nobody' };
    await ring.prepare(storeOf([]), [person, person, elsewhere, nobody, span(0)]);
    await ring.prepare(storeOf([]), [person, nobody]);
    expect(ring.created).toHaveLength(4);
    const keys = [person, elsewhere, nobody, span(0)].map((claim) => ring.keyOf(claim));
    expect(new Set(keys).size).toBe(4);
  });

  test('a key that the store has is used, not made anew, and asked for once in one query', async () => {
    const fresh = createMemoryVault();
    const id = fresh.newKey();
    const store = storeOf([{ id, brand: MAISON, claim: ada }]);
    const ring = new KeyRing(fresh);
    await ring.prepare(store, [person, span(3)]);
    expect([ring.keyOf(person), ring.created.length, store.asked]).toEqual([id, 1, 1]);
    const next = new KeyRing(fresh);
    await next.prepare(store, [person]);
    expect([next.keyOf(person), next.created.length, store.asked]).toEqual([id, 0, 1]);
  });

  test('each span of a terminal has a key of its own; the first is the terminal’s', async () => {
    const ring = new KeyRing(vault);
    await ring.prepare(storeOf([]), [span(0), span(1), span(2)]);
    expect(new Set([0, 1, 2].map((n) => ring.keyOf(span(n)))).size).toBe(3);
    expect(ring.keyOf({ brand: MAISON, kind: 'node', node: ipad.node })).toBe(ring.keyOf(span(0)));
  });

  test('nothing is sealed under a claim that was not made ready', () => {
    expect(() => new KeyRing(vault).keyOf(person)).toThrow('a claim has its key');
  });
});

/** Keys of the items in the journal, in order. */
function keysIn(world: PipelineWorld): readonly number[] {
  return [...world.database.view.journal.values()].flatMap(({ position, body }) =>
    [...world.vault.openBatch(position, body)].map(({ key }) => key),
  );
}

describe('whose key an item gets at the door', () => {
  test('a new person at a terminal ends the span: what follows is under another key, so that one erasure spares the other', async () => {
    const world = new PipelineWorld();
    await world.decide(WEB, ['anonymous_id:ipad'], 'given', [AM], { at: (NOON - DAY_MS) as Instant });
    const page = async (who: readonly string[], minute: number, said: object = {}): Promise<void> => {
      const t = (NOON + minute * MINUTE_MS) as Instant;
      await world.send(WEB, t, [item('page', [...who, 'anonymous_id:ipad'], { t, ...said })]);
      await world.projector.drain();
    };
    await page([], 0);
    await page(['user_id:u1'], 1);
    await page([], 2);
    await page(['user_id:u1'], 3, { session: 'logout' });
    await page([], 4);
    const [before, u1, during, leaving, after] = keysIn(world);
    expect(u1).toBe(leaving);
    expect(new Set([before, u1, during, after]).size).toBe(4);
  });

  test('receipts that name nobody share one key of the brand', async () => {
    const world = new PipelineWorld();
    const till = { ...WEB, kind: 'store' as const };
    await world.send(till, NOON, [ticket([]), ticket([])]);
    await world.send(till, NOON, [ticket([])]);
    expect(new Set(keysIn(world)).size).toBe(1);
  });
});
