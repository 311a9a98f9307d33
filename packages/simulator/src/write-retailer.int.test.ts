import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DAY_MS } from '@filrouge/domain/base';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CUSTOMER_COLUMNS, TICKET_COLUMNS } from './csv.ts';
import { formatParis } from './paris-clock.ts';
import { parseRequestLine, type SimulatedRequest } from './request.ts';
import { RETAILER_CONFIG } from './retailer-config.ts';
import { parseCsv } from './testing/parse-csv.ts';
import { writeRetailer } from './write-retailer.ts';

const root = mkdtempSync(join(tmpdir(), 'filrouge-simulator-'));
const main = join(root, 'main');
const WORLD = { seed: 2026, shoppers: 300, days: 365 };

type Call = {
  readonly messageId: string;
  readonly type: string;
  readonly event?: string;
  readonly anonymousId?: string;
  readonly userId?: string;
};
type ItemLine = {
  readonly messageId: string;
  readonly call: string;
  readonly at: number;
  readonly person?: string;
  readonly lived: string;
  readonly source: string;
  readonly arrivedAt: number;
  readonly copy: string | null;
  readonly mess: readonly string[];
};
type Receipt = {
  readonly id: string;
  readonly type: string;
  readonly brand: string;
  readonly totalMinor: number;
  readonly lagMs?: { readonly visit: number | null };
};
type PersonLine = {
  readonly person: string;
  readonly identifiers: readonly {
    readonly brand: string;
    readonly namespace: string;
    readonly value: string;
    readonly shared?: true;
  }[];
  readonly hits: number;
  readonly receipts: readonly Receipt[];
  readonly orders: readonly { readonly number: string }[];
};
type Share = { readonly count: number; readonly valueMinor: number; readonly share: number };
type Group = {
  readonly sales: number;
  readonly visit: Record<string, Share>;
  readonly product: Record<string, Share>;
  readonly category: Record<string, Share>;
};
type SourceTruth = {
  readonly requests: number;
  readonly calls: number;
  readonly copies: { readonly sameDay: number; readonly otherDay: number };
  readonly malformed: Record<string, number>;
  readonly lived: { readonly kept: number; readonly depends: number; readonly withheld: Record<string, number> };
};
type Truth = {
  readonly totals: {
    readonly onlineHits: number;
    readonly orders: number;
    readonly tickets: {
      readonly all: Record<string, number>;
      readonly byStore: Record<string, Record<string, number>>;
    };
    readonly calls: Record<string, SourceTruth>;
    readonly mess: Record<string, number>;
  };
  readonly ropo: { readonly onlineToStore: Record<string, Group>; readonly storeToOnline: Record<string, Group> };
};

const read = (name: string, from = main) => readFileSync(join(from, name), 'utf8');
const lines = (name: string) =>
  read(name)
    .split('\n')
    .filter((line) => line !== '');
const sum = (counts: Record<string, number>) => Object.values(counts).reduce((total, count) => total + count, 0);
const files = () => readdirSync(main);

let truth: Truth;
let persons: readonly PersonLine[];
let items: readonly ItemLine[];
let requests: readonly SimulatedRequest[];
let tickets: readonly (readonly string[])[];

beforeAll(async () => {
  await writeRetailer({ ...WORLD, to: main, itemTruth: true });
  truth = JSON.parse(read('truth.json')) as Truth;
  persons = lines('truth.ndjson').map((line) => JSON.parse(line) as PersonLine);
  items = lines('truth-items.ndjson').map((line) => JSON.parse(line) as ItemLine);
  requests = files()
    .filter((name) => name.startsWith('calls-'))
    .flatMap((name) => lines(name).map(parseRequestLine));
  tickets = ['maison-aubrac', 'petit-large'].flatMap((brand) => parseCsv(read(`tickets-${brand}.csv`)).slice(1));
}, 120_000);

afterAll(() => rmSync(root, { recursive: true, force: true }));

