import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DAY_MS, instant } from '@filrouge/domain/base';
import type { BrandId } from '@filrouge/domain/deployment';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSmallInstallation, type SmallInstallation } from '../testing/small-installation.ts';

const BRAND = 'atelier';
const CONFIG = {
  brands: [{ id: BRAND, name: 'Atelier' }],
  properties: [
    { id: 'site', brand: BRAND, name: 'Site', kind: 'site' as const },
    { id: 'shops', brand: BRAND, name: 'Shops', kind: 'shop' as const },
  ],
  sources: [
    { id: 'web', brand: BRAND, property: 'site', kind: 'web' as const },
    { id: 'server', brand: BRAND, property: 'site', kind: 'server' as const },
    { id: 'till', brand: BRAND, property: 'shops', kind: 'store' as const },
  ],
  notices: [
    {
      id: 'card',
      version: '2',
      brand: BRAND,
      purposes: ['audience_measurement', 'store_measurement', 'profiling', 'email_marketing', 'sms_marketing'],
      text: { fr: 'Oui, écrivez-moi,\nmesurez « tout »', en: '=Yes, write to me' },
    },
  ],
};
const PURPOSES = ['email_marketing', 'sms_marketing', 'store_measurement', 'profiling', 'postal_marketing'];
/** What spreadsheets take for formulas, numbers and marks. */
const NAMES = [
  '=HYPERLINK("http://x.example")',
  '+33',
  '-2+3',
  '@sum',
  "'t Hooft",
  "'=1",
  "d'Arc",
  'Zoé; "Zo"',
  '0123',
];
const PEOPLE = Array.from({ length: 18 }, (_, at) => at);

const now = Date.now();
const daysAgo = (days: number): string => new Date(Math.floor(now / 1_000) * 1_000 - days * DAY_MS).toISOString();

let old: SmallInstallation;
let fresh: SmallInstallation;
let files: string;

beforeAll(async () => {
  files = await mkdtemp(join(tmpdir(), 'filrouge-export-test-'));
  [old, fresh] = await Promise.all([openSmallInstallation(CONFIG), openSmallInstallation(CONFIG)]);
  await live(old);
});
afterAll(async () => {
  await old?.close();
  await fresh?.close();
  await rm(files, { recursive: true, force: true });
});

const emailOf = (at: number): string => `p${at}@example.com`;
const phoneOf = (at: number): string => `+336399800${String(at).padStart(2, '0')}`;

