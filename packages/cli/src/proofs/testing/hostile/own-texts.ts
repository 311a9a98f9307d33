/** Texts that go wrong somewhere, one for each way that is known: every one of them may come from anybody's browser. */
export const OWN_TEXTS: readonly string[] = [
  // What an engine cannot hold, or ends at.
  '\0',
  'a\0b',
  '\ud800',
  'x\udeadx',
  '\ufffd',
  '\uffff',
  '\ufeffbom',
  // What a terminal or a reader obeys.
  '\u001b[31mred\u001b[0m',
  '\u001b]0;title\u0007',
  '\u009b2J',
  'over\rwritten',
  'back\b\b\b\b',
  'two\r\nlines',
  '\u202egnp.exe',
  '\u2028\u2029',
  // What a spreadsheet runs.
  '=HYPERLINK("http://x.example","a")',
  '+1+1',
  '-1+1',
  '@SUM(1)',
  '\t=1+1',
  "'=1+1",
  // What a language or an engine would run.
  "' OR 1=1 --",
  '"; DROP TABLE journal; --',
  '\\',
  "\\'",
  '{v:String}',
  '{{constructor.constructor("return process")()}}',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a text that somebody may send
  '${process.exit()}',
  '%00%s%n%d',
  '../../../../etc/passwd',
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  'a@example.com\r\nBcc: b@example.com',
  // What JavaScript has for itself.
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  // What stands for nothing, and for nobody.
  '',
  ' ',
  'null',
  'undefined',
  'NaN',
  '00000000-0000-0000-0000-000000000000',
  '{}',
  '[]',
  // Numbers and times that no engine has.
  '9007199254740993',
  '1e400',
  '-0',
  '9'.repeat(400),
  '2199-01-01T00:00:00Z',
  '+275760-09-13T00:00:00Z',
  '-271821-04-20T00:00:00Z',
  '0000-01-01',
  '2026-02-31',
  '2026-03-29T02:30:00',
  // Letters that change their length or their place.
  'İstanbul',
  'ﬁﬂ',
  'e\u0301\u0301\u0301'.repeat(40),
  '👩‍👩‍👧‍👦'.repeat(30),
  '𝕏',
  'مرحبا',
  // Long, and long for whoever matches it again and again.
  'a'.repeat(9_000),
  'a'.repeat(300),
  `${'a@'.repeat(120)}!`,
  `${'1.'.repeat(120)}x`,
  `${'-'.repeat(250)}.`,
  `${' '.repeat(250)}x`,
  `${'0'.repeat(250)}x`,
];

/** How a text stands once it was taken in: no engine holds NUL or half a character (S9), and no text of theirs is endless. */
export function asKept(text: string): string {
  return text.replaceAll('\0', '\ufffd').toWellFormed();
}
