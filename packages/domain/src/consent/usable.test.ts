import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DAY_MS, type Instant } from '../base/instant.ts';
import { DEFAULT_PURPOSES } from './default-purposes.ts';
import type { PurposeStates } from './purpose-states.ts';
import { deviceState, personState } from './subject-state.ts';
import { anInstant, facts, RUNS } from './testing/fact-arbitrary.ts';
import { purpose } from './testing/fact-builder.ts';
import { NOW, STATES } from './testing/named-states.ts';
import { type StoredItem, usable } from './usable.ts';

const AM = purpose('audience_measurement');
const ALL_BITS = (1n << 63n) - 1n;
const given = { device: STATES.given };
const item: StoredItem = { purposes: 1n << BigInt(AM.bit), c: NOW, terminal: true, bot: false };

const anItem: fc.Arbitrary<StoredItem> = fc.record({
  purposes: fc.bigInt({ min: 0n, max: (1n << 21n) - 1n }),
  c: anInstant,
  terminal: fc.boolean(),
  bot: fc.boolean(),
});
const someStates: fc.Arbitrary<PurposeStates> = fc.tuple(facts(), facts()).map(([device, person]) => ({
  device: deviceState(device),
  person: personState({ own: person, neighbours: [], devices: [] }),
}));
const aPurpose = fc.constantFrom(...DEFAULT_PURPOSES);
const aNow = anInstant.map((one) => (one + 150 * DAY_MS) as Instant);

test('S10: usable ⊆ bit: what was not collected for a purpose is never used for it', () => {
  fc.assert(
    fc.property(anItem, aPurpose, someStates, aNow, (one, asked, states, now) => {
      const bare = { ...one, purposes: one.purposes & ~(1n << BigInt(asked.bit)) };
      for (const use of ['aggregate', 'individual'] as const) {
        expect(usable(bare, asked, states, use, now)).toEqual({ ok: false, why: 'not-collected-for' });
      }
    }),
    { numRuns: RUNS },
  );
});

test('S10: aggregate ⊇ individual, and they differ by expiry alone', () => {
  fc.assert(
    fc.property(anItem, aPurpose, someStates, aNow, (one, asked, states, now) => {
      const individual = usable(one, asked, states, 'individual', now);
      const aggregate = usable(one, asked, states, 'aggregate', now);
      const expired = !individual.ok && individual.why === 'expired';
      expect(expired ? individual : aggregate).toEqual(individual);
    }),
    { numRuns: RUNS },
  );
});

test('S10: c ≥ run_since for every use that rests on consent', () => {
  fc.assert(
    fc.property(anItem, aPurpose, someStates, aNow, (one, asked, states, now) => {
      const answer = usable(one, asked, states, 'aggregate', now);
      const runSince = answer.ok && answer.allowance.by === 'consent' ? answer.allowance.runSince : -Infinity;
      expect(one.c).toBeGreaterThanOrEqual(runSince);
    }),
    { numRuns: RUNS },
  );
});

test('S10: the instant of the run itself is inside it', () => {
  const { runSince } = STATES.given;
  expect(usable({ ...item, c: runSince }, AM, given, 'individual', NOW).ok).toBe(true);
  expect(usable({ ...item, c: (runSince - 1) as Instant }, AM, given, 'individual', NOW)).toEqual({
    ok: false,
    why: 'before-consent',
  });
});

test('S10: contract and legitimate interest have no run: run_since = −∞', () => {
  const ancient = { ...item, purposes: ALL_BITS, c: -1 as Instant };
  for (const id of ['order_fulfilment', 'security', 'product_safety']) {
    expect(usable(ancient, purpose(id), {}, 'individual', NOW).ok).toBe(true);
  }
});

test('S10: a bot, an erased and a restricted subject are used for nothing, whatever the basis', () => {
  for (const asked of DEFAULT_PURPOSES) {
    const states = { device: STATES.given, person: STATES.given };
    const all = { ...item, purposes: ALL_BITS };
    expect(usable(all, asked, states, 'aggregate', NOW).ok).toBe(true);
    expect(usable({ ...all, bot: true }, asked, states, 'aggregate', NOW)).toEqual({ ok: false, why: 'bot' });
    for (const closed of ['erased', 'restricted'] as const) {
      expect(usable({ ...all, closed }, asked, states, 'aggregate', NOW)).toEqual({ ok: false, why: closed });
    }
  }
});

test('S10: the bit is the purpose’s own, up to the last one', () => {
  const last = { ...AM, bit: 62 };
  expect(usable({ ...item, purposes: 1n << 62n }, last, given, 'individual', NOW).ok).toBe(true);
  expect(usable({ ...item, purposes: ALL_BITS >> 1n }, last, given, 'individual', NOW).ok).toBe(false);
  expect(usable(item, { ...AM, bit: AM.bit + 1 }, given, 'individual', NOW).ok).toBe(false);
});

test('the answer names the ledger entry that allows', () => {
  const { recordId, position, runSince } = STATES.given;
  expect(usable(item, AM, given, 'individual', NOW)).toEqual({
    ok: true,
    allowance: { by: 'consent', recordId, position, runSince },
  });
  expect(usable(item, AM, { device: STATES.withdrawn }, 'individual', NOW)).toEqual({ ok: false, why: 'withdrawn' });
});
