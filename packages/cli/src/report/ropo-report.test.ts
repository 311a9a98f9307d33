import { describe, expect, test } from 'vitest';
import { ropoPeriod, ropoReportOf, ropoSentence } from './ropo-report.ts';

const ANSWER = {
  definition: 'What it means.',
  population: 1_234,
  coverage: { value: 0.556 },
  consentedBase: 321,
  observed: 0.248,
  estimate: { value: 0.313, low: 0.29, high: 0.336 },
  bounds: { low: 0.065, high: 0.81 },
  rows: [
    {
      key: 'MA01',
      population: 10,
      coverage: { value: null },
      consentedBase: 0,
      observed: null,
      estimate: null,
      bounds: null,
    },
  ],
  asOf: { at: '2026-11-21T00:00:00.000Z' },
};
const asked = { direction: 'online-to-store', window: 7 };

describe('the sentence of a ROPO report', () => {
  test('the figure comes first, then estimate, bounds and coverage', () => {
    expect(ropoSentence(ropoReportOf(ANSWER, 'en'), asked, 'en')).toBe(
      '24.8% of the store purchases of consenting persons followed a visit of the site or app within 7 days. ' +
        'Over all purchases the estimate is 31.3% (95% interval 29.0% to 33.6%); asking some buyers at the till would narrow it. ' +
        'Whatever those not seen do, the share of all purchases is between 6.5% and 81.0%. 55.6% of 1,234 purchases have a known person.',
    );
  });

  test.each([
    ['2026-10-23T00:00:00.000Z', '2026-11-22T00:00:00.000Z', 'fr', /^Achats du 23 octobre 2026 au 21 novembre 2026\.$/],
    [
      '2026-10-23T00:00:00.000Z',
      '2026-11-22T00:00:00.000Z',
      'en',
      /^Purchases from 23 October 2026 to 21 November 2026\.$/,
    ],
    [
      '2026-10-23T10:31:05.123Z',
      '2026-11-22T10:31:05.123Z',
      'fr',
      /^Achats du 23 octobre 2026 .*10:31 au 22 .+\(UTC\)\.$/,
    ],
    [
      '2026-10-23T10:31:05.123Z',
      '2026-11-22T10:31:05.123Z',
      'en',
      /^Purchases from 23 October .*10:31 to 22 .+\(UTC\)\.$/,
    ],
  ] as const)('the period from %s to %s is told in %s', (from, to, language, told) => {
    const period = ropoPeriod(ropoReportOf({ ...ANSWER, from, to }, language), language);
    expect(period).toMatch(told);
  });

  test('an estimate from answers at the till says so', () => {
    const told = { ...ANSWER, estimate: { value: 0.313, low: 0.29, high: 0.336, firm: true, basis: 'asked' } };
    expect(ropoSentence(ropoReportOf(told, 'en'), asked, 'en')).toContain(', from what buyers answered at the till. ');
    expect(ropoSentence(ropoReportOf(told, 'fr'), asked, 'fr')).toContain(', d’après les réponses données en caisse. ');
  });

  test('an estimate that is not firm is not told, and why is', () => {
    const told = { ...ANSWER, estimate: { value: 0.313, low: 0.065, high: 0.81, firm: false } };
    expect(ropoSentence(ropoReportOf(told, 'en'), asked, 'en')).toMatch(/ Too few .*\(100 .*\)\. Whatever/);
    expect(ropoSentence(ropoReportOf(told, 'en'), asked, 'en')).not.toContain('31.3');
    expect(ropoSentence(ropoReportOf(told, 'fr'), asked, 'fr')).toMatch(/ Trop peu .*\(il en faut 100\)/);
  });

  test('French is written as French is: comma, narrow spaces', () => {
    const sentence = ropoSentence(ropoReportOf(ANSWER, 'fr'), { ...asked, window: 1 }, 'fr');
    expect(sentence).toMatch(/^24,8\s%\sdes achats en magasin .* dans les 24 heures\./u);
    expect(sentence).toContain('1\u202f234 achats');
    expect(sentence).not.toMatch(/ [%:;!?]/);
  });

  test('where nobody was seen no share is made up, and where nothing was sold nothing is said', () => {
    const { rows } = ropoReportOf(ANSWER, 'en');
    expect(rows[0]).toMatchObject({ key: 'MA01', observed: undefined, estimate: undefined, bounds: undefined });
    expect(ropoSentence({ ...ropoReportOf(ANSWER, 'en'), observed: undefined }, asked, 'en')).toMatch(
      /^Nobody who consents was seen/,
    );
    expect(ropoSentence(ropoReportOf({}, 'en'), asked, 'en')).toMatch(/^Nothing was sold/);
  });
});
