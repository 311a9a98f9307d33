import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readTime } from '../../collect/time.ts';
import { normalName } from './normal-name.ts';
import { detailWords, mendWords } from './notation-words.ts';
import { type Repair, repairCell } from './repair.ts';
import { repairAmount } from './repair-amount.ts';
import { type DateNotation, repairDate } from './repair-date.ts';
import type { RepairPlace } from './repaired.ts';
import { storeClock } from './store-clock.ts';

const PARIS: RepairPlace = { country: 'FR', zone: 'Europe/Paris' };

describe('amounts', () => {
  test.each([
    ['12,50', 'decimal-comma', '12.50'],
    ['1 234,50 €', 'decimal-comma', '1234.50'],
    ['1\u202F234,50\u00A0€', 'decimal-comma', '1234.50'],
    ['1.234,5', 'decimal-comma', '1234.5'],
    ['1.234', 'decimal-comma', '1234'],
    ['-12,50', 'decimal-comma', '-12.50'],
    ['12,50-', 'decimal-comma', '-12.50'],
    ['(12,50)', 'decimal-comma', '-12.50'],
    [',5', 'decimal-comma', '0.5'],
    ['€12.50', 'decimal-point', '12.50'],
    ['1,234.50', 'decimal-point', '1234.50'],
    ["1'234.50", 'decimal-point', '1234.50'],
    ['5,5 %', 'decimal-comma', '5.5'],
  ] as const)('%s by %s is %s', (text, notation, expected) => {
    expect(repairAmount(text, notation)).toEqual({ ok: true, text: expected });
  });

  test.each([
    ['12.50', 'decimal-comma'],
    ['12,50', 'decimal-point'],
    ['1 23,50', 'decimal-comma'],
    ['-(5)', 'decimal-comma'],
    ['-5-', 'decimal-comma'],
    ['12,5,0', 'decimal-comma'],
    ['douze', 'decimal-comma'],
    ['', 'decimal-point'],
    ['12 $', 'decimal-point'],
  ] as const)('%j is no amount by %s', (text, notation) => {
    expect(repairAmount(text, notation)).toMatchObject({ ok: false, code: 'amount-unreadable' });
  });

  test('what a program of any country writes comes back to the cent', () => {
    const french = new Intl.NumberFormat('fr-FR', { minimumFractionDigits: 2 });
    const german = new Intl.NumberFormat('de-DE', { minimumFractionDigits: 2 });
    const english = new Intl.NumberFormat('en-GB', { minimumFractionDigits: 2 });
    fc.assert(
      fc.property(fc.integer({ min: -99_999_999, max: 99_999_999 }), (cents) => {
        const expected = cents === 0 ? 0 : cents / 100;
        for (const [format, notation] of [
          [french, 'decimal-comma'],
          [german, 'decimal-comma'],
          [english, 'decimal-point'],
        ] as const) {
          const read = repairAmount(format.format(expected), notation);
          expect(read.ok && Number(read.text)).toBe(expected);
        }
      }),
    );
  });
});