function callsOf(request: SimulatedRequest): readonly Call[] {
  const body = JSON.parse(request.body) as Call & { readonly batch?: readonly Call[] };
  return body.batch ?? [body];
}

function digest(directory: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(directory)
      .sort()
      .map((name) => [
        name,
        createHash('sha256')
          .update(readFileSync(join(directory, name)))
          .digest('hex'),
      ]),
  );
}

describe('determinism', () => {
  const small = { seed: 5, shoppers: 60, days: 90, itemTruth: true };

  test('the same seed gives the same bytes in every file, another seed other ones', async () => {
    await writeRetailer({ ...small, to: join(root, 'a') });
    await writeRetailer({ ...small, to: join(root, 'b') });
    await writeRetailer({ ...small, seed: 6, to: join(root, 'c') });
    const a = digest(join(root, 'a'));
    expect(digest(join(root, 'b'))).toEqual(a);
    const c = digest(join(root, 'c'));
    expect(c['consents.ndjson']).not.toBe(a['consents.ndjson']);
    expect(c['tickets-petit-large.csv']).not.toBe(a['tickets-petit-large.csv']);
  });

  test('a part written alone has the same bytes as in the whole', async () => {
    const { files: written } = await writeRetailer({
      ...small,
      itemTruth: false,
      parts: ['tickets', 'consents'],
      to: join(root, 'd'),
    });
    const whole = digest(join(root, 'a'));
    for (const name of written) expect(digest(join(root, 'd'))[name]).toBe(whole[name]);
    expect(written).toEqual([
      'consents.ndjson',
      'tickets-maison-aubrac.csv',
      'tickets-petit-large.csv',
      'tickets-resent-maison-aubrac.csv',
      'tickets-resent-petit-large.csv',
    ]);
  });

  test('the first shoppers send the same calls when more shoppers exist', async () => {
    await writeRetailer({ ...small, shoppers: 120, to: join(root, 'e') });
    const bodies = (from: string) =>
      readFileSync(join(root, from, 'calls-aubrac-web.ndjson'), 'utf8')
        .split('\n')
        .filter((line) => line !== '');
    const more = new Set(bodies('e'));
    expect(bodies('a').filter((line) => !more.has(line))).toEqual([]);
    expect(more.size).toBeGreaterThan(bodies('a').length);
  });
});

describe('conservation', () => {
  test('every call sent stands in the truth, and the other way round', () => {
    const sent = requests.flatMap((request) => callsOf(request).map((call) => call.messageId)).sort();
    expect(sent).toEqual(items.map((item) => item.messageId).sort());
    expect(sent).toHaveLength(Object.values(truth.totals.calls).reduce((total, source) => total + source.calls, 0));
  });

  test('calls of a source = copies + malformed + kept + depends + withheld', () => {
    for (const source of Object.values(truth.totals.calls)) {
      const { copies, malformed, lived } = source;
      const parts =
        copies.sameDay + copies.otherDay + sum(malformed) + lived.kept + lived.depends + sum(lived.withheld);
      expect(parts).toBe(source.calls);
    }
  });

  test('each person’s hits on site and app arrived, once', () => {
    const online = items.filter((item) => item.copy === null && /-(web|app)$/.test(item.source));
    const byPerson = Map.groupBy(online, (item) => item.person ?? 'nobody');
    for (const { person, hits } of persons) expect([person, byPerson.get(person)?.length ?? 0]).toEqual([person, hits]);
    expect(persons.reduce((total, { hits }) => total + hits, 0)).toBe(truth.totals.onlineHits);
  });

  test('every receipt stands in the truth, and the other way round', () => {
    const written = new Set(tickets.map(([id = '']) => id).filter((id) => !id.startsWith('TEST-')));
    const true_ = persons.flatMap((person) => person.receipts.map((receipt) => receipt.id));
    expect([...written].sort()).toEqual([...true_].sort());
    expect(truth.totals.tickets.all['sales']).toBe(
      persons.flatMap((person) => person.receipts).filter((receipt) => receipt.type === 'sale').length,
    );
  });

  test('every order stands in the truth', () => {
    const completed = items.filter((item) => item.call === 'Order Completed' && item.copy === null);
    expect(completed).toHaveLength(truth.totals.orders);
    expect(persons.flatMap((person) => person.orders)).toHaveLength(truth.totals.orders);
  });

  test('a message id comes again only as a copy, with the same calls', () => {
    const bodies = new Map<string, string>();
    let copies = 0;
    const changed: string[] = [];
    for (const request of requests) {
      for (const call of callsOf(request)) {
        const text = JSON.stringify({ ...call, sentAt: undefined });
        const known = bodies.get(call.messageId);
        if (known !== undefined) copies++;
        if (known !== undefined && known !== text) changed.push(call.messageId);
        bodies.set(call.messageId, text);
      }
    }
    expect(changed).toEqual([]);
    expect(copies).toBe(items.filter((item) => item.copy !== null).length);
    expect(copies).toBeGreaterThan(100);
  });
});

