import { HOUR_MS } from '@filrouge/domain/base';
import { describe, expect, test } from 'vitest';
import { formatParis, parisDate, parisMinuteOfDay, parisMonth, parisOffsetMs, parisWeekday } from './paris-clock.ts';

describe('the clock of the stores', () => {
  test('agrees with Intl on every hour of ten years', () => {
    const intl = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Paris', hour: '2-digit', hourCycle: 'h23' });
    const wrong: string[] = [];
    for (let at = Date.UTC(2020, 0, 1); at < Date.UTC(2030, 0, 1); at += HOUR_MS) {
      const hour = Math.floor((at + parisOffsetMs(at)) / HOUR_MS) % 24;
      if (Number(intl.format(at)) !== hour) wrong.push(new Date(at).toISOString());
    }
    expect(wrong).toEqual([]);
  });

  test('names both hours of the night in October, and skips the one in March', () => {
    expect(formatParis(Date.UTC(2026, 9, 25, 0, 30))).toBe('2026-10-25T02:30:00+02:00');
    expect(formatParis(Date.UTC(2026, 9, 25, 1, 30))).toBe('2026-10-25T02:30:00+01:00');
    expect(formatParis(Date.UTC(2026, 2, 29, 0, 59, 59))).toBe('2026-03-29T01:59:59+01:00');
    expect(formatParis(Date.UTC(2026, 2, 29, 1))).toBe('2026-03-29T03:00:00+02:00');
  });

  test('finds the instant of a time on the wall, on the nights of change too', () => {
    const march = Date.UTC(2026, 2, 29, 12);
    const october = Date.UTC(2026, 9, 25, 12);
    expect(formatParis(parisMinuteOfDay(march, 600))).toBe('2026-03-29T10:00:00+02:00');
    expect(formatParis(parisMinuteOfDay(march, 60))).toBe('2026-03-29T01:00:00+01:00');
    expect(formatParis(parisMinuteOfDay(march, 150))).toBe('2026-03-29T03:30:00+02:00');
    expect(formatParis(parisMinuteOfDay(october, 150))).toBe('2026-10-25T02:30:00+01:00');
    expect(formatParis(parisMinuteOfDay(october, 90))).toBe('2026-10-25T01:30:00+02:00');
  });

  test('the local day, weekday and month turn at midnight in Paris', () => {
    const newYear = Date.UTC(2025, 11, 31, 23);
    expect([parisDate(newYear - 1), parisWeekday(newYear - 1), parisMonth(newYear - 1)]).toEqual(['2025-12-31', 3, 11]);
    expect([parisDate(newYear), parisWeekday(newYear), parisMonth(newYear)]).toEqual(['2026-01-01', 4, 0]);
  });
});
