import type { DATE_NOTATIONS } from './repair-date.ts';

type Notation = (typeof DATE_NOTATIONS)[number] | 'decimal-comma' | 'decimal-point';

/** How a column was read, for who wonders why a cell of it cannot be. */
const WORDS: Readonly<Record<Notation, Readonly<Record<'en' | 'fr', string>>>> = {
  'date-dmy': {
    en: 'read as day/month/year, e.g. 21/11/2026',
    fr: 'lu comme jour/mois/année, par exemple 21/11/2026',
  },
  'date-mdy': {
    en: 'read as month/day/year, e.g. 11/21/2026',
    fr: 'lu comme mois/jour/année, par exemple 11/21/2026',
  },
  'date-ymd': {
    en: 'read as year-month-day, e.g. 2026-11-21',
    fr: 'lu comme année-mois-jour, par exemple 2026-11-21',
  },
  'excel-serial': {
    en: 'read as a spreadsheet counts days, e.g. 46347',
    fr: 'lu comme un tableur compte les jours, par exemple 46347',
  },
  'decimal-comma': {
    en: 'read with a decimal comma, e.g. 1 234,50',
    fr: 'lu avec une virgule décimale, par exemple 1 234,50',
  },
  'decimal-point': {
    en: 'read with a decimal point, e.g. 1,234.50',
    fr: 'lu avec un point décimal, par exemple 1,234.50',
  },
};

/** The detail of a row's problem in words: the name of a notation is one of ours and says nothing to who mends the file. */
export function detailWords(detail: string, language: 'en' | 'fr'): string {
  return Object.hasOwn(WORDS, detail) ? WORDS[detail as Notation][language] : detail;
}