async function live({ post, server }: SmallInstallation): Promise<void> {
  const decide = (subject: object, statuses: Readonly<Record<string, string>>, at: string, source = 'server') =>
    post(source, '/v1/consents', {
      subject,
      brand: BRAND,
      property: 'site',
      decisions: Object.entries(statuses).map(([purpose, status]) => ({ purpose, status })),
      notice: { id: 'card', version: '2' },
      channel: source === 'web' ? 'web' : 'store',
      indicatedAt: at,
      indicatedBy: { kind: 'subject' },
      evidence: { form: 'scan' },
    });
  const decided = PEOPLE.flatMap((at) => {
    const subject = { userId: `u${at}` };
    const all: Promise<void>[] = [];
    if (at % 3 === 0) all.push(decide(subject, { email_marketing: 'given', store_measurement: 'given' }, daysAgo(100)));
    if (at % 3 === 1) all.push(decide(subject, { email_marketing: 'refused', profiling: 'given' }, daysAgo(90)));
    if (at % 6 === 0) all.push(decide(subject, { email_marketing: 'withdrawn' }, daysAgo(50)));
    if (at % 9 === 0) all.push(decide(subject, { email_marketing: 'given' }, daysAgo(40)));
    if (at % 5 === 0) all.push(decide(subject, { postal_marketing: 'objected' }, daysAgo(30)));
    return all;
  });
  await Promise.all(decided);
  // A web page names an address that nobody proved: its yes waits.
  await decide(
    { anonymousId: 'a-7f31', email: emailOf(2) },
    { sms_marketing: 'given', audience_measurement: 'given' },
    daysAgo(0),
    'web',
  );
  const customers = PEOPLE.flatMap((at) => [
    {
      type: 'customer',
      messageId: `c${at}`,
      timestamp: daysAgo(20),
      identifiers: { userId: `u${at}`, email: emailOf(at), phone: phoneOf(at), loyaltyCard: `00${at}7` },
      traits: {
        email: emailOf(at),
        phone: phoneOf(at),
        firstName: NAMES[at % NAMES.length],
        lastName: 'Martin',
        address: { postalCode: '01000', city: 'Bourg', country: 'FR' },
        shoeSize: at,
        notes: 'a\nb',
      },
    },
    ...(at % 4 === 0
      ? [
          {
            type: 'customer',
            messageId: `d${at}`,
            timestamp: daysAgo(21),
            identifiers: { userId: `u${at}`, loyaltyCard: `second-${at}` },
          },
        ]
      : []),
  ]);
  await post('server', '/v1/import', { batch: customers });
  // Whose a card is must be known before it buys: no consent is looked for afterwards.
  await server.drain();
  const receipt = (number: string, amountMinor: number, more: object = {}) => ({
    kind: 'ticket', type: 'sale', number, currency: 'EUR', amountMinor, vatMinor: Math.round(amountMinor / 6), store: 'lyon', till: '=1',
    lines: [
      { sku: '-12', name: '=cmd', category: 'shoes', quantity: 1, amountMinor: amountMinor - 250, vatRate: 2_000 },
      { sku: '0042', quantity: 1_250, unit: 'g', amountMinor: 250, vatRate: 550 },
    ],
    ...more,
  }); // biome-ignore format: one receipt
  const ticket = (number: string, identifiers: object, amountMinor: number, more: object = {}) => ({
    type: 'ticket',
    messageId: `t${number}`,
    timestamp: daysAgo(10),
    identifiers,
    receipt: receipt(number, amountMinor, more),
  });
  await post('till', '/v1/import', {
    batch: [
      ...PEOPLE.flatMap((at) => [
        ticket(`A${at}`, { loyaltyCard: `00${at}7` }, 5_000 + at),
        ticket(`B${at}`, { userId: `u${at}` }, 1_999),
      ]),
      ...PEOPLE.slice(0, 5).map((at) => ticket(`N${at}`, {}, 700)),
      ticket('R1', { userId: 'u1' }, -1_999, { type: 'refund', refersTo: 'B1', lines: [] }),
    ],
  });
  const order = { ...receipt('O1', 9_900), kind: 'order', till: undefined };
  await post('server', '/v1/import', {
    batch: [{ type: 'order', messageId: 'o1', timestamp: daysAgo(9), identifiers: { userId: 'u3' }, receipt: order }],
  });
  const page = { name: 'Home', url: 'https://atelier.example/?q==1', path: '/' };
  await post('web', '/v1/batch', {
    batch: [
      { type: 'page', messageId: 'v1', anonymousId: 'a-7f31', properties: page },
      { type: 'track', event: '=Product Viewed', messageId: 'v2', anonymousId: 'a-7f31', properties: { sku: '0042' } },
    ],
  });
  // Two of the buyers signed in on their phone; of a third the shop's server alone tells of a visit.
  for (const at of [0, 3]) {
    await decide({ anonymousId: `a-phone-${at}` }, { store_measurement: 'given' }, daysAgo(100));
    const anonymousId = `a-phone-${at}`;
    const signedIn = { type: 'identify', userId: `u${at}`, anonymousId, messageId: `i${at}`, timestamp: daysAgo(12) };
    await post('server', '/v1/batch', { batch: [signedIn] });
    const visit = { type: 'page', anonymousId, messageId: `w${at}`, timestamp: daysAgo(11), properties: page };
    await post('web', '/v1/batch', { batch: [visit] });
  }
  await post('server', '/v1/batch', {
    batch: [{ type: 'page', userId: 'u6', messageId: 'w6', timestamp: daysAgo(11), properties: page }],
  });
  await server.drain();
}

const EXPORTS = [
  ['consents', [], 'consents'],
  ['people', ['--purpose', 'order_fulfilment'], 'customers'],
  ['tickets', ['--purpose', 'order_fulfilment'], 'tickets'],
  ['orders', ['--purpose', 'order_fulfilment'], 'orders'],
  ['events', ['--purpose', 'audience_measurement'], 'events'],
] as const;

