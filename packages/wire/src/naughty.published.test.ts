import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { describePublished } from '../../../tools/published/data.ts';
import { isBotAgent } from './collect/bot.ts';
import { readEmail } from './collect/email.ts';
import { parseConsentSubmission } from './consents/parse-submission.ts';
import { aSource, type Outcome, onlyCode, onlyItem, send } from './testing/a-source.ts';

const inside = (value: Buffer): Buffer =>
  Buffer.concat([Buffer.from('{"type":"track","event":"x","userId":"u","properties":{"v":'), value, Buffer.from('}}')]);

/** One outcome each (G9): how many items were accepted and how many refused. */
function outcomes(outcome: Outcome): number {
  return outcome.refusal === undefined ? outcome.items.length + outcome.refused : 1;
}

function accepted(outcome: Outcome): boolean {
  return outcome.refusal === undefined && outcome.items.length === 1;
}

/** Bytes and names of one corpus. */
function corpus(folder: string) {
  return {
    read: (...parts: string[]): Buffer => readFileSync(path.join(folder, ...parts)),
    list: (...parts: string[]): string[] => readdirSync(path.join(folder, ...parts)).sort(),
  };
}

describePublished('naughty', 'G9 JSONTestSuite: 318 bodies', (folder) => {
  const { read, list } = corpus(folder);
  const files = list('jsontestsuite', 'test_parsing');

  /** y_ files that the door refuses by its own rules. */
  const REFUSED: Readonly<Record<string, string>> = {
    'y_object_duplicated_key.json': 'duplicate-key',
    'y_object_duplicated_key_and_value.json': 'duplicate-key',
  };

  test.each(files.filter((name) => name.startsWith('y_')))('%s as a property', (name) => {
    const outcome = send(
      '/v1/batch',
      Buffer.concat([
        Buffer.from('{"batch":['),
        inside(read('jsontestsuite', 'test_parsing', name)),
        Buffer.from(']}'),
      ]),
    );
    expect(REFUSED[name] ?? 'accepted').toBe(onlyCode(outcome));
  });

  test.each(files.filter((name) => name.startsWith('n_')))('%s as a property and as a body', (name) => {
    const bytes = read('jsontestsuite', 'test_parsing', name);
    expect(accepted(send('/v1/track', inside(bytes)))).toBe(false);
    expect(accepted(send('/v1/track', bytes))).toBe(false);
    expect(send('/v1/batch', bytes).refusal).toBeDefined();
  });

  test.each(files.filter((name) => name.startsWith('i_')))('%s has exactly one outcome', (name) => {
    const bytes = read('jsontestsuite', 'test_parsing', name);
    const outcome = send('/v1/track', inside(bytes));
    expect(outcomes(outcome)).toBe(1);
    const item = accepted(outcome) ? onlyItem(outcome) : undefined;
    expect(JSON.parse(JSON.stringify(item?.properties ?? {}))).toEqual(item?.properties ?? {});
  });

  test('the corpus is whole', () => {
    expect([
      files.filter((name) => name.startsWith('y_')).length,
      files.filter((name) => name.startsWith('n_')).length,
    ]).toEqual([95, 188]);
  });
});

