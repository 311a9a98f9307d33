import type { JsonObject } from '@filrouge/domain/base';
import { instant } from '@filrouge/domain/base';
import type { Source } from '@filrouge/domain/deployment';
import { ITEM_KINDS } from '@filrouge/domain/event';
import { findRoute, readFrame, understandFrame } from '@filrouge/wire';
import { bodyHash } from '../packages/wire/src/json/body-hash.ts';
import { normalise } from '../packages/wire/src/json/normalise.ts';
import { checkBytes, measureItem, scanBatch } from '../packages/wire/src/json/scan.ts';
import { cpuMicros } from './shared/cpu-time.ts';

/** Cost of the door's reading, per event of some 600 bytes in a batch of 100: scan, parse, normalise, understand. */

const EVENTS = 100;
const ROUNDS = 400;
const REPEATS = 7;

function event(index: number): object {
  return {
    type: 'track',
    event: 'Product Viewed',
    messageId: `node-next-1795255200000-0f8fad5b-d9cb-469f-a165-${String(index).padStart(12, '0')}`,
    anonymousId: '6f9619ff-8b86-d011-b42d-00c04fc964ff',
    userId: `customer-${index}`,
    timestamp: '2026-11-21T10:00:00.000Z',
    context: {
      library: { name: '@segment/analytics-node', version: '3.1.0' },
      page: { path: '/p/chaussures', url: 'https://www.example.com/p/chaussures', title: 'Chaussures' },
      userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    },
    properties: { sku: `SKU-${index}`, price: 49.9, currency: 'EUR', category: 'Chaussures', quantity: 1 },
    integrations: {},
    _metadata: { nodeVersion: '24.21.0' },
  };
}

const source = {
  id: 'bench', brand: 'bench', property: 'bench', kind: 'web', channel: 'web', country: 'FR',
  allowedKinds: ITEM_KINDS, allowedOrigins: [], quotaPerSecond: 1_000, personQuotaPerSecond: 1_000, serves: {}, kiosk: false,
} as unknown as Source; // biome-ignore format: one source
const body = Buffer.from(
  JSON.stringify({
    batch: Array.from({ length: EVENTS }, (_, index) => event(index)),
    sentAt: '2026-11-21T10:00:01.000Z',
  }),
);
const route = findRoute('POST', '/v1/batch');
if (route?.shape !== 'batch') throw new Error('no batch route');
const batchRoute = route;
const text = body.toString('utf8');
const trees = (JSON.parse(text) as { batch: unknown[] }).batch;
const singles = trees.map((tree) => Buffer.from(JSON.stringify(tree)));
const normals = trees.map((tree) => normalise(tree, false).value as JsonObject);
const r = instant(Date.UTC(2026, 10, 21, 10, 0, 1));

/** Median CPU microseconds per event of `work`, which treats the whole batch once. */
function measure(work: () => unknown): number {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) work();
  for (let repeat = 0; repeat < REPEATS; repeat += 1) {
    const begin = cpuMicros();
    for (let round = 0; round < ROUNDS; round += 1) work();
    times.push((cpuMicros() - begin) / (ROUNDS * EVENTS));
  }
  return times.sort((a, b) => a - b)[Math.floor(REPEATS / 2)] as number;
}

const baseline = measure(() => JSON.parse(body.toString('utf8')));
const figures: readonly (readonly [metric: string, value: number, goal?: number])[] = [
  ['scan', measure(() => { const start = checkBytes(body); return start.ok ? scanBatch(body, start.value) : undefined; }), 3],
  ['measure-single', measure(() => { for (const one of singles) measureItem(one, 0, one.length); }), 3],
  ['normalise', measure(() => { for (const tree of trees) normalise(tree, false); })],
  ['body-hash', measure(() => { for (const tree of normals) bodyHash(tree); })],
  ['all', measure(() => { const frame = readFrame(batchRoute, body); return frame.ok ? understandFrame(frame.value, { source, r }) : undefined; }), 12],
]; // biome-ignore format: a table

process.stderr.write(
  `${EVENTS} events, ${Math.round(body.length / EVENTS)} bytes each; JSON.parse alone ${baseline.toFixed(2)} us\n`,
);
for (const [metric, value, goal] of figures) {
  const line = {
    bench: 'wire', metric: `${metric}-per-event`, value: Number(value.toFixed(3)), unit: 'us',
    baseline: Number(baseline.toFixed(3)), ratio: Number((value / baseline).toFixed(3)),
    goal: goal ?? null, met: goal === undefined ? null : value <= goal,
  }; // biome-ignore format: one line of output
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