describe('the ROPO share', () => {
  /** The figure taken afresh from the calls' own truth and the receipts' file, in the plainest way. */
  function naive(brand: string, key: string, days: number): { sales: number; before: number } {
    const owner = new Map(
      persons.flatMap((person) => person.receipts.map((receipt) => [receipt.id, person.person] as const)),
    );
    const visits = Map.groupBy(
      items.filter((item) => item.source === `${key}-web` || item.source === `${key}-app`),
      (item) => item.person,
    );
    const seen = new Set<string>();
    let before = 0;
    for (const [id = '', type, , occurredAt = ''] of parseCsv(read(`tickets-${brand}.csv`)).slice(1)) {
      if (type !== 'sale' || id.startsWith('TEST-') || seen.has(id)) continue;
      seen.add(id);
      const till = Date.parse(occurredAt);
      const own = visits.get(owner.get(id) ?? '') ?? [];
      // The file gives whole seconds; so does the comparison.
      if (own.some((item) => item.at < till + 1000 && item.at >= till - days * DAY_MS)) before++;
    }
    return { sales: seen.size, before };
  }

  test.each([
    ['maison-aubrac', 'aubrac'],
    ['petit-large', 'petit-large'],
  ])('of %s is what a plain count finds', (brand, key) => {
    const told = truth.ropo.onlineToStore[`brand:${brand}`] as Group;
    for (const window of [1, 7, 30]) {
      const found = naive(brand, key, window);
      expect(found.sales).toBe(told.sales);
      expect(Math.abs(found.before - (told.visit[window]?.count ?? 0))).toBeLessThanOrEqual(1);
    }
  });

  test('adds up: brands to all, stores to all, a longer window holds a shorter one, strict is stricter', () => {
    const groups = truth.ropo.onlineToStore;
    const all = groups['all'] as Group;
    for (const prefix of ['brand:', 'store:']) {
      const parts = Object.entries(groups).filter(([name]) => name.startsWith(prefix));
      expect(parts.reduce((total, [, group]) => total + (group.visit['7']?.count ?? 0), 0)).toBe(all.visit['7']?.count);
    }
    for (const group of Object.values(groups)) {
      const count = (variant: 'visit' | 'product' | 'category', window: string) => group[variant][window]?.count ?? 0;
      expect(count('visit', '1') <= count('visit', '7') && count('visit', '7') <= count('visit', '30')).toBe(true);
      expect(count('product', '7') <= count('category', '7') && count('category', '7') <= count('visit', '7')).toBe(
        true,
      );
    }
  });

  test('is what the segments and categories were given: sofas are looked up, honey is not', () => {
    const share = (category: string) =>
      truth.ropo.onlineToStore[`category:maison-aubrac:${category}`]?.visit['7']?.share ?? 0;
    expect(share('canapes')).toBeGreaterThan(share('epicerie') + 0.05);
    const all = truth.ropo.onlineToStore['all']?.visit['7']?.share ?? 0;
    expect(all).toBeGreaterThan(0.25);
    expect(all).toBeLessThan(0.4);
  });
});