describePublished('naughty', 'G9 nativejson: the JSON checker and round trips', (folder) => {
  const { read, list } = corpus(folder);
  /** fail01: any value may be a text; fail18: depth 20 is within ours. Their names say EXCLUDE. */
  const fails = list('nativejson', 'jsonchecker').filter((name) => /^fail\d+\.json$/.test(name));
  const passes = list('nativejson', 'jsonchecker').filter((name) => name.startsWith('pass'));
  const trips = list('nativejson', 'roundtrip');

  test.each(fails)('%s is refused', (name) => {
    expect(accepted(send('/v1/track', inside(read('nativejson', 'jsonchecker', name))))).toBe(false);
  });

  test.each(passes)('%s is accepted', (name) => {
    expect(onlyCode(send('/v1/track', inside(read('nativejson', 'jsonchecker', name))))).toBe('accepted');
  });

  /** What a double cannot tell, and what its shortest text says otherwise. */
  const CHANGED: Readonly<Record<string, string>> = {
    'roundtrip13.json': '["-1234567890123456789"]',
    'roundtrip14.json': '["-9223372036854775808"]',
    'roundtrip18.json': '["1234567890123456789"]',
    'roundtrip19.json': '["9223372036854775807"]',
    'roundtrip20.json': '[0]',
    'roundtrip21.json': '[0]',
    'roundtrip27.json': '[1.7976931348623157e+308]',
  };

  test.each(trips)('%s is kept to the letter, or changed as the table says', (name) => {
    const bytes = read('nativejson', 'roundtrip', name);
    const kept = onlyItem(send('/v1/track', inside(bytes))).properties['v'];
    expect(JSON.stringify(kept)).toBe(CHANGED[name] ?? bytes.toString('utf8').trim());
  });
});

