import { readPhone } from '../../collect/phone.ts';
import { type Repaired, type RepairPlace, repaired } from './repaired.ts';

/** `1,23E+12`: a spreadsheet showed a long number, and saved what it showed. */
const SCIENTIFIC = /^\d(?:[.,]\d+)?[Ee]\+?\d{1,3}$/;

/** Digits of a postal code of the countries where it has one length and may begin with 0. */
const POSTAL_DIGITS: Readonly<Record<string, number>> = {
  FR: 5, GP: 5, MQ: 5, GF: 5, RE: 5, YT: 5, MC: 5, DE: 5, ES: 5, IT: 5, FI: 5, EE: 5, HR: 5, US: 5, PT: 4,
}; // biome-ignore format: a table

/** Countries whose postal codes begin with a department, from 01 to 98. */
const BY_DEPARTMENT: ReadonlySet<string> = new Set(['FR', 'GP', 'MQ', 'GF', 'RE', 'YT', 'MC']);

/** National digits of a telephone number, behind its 0, where all have the same number of them. */
const NATIONAL_DIGITS: Readonly<Record<string, number>> = { FR: 9, GP: 9, MQ: 9, GF: 9, RE: 9, YT: 9, CH: 9, NL: 9 };

/** A number or code that must keep every digit; `.0` is what a program left that took it for a decimal. */
export function repairCode(text: string): Repaired {
  if (SCIENTIFIC.test(text)) return { ok: false, code: 'scientific-notation' };
  return /^\d{4,}\.0$/.test(text) ? repaired(text.slice(0, -2), 'spreadsheet-mark-removed') : repaired(text);
}

/**
 * A telephone number whose first 0 or + a spreadsheet took for nothing. The 0 is put back in a country where all numbers
 * have one length and this has just one digit less; the + where the digits are no number of that country and, with it, one
 * of another. The reader of the row judges the result, as it does any number.
 */
export function repairPhone(text: string, { country }: RepairPlace): Repaired {
  const code = repairCode(text);
  if (!code.ok) return code;
  if (!/^[1-9]\d{6,14}$/.test(code.text)) return code;
  const local = NATIONAL_DIGITS[country];
  if (local === code.text.length) return repaired(`0${code.text}`, 'leading-zero-restored');
  const readable = readPhone(code.text, country) !== undefined;
  const abroad = !readable && readPhone(`+${code.text}`, country) !== undefined;
  return abroad ? repaired(`+${code.text}`, 'plus-restored') : code;
}

/** A postal code whose first 0 a spreadsheet took for nothing; of a country whose codes have another form it stands as it is. */
export function repairPostalCode(text: string, { country }: RepairPlace): Repaired {
  const code = repairCode(text);
  const digits = POSTAL_DIGITS[country];
  if (!code.ok || digits === undefined || !/^[1-9]\d*$/.test(code.text)) return code;
  // Two digits short would be a code of an area that does not exist, but in Italy (00184 Roma).
  const short = digits - code.text.length;
  if (short !== 1 && !(country === 'IT' && short === 2)) return code;
  return repaired(code.text.padStart(digits, '0'), 'leading-zero-restored');
}

/** Whether a text has the form of a postal code of a country; undefined for a country whose form we do not know. */
export function isPostalCode(text: string, country: string): boolean | undefined {
  const digits = POSTAL_DIGITS[country];
  if (digits === undefined) return undefined;
  const figures = text.replaceAll(/[ \u00A0]/g, '');
  if (!BY_DEPARTMENT.has(country)) return new RegExp(`(?<!\\d)\\d{${digits}}(?!\\d)`).test(figures);
  return /(?<!\d)(?!00|99)\d{5}(?!\d)/.test(figures);
}

/**
 * What has become of a postal code, looked at once more: of a number that no code of the country can be, a telephone number
 * or one that lost its digits, the row is refused; whatever else has another form may be another country's, and is noted.
 */
export function judgedPostalCode(result: Repaired, { country }: RepairPlace): Repaired {
  if (!result.ok || isPostalCode(result.text, country) !== false) return result;
  if (BY_DEPARTMENT.has(country) && /^(?:\d{1,3}|\d{6,})$/.test(result.text)) {
    return { ok: false, code: 'value-not-allowed', detail: '5 digits' };
  }
  return repaired(result.text, 'postal-code-unlikely');
}
