import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { measureRopo, type RopoFigures } from './ropo.ts';
import type { RopoCell, SampleTally } from './ropo-cell.ts';
import { ropoDefinition } from './ropo-definition.ts';
import { wilsonInterval } from './wilson-interval.ts';

/** One purchase of a world whose truth is known. */
type Purchase = {
  readonly key: string;
  readonly value: number;
  readonly level: 'anonymous' | 'identified' | 'consented' | 'observable';
  readonly researched: boolean;
  /** What the buyer said at the till, where asked. */
  readonly answer?: boolean;
};

const LEVELS = ['anonymous', 'identified', 'consented', 'observable'] as const;
const atLeast = (purchase: Purchase, level: Purchase['level']): boolean =>
  LEVELS.indexOf(purchase.level) >= LEVELS.indexOf(level);

/** Every purchase by a person of its own. */
function cellsOf(purchases: readonly Purchase[], currency = 'EUR'): readonly RopoCell[] {
  return [...new Set(purchases.map(({ key }) => key))].map((key) => {
    const here = purchases.filter((purchase) => purchase.key === key);
    const tally = (chosen: readonly Purchase[]): SampleTally => ({
      count: chosen.length,
      valueMinor: chosen.reduce((sum, { value }) => sum + value, 0),
      valueSquares: chosen.reduce((sum, { value }) => sum + value ** 2, 0),
      persons: chosen.length,
    });
    const observable = here.filter((purchase) => atLeast(purchase, 'observable'));
    return {
      key,
      month: '2026-11',
      currency,
      all: tally(here),
      identified: tally(here.filter((purchase) => atLeast(purchase, 'identified'))),
      consented: tally(here.filter((purchase) => atLeast(purchase, 'consented'))),
      observable: tally(observable),
      ropo: tally(observable.filter(({ researched }) => researched)),
      asked: tally(here.filter(({ answer }) => answer !== undefined)),
      confirmed: tally(here.filter(({ answer }) => answer === true)),
    };
  });
}

const purchase: fc.Arbitrary<Purchase> = fc.record({
  key: fc.constantFrom('lyon', 'paris', 'nice'),
  value: fc.integer({ min: 0, max: 100_000 }),
  level: fc.constantFrom(...LEVELS),
  researched: fc.boolean(),
});

function truth(purchases: readonly Purchase[], weight: (purchase: Purchase) => number): number {
  const total = purchases.reduce((sum, each) => sum + weight(each), 0);
  return purchases.filter(({ researched }) => researched).reduce((sum, each) => sum + weight(each), 0) / total;
}

const SLACK = 1e-12;

