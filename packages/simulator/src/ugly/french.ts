import { HOUR_MS } from '@filrouge/domain/base';
import { formatParis, parisOffsetMs } from '../paris-clock.ts';
import type { Random } from '../random.ts';

/** `26/10/2025` in Paris. */
export function dayOf(at: number): string {
  return dayWritten(formatParis(at).slice(0, 10));
}

/** `2025-10-26` -> `26/10/2025`. */
export function dayWritten(day: string): string {
  return `${day.slice(8, 10)}/${day.slice(5, 7)}/${day.slice(0, 4)}`;
}

/** `02:30`: a clock on a wall, which does not say which of two hours it shows. */
export function timeOf(at: number): string {
  return formatParis(at).slice(11, 16);
}

/** Whether the clocks of Paris show the hour of `at` twice, because they are turned back that night. */
export function isShownTwice(at: number): boolean {
  const early = parisOffsetMs(at) === 2 * HOUR_MS && parisOffsetMs(at + HOUR_MS) === HOUR_MS;
  return early || (parisOffsetMs(at) === HOUR_MS && parisOffsetMs(at - HOUR_MS) === 2 * HOUR_MS);
}

/** 123450 -> `1234,50`, `1 234,50` with a blank that breaks or one that does not; a minus before or behind. */
export function amount(minor: number, random: Random): string {
  const [style, behind] = [random.below(4), random.chance(0.2)];
  const digits = String(Math.abs(minor)).padStart(3, '0');
  const euros = digits.slice(0, -2);
  const blank = style === 0 ? '' : style === 1 ? '\u00a0' : ' ';
  const grouped = euros.replace(/\B(?=(\d{3})+$)/g, blank);
  const text = `${grouped},${digits.slice(-2)}`;
  if (minor >= 0) return text;
  return behind ? `${text}-` : `-${text}`;
}

/** A rate, a degree: `5.5` -> `5,5`. */
export function broken(value: number): string {
  return String(value).replace('.', ',');
}

/** `+33639981234` as people and spreadsheets write it; `eaten`: without its first 0. */
export function phone(e164: string, random: Random): { readonly text: string; readonly eaten: boolean } {
  const national = e164.slice(3);
  const pairs = `0${national}`.match(/\d\d/g) ?? [];
  const groups = [national.slice(0, 1), ...(national.slice(1).match(/\d\d/g) ?? [])].join(' ');
  switch (random.below(8)) {
    case 0:
      return { text: pairs.join(' '), eaten: false };
    case 1:
      return { text: pairs.join('.'), eaten: false };
    case 2:
      return { text: pairs.join('-'), eaten: false };
    case 3:
      return { text: `+33 ${groups}`, eaten: false };
    case 4:
      return { text: `0033${national}`, eaten: false };
    case 5:
      return { text: `+33 (0)${groups}`, eaten: false };
    case 6:
      return { text: national, eaten: true };
    default:
      return { text: `0${national}`, eaten: false };
  }
}

/** An address that is none: its @ lost, doubled, or a comma in place of a point. */
export function brokenEmail(email: string, random: Random): string {
  const draw = random.below(3);
  if (draw === 0) return email.replace('@', ' ');
  return draw === 1 ? email.replace('@', '@@') : email.replace(/\.(?=\w+$)/, ',');
}

/** What a spreadsheet leaves of a long number: `2910000000420` -> `2,91E+12`. */
export function shortened(digits: string): string {
  return `${digits[0]},${digits.slice(1, 3)}E+${digits.length - 1}`;
}

/** A day that no calendar has. */
export const NO_SUCH_DAY = '31/02/1975';
