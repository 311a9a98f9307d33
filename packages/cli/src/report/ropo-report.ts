import { DAY_MS } from '@filrouge/domain/base';
import { type AnswerDocument, documentOf, listOf, numberOf, textOf } from '../api/answer-document.ts';
import { count, type Language, percent } from '../words/figures.ts';

/** A share with its interval; undefined where there is nothing to divide by. */
export type Span = { readonly low: number; readonly high: number };

export type RopoFigures = {
  readonly population: number | undefined;
  readonly coverage: number | undefined;
  readonly consentedBase: number | undefined;
  readonly observed: number | undefined;
  /** Not `firm`: too few were seen to tell more than the bounds. */
  readonly estimate: (Span & { readonly value: number; readonly firm: boolean; readonly asked: boolean }) | undefined;
  readonly bounds: Span | undefined;
};

export type RopoRow = RopoFigures & { readonly key: string; readonly name: string | undefined };

/** The answer of `GET /api/reports/ropo`, as far as the command shows it. */
export type RopoReport = RopoFigures & {
  readonly definition: string | undefined;
  readonly rows: readonly RopoRow[];
  readonly asOf: string | undefined;
  /** Instants in ISO 8601; `to` is not in the period. */
  readonly period: { readonly from: string; readonly to: string } | undefined;
};

export function ropoReportOf(answer: unknown, language: Language): RopoReport {
  const document = documentOf(answer);
  const [from, to] = [textOf(document['from']), textOf(document['to'])];
  return {
    ...figuresOf(document),
    definition: wordsOf(document['definition'], language),
    rows: listOf(document['rows']).map(rowOf),
    asOf: textOf(document['asOf']) ?? textOf(documentOf(document['asOf'])['at']),
    period: from === undefined || to === undefined ? undefined : { from, to },
  };
}

function rowOf(row: AnswerDocument): RopoRow {
  const figures = row['byCount'] === undefined ? row : documentOf(row['byCount']);
  return { ...figuresOf(figures), key: textOf(row['key']) ?? '', name: textOf(row['name']) };
}

function figuresOf(document: AnswerDocument): RopoFigures {
  const estimate = documentOf(document['estimate']);
  const value = numberOf(estimate['value']);
  const interval = spanOf(estimate);
  return {
    population: figureOf(document['population']),
    coverage: figureOf(document['coverage']),
    consentedBase: figureOf(document['consentedBase']),
    observed: figureOf(document['observed']),
    estimate:
      value === undefined || interval === undefined
        ? undefined
        : { value, ...interval, firm: estimate['firm'] !== false, asked: estimate['basis'] === 'asked' },
    bounds: spanOf(documentOf(document['bounds'])),
  };
}

/** A figure stands bare, or as `value` of an object that says more about it. */
function figureOf(figure: unknown): number | undefined {
  const document = documentOf(figure);
  return numberOf(figure) ?? numberOf(document['value']) ?? numberOf(document['count']);
}

function spanOf(document: AnswerDocument): Span | undefined {
  const low = numberOf(document['low']);
  const high = numberOf(document['high']);
  return low === undefined || high === undefined ? undefined : { low, high };
}

function wordsOf(definition: unknown, language: Language): string | undefined {
  return textOf(definition) ?? textOf(documentOf(definition)[language]) ?? textOf(documentOf(definition)['text']);
}

/** Which purchases it is about: days where it is whole days of UTC, else to the minute. */
export function ropoPeriod({ period }: Pick<RopoReport, 'period'>, language: Language): string | undefined {
  if (period === undefined) return undefined;
  const [from, to] = [new Date(period.from), new Date(period.to)];
  const days = from.getTime() % DAY_MS === 0 && to.getTime() % DAY_MS === 0;
  const shown = (at: Date): string =>
    at.toLocaleString(language === 'fr' ? 'fr-FR' : 'en-GB', {
      timeZone: 'UTC',
      dateStyle: 'long',
      ...(days ? {} : { timeStyle: 'short' }),
    });
  // The last day, not the day after it.
  const last = days ? new Date(to.getTime() - DAY_MS) : to;
  return SENTENCE[language].period(shown(from), shown(last), days);
}

