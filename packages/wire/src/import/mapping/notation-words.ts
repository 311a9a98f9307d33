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

/** How a detail begins that names the columns of a file of which nothing was made. */
export const UNREAD_COLUMNS = 'not recognised: ';

/** Details of our own sentences, in French. Lists of accepted words are not translated: they are what one writes. */
const FRENCH: readonly (readonly [RegExp, string])[] = [
  [/^(\d+) columns$/, '$1 colonnes'],
  [/^(\d+) digits$/, '$1 chiffres'],
  [/^at most (\d+) characters$/, 'au plus $1 caractères'],
  [/^a day such as (\S+)$/, 'un jour comme $1'],
  [
    /^per cent with at most two decimals, for instance 5\.5$/,
    'un pourcentage à deux décimales au plus, par exemple 5.5',
  ],
  [/^yes, no$/, 'oui, non'],
  [/^at least (\d+)$/, 'au moins $1'],
  [/^degrees from (-\d+) to (\d+)$/, 'des degrés de $1 à $2'],
  [/^not before (.*)$/s, 'pas avant $1'],
  [/^a JSON object$/, 'un objet JSON'],
  [/^not recognised: (.*)$/s, 'non reconnues\u202f: $1'],
  [/^the no itself is recorded$/, 'le non lui-même est enregistré'],
];

/** How to mend where the file, not the door, says in which form: by the detail of the problem. */
const AS_COLUMN = {
  en: 'Write it in that form, or change how the column is read in the mapping file.',
  fr: 'Écrivez-la sous cette forme, ou changez la lecture de la colonne dans le fichier de correspondance.',
} as const;
const MENDS: Readonly<Record<string, Readonly<Record<'en' | 'fr', string>>>> = {
  'time-unreadable date-dmy': AS_COLUMN,
  'time-unreadable date-mdy': AS_COLUMN,
  'time-unreadable date-ymd': AS_COLUMN,
  'time-unreadable excel-serial': AS_COLUMN,
  'time-unreadable a day such as 1980-02-29': {
    en: 'Write the day as year-month-day, for instance 1980-02-29.',
    fr: 'Écrivez le jour en année-mois-jour, par exemple 1980-02-29.',
  },
  'amount-unreadable decimal-comma': {
    en: 'Write digits with a decimal comma, for instance 12,50.',
    fr: 'Écrivez des chiffres avec une virgule décimale, par exemple 12,50.',
  },
};

/**
 * How to mend a row's problem where its file decides it and not the form that the door takes; undefined where the
 * catalogue's words hold. `detail` of `no-identifier` is the names of columns.
 */
export function mendWords(code: string, detail: string | undefined, language: 'en' | 'fr'): string | undefined {
  if (detail === undefined) return undefined;
  if (code === 'no-identifier') {
    return language === 'fr' ? `Remplissez l’une des colonnes : ${detail}.` : `Fill one of the columns: ${detail}.`;
  }
  if (code === 'column-missing' && detail.includes(UNREAD_COLUMNS)) {
    return language === 'fr'
      ? 'Dites dans le fichier de correspondance, sous « columns », laquelle des colonnes c’est.'
      : 'Say in the mapping file, under "columns", which of the columns it is.';
  }
  if (code === 'value-not-allowed') return allowedMend(detailWords(detail, language), /^[^,]+$/.test(detail), language);
  return MENDS[`${code} ${detail.split('; ')[0] ?? ''}`]?.[language];
}

/** What may stand there instead: a bound in words of its own, else one of a list. */
function allowedMend(words: string, isBound: boolean, language: 'en' | 'fr'): string {
  if (isBound)
    return language === 'fr' ? `Écrivez une valeur permise : ${words}.` : `Write a value that is allowed: ${words}.`;
  return language === 'fr' ? `Écrivez l’un de ces mots : ${words}.` : `Write one of: ${words}.`;
}

/** The detail of a row's problem in words: the name of a notation is one of ours and says nothing to who mends the file. */
export function detailWords(detail: string, language: 'en' | 'fr'): string {
  const [first = '', ...more] = detail.split('; ');
  if (more.length > 0) return [first, ...more].map((part) => detailWords(part, language)).join('; ');
  if (Object.hasOwn(WORDS, detail)) return WORDS[detail as Notation][language];
  const [form, words] = language === 'fr' ? (FRENCH.find(([each]) => each.test(detail)) ?? []) : [];
  return form === undefined || words === undefined ? detail : detail.replace(form, words);
}
