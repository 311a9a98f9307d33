/** Languages of the demo, of reports and of `errors.csv`; everything else of the command is in English. */
export type Language = 'fr' | 'en';

/** The language of a terminal, as POSIX says it: LC_ALL, then LC_MESSAGES, then LANG. English where none of them is French. */
export function languageOf(environment: Readonly<Record<string, string | undefined>>): Language {
  const said = [environment['LC_ALL'], environment['LC_MESSAGES'], environment['LANG']].find(
    (value) => value !== undefined && value !== '',
  );
  return said !== undefined && /^fr([_.@-]|$)/i.test(said) ? 'fr' : 'en';
}

/** `12,345` in English, `12 345` in French. */
export function count(value: number, language: Language = 'en'): string {
  return value.toLocaleString(language, { maximumFractionDigits: 0 });
}

/** `1 item`, `12,345 items`, in English. */
export function amount(value: number, one: string, many: string = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** A share as a percentage with one decimal: `32.0%`, in French `32,0 %`. */
export function percent(share: number, language: Language = 'en'): string {
  return share.toLocaleString(language, { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 });
}

/** `45 s`, `2 min 5 s`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  const rest = seconds % 60;
  return rest === 0 ? `${seconds / 60} min` : `${Math.floor(seconds / 60)} min ${rest} s`;
}
