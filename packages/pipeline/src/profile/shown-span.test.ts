import { instant } from '@filrouge/domain/base';
import { BEGINNING, END } from '@filrouge/domain/identity';
import { expect, test } from 'vitest';
import { shownSpan } from './shown-span.ts';

test('a span without beginning or end names none', () => {
  const at = instant(Date.UTC(2026, 10, 21));
  expect(shownSpan({ from: BEGINNING, to: END })).toEqual({});
  expect(shownSpan({ from: BEGINNING, to: at })).toEqual({ to: '2026-11-21T00:00:00.000Z' });
  expect(shownSpan({ from: at, to: END })).toEqual({ from: '2026-11-21T00:00:00.000Z' });
});
