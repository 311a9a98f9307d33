import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Instant } from '../base/instant.ts';
import type { SourceId } from '../deployment/source.ts';
import { currentTraits, mergeTraits, type TraitEntry, type TraitHistory, traitsOf } from './trait-history.ts';

/** Of one item there is one value: what is random is which item says it, and when. */
const anEntry = fc
  .record({ id: fc.integer({ min: 0, max: 40 }), purposes: fc.constantFrom('1', '6') })
  .map(({ id, purposes }): TraitEntry => {
    const said = { t: (id % 7) as Instant, c: id as Instant, purposes, terminal: false, source: 'web' as SourceId };
    return { ...said, messageId: `m${id}-${purposes}`, value: `v${id}` };
  });
const aHistory: fc.Arbitrary<TraitHistory> = fc
  .array(fc.tuple(fc.constantFrom('city', 'first_name'), anEntry), { maxLength: 40 })
  .map((said) => said.map(([name, { value, ...entry }]) => traitsOf({ [name]: value }, entry)).reduce(mergeTraits, {}));

describe('traits fold by event time, whatever came first (S13, invariant 2)', () => {
  test('union of histories: order, grouping and repetition are without effect', () => {
    fc.assert(
      fc.property(aHistory, aHistory, aHistory, (a, b, c) => {
        expect(mergeTraits(a, b)).toEqual(mergeTraits(b, a));
        expect(mergeTraits(mergeTraits(a, b), c)).toEqual(mergeTraits(a, mergeTraits(b, c)));
        expect(mergeTraits(mergeTraits(a, b), b)).toEqual(mergeTraits(a, b));
      }),
    );
  });

  test('the value shown is the newest that may be used, over all threads, and no other', () => {
    fc.assert(
      fc.property(fc.array(aHistory, { maxLength: 4 }), fc.constantFrom('1', '6'), (histories, purposes) => {
        const current = currentTraits(histories, (entry) => entry.purposes === purposes);
        for (const name of ['city', 'first_name']) {
          const usable = histories.flatMap((history) => history[name] ?? []).filter((one) => one.purposes === purposes);
          const newest = Math.max(...usable.map(({ t }) => t));
          expect(current.get(name)?.t).toBe(usable.length === 0 ? undefined : newest);
        }
      }),
    );
  });

  test('an older value stays at hand where a newer one may not be used: it was said for other purposes', () => {
    const said = (t: number, purposes: string, value: string): TraitHistory =>
      traitsOf(
        { city: value },
        { t: t as Instant, c: t as Instant, messageId: `m${t}`, source: 'web' as SourceId, purposes, terminal: false },
      );
    const history = [said(1, '1', 'Lyon'), ...Array.from({ length: 20 }, (_, at) => said(at + 2, '6', 'Metz'))].reduce(
      mergeTraits,
    );
    expect(currentTraits([history], ({ purposes }) => purposes === '1').get('city')?.value).toBe('Lyon');
    expect(history['city']?.length, 'eight of a kind at most').toBe(9);
  });

  test('S11: what a public key merely said stands only where nothing proven does, and a flood of it drives nothing out', () => {
    const said = (t: number, value: string, proven: boolean): TraitHistory => {
      const origin = { messageId: `m${t}`, source: 'web' as SourceId, purposes: '1', terminal: true };
      const mark = proven ? {} : { unproven: true as const };
      return traitsOf({ email: value }, { t: t as Instant, c: t as Instant, ...origin, ...mark });
    };
    const flood = Array.from({ length: 30 }, (_, at) => said(at + 10, 'evil@example.com', false));
    const shown = (histories: readonly TraitHistory[], isUsable: (entry: TraitEntry) => boolean = () => true) =>
      currentTraits(histories, isUsable).get('email')?.value;
    const history = [said(1, 'old@example.com', true), said(2, 'ines@example.com', true), ...flood].reduce(mergeTraits);
    expect(shown([history])).toBe('ines@example.com');
    expect(shown([said(1, 'ines@example.com', true), said(9, 'evil@example.com', false)])).toBe('ines@example.com');
    expect(shown([history], ({ unproven }) => unproven === true)).toBe('evil@example.com');
    expect(shown([said(3, 'a@example.com', false), said(4, 'b@example.com', false)])).toBe('b@example.com');
  });

  test('two items of one instant: the message id decides, not the order in which they came', () => {
    const at = (messageId: string): TraitHistory =>
      traitsOf(
        { city: messageId },
        { t: 5 as Instant, c: 5 as Instant, messageId, source: 'web' as SourceId, purposes: '1', terminal: false },
      );
    for (const histories of [
      [at('a'), at('b')],
      [at('b'), at('a')],
    ]) {
      expect(currentTraits(histories, () => true).get('city')?.value).toBe('b');
    }
  });
});