describe('the files of receipts and customers', () => {
  test('have their columns, and as many in every row', () => {
    for (const brand of ['maison-aubrac', 'petit-large']) {
      for (const [kind, columns] of [
        ['tickets', TICKET_COLUMNS],
        ['customers', CUSTOMER_COLUMNS],
      ] as const) {
        const text = read(`${kind}-${brand}.csv`);
        const rows = parseCsv(text);
        expect(rows[0]?.join(',')).toBe(columns);
        expect(new Set(rows.map((row) => row.length))).toEqual(new Set([columns.split(',').length]));
        expect(text).not.toContain('\r');
        expect(text).not.toContain('\uFFFD');
      }
    }
  });

  test('keep the rows of a ticket together, and its total is the sum of its lines', () => {
    const runs: { readonly head: string; readonly id: string; readonly totalMinor: number; linesMinor: number }[] = [];
    for (const row of tickets) {
      const head = row.slice(0, 15).join();
      const [id = '', type, total = ''] = [row[0], row[1], row[11]];
      if (runs.at(-1)?.head !== head)
        runs.push({ head, id, totalMinor: Math.round(Number(total) * 100), linesMinor: 0 });
      const run = runs.at(-1);
      if (run !== undefined) run.linesMinor += Math.round(Number(row[19]) * 100);
      expect(row[19]).toMatch(/^-?\d+\.\d\d$/);
      expect(Math.sign(Number(row[19]))).toBe(type === 'refund' ? -1 : 1);
      expect(Math.sign(Number(row[18]))).toBe(type === 'refund' ? -1 : 1);
    }
    const sound = runs.filter((run) => !run.id.startsWith('TEST-'));
    expect(sound.filter((run) => run.totalMinor !== run.linesMinor)).toEqual([]);
    expect(new Set(sound.map((run) => run.id)).size).toBe(sound.length);
    expect(sound.length).toBeGreaterThan(800);
  });

  test('one buyer in fifteen or so was asked at the till, and says what is mostly true', () => {
    const answers = new Map(tickets.filter((row) => row[1] === 'sale').map((row) => [row[0] ?? '', row[14] ?? '']));
    const said = [...answers.values()].filter((answer) => answer !== '');
    expect(new Set(said)).toEqual(new Set(['yes', 'no']));
    expect(said.length / answers.size).toBeGreaterThan(0.03);
    expect(said.length / answers.size).toBeLessThan(0.1);
    expect(tickets.filter((row) => row[1] === 'refund').every((row) => row[14] === '')).toBe(true);
  });

  test('a receipt sent again stands in a file of its own, row for row the same', () => {
    const resent = ['maison-aubrac', 'petit-large'].flatMap((brand) =>
      parseCsv(read(`tickets-resent-${brand}.csv`)).slice(1),
    );
    const known = new Set(tickets.map((row) => row.join('\n')));
    expect(resent.filter((row) => !known.has(row.join('\n')))).toEqual([]);
    expect(new Set(resent.map(([id]) => id)).size).toBe(truth.totals.tickets.all['copies']);
    expect(resent.length).toBeGreaterThan(0);
  });

  test('state times by the clock of Paris, refunds after the sale they name', () => {
    const soldAt = new Map<string, number>();
    for (const row of tickets) if (row[1] === 'sale') soldAt.set(row[0] ?? '', Date.parse(row[3] ?? ''));
    let refunds = 0;
    for (const [id = '', type, refersTo = '', occurredAt = ''] of tickets) {
      if (id.startsWith('TEST-')) continue;
      expect(formatParis(Date.parse(occurredAt))).toBe(occurredAt);
      if (type !== 'refund') continue;
      refunds++;
      expect(soldAt.get(refersTo)).toBeLessThan(Date.parse(occurredAt));
    }
    expect(refunds).toBeGreaterThan(20);
  });

  test('name stores of the configuration', () => {
    const stores = new Set(RETAILER_CONFIG.stores.map((store) => store.id));
    for (const row of tickets) expect(stores.has(row[4] ?? '')).toBe(true);
  });
});

