import { type Repaired, repaired } from './repaired.ts';

/** Blanks that stand between thousands: ordinary, no-break, narrow no-break, thin. */
const BLANK = '[ \\u00A0\\u202F\\u2009]';
const BLANKS = new Set(' \u00A0\u202F\u2009');

const WHOLE = {
  'decimal-comma': new RegExp(`^(?:\\d+|\\d{1,3}(?:\\.\\d{3})+|\\d{1,3}(?:['’]\\d{3})+|\\d{1,3}(?:${BLANK}\\d{3})+)$`),
  'decimal-point': new RegExp(`^(?:\\d+|\\d{1,3}(?:,\\d{3})+|\\d{1,3}(?:['’]\\d{3})+|\\d{1,3}(?:${BLANK}\\d{3})+)$`),
} as const;

export type DecimalNotation = keyof typeof WHOLE;

/**
 * A decimal as people and their programs write it -> digits with a point, e.g. `1 234,50 €` -> `1234.50`. The sign may
 * stand behind, or brackets in its place; thousands must be three digits, so that `12.50` in a file of decimal commas is
 * refused and not taken for a thousand.
 */
export function repairAmount(text: string, notation: DecimalNotation): Repaired {
  const bracketed = /^\((.*)\)$/.exec(text.trim());
  const { before, figures, behind } = apart(bracketed?.[1] ?? text.trim());
  const mark = notation === 'decimal-comma' ? ',' : '.';
  const at = figures.lastIndexOf(mark);
  const whole = at === -1 ? figures : figures.slice(0, at) || '0';
  const fraction = at === -1 ? '' : figures.slice(at + 1);
  const signs = Number(bracketed !== null) + Number(before !== '') + Number(behind !== '');
  if (!WHOLE[notation].test(whole) || (at !== -1 && !/^\d+$/.test(fraction)) || signs > 1) {
    return { ok: false, code: 'amount-unreadable', detail: notation };
  }
  const negative = bracketed !== null || before === '-' || behind === '-';
  const digits = whole.replace(/\D/g, '');
  return repaired(`${negative ? '-' : ''}${digits}${fraction === '' ? '' : `.${fraction}`}`);
}

/**
 * What one cell says of the notation of its file: `neither` where it is a plain number or none at all, `either` where it
 * reads both ways with different values (`1,234`).
 */
export function notationOf(text: string): DecimalNotation | 'either' | 'neither' {
  const comma = repairAmount(text, 'decimal-comma');
  const point = repairAmount(text, 'decimal-point');
  if (comma.ok && point.ok) return comma.text === point.text ? 'neither' : 'either';
  return comma.ok ? 'decimal-comma' : point.ok ? 'decimal-point' : 'neither';
}

/** Signs and figures, without the currency and the blanks around them. A pattern would try every share of many blanks. */
function apart(text: string): { readonly before: string; readonly figures: string; readonly behind: string } {
  const bare = stripped(text.replace(/^(?:€|EUR)/i, ''));
  const before = /^[+-]/.test(bare) ? bare.slice(0, 1) : '';
  const rest = stripped(stripped(bare.slice(before.length)).replace(/(?:€|EUR|%)$/i, ''));
  const behind = rest.endsWith('-') ? '-' : '';
  return { before, figures: stripped(behind === '' ? rest : rest.slice(0, -1)), behind };
}

function stripped(text: string): string {
  let [from, to] = [0, text.length];
  while (from < to && BLANKS.has(text[from] as string)) from += 1;
  while (to > from && BLANKS.has(text[to - 1] as string)) to -= 1;
  return text.slice(from, to);
}
