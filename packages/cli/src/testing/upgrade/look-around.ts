import type { House, Json } from './house.ts';
import { BRAND, PEOPLE } from './life-of-then.ts';

/** What is asked of a person for each purpose. */
const ASKED: Readonly<Record<string, readonly string[]>> = {
  rights: ['', '/events', '/consents', '/explain'],
  order_fulfilment: ['', '/events'],
  profiling: ['', '/events'],
  email_marketing: ['', '/events'],
  audience_measurement: ['', '/events'],
  store_measurement: ['', '/events'],
};

/** Everything that an installation answers of its people, sums, files and books; what tells of the asking is left out. */
export async function lookAround(house: House): Promise<Json> {
  const { ask } = house;
  const people: Record<string, unknown> = {};
  for (const who of PEOPLE) {
    const asked = Object.entries(ASKED).flatMap(([purpose, parts]) => parts.map((part) => ({ purpose, part })));
    const answers = asked.map(async ({ purpose, part }) => {
      const path = `/api/profiles/${who}${part}?brand=${BRAND}&purpose=${purpose}`;
      people[`${who} ${purpose} ${part}`] = still(await ask('GET', path));
    });
    await Promise.all(answers);
  }
  const span = `from=${day(house.now - 100 * DAY_MS)}&to=${day(house.now + DAY_MS)}`;
  const reports: Record<string, unknown> = {};
  for (const direction of ['online-to-store', 'store-to-online']) {
    reports[direction] = still(await ask('GET', `/api/reports/ropo?brand=${BRAND}&direction=${direction}&${span}`));
  }
  return {
    people,
    reports,
    sums: still(await ask('POST', '/api/sql', { brand: BRAND, purpose: 'order_fulfilment', query: SUMS })),
    exports: await exportsOf(house),
    flow: still(await ask('GET', '/api/flow')),
    quarantine: still(await ask('GET', '/api/quarantine?limit=100')),
    discarded: still(await ask('GET', '/api/quarantine?state=discarded&limit=100')),
    imports: still(await ask('GET', '/api/imports')),
    products: still(await ask('GET', `/api/products?brand=${BRAND}`)),
    keys: still(await ask('GET', '/api/keys')),
    tokens: still(await ask('GET', '/api/tokens')),
  };
}

const DAY_MS = 86_400_000;
const SUMS = 'SELECT type, count() AS n, sum(amount_minor) AS minor FROM tickets GROUP BY type ORDER BY type';
/** What moves by looking, or with the clock: when it was asked, how long it took, who came last. */
const MOVING = new Set(['asOf', 'lastUsedAt', 'ms']);

function still(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(still);
  if (typeof value !== 'object' || value === null) return value;
  const told = Object.entries(value).filter(([name]) => !MOVING.has(name));
  return Object.fromEntries(told.map(([name, each]) => [name, still(each)]));
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

const EXPORTS = [
  ['people', 'email_marketing'],
  ['people', 'order_fulfilment'],
  ['tickets', 'order_fulfilment'],
  ['events', 'audience_measurement'],
  ['consents', 'consent_proof'],
] as const;

async function exportsOf(house: House): Promise<Json> {
  const { ask, lines } = house;
  const told: Record<string, unknown> = {};
  for (const [what, purpose] of EXPORTS) {
    const { id, ...refused } = await ask('POST', '/api/exports', { brand: BRAND, what, purpose, format: 'ndjson' });
    if (typeof id !== 'string') {
      told[`${what} ${purpose}`] = refused;
      continue;
    }
    await house.until(async () => (await ask('GET', `/api/exports/${id}`))['state'] === 'ready', `the export ${what}`);
    const rows = await lines(`/api/exports/${id}/rows`);
    await ask('DELETE', `/api/exports/${id}`);
    told[`${what} ${purpose}`] = rows.map((row) => JSON.stringify(still(row))).sort();
  }
  return told;
}
