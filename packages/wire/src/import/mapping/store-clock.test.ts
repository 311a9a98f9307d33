import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { storeClock, type WallTime } from './store-clock.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** The nights on which Europe's clocks are turned, and one on which 32 bits of seconds end: 01:00 UTC. */
const NIGHTS = ['2026-03-29', '2026-10-25', '2027-03-28', '2027-10-31', '2038-01-19', '2038-03-28', '2038-10-31'];
const night = (day: string): number => Date.parse(`${day}T01:00:00Z`);

/** What a clock on a wall there shows at an instant, by another way than the one that is tested. */
function shownBy(zone: string): (at: number) => WallTime {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
  return (at) => {
    const [year, month, day, hour, minute, second] = (format.format(at).match(/\d+/g) ?? []).map(Number);
    return { year, month, day, hour, minute, second } as WallTime;
  };
}

function asUtc({ year, month, day, hour, minute, second }: WallTime): number {
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function clockOf(zone: string): (time: WallTime) => { readonly at: number; readonly occurrence: string } {
  const clock = storeClock(zone);
  if (clock === undefined) throw new Error(`no clock of ${zone}`);
  return (time) => {
    const { minutes, occurrence } = clock.offsetOf(time);
    return { at: asUtc(time) - minutes * MINUTE_MS, occurrence };
  };
}

describe('a store’s clock on the nights on which it is turned', () => {
  test('in Paris, minute by minute: what was shown once is that instant, what was shown twice the first, each told', () => {
    const [shown, read] = [shownBy('Europe/Paris'), clockOf('Europe/Paris')];
    for (const day of NIGHTS) {
      const seen = new Map<number, number[]>();
      for (let at = night(day) - 3 * HOUR_MS; at < night(day) + 3 * HOUR_MS; at += MINUTE_MS) {
        const wall = asUtc(shown(at));
        seen.set(wall, [...(seen.get(wall) ?? []), at]);
      }
      for (const [wall, instants] of seen) {
        const told = read(shownBy('UTC')(wall));
        expect(told, `${day} ${new Date(wall).toISOString()}`).toEqual({
          at: instants[0],
          occurrence: instants.length === 1 ? 'once' : 'overlap',
        });
      }
    }
  });

  test('02:30 of the spring night never was: it is half past the hour that took its place, and told', () => {
    const read = clockOf('Europe/Paris');
    const half = { year: 2026, month: 3, day: 29, hour: 2, minute: 30, second: 0 };
    expect(read(half)).toEqual({ at: Date.parse('2026-03-29T01:30:00Z'), occurrence: 'gap' });
    expect(shownBy('Europe/Paris')(read(half).at)).toEqual({ ...half, hour: 3 });
    expect(read({ ...half, hour: 1, minute: 59 }).occurrence).toBe('once');
    expect(read({ ...half, hour: 3, minute: 0 })).toEqual({
      at: Date.parse('2026-03-29T01:00:00Z'),
      occurrence: 'once',
    });
  });

  test('02:30 of the autumn night was twice: it is the first, and told', () => {
    const read = clockOf('Europe/Paris');
    const half = { year: 2026, month: 10, day: 25, hour: 2, minute: 30, second: 0 };
    expect(read(half)).toEqual({ at: Date.parse('2026-10-25T00:30:00Z'), occurrence: 'overlap' });
  });

  test('in every zone of Europe: an instant that is shown and read comes back, or an hour earlier where it came twice', () => {
    const zones = Intl.supportedValuesOf('timeZone').filter((zone) => zone.startsWith('Europe/'));
    const seconds = fc.integer({ min: -DAY_MS / 1_000, max: DAY_MS / 1_000 });
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.constantFrom(...NIGHTS), seconds, (zone, day, second) => {
        const at = night(day) + second * 1_000;
        const { at: read, occurrence } = clockOf(zone)(shownBy(zone)(at));
        expect(occurrence).not.toBe('gap');
        expect(occurrence === 'overlap' ? [at, at - HOUR_MS] : [at]).toContain(read);
      }),
      { numRuns: 400 },
    );
  });
});