describePublished('naughty', 'G9 blns, utf8tests, isemail and isbot', (folder) => {
  const { read } = corpus(folder);
  const strings = JSON.parse(read('blns', 'blns.json').toString('utf8')) as string[];

  test('blns: each of 515 strings in each string field has one outcome, and what is kept can be written again', () => {
    expect(strings.length).toBe(515);
    const shapes: ((text: string) => object)[] = [
      (text) => ({ type: 'track', event: text, userId: 'u' }),
      (text) => ({ type: 'track', event: 'x', userId: text }),
      (text) => ({ type: 'track', event: 'x', anonymousId: text }),
      (text) => ({ type: 'track', event: 'x', userId: 'u', messageId: text }),
      (text) => ({ type: 'track', event: 'x', userId: 'u', timestamp: text }),
      (text) => ({ type: 'track', event: 'x', userId: 'u', properties: { [text]: text } }),
      (text) => ({
        type: 'identify',
        userId: 'u',
        traits: { email: text, phone: text, loyaltyCard: text, name: text },
      }),
      (text) => ({
        type: 'page',
        userId: 'u',
        name: text,
        context: { page: { url: text }, userAgent: text, campaign: { name: text } },
      }),
      (text) => ({ type: 'alias', userId: 'u', previousId: text }),
      (text) => ({ type: text, userId: 'u' }),
      (text) => ({
        type: 'ticket',
        receipt: { number: text, currency: text, amountMinor: 1, lines: [{ sku: text, quantity: 1, amountMinor: 1 }] },
      }),
      (text) => ({
        type: 'track',
        event: 'Order Completed',
        userId: 'u',
        properties: { order_id: text, currency: 'EUR', total: text },
      }),
    ];
    for (const shape of shapes) {
      const outcome = send('/v1/batch', { batch: strings.map(shape) });
      expect(outcomes(outcome)).toBe(515);
      const items = outcome.refusal === undefined ? outcome.items : [];
      expect(JSON.parse(JSON.stringify(items))).toEqual(items);
    }
  });

  test('utf8tests: a body with invalid bytes is refused, one with valid bytes accepted', () => {
    const lines = read('utf8', 'utf8tests.txt').toString('utf8').split('\n');
    let tried = 0;
    for (const line of lines) {
      const [, kind, hex = ''] = /^[\d.]+[a-z]?:(valid hex|invalid hex):([0-9A-Fa-f ]+)/.exec(line) ?? [];
      if (kind === undefined) continue;
      tried += 1;
      const text = Buffer.from(hex.replaceAll(' ', ''), 'hex');
      const escaped = [...text].some((byte) => byte < 0x20 || byte === 0x22 || byte === 0x5c);
      const outcome = send('/v1/track', inside(Buffer.concat([Buffer.from('"'), text, Buffer.from('"')])));
      const expected = kind === 'invalid hex' ? 'body-not-utf8' : escaped ? 'json-malformed' : 'accepted';
      expect([line, onlyCode(outcome)]).toEqual([line, expected]);
    }
    expect(tried).toBeGreaterThan(50);
  });

  test('isemail: nothing that its authors call an error is read as an address, and every plain one is', () => {
    const xml = read('email', 'isemail-tests.xml').toString('utf8');
    const wrong: string[] = [];
    let tried = 0;
    for (const [, body = ''] of xml.matchAll(/<test id="\d+">([\s\S]*?)<\/test>/g)) {
      const address = (/<address>([\s\S]*?)<\/address>/.exec(body)?.[1] ?? '')
        .replace(/&#x(\w+);/g, (_, hex: string) => String.fromCodePoint(Math.max(0, Number.parseInt(hex, 16) - 0x2400)))
        .replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&'); // biome-ignore format: one chain
      const category = /<category>(\w+)<\/category>/.exec(body)?.[1];
      const diagnosis = /<diagnosis>(\w+)<\/diagnosis>/.exec(body)?.[1];
      tried += 1;
      // Spaces around an address are trimmed by us and an error to them.
      const padded = address.trim() !== address;
      if (category === 'ISEMAIL_ERR' && !padded && readEmail(address) !== undefined)
        wrong.push(`${address} ${diagnosis}`);
      if (
        category === 'ISEMAIL_VALID_CATEGORY' &&
        /^[\w.-]+@[\w-]+(\.[\w-]+)+$/.test(address) &&
        readEmail(address) === undefined
      ) {
        wrong.push(`${address} ${diagnosis}`);
      }
    }
    expect(tried).toBe(164);
    expect(wrong).toEqual([]);
  });

  test('isbot: crawlers get the mark, browsers do not', () => {
    const agents = (file: string): string[] =>
      read('isbot', file).toString('utf8').split('\n').flatMap((line) => {
        const [, text] = /^ {2}- (.*)$/.exec(line) ?? [];
        return text === undefined ? [] : [text.replace(/^"(.*)"$/, '$1').replace(/^'(.*)'$/, '$1')];
      }); // biome-ignore format: a small reader
    const marked = (file: string): number => agents(file).filter((agent) => isBotAgent('web', undefined, agent)).length;
    expect(marked('browsers.yml')).toBe(0);
    expect(marked('crawlers.yml')).toBeGreaterThan(0.98 * agents('crawlers.yml').length);
    expect(agents('crawlers.yml').length).toBeGreaterThan(600);
  });
});

type HostileCase = { readonly name: string; readonly raw: string; readonly expect: string };

describePublished('naughty', 'G9 our own hostile events', (folder) => {
  const { read } = corpus(folder);
  const { cases } = JSON.parse(read('own', 'hostile-events.json').toString('utf8')) as { cases: HostileCase[] };

  /** Outcome of each case. Those without any identifier get one, so that the case is about what its name says. */
  const VERDICTS: Readonly<Record<string, string>> = {
    'duplicate-consent-keys': 'duplicate-key',
    'duplicate-inner': 'duplicate-key',
    'nul-in-string': 'accepted nul-replaced',
    'nul-in-key': 'accepted nul-replaced',
    'lone-high-surrogate-id': 'identifier-ill-formed',
    'lone-low-surrogate-prop': 'accepted surrogate-replaced',
    'own-proto': 'forbidden-key',
    'constructor-prototype': 'forbidden-key',
    'bigint-id': 'number-not-exact',
    'overflow-number': 'number-not-finite',
    'illegal-id-null': 'accepted blocked-identifier',
    'illegal-id-undefined': 'accepted blocked-identifier',
    'illegal-id-zeros': 'accepted blocked-identifier',
    // The corpus would clamp these; the product says what is wrong instead, because a date that nobody can read is the
    // client's fault and a guessed one is a false fact (issue: "a wrong date gets a problem that says how to mend it").
    'not-a-date': 'time-unreadable',
    'numeric-timestamp': 'time-unreadable',
    'mail-header': 'email-unreadable',
    'price-precision': 'accepted receipt-incomplete',
    'unknown-consent-value': 'consent-not-here',
    'consent-array': 'consent-not-here',
    'consent-from-client-forged-source': 'consent-not-here',
    'empty-body': 'body-empty',
    'array-root': 'item-not-an-object',
  };

  test.each(cases.map((entry) => [entry.name, entry] as const))('%s', (name, { raw }) => {
    const body = /"(userId|anonymousId)"/.test(raw) ? raw : raw.replace('{', '{"anonymousId":"a-1",');
    const route = raw.startsWith('{') || raw.startsWith('\uFEFF{') ? '/v1/batch' : '/v1/track';
    const outcome = send(route, route === '/v1/batch' ? `{"batch":[${body.replace('\uFEFF', '')}]}` : body);
    const [expected = 'accepted', mark] = (VERDICTS[name] ?? 'accepted').split(' ');
    expect(onlyCode(outcome)).toBe(expected);
    const marks = expected === 'accepted' ? onlyItem(outcome).marks : [];
    expect(mark === undefined || marks.some((known) => known === mark)).toBe(true);
  });

  test('a byte order mark before a body is skipped once', () => {
    const bom = cases.find(({ name }) => name === 'bom')?.raw.replace('{', '{"userId":"u",') ?? '';
    expect(onlyCode(send('/v1/track', bom))).toBe(
      bom.startsWith('\uFEFF') ? 'accepted' : 'bom is missing from the corpus',
    );
    expect(onlyCode(send('/v1/track', `\uFEFF${bom}`))).toBe('json-malformed');
  });

  test('consent cases at the place where consents go: "yes" and [] give nothing', () => {
    for (const { raw } of cases.filter(({ name }) => name.includes('consent'))) {
      expect(parseConsentSubmission(Buffer.from(raw), 'FR').ok).toBe(false);
    }
  });

  test('builders: depth, keys, size, one bad in a hundred', () => {
    for (const n of [33, 100, 1_000, 1_500, 15_000]) {
      const deep = Buffer.from(`${'['.repeat(n)}${']'.repeat(n)}`);
      expect(onlyCode(send('/v1/track', inside(deep)))).toBe('depth-exceeded');
    }
    expect(onlyCode(send('/v1/track', inside(Buffer.from('['.repeat(200_000) + ']'.repeat(200_000)))))).toBe(
      'item-too-large',
    );
    const keys = (n: number): Buffer =>
      Buffer.from(`{${Array.from({ length: n }, (_, index) => `"k${index}":0`).join(',')}}`);
    expect(onlyCode(send('/v1/track', inside(keys(990))))).toBe('accepted');
    expect(onlyCode(send('/v1/track', inside(keys(1_000))))).toBe('keys-exceeded');
    expect(onlyCode(send('/v1/track', inside(keys(100_000))))).toBe('body-too-large');
    for (const n of [1_048_576, 10_485_760]) {
      expect(onlyCode(send('/v1/track', inside(Buffer.from(`"${'a'.repeat(n)}"`))))).toBe('body-too-large');
    }
    const good = { type: 'track', event: 'x', userId: 'u' };
    for (const { raw } of cases.filter(
      ({ name, raw: text }) => text.startsWith('{') && VERDICTS[name]?.startsWith('accepted') === false,
    )) {
      const outcome = send(
        '/v1/batch',
        `{"batch":[${[...Array.from({ length: 99 }, () => JSON.stringify(good)), raw].join(',')}]}`,
      );
      expect(outcome).toMatchObject({ items: { length: 99 }, rejected: { length: 1 }, refused: 1 });
    }
  });

  test('compressed bytes that were not inflated are no JSON', () => {
    expect(onlyCode(send('/v1/batch', gzipSync('{"batch":[]}')))).toBe('body-not-utf8');
  });

  test('a public key cannot make a store’s facts', () => {
    const outcome = send(
      '/v1/batch',
      { batch: [{ type: 'ticket', receipt: { number: '1', currency: 'EUR', amountMinor: 1 } }] },
      { source: aSource({ kind: 'web' }) },
    );
    expect(onlyCode(outcome)).toBe('type-not-allowed');
  });
});