/** People as a profile shows them, tickets as totals, and how everybody stands. */
async function told({ get, server }: SmallInstallation): Promise<object> {
  const people = await Promise.all(
    PEOPLE.map(async (at) => {
      const query = `brand=${BRAND}&purpose=order_fulfilment`;
      const { identifiers = [], traits = {} } = await get(`/api/profiles/user_id:u${at}?${query}`);
      const { purposes = {} } = await get(`/api/profiles/user_id:u${at}/consents?${query}`);
      const names = identifiers.map((each: { namespace: string; value: string }) => `${each.namespace}:${each.value}`);
      return {
        identifiers: names.sort(),
        traits: Object.fromEntries(
          Object.entries(traits).map(([name, trait]) => [name, (trait as { value: unknown }).value]),
        ),
        consents: PURPOSES.map((purpose) => [purpose, purposes[purpose]?.status, purposes[purpose]?.since]),
      };
    }),
  );
  const visitor = await get(`/api/profiles/anonymous_id:a-7f31?brand=${BRAND}&purpose=audience_measurement`);
  const events = await get(`/api/profiles/anonymous_id:a-7f31/events?brand=${BRAND}&purpose=audience_measurement`);
  const whole = { brand: BRAND as BrandId, from: instant(0), to: instant(now + DAY_MS) };
  return {
    people,
    totals: await server.engines.events.totals({ ...whole, kinds: ['ticket', 'order'] }),
    visitor: visitor.identifiers?.map(({ value }: { value: string }) => value),
    events: events.items
      ?.map(({ id, name, properties }: Record<'id' | 'name' | 'properties', unknown>) => [id, name, properties])
      .sort(),
  };
}

test.each(['csv', 'ndjson', 'parquet'] as const)(
  'S10: %s files of everything are written, for nobody but their owner',
  async (format) => {
    for (const [what, purpose] of EXPORTS) {
      const out = `${what}.${format}`;
      const said = await old.run(files, ['export', what, ...purpose, '--format', format, '--out', out, '--json']);
      // A slow machine tells how far it is.
      expect([said.exitCode, said.stderr.replaceAll(/^\d.* so far\n/gm, '')]).toEqual([0, '']);
      const summary = JSON.parse(said.stdout) as Record<string, unknown>;
      const counted = { people: 18, tickets: 42, orders: 1, events: 2, consents: 37 }[what];
      const notPermitted = what === 'events' ? 5 : 0;
      expect(summary).toMatchObject({ what, format, file: out, subjects: counted, notPermitted, withdrawn: 0 });
      expect((await stat(join(files, out))).mode & 0o777).toBe(0o600);
    }
    expect((await readdir(files)).filter((name) => name.endsWith('.part'))).toEqual([]);
  },
);

test('what a spreadsheet would run is a text in a CSV', async () => {
  const text = await readFile(join(files, 'people.csv'), 'utf8');
  expect(text.charCodeAt(0)).toBe(0xfeff);
  expect(text).toContain(`"'=HYPERLINK(""http://x.example"")"`);
  expect(text).toContain(",'+33639980000,");
  for (const [what] of EXPORTS) {
    const cells = (parse(await readFile(join(files, `${what}.csv`)), { bom: true }) as string[][]).flat();
    expect(cells.filter((cell) => /^([=+@\t\r]|-(?!\d+(\.\d+)?$))/.test(cell))).toEqual([]);
  }
});

test('what was exported imports into an empty installation as the same people, tickets, consents and totals', async () => {
  for (const [what, , kind] of EXPORTS) {
    const source = kind === 'tickets' ? 'till' : 'server';
    const said = await fresh.run(files, ['import', kind, `${what}.csv`, '--source', source], source);
    expect([what, said.exitCode, said.stderr]).toEqual([what, 0, expect.not.stringContaining('kept out')]);
    await fresh.server.drain();
  }
  const before = await told(old);
  expect(await told(fresh)).toEqual(before);
  // The other forms say the same: once more in another one, and nobody is anybody else.
  for (const [what, , kind] of EXPORTS) {
    const format = what === 'consents' || what === 'events' ? 'ndjson' : 'parquet';
    const source = kind === 'tickets' ? 'till' : 'server';
    const said = await fresh.run(files, ['import', kind, `${what}.${format}`, '--source', source, '--json'], source);
    expect([what, said.exitCode]).toEqual([what, 0]);
  }
  await fresh.server.drain();
  expect(await told(fresh)).toEqual(before);
});

