import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** What others gathered against programs like this one. */
export type Corpora = {
  /** Texts, each once. */
  readonly texts: readonly string[];
  /** Bytes for the place of a JSON value. */
  readonly bodies: readonly Buffer[];
  /** Whole calls, each with something wrong in it. */
  readonly calls: readonly string[];
  /** CSV files. */
  readonly tables: readonly Buffer[];
};

/** Reads the folder `naughty` of the public data, as bytes. */
export function readCorpora(folder: string): Corpora {
  const read = (...parts: string[]): Buffer => readFileSync(path.join(folder, ...parts));
  const all = (...parts: string[]): Buffer[] =>
    readdirSync(path.join(folder, ...parts)).sort().map((name) => read(...parts, name)); // biome-ignore format: one chain
  const lines = (...parts: string[]): string[] =>
    read(...parts)
      .toString('utf8')
      .split('\n');
  const json = (...parts: string[]): unknown => JSON.parse(read(...parts).toString('utf8'));
  const intruders = readdirSync(path.join(folder, 'xss')).filter((name) => name.endsWith('.txt'));
  const { cases } = json('own', 'hostile-events.json') as { readonly cases: readonly { readonly raw: string }[] };
  const texts = [
    ...textsIn(json('blns', 'blns.json')),
    ...textsIn(json('dompurify', 'expect.json')),
    ...intruders.flatMap((name) => lines('xss', name)),
    ...textsIn(json('idna', 'punycode_tests.json')),
    ...textsIn(json('idna', 'bad_punycode_tests.json')),
    ...textsIn(json('own', 'ssrf-urls.json')),
    ...addresses(read('email', 'isemail-tests.xml').toString('utf8')),
    ...['browsers.yml', 'crawlers.yml'].flatMap((name) => agents(lines('isbot', name))),
    ...lines('utf8', 'utf8tests.txt').filter((line) => !line.startsWith('#')),
    ...cases.map(({ raw }) => raw),
  ];
  return {
    texts: [...new Set(texts.filter((text) => text !== ''))],
    bodies: [
      ...all('jsontestsuite', 'test_parsing'),
      ...all('jsontestsuite', 'test_transform'),
      ...all('nativejson', 'jsonchecker'),
      ...all('nativejson', 'roundtrip'),
      ...all('rfc8785', 'input'),
      ...read('utf8', 'utf8tests.bin').toString('latin1').split('\n').map((line) => Buffer.from(`"${line}"`, 'latin1')),
    ], // biome-ignore format: a list
    calls: cases.map(({ raw }) => raw).filter((raw) => raw.startsWith('{')),
    tables: all('csv', 'csvs'),
  };
}

/** Every text in a tree. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}

function addresses(xml: string): string[] {
  return [...xml.matchAll(/<address>([\s\S]*?)<\/address>/g)].map(([, text = '']) =>
    text
      .replaceAll(/&#x(\w+);/g, (_, hex: string) =>
        String.fromCodePoint(Math.max(0, Number.parseInt(hex, 16) - 0x24_00)),
      )
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&amp;', '&'),
  );
}

function agents(lines: readonly string[]): string[] {
  return lines.flatMap((line) => (line.startsWith('  - ') ? [line.slice(4)] : []));
}
