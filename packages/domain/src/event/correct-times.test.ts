import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, type Instant, instant, MINUTE_MS } from '../base/instant.ts';
import { correctTimes, FUTURE_TOLERANCE_MS, LIVE_AGE_MS_MAX } from './correct-times.ts';

const r = instant(Date.UTC(2026, 10, 21, 12, 0, 0));
const anInstant = fc.integer({ min: -2_208_988_800_000, max: 10_413_791_999_999 }).map((ms) => ms as Instant);
const recent = fc.integer({ min: r - 300 * DAY_MS, max: r }).map((ms) => ms as Instant);

describe('S4 times', () => {
  test('S4 without client times the item happened when it was received', () => {
    expect(correctTimes({ r, imported: false })).toEqual({ t: r, c: r, marks: [] });
  });

  test('S4 a time alone is taken as given', () => {
    const occurredAt = instant(r - HOUR_MS);
    expect(correctTimes({ occurredAt, r, imported: false })).toEqual({ t: occurredAt, c: r, marks: [] });
  });

  test('S4 five minutes ahead are tolerated, a millisecond more becomes r with a mark', () => {
    const edge = instant(r + 5 * MINUTE_MS);
    expect(correctTimes({ occurredAt: edge, r, imported: false })).toEqual({ t: edge, c: r, marks: [] });
    expect(correctTimes({ occurredAt: instant(edge + 1), r, imported: false })).toEqual({
      t: r,
      c: r,
      marks: ['time-in-future'],
    });
  });

  test('S4 live items older than 400 days are quarantined, files have no past limit', () => {
    const old = instant(r - LIVE_AGE_MS_MAX - 1);
    expect(correctTimes({ occurredAt: old, r, imported: false })).toMatchObject({ t: old, quarantine: 'too-old' });
    expect(correctTimes({ occurredAt: instant(old + 1), r, imported: false })).not.toHaveProperty('quarantine');
    expect(correctTimes({ occurredAt: old, r, imported: true })).toEqual({ t: old, c: old, marks: [] });
  });

  test('S4 a year 2199 is clamped live and in a file', () => {
    const occurredAt = instant(Date.UTC(2199, 0, 1));
    expect(correctTimes({ occurredAt, r, imported: false }).t).toBe(r);
    expect(correctTimes({ occurredAt, r, imported: true })).toEqual({ t: r, c: r, marks: ['time-in-future'] });
  });

  test('S4 the error of the client’s clock cancels out', () => {
    fc.assert(
      fc.property(
        recent,
        fc.integer({ min: 0, max: DAY_MS }),
        fc.integer({ min: -DAY_MS * 9_000, max: DAY_MS * 9_000 }),
        (happened, delay, skew) => {
          const received = instant(happened + delay);
          const corrected = correctTimes({
            occurredAt: (happened + skew) as Instant,
            sentAt: (received + skew) as Instant,
            r: received,
            imported: false,
          });
          expect(corrected).toEqual({ t: happened, c: received, marks: [] });
        },
      ),
    );
  });

  test('S4 whatever the client says, t is an instant that engines hold and never more than five minutes after r', () => {
    fc.assert(
      fc.property(
        fc.option(anInstant, { nil: undefined }),
        fc.option(anInstant, { nil: undefined }),
        anInstant,
        fc.boolean(),
        (occurredAt, sentAt, received, imported) => {
          const { t, c, marks } = correctTimes({
            ...(occurredAt === undefined ? {} : { occurredAt }),
            ...(sentAt === undefined ? {} : { sentAt }),
            r: received,
            imported,
          });
          expect(() => instant(t)).not.toThrow();
          expect(t <= received + FUTURE_TOLERANCE_MS).toBe(true);
          expect(c).toBe(imported ? t : received);
          expect(marks.length === 0 || t === received).toBe(true);
        },
      ),
    );
  });
});
