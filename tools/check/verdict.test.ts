import { expect, test } from 'vitest';
import { deadCode, format, graph, lint, types } from './guards.ts';
import { tests } from './tests.ts';
import { verdict } from './verdict.ts';

const stage = { name: 'graph', unit: 'modules', floor: 50, takesFilters: false };
const unit = { name: 'unit', unit: 'tests', floor: 50, takesFilters: true };

test.each([
  { of: stage, ok: true, count: 50, filtered: false, line: 'ok  graph: 50 modules' },
  { of: stage, ok: false, count: 50, filtered: false, line: 'RED graph: 50 modules' },
  { of: stage, ok: true, count: 0, filtered: false, line: 'RED graph: 0 modules, fewer than its floor of 50' },
  { of: stage, ok: true, count: 7, filtered: true, line: 'RED graph: 7 modules, fewer than its floor of 50' },
  { of: unit, ok: true, count: 7, filtered: true, line: 'ok  unit: 7 tests' },
  { of: unit, ok: true, count: 0, filtered: true, line: 'RED unit: 0 tests, fewer than its floor of 1' },
])('no guard passes on nothing: $line', ({ of, ok, count, filtered, line }) => {
  expect(verdict(of, { ok, count }, filtered)).toEqual({ green: line.startsWith('ok'), line });
});

test('every stage has a floor', () => {
  const stages = [format, types, lint, graph, deadCode, tests('unit'), tests('int'), tests('e2e')];
  expect(stages.filter((each) => each.floor < 1).map((each) => each.name)).toEqual([]);
});