/** The answer as a sentence, figure first. */
export function ropoSentence(
  report: RopoFigures,
  asked: { readonly direction: string; readonly window: number },
  language: Language,
): string {
  const { observed, estimate, bounds, coverage, population } = report;
  const share = (value: number): string => percent(value, language);
  const words = SENTENCE[language];
  const subject = words.subject[asked.direction === 'store-to-online' ? 'store-to-online' : 'online-to-store'](
    asked.window,
  );
  if (population === undefined || population === 0) return words.nothing;
  const parts = [
    observed === undefined ? words.unobserved(subject) : words.observed(share(observed), subject),
    ...(estimate === undefined
      ? []
      : estimate.firm
        ? [
            words[estimate.asked ? 'asked' : 'estimate'](
              share(estimate.value),
              share(estimate.low),
              share(estimate.high),
            ),
          ]
        : [words.tooFew]),
    ...(bounds === undefined ? [] : [words.bounds(share(bounds.low), share(bounds.high))]),
    ...(coverage === undefined ? [] : [words.coverage(share(coverage), count(population, language))]),
  ];
  return parts.join(' ');
}

const SENTENCE = {
  en: {
    subject: {
      'online-to-store': (window: number) =>
        `store purchases of consenting persons followed a visit of the site or app within ${days(window)}`,
      'store-to-online': (window: number) =>
        `online orders of consenting persons followed a store purchase within ${days(window)}`,
    },
    period: (from: string, to: string, days: boolean) => `Purchases from ${from} to ${to}${days ? '' : ' (UTC)'}.`,
    nothing: 'Nothing was sold in this period, so there is no share to tell.',
    unobserved: (subject: string) => `Nobody who consents was seen: how many ${subject} cannot be told.`,
    observed: (value: string, subject: string) => `${value} of the ${subject}.`,
    estimate: (value: string, low: string, high: string) =>
      `Over all purchases the estimate is ${value} (95% interval ${low} to ${high}); asking some buyers at the till would narrow it.`,
    asked: (value: string, low: string, high: string) =>
      `Over all purchases the estimate is ${value} (95% interval ${low} to ${high}), from what buyers answered at the till.`,
    tooFew: 'Too few of these purchases can be observed to estimate more (100 are needed).',
    bounds: (low: string, high: string) =>
      `Whatever those not seen do, the share of all purchases is between ${low} and ${high}.`,
    coverage: (share: string, all: string) => `${share} of ${all} purchases have a known person.`,
  },
  fr: {
    subject: {
      'online-to-store': (window: number) =>
        `achats en magasin de personnes consentantes ont suivi une visite du site ou de l’application dans les ${jours(window)}`,
      'store-to-online': (window: number) =>
        `commandes en ligne de personnes consentantes ont suivi un achat en magasin dans les ${jours(window)}`,
    },
    period: (from: string, to: string, days: boolean) => `Achats du ${from} au ${to}${days ? '' : ' (UTC)'}.`,
    nothing: 'Rien n’a été vendu sur cette période\u202f: il n’y a pas de part à dire.',
    unobserved: (subject: string) =>
      `Aucune personne consentante n’a été vue\u202f: on ne peut dire combien d’${subject}.`,
    observed: (value: string, subject: string) => `${value} des ${subject}.`,
    estimate: (value: string, low: string, high: string) =>
      `Sur tous les achats, l’estimation est de ${value} (intervalle à 95\u202f%\u202f: ${low} à ${high})\u202f; poser la question à quelques clients en caisse la préciserait.`,
    asked: (value: string, low: string, high: string) =>
      `Sur tous les achats, l’estimation est de ${value} (intervalle à 95\u202f%\u202f: ${low} à ${high}), d’après les réponses données en caisse.`,
    tooFew: 'Trop peu de ces achats sont observables pour en estimer davantage (il en faut 100).',
    bounds: (low: string, high: string) =>
      `Quoi que fassent les personnes que l’on ne voit pas, la part de tous les achats est entre ${low} et ${high}.`,
    coverage: (share: string, all: string) => `${share} des ${all} achats ont une personne connue.`,
  },
} as const;

function days(window: number): string {
  return window === 1 ? '24 hours' : `${window} days`;
}

function jours(window: number): string {
  return window === 1 ? '24 heures' : `${window} jours`;
}