test('S8: the visits of terminals are research again where they are imported', async () => {
  const ropo = async ({ get }: SmallInstallation): Promise<object> => {
    const span = `from=${daysAgo(30)}&to=${daysAgo(0)}`;
    const { asOf, ...report } = await get(`/api/reports/ropo?brand=${BRAND}&direction=online-to-store&${span}`);
    expect(asOf).toBeDefined();
    return report;
  };
  const before = await ropo(old);
  expect(before).toMatchObject({ consentedBase: 12, observable: 4, observed: 4 / 12 });
  expect(await ropo(fresh)).not.toEqual(before);
  const purpose = ['--purpose', 'store_measurement'];
  await old.run(files, ['export', 'events', ...purpose, '--out', 'visits.csv']);
  const said = await fresh.run(files, ['import', 'events', 'visits.csv', '--source', 'server'], 'server');
  expect(said.exitCode).toBe(0);
  await fresh.server.drain();
  expect(await ropo(fresh)).toEqual(before);
});

test('S10: only who permits the purpose is in it; the others are counted, not named', async () => {
  const said = await old.run(files, ['export', 'people', '--purpose', 'email_marketing', '--format', 'ndjson']);
  expect(said.exitCode).toBe(0);
  const items = said.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { identifiers: { userId?: string } });
  const yes = PEOPLE.filter((at) => at % 3 === 0 && (at % 6 !== 0 || at % 9 === 0)).map((at) => `u${at}`);
  expect(new Set(items.map(({ identifiers }) => identifiers.userId))).toEqual(new Set(yes));
  expect(said.stderr).toContain(`${PEOPLE.length - yes.length} left out: not permitted for email_marketing`);
  const dry = await old.run(files, ['export', 'people', '--purpose', 'email_marketing', '--dry-run', '--json']);
  expect(JSON.parse(dry.stdout)).toMatchObject({
    subjects: yes.length,
    notPermitted: PEOPLE.length - yes.length,
    dryRun: true,
  });
});

test('what cannot be done is said before anything is read, with the way out', async () => {
  const run = async (...argv: readonly string[]) => {
    const { exitCode, stderr, stdout } = await old.run(files, ['export', ...argv]);
    expect(stdout).toBe('');
    return `${exitCode} ${stderr}`;
  };
  await writeFile(join(files, 'mine.csv'), 'mine');
  expect(await run('people', '--out', 'x.csv')).toMatch(/^2 .*no purpose is stated/);
  expect(await run('people', '--purpose', 'telepathy', '--out', 'x.csv')).toMatch(
    /^2 .*no such purpose.*one of .*email_marketing/,
  );
  expect(await run('consents', '--purpose', 'email_marketing')).toMatch(/^2 .*consent_proof/);
  expect(await run('people', '--purpose', 'email_marketing', '--from', '2026-01-01')).toMatch(/^2 /);
  expect(await run('people', '--purpose', 'email_marketing', '--format', 'parquet')).toMatch(/^2 .*--out/);
  expect(await run('people', '--purpose', 'email_marketing', '--out', 'mine.csv')).toMatch(/^2 .*is there already/);
  for (const force of [[], ['--force']]) {
    const refused = await run('people', '--purpose', 'email_marketing', '--out', '.', ...force);
    expect(refused).toMatch(/^2 filrouge: \. is a directory\. Name a file in it with --out\./);
  }
  expect(await readFile(join(files, 'mine.csv'), 'utf8')).toBe('mine');
  expect(
    (await old.run(files, ['export', 'people', '--purpose', 'sms_marketing', '--out', 'mine.csv', '--force'])).stdout,
  ).toMatch(/^0 people of atelier for sms_marketing in mine.csv.*\n18 left out.*\nnothing that may leave/);
  expect(await readFile(join(files, 'mine.csv'), 'utf8')).toMatch(/^\uFEFFcustomer_id,[a-z_,]+\r\n$/);
});
