import { expect, test } from 'vitest';
import { accuracyOf, type Recovered } from './recovered.ts';

const one: Recovered = {
  seed: 1,
  brand: 'maison',
  purchases: 100,
  truth: 0.3,
  observed: 0.2,
  estimate: { value: 0.32, low: 0.28, high: 0.36, basis: 'asked' },
  bounds: { low: 0.1, high: 0.9 },
};

test('counts what held the truth, and tells width, bias and error of the estimates there are', () => {
  const off = { ...one, estimate: { value: 0.4, low: 0.31, high: 0.49, basis: 'observed' } };
  const none = { ...one, estimate: undefined, bounds: { low: 0.35, high: 0.9 } };
  const told = accuracyOf([one, off, none]);
  expect(told).toMatchObject({ reports: 3, estimates: 2, boundsHeld: 2, intervalHeld: 1 });
  expect(told.width).toBeCloseTo(0.13, 10);
  expect(told.bias).toBeCloseTo(0.06, 10);
  expect(told.error).toBeCloseTo(Math.sqrt((0.02 ** 2 + 0.1 ** 2) / 2), 10);
});

test('a truth on the edge is held, one that rounding moved too; of nothing no figure is made', () => {
  const edge = { ...one, truth: 0.36 + 4e-7 };
  expect(accuracyOf([edge]).intervalHeld).toBe(1);
  expect(accuracyOf([{ ...one, truth: 0.37 }]).intervalHeld).toBe(0);
  expect(accuracyOf([])).toMatchObject({ reports: 0, width: undefined, bias: undefined, error: undefined });
});
