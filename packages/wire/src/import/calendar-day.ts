/** A day as three figures. */
export type DayParts = { readonly year: number; readonly month: number; readonly day: number };

/** Whether a month of the calendar has no such day: 31 February, 0 March. False for what is no month. */
export function isNoSuchDay({ year, month, day }: DayParts): boolean {
  return month >= 1 && month <= 12 && (day < 1 || day > new Date(Date.UTC(year, month, 0)).getUTCDate());
}

const ISO_DAY = /^(\d{4})-(\d\d)-(\d\d)(?:[T ]|$)/;

/** Whether a time in ISO 8601 names a day that there is not. */
export function namesNoSuchDay(text: string): boolean {
  const [, year, month, day] = ISO_DAY.exec(text) ?? [];
  return year !== undefined && isNoSuchDay({ year: Number(year), month: Number(month), day: Number(day) });
}