describe('nobody real', () => {
  test('every address lies in a domain of examples', () => {
    const domains = new Set(
      files().flatMap((name) =>
        Array.from(read(name).matchAll(/[\w.-]@([A-Za-z0-9.-]+)/g), ([, domain = '']) => domain),
      ),
    );
    expect(domains.size).toBeGreaterThan(3);
    for (const domain of domains) expect(domain.toLowerCase()).toMatch(/\.example$|^example\.com$/);
  });

  test('every telephone number is one of fiction', () => {
    const found = new Set(files().flatMap((name) => Array.from(read(name).matchAll(/\+33\d+/g), ([number]) => number)));
    expect(found.size).toBeGreaterThan(100);
    for (const number of found) expect(number).toMatch(/^\+33(63998|19900|26191|35301|46571|53649)\d{4}$/);
  });

  test('every host lies under .example, but for those that crawlers name themselves by', () => {
    const hosts = new Set(
      files().flatMap((name) => [...read(name).matchAll(/https?:\/\/([a-z0-9.-]+)/g)].map(([, host = '']) => host)),
    );
    for (const host of hosts) expect(host).toMatch(/\.example$|^www\.(google|bing)\.com$/);
  });
});

describe('what is planted', () => {
  const share = (mess: string) => (truth.totals.mess[mess] ?? 0) / items.length;

  test('is there in its size (docs/simulator.md)', () => {
    expect(share('skewed')).toBeGreaterThan(0.06);
    expect(share('out-of-order')).toBeGreaterThan(0.01);
    expect(share('crawler')).toBeGreaterThan(0.002);
    for (const mess of ['late', 'kiosk', 'shared-tablet', 'before-choice', 'blocked-id'])
      expect(share(mess)).toBeGreaterThan(0);
  });

  test('between 45 and 60 % of sales name a customer; the Lyon shop prints its own address', () => {
    const { all, byStore } = truth.totals.tickets;
    const identified = (all['identifiedSales'] ?? 0) / (all['sales'] ?? 1);
    expect(identified).toBeGreaterThan(0.45);
    expect(identified).toBeLessThan(0.6);
    expect(byStore['MA02']?.['fixedEmail']).toBeGreaterThan(10);
    expect(read('tickets-maison-aubrac.csv')).toContain('caisse.lyon@maison-aubrac.example');
    expect(byStore['MA03']?.['fixedEmail']).toBe(0);
  });

  test('shared tablets show two users on one anonymous id, crawlers and refusals belong to the truth', () => {
    const shared = persons.flatMap((person) =>
      person.identifiers
        .filter((each) => each.shared === true && each.namespace === 'anonymous_id')
        .map((each) => each.value),
    );
    const holders = Map.groupBy(shared, (value) => value);
    expect([...holders.values()].some((both) => both.length === 2)).toBe(true);
    expect(items.some((item) => item.mess.includes('crawler') && item.person === undefined)).toBe(true);
    const kept = items.filter((item) => item.lived === 'kept').length / items.length;
    expect(kept).toBeGreaterThan(0.45);
    expect(kept).toBeLessThan(0.75);
  });

  test('a card of the account stands in its row, one never linked in a row of its own', () => {
    const rows = parseCsv(read('customers-maison-aubrac.csv')).slice(1);
    expect(rows.some(([id, card]) => id !== '' && card !== '')).toBe(true);
    expect(rows.some(([id = '', card]) => id.startsWith('MAC') && card !== '')).toBe(true);
    expect(rows.every(([id]) => id !== '')).toBe(true);
  });
});