describe('dates', () => {
  const at = (text: string, notation: DateNotation, wanted: 'day' | 'time' = 'time') =>
    repairDate(text, notation, wanted, PARIS);

  test.each([
    ['21/11/2026 18:03', 'date-dmy', '2026-11-21T18:03:00+01:00', undefined],
    ['21/11/2026 18:03:59', 'date-dmy', '2026-11-21T18:03:59+01:00', undefined],
    ['21/07/2026 18h03', 'date-dmy', '2026-07-21T18:03:00+02:00', undefined],
    ['21.11.26', 'date-dmy', '2026-11-21T00:00:00+01:00', 'no-time-of-day'],
    ['1/2/2026', 'date-dmy', '2026-02-01T00:00:00+01:00', 'no-time-of-day'],
    ['11/21/2026 6:03 PM', 'date-mdy', '2026-11-21T18:03:00+01:00', undefined],
    ['11/21/2026 12:03 am', 'date-mdy', '2026-11-21T00:03:00+01:00', undefined],
    ['2026-11-21 18:03', 'date-ymd', '2026-11-21T18:03:00+01:00', undefined],
    ['20261121 1803', 'date-ymd', '2026-11-21T18:03:00+01:00', undefined],
    ['46347.75', 'excel-serial', '2026-11-21T18:00:00+01:00', undefined],
    ['46347,75', 'excel-serial', '2026-11-21T18:00:00+01:00', undefined],
    ['46347', 'excel-serial', '2026-11-21T00:00:00+01:00', 'no-time-of-day'],
    ['2026-11-21T18:03:00Z', 'date-dmy', '2026-11-21T18:03:00Z', undefined],
    ['29/03/2026 02:30', 'date-dmy', '2026-03-29T02:30:00+01:00', 'clock-left-out-this-hour'],
    ['25/10/2026 02:30', 'date-dmy', '2026-10-25T02:30:00+02:00', 'clock-showed-this-hour-twice'],
    ['25/10/2026 03:00', 'date-dmy', '2026-10-25T03:00:00+01:00', undefined],
  ] as const)('%s by %s is %s (%s)', (text, notation, expected, note) => {
    expect(at(text, notation)).toEqual(
      note === undefined ? { ok: true, text: expected } : { ok: true, text: expected, note },
    );
  });

  test.each([
    ['31/02/2026', 'date-dmy', 'time', 'no-such-day'],
    ['31/04/1980', 'date-dmy', 'day', 'no-such-day'],
    ['02/30/2026 6:03 PM', 'date-mdy', 'time', 'no-such-day'],
    ['2026-02-29T10:00:00+01:00', 'date-ymd', 'time', 'no-such-day'],
    ['00/05/2026', 'date-dmy', 'time', 'no-such-day'],
    ['31/02/2026 25:61', 'date-dmy', 'time', 'time-unreadable'],
    ['11/21/2026', 'date-dmy', 'time', 'time-unreadable'],
    ['21/11/2026 25:00', 'date-dmy', 'time', 'time-unreadable'],
    ['21/11/2026 13:00 PM', 'date-dmy', 'time', 'time-unreadable'],
    ['12', 'excel-serial', 'time', 'time-unreadable'],
    ['hier', 'date-ymd', 'time', 'time-unreadable'],
    ['21/11/55', 'date-dmy', 'day', 'year-too-short'],
  ] as const)('%s by %s as a %s is refused: %s', (text, notation, wanted, code) => {
    expect(at(text, notation, wanted)).toMatchObject({ ok: false, code });
  });

  test('a day is a day of the calendar and has no clock', () => {
    expect(at('29/02/1980', 'date-dmy', 'day')).toEqual({ ok: true, text: '1980-02-29' });
    expect(at('1980-02-29 00:00:00', 'date-ymd', 'day')).toEqual({ ok: true, text: '1980-02-29' });
    expect(at('29280', 'excel-serial', 'day')).toEqual({ ok: true, text: '1980-02-29' });
  });

  test('an instant written on the clock of any zone comes back, but in the hour that comes twice, where it may be the other', () => {
    const zones = [
      'Europe/Paris',
      'America/New_York',
      'Asia/Kolkata',
      'Australia/Lord_Howe',
      'Indian/Reunion',
      'Pacific/Apia',
    ];
    const clocks = new Map(
      zones.map((zone) => [
        zone,
        new Intl.DateTimeFormat('en-GB', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' }),
      ]),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: Date.UTC(2012, 0, 1) / 1_000, max: Date.UTC(2030, 0, 1) / 1_000 }),
        (zone, seconds) => {
          const shown = clocks.get(zone)?.format(seconds * 1_000) ?? '';
          const read = repairDate(shown, 'date-dmy', 'time', { country: 'FR', zone });
          if (!read.ok) throw new Error(`${shown} in ${zone}: ${read.code}`);
          expect(read.note).not.toBe('clock-left-out-this-hour');
          const instant = readTime(read.text) as number;
          expect(clocks.get(zone)?.format(instant)).toBe(shown);
          expect(
            instant === seconds * 1_000 || (read.note === 'clock-showed-this-hour-twice' && instant < seconds * 1_000),
          ).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('a zone that nobody knows has no clock', () => {
    expect(storeClock('Europe/Lyon')).toBeUndefined();
  });
});

describe('codes, telephone numbers, postal codes and words', () => {
  test.each(['code', 'postal-code'] as const)('a postal code by %s: what none can be is refused or noted', (repair) => {
    const read = (text: string, country = 'FR') =>
      repairCell(repair, text, 'postal-code', { country, zone: 'Europe/Paris' });
    for (const text of ['750', '0639980009', '1'])
      expect(read(text)).toEqual({ ok: false, code: 'value-not-allowed', detail: '5 digits' });
    for (const text of ['SW1A 1AA', '99999', '00100'])
      expect(read(text)).toEqual({ ok: true, text, note: 'postal-code-unlikely' });
    for (const text of ['01000', '75011', '98000', '75 011', 'F-75011', '75011 CEDEX 08'])
      expect(read(text)).toEqual({ ok: true, text });
    expect(read('1000', 'BE')).toEqual({ ok: true, text: '1000' });
    expect(read('12345-6789', 'US')).toEqual({ ok: true, text: '12345-6789' });
  });

  const repair = (kind: Repair, text: string, country = 'FR') =>
    repairCell(kind, text, 'text', { country, zone: 'Europe/Paris' });

  test.each([
    ['phone', '639981234', 'FR', '0639981234', 'leading-zero-restored'],
    ['phone', '33639981234', 'FR', '33639981234', undefined],
    ['phone', '32470123456', 'FR', '+32470123456', 'plus-restored'],
    ['phone', '06 39 98 12 34', 'FR', '06 39 98 12 34', undefined],
    ['phone', '470123456', 'BE', '470123456', undefined],
    ['phone', "'0639981234", 'FR', '0639981234', 'spreadsheet-mark-removed'],
    ['phone', '639981234.0', 'FR', '0639981234', 'leading-zero-restored'],
    ['postal-code', '1000', 'FR', '01000', 'leading-zero-restored'],
    ['postal-code', '1000', 'BE', '1000', undefined],
    ['postal-code', '1000', 'ZZ', '1000', undefined],
    ['postal-code', '184', 'IT', '00184', 'leading-zero-restored'],
    ['postal-code', '75011', 'FR', '75011', undefined],
    ['code', '="00123"', 'FR', '00123', 'spreadsheet-mark-removed'],
    ['code', '1234567.0', 'FR', '1234567', 'spreadsheet-mark-removed'],
    ['text', "'t Hooft", 'FR', "'t Hooft", undefined],
    ['country', 'Belgique', 'FR', 'BE', undefined],
    ['country', 'Wallonie', 'FR', 'Wallonie', undefined],
    ['receipt-type', 'RETOUR', 'FR', 'refund', undefined],
    ['consent-status', 'Désabonné', 'FR', 'withdrawn', undefined],
    ['consent-status', 'Oui', 'FR', 'given', undefined],
  ] as const)('%s %s in %s is %s (%s)', (kind, text, country, expected, note) => {
    expect(repair(kind, text, country)).toEqual(
      note === undefined ? { ok: true, text: expected } : { ok: true, text: expected, note },
    );
  });

  test.each(['1,23E+12', '1.23E+12', '4E+15', '1,23456E12'])(
    '%s has lost its digits: refused in every column of numbers',
    (text) => {
      for (const kind of ['code', 'phone', 'postal-code'] as const) {
        expect(repair(kind, text)).toMatchObject({ ok: false, code: 'scientific-notation' });
      }
    },
  );

  test('a code is never changed but for the marks of a spreadsheet', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9_/-]{1,20}$/), (text) => {
        const read = repair('code', text);
        expect(read.ok ? read.text : read.code).toBe(
          /^\d(\.\d+)?[eE]\+?\d{1,3}$/.test(text) ? 'scientific-notation' : text,
        );
      }),
    );
  });

  test('column names are one name however they are written', () => {
    for (const name of ['N° de carte', 'NUM_CARTE', 'numCarte', 'No carte', 'n°carte', 'Numéro de la carte']) {
      expect(normalName(name)).toBe('numero carte');
    }
  });
});

describe('what may stand in a cell is told in the language of the list', () => {
  test.each([
    ['at least 0', 'au moins 0', 'Écrivez une valeur permise : au moins 0.'],
    ['degrees from -90 to 90', 'des degrés de -90 à 90', 'Écrivez une valeur permise : des degrés de -90 à 90.'],
    ['not before Début', 'pas avant Début', 'Écrivez une valeur permise : pas avant Début.'],
    ['yes, no', 'oui, non', 'Écrivez l’un de ces mots : oui, non.'],
  ])('%s', (detail, words, mend) => {
    expect([detailWords(detail, 'fr'), mendWords('value-not-allowed', detail, 'fr')]).toEqual([words, mend]);
    expect(mendWords('value-not-allowed', detail, 'en')).toContain(detail);
  });
});