describe('the ROPO figures', () => {
  test('the bounds hold the truth of every world, by count and by value', () => {
    fc.assert(
      fc.property(fc.array(purchase, { minLength: 1, maxLength: 60 }), (purchases) => {
        const { byCount, byValue } = measureRopo(cellsOf(purchases));
        holds(
          byCount,
          truth(purchases, () => 1),
        );
        if (byValue.bounds !== undefined)
          holds(
            byValue,
            truth(purchases, ({ value }) => value),
          );
      }),
    );
  });

  test('the estimate and its interval lie inside the bounds, and the estimate inside its interval', () => {
    fc.assert(
      fc.property(fc.array(purchase, { minLength: 1, maxLength: 400 }), (purchases) => {
        const measure = measureRopo(cellsOf(purchases));
        for (const { byCount, byValue } of [measure, ...measure.rows]) {
          for (const { estimate, bounds } of [byCount, byValue]) {
            if (estimate === undefined || bounds === undefined) continue;
            const order = [bounds.low, estimate.low, estimate.value, estimate.high, bounds.high];
            for (const [n, x] of order.slice(1).entries()) expect(x).toBeGreaterThanOrEqual((order[n] ?? 0) - SLACK);
          }
        }
      }),
    );
  });

  test('when everybody is observed, all figures are the truth', () => {
    fc.assert(
      fc.property(fc.array(purchase, { minLength: 1, maxLength: 60 }), (purchases) => {
        const seen = purchases.map((each) => ({ ...each, level: 'observable' as const }));
        const { byCount } = measureRopo(cellsOf(seen));
        const share = truth(seen, () => 1);
        for (const figure of [byCount.observed, byCount.estimate?.value, byCount.bounds?.low, byCount.bounds?.high]) {
          expect(figure).toBeCloseTo(share, 12);
        }
        expect(byCount.coverage).toBe(1);
      }),
    );
  });

  test('the order of cells changes nothing', () => {
    fc.assert(
      fc.property(fc.array(purchase, { minLength: 1, maxLength: 60 }), (purchases) => {
        const cells = cellsOf(purchases);
        const there = measureRopo(cells);
        const back = measureRopo([...cells].reverse());
        expect(back.byCount.estimate?.value ?? 0).toBeCloseTo(there.byCount.estimate?.value ?? 0, 12);
        expect(back.rows.map(({ key }) => key)).toEqual(there.rows.map(({ key }) => key));
      }),
    );
  });

  test('nothing sold, or nobody seen: no figure is made up', () => {
    const nothing = measureRopo([]);
    expect(nothing.byCount).toEqual({
      population: 0,
      coverage: undefined,
      consentedBase: 0,
      observed: undefined,
      estimate: undefined,
      bounds: undefined,
    });
    const unseen = measureRopo(cellsOf([{ key: 'lyon', value: 100, level: 'anonymous', researched: true }]));
    expect(unseen.byCount).toMatchObject({
      coverage: 0,
      observed: undefined,
      estimate: undefined,
      bounds: { low: 0, high: 1 },
    });
  });

  test('purchases in another currency count, and their money is not added', () => {
    const euros = cellsOf([
      { key: 'lyon', value: 100, level: 'observable', researched: true },
      { key: 'lyon', value: 100, level: 'anonymous', researched: false },
    ]);
    const francs = cellsOf([{ key: 'geneva', value: 900, level: 'observable', researched: false }], 'CHF');
    const measure = measureRopo([...francs, ...euros]);
    expect(measure).toMatchObject({ currency: 'EUR', otherCurrencies: ['CHF'] });
    expect([measure.byCount.population, measure.byValue.population]).toEqual([3, 200]);
  });

  test('a cell is weighted by what it sells, not by how many of its buyers consent', () => {
    const shop = (key: string, size: number, observable: number, researched: number): readonly Purchase[] =>
      Array.from({ length: size }, (_, n) => ({
        key,
        value: 100,
        level: n < observable ? 'observable' : 'anonymous',
        researched: n < researched,
      }));
    const { byCount } = measureRopo(cellsOf([...shop('keen', 1_000, 800, 400), ...shop('shy', 9_000, 200, 20)]));
    expect(byCount.observed).toBeCloseTo(0.42, 10);
    expect(byCount.estimate?.value).toBeCloseTo(0.1 * 0.5 + 0.9 * 0.1, 10);
  });

  test('with fewer than 100 observable purchases in all the estimate is not firm, and its interval is the bounds', () => {
    const seen = (observable: number): readonly Purchase[] =>
      Array.from({ length: 400 }, (_, n) => ({
        key: n % 2 === 0 ? 'lyon' : 'nice',
        value: 100 + n,
        level: n < observable ? 'observable' : 'anonymous',
        researched: n % 3 === 0,
      }));
    const few = measureRopo(cellsOf(seen(99)));
    const enough = measureRopo(cellsOf(seen(100)));
    for (const { byCount, byValue } of [few, ...few.rows]) {
      for (const { estimate, bounds } of [byCount, byValue]) expect(estimate).toMatchObject({ ...bounds, firm: false });
    }
    for (const { byCount, byValue } of [enough, ...enough.rows]) {
      for (const { estimate, bounds } of [byCount, byValue]) {
        expect(estimate?.firm).toBe(true);
        expect(estimate?.high).toBeLessThan(bounds?.high ?? 0);
      }
    }
  });

  test('a small cell leans on the overall rate in proportion to what it lacks', () => {
    const shop = (key: string, observable: number, researched: number): readonly Purchase[] =>
      Array.from({ length: observable }, (_, n) => ({
        key,
        value: 100,
        level: 'observable',
        researched: n < researched,
      }));
    const { rows } = measureRopo(cellsOf([...shop('large', 975, 195), ...shop('small', 25, 25)]));
    const overall = 220 / 1_000;
    expect(rows.find(({ key }) => key === 'small')?.byCount.bounds).toEqual({ low: 1, high: 1 });
    const open = measureRopo(
      cellsOf([...shop('large', 975, 195), ...shop('small', 25, 25)]).map((cell) =>
        cell.key === 'small' ? { ...cell, all: { count: 1_000, valueMinor: 100_000 } } : cell,
      ),
    );
    const small = open.rows.find(({ key }) => key === 'small');
    expect(small?.byCount.estimate?.value).toBeCloseTo(0.25 * 1 + 0.75 * overall, 10);
  });
});

function holds({ bounds }: RopoFigures, share: number): void {
  expect(bounds?.low).toBeLessThanOrEqual(share + SLACK);
  expect(bounds?.high).toBeGreaterThanOrEqual(share - SLACK);
}

