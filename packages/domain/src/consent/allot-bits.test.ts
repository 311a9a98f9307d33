import fc from 'fast-check';
import { expect, test } from 'vitest';
import { allotBits, PURPOSE_BITS_MAX } from './allot-bits.ts';
import { DEFAULT_PURPOSES } from './default-purposes.ts';
import type { Purpose, PurposeId } from './purpose.ts';

const own = (id: string, bit: number): Purpose => ({
  id: id as PurposeId,
  bit,
  basis: 'consent',
  scope: { device: true, person: false },
});

/** A configuration as it is read: bits by order, after the default ones. */
function configured(names: readonly string[]): readonly Purpose[] {
  return [...DEFAULT_PURPOSES, ...names.map((name, at) => own(name, DEFAULT_PURPOSES.length + at))];
}

function bitsOf(purposes: readonly Purpose[]): Map<PurposeId, number> {
  return new Map(purposes.map(({ id, bit }) => [id, bit]));
}

function allotted(purposes: readonly Purpose[], given: ReadonlyMap<PurposeId, number>): readonly Purpose[] {
  const told = allotBits(purposes, given);
  if (!told.ok) throw new Error(told.refusal);
  return told.value;
}

test('S10: at first everyone gets the bit of its place', () => {
  expect(allotted(configured(['gift_list', 'in_store_wifi']), new Map())).toEqual(
    configured(['gift_list', 'in_store_wifi']),
  );
});

test('S10: however configurations follow each other, a purpose keeps its bit and no other ever gets it', () => {
  const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 5 });
  fc.assert(
    fc.property(fc.array(names, { minLength: 1, maxLength: 8 }), (configurations) => {
      const given = new Map<PurposeId, number>();
      const owners = new Map<number, PurposeId>();
      for (const configuration of configurations) {
        for (const { id, bit } of allotted(configured(configuration), given)) {
          expect(given.get(id) ?? bit).toBe(bit);
          expect(owners.get(bit) ?? id).toBe(id);
          expect(bit).toBeLessThan(PURPOSE_BITS_MAX);
          given.set(id, bit);
          owners.set(bit, id);
        }
      }
    }),
  );
});

test('a purpose for which no bit is left is refused by name, and takes nobody else’s', () => {
  const full = configured(Array.from({ length: PURPOSE_BITS_MAX - DEFAULT_PURPOSES.length }, (_, n) => `p${n}`));
  const given = bitsOf(allotted(full, new Map()));
  expect(allotBits(configured(['one_more']), given)).toEqual({ ok: false, refusal: 'one_more' });
});
