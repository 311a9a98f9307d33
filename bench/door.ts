import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { instant } from '@filrouge/domain/base';
import type { SourceId } from '@filrouge/domain/deployment';
import type { NodeId } from '@filrouge/domain/identity';
import { openVault } from '@filrouge/engine-vault';
import { createDoor, type Submission } from '@filrouge/pipeline';
import type { AppendStore, AppendTransaction, Head, SeenKey, Subject } from '@filrouge/ports';
import { buildDeployment } from '@filrouge/server';
import { findRoute, readFrame, understandFrame } from '@filrouge/wire';
import sodium from 'sodium-native';
import { bodiesOf } from './ingest/load.ts';
import { cpuMicros } from './shared/cpu-time.ts';
import { printFigure, quantile } from './shared/print-figure.ts';

/**
 * What the server's thread pays for an item in a batch of 100, beside HTTP and PostgreSQL: reading the bytes, hashes,
 * verdict, sealing. The store answers at once and keeps nothing. CPU time of the process, so that other work on the
 * machine counts for little; the baseline is JSON.parse and one AEAD.
 */
const ITEMS = 20_000;
const REPEATS = 9;
const GROUP = 16;

const deployment = buildDeployment(
  {
    brands: [{ id: 'bench', name: 'Bench' }],
    properties: [{ id: 'site', brand: 'bench', name: 'site', kind: 'site' }],
    sources: [
      { id: 'web', brand: 'bench', property: 'site', kind: 'web', quotaPerSecond: 1_000_000, personQuotaPerSecond: 1_000_000,
        serves: { track: ['audience_measurement', 'store_measurement', 'customer_service'] } },
    ],
    notices: [{ id: 'banner', version: '1', brand: 'bench', purposes: ['audience_measurement'], text: { en: 'bench' } }],
  },
  'bench',
); // biome-ignore format: one source
const source = deployment.sources.get('web' as SourceId);
const route = findRoute('POST', '/v1/batch');
if (source === undefined || route?.shape !== 'batch') throw new Error('the source and the route stand above');
const web = source;
const batchRoute = route;

/** A store that answers at once: nothing is known of anybody, every id is new. */
function storeOfNothing(): AppendStore {
  let head: Head = { journalPosition: 0, ledgerPosition: 0, identityVersion: 0 };
  const transaction = (claiming: readonly SeenKey[]): AppendTransaction => ({
    head,
    claimed: claiming.map(() => 'new' as const),
    claim: (keys) => Promise.resolve(keys.map(() => 'new' as const)),
    importRun: () => Promise.resolve(1),
    requireOpenRun: () => Promise.resolve(),
    changedSince: () => Promise.resolve([]),
    subjects: (nodes) => Promise.resolve(nodes.map(unknownSubject)),
    keys: () => Promise.resolve([]),
    stillOpen: (ids) => Promise.resolve(ids),
    record: () => Promise.resolve(),
    write({ journal }) {
      if (journal !== undefined) head = { ...head, journalPosition: journal.position };
      return Promise.resolve();
    },
  });
  return {
    append: (work, claiming = []) => work(transaction(claiming)),
    count: () => Promise.resolve(),
    expire: () => Promise.resolve({ days: [], ids: 0 }),
    allot: (purposes) => Promise.resolve(purposes),
  };
}

function unknownSubject(node: NodeId): Subject {
  return {
    node, self: [], own: [], neighbours: [], devices: [], members: [], provenOn: [], separations: [], blocked: false, spans: 0, dependsOn: [node],
  }; // biome-ignore format: a list
}

const directory = await mkdtemp(join(tmpdir(), 'filrouge-bench-door-'));
const opened = await openVault({ masterKeyFile: join(directory, 'master.key'), keyDirectory: join(directory, 'keys') });
const door = createDoor({
  store: storeOfNothing(),
  vault: opened.vault,
  deployment,
  newId: () => crypto.randomUUID(),
  isEngineFault: () => false,
});

function submissionOf(body: Buffer): Submission {
  const receivedAt = instant(Date.now());
  const frame = readFrame(batchRoute, body);
  if (!frame.ok) throw new Error(frame.refusal.code);
  const { items } = understandFrame(frame.value, { source: web, r: receivedAt });
  return { source: web, items, consents: [], receivedAt, imported: false, globalPrivacyControl: false, refused: new Map() };
} // biome-ignore format: one submission

async function take(bodies: readonly Buffer[]): Promise<void> {
  for (let at = 0; at < bodies.length; at += GROUP) {
    await Promise.all(bodies.slice(at, at + GROUP).map((body) => door.submit(submissionOf(body))));
  }
}

const nonce = Buffer.alloc(24, 1);
const key = Buffer.alloc(32, 7);
function bare(bodies: readonly Buffer[]): void {
  for (const body of bodies) {
    for (const item of (JSON.parse(body.toString('utf8')) as { batch: unknown[] }).batch) {
      const text = Buffer.from(JSON.stringify(item));
      const cipher = Buffer.allocUnsafe(text.length + 16);
      sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(cipher, text, Buffer.alloc(0), null, nonce, key);
    }
  }
}

const ours: number[] = [];
const limit: number[] = [];
const reading: number[] = [];
for (let round = 0; round < REPEATS; round += 1) {
  const bodies = bodiesOf({ batch: 100, items: ITEMS, visitors: 10_000, run: `d${round}` });
  const measured = async (work: () => void | Promise<void>): Promise<number> => {
    const began = cpuMicros();
    await work();
    return (cpuMicros() - began) / ITEMS;
  };
  limit.push(await measured(() => bare(bodies)));
  reading.push(
    await measured(() => {
      for (const body of bodies) submissionOf(body);
    }),
  );
  ours.push(await measured(() => take(bodies)));
}
const baseline = quantile(limit, 0.5);
printFigure({ bench: 'door', metric: 'read', value: quantile(reading, 0.5), unit: 'us/item', baseline });
printFigure({ bench: 'door', metric: 'read, decided, sealed', value: quantile(ours, 0.5), unit: 'us/item', baseline });
opened.close();
await rm(directory, { recursive: true, force: true });