describe('the interval', () => {
  test('Wilson: the published example of 81 of 263 is 0.2553 to 0.3662', () => {
    const { low, high } = wilsonInterval(81 / 263, 263);
    expect(low).toBeCloseTo(0.2553, 4);
    expect(high).toBeCloseTo(0.3662, 4);
  });

  test('S10: answers at the till hold the truth though those who can be seen are unlike the rest, and the observed holds it by its range', () => {
    const random = congruential(11);
    const draws = 200;
    const held = { asked: 0, observed: 0 };
    let [width, wide] = [0, 0];
    for (let draw = 0; draw < draws; draw += 1) {
      // Of those who can be seen more research; they are a tenth.
      const purchases = Array.from({ length: 6_000 }, (): Purchase => {
        const seen = random() < 0.1;
        const researched = random() < (seen ? 0.34 : 0.3);
        const answer = random() < 0.15 ? { answer: researched } : {};
        return { key: 'a', value: 100, level: seen ? 'observable' : 'anonymous', researched, ...answer };
      });
      const share = truth(purchases, () => 1);
      for (const basis of ['asked', 'observed'] as const) {
        const told = basis === 'asked' ? purchases : purchases.map(({ answer: _answer, ...rest }) => rest);
        const { estimate } = measureRopo(cellsOf(told)).byCount;
        expect(estimate?.basis).toBe(basis);
        if (estimate === undefined) continue;
        if (estimate.low <= share && share <= estimate.high) held[basis] += 1;
        if (basis === 'asked') width += (estimate.high - estimate.low) / draws;
        else wide += (estimate.high - estimate.low) / draws;
      }
    }
    expect(held.asked / draws).toBeGreaterThanOrEqual(0.93);
    expect(held.observed / draws).toBeGreaterThanOrEqual(0.93);
    expect(width).toBeLessThan(0.065);
    expect(wide).toBeGreaterThan(0.2);
  });

  test('fewer than 100 answers are no sample', () => {
    const purchases = Array.from({ length: 500 }, (_, n): Purchase => {
      const answer = n < 99 ? { answer: true } : {};
      return { key: 'a', value: 100, level: 'observable', researched: n % 2 === 0, ...answer };
    });
    const measure = measureRopo(cellsOf(purchases));
    expect(measure).toMatchObject({ asked: 99, byCount: { estimate: { basis: 'observed', value: 0.5 } } });
  });

  test('a place of which nothing was seen is told nothing, where there is too little elsewhere', () => {
    const { rows } = measureRopo(
      cellsOf([
        { key: 'lyon', value: 100, level: 'observable', researched: true },
        { key: 'nice', value: 100, level: 'anonymous', researched: true },
      ]),
    );
    expect(rows.map(({ key, byCount }) => [key, byCount.estimate?.firm])).toEqual([
      ['lyon', false],
      ['nice', undefined],
    ]);
  });

  test('it holds the share of the whole population in at least 93 of 100 draws of consenting purchases', () => {
    const random = congruential(7);
    const strata = [
      { key: 'a', size: 4_000, rate: 0.3, seen: 0.1 },
      { key: 'b', size: 1_000, rate: 0.6, seen: 0.3 },
      { key: 'c', size: 3_000, rate: 0.05, seen: 0.05 },
    ];
    let held = 0;
    const draws = 300;
    for (let draw = 0; draw < draws; draw += 1) {
      const purchases = strata.flatMap(({ key, size, rate, seen }) =>
        Array.from(
          { length: size },
          (): Purchase => ({
            key,
            value: 100,
            level: random() < seen ? 'observable' : 'anonymous',
            researched: random() < rate,
          }),
        ),
      );
      const share = truth(purchases, () => 1);
      const estimate = measureRopo(cellsOf(purchases)).byCount.estimate;
      if (estimate !== undefined && estimate.low <= share && share <= estimate.high) held += 1;
    }
    expect(held / draws).toBeGreaterThanOrEqual(0.93);
  });
});

/** Numbers in 0..1, the same for the same seed (Numerical Recipes). */
function congruential(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

test('the definition says direction, window and strictness in both languages', () => {
  expect(ropoDefinition({ direction: 'online-to-store', window: 7, match: 'any' }).fr).toMatch(
    /^Achat en magasin précédé, dans les 7 jours, d’au moins une visite/,
  );
  expect(ropoDefinition({ direction: 'store-to-online', window: 1, match: 'sku' }).en).toMatch(
    /^Online order preceded, within 24 hours, by at least one store purchase of the same person, that concerns a product bought\./,
  );
});
