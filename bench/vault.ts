import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { BrandId, SourceId } from '@filrouge/domain/deployment';
import { openVault } from '@filrouge/engine-vault';
import type { KeyId } from '@filrouge/ports';

/**
 * Cost of the vault per item of some 600 bytes, in group commits of 400 items over 2,000 claims, beside what node:crypto
 * takes for the same work in the same run: AES-256-GCM with a ready KeyObject, HMAC-SHA-256. A ratio below 1 is cheaper.
 */
const ITEMS = 400;
const CLAIMS = 2_000;
const REPEATS = 25;
const WARM_UP = 25;
const BATCHES = 10;
const TAG_BYTES = 16;

const text = JSON.stringify({ type: 'track', event: 'Product Viewed', note: `é${'x'.repeat(540)}` });
const brand = 'bench' as BrandId;
const source = 'web' as SourceId;
const emails = Array.from({ length: 4_000 }, (_, index) => `customer.number.${index}@example.com`);

/**
 * Median CPU microseconds per unit of each of two works, which do `units` of them; collecting their garbage counts. They
 * take turns, so that whatever else the machine does weighs on both.
 */
function measure(units: number, work: () => void, baseline: () => void): readonly [value: number, baseline: number] {
  const times = [work, baseline].map((one) => ({ one, each: [] as number[] }));
  for (let repeat = 0; repeat < REPEATS + WARM_UP; repeat += 1) {
    for (const { one, each } of times) {
      const begin = cpuMicros();
      one();
      if (repeat >= WARM_UP) each.push((cpuMicros() - begin) / units);
    }
  }
  const [value, bare] = times.map(({ each }) => each.sort((a, b) => a - b)[REPEATS >> 1] as number);
  return [value as number, bare as number];
}

function cpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function report(metric: string, [value, baseline]: readonly [number, number], goal: number): void {
  const ratio = Number((value / baseline).toFixed(3));
  const round = (figure: number) => Number(figure.toFixed(3));
  const unit = 'us/item';
  const line = { bench: 'vault', metric, value: round(value), unit, baseline: round(baseline), ratio, goal };
  process.stdout.write(`${JSON.stringify({ ...line, met: ratio <= goal })}\n`);
}

type NodeSealed = { readonly nonce: Buffer; readonly body: Buffer; readonly last: Buffer; readonly tag: Buffer };

function nodeSeal(key: KeyObject, nonce: Buffer, associated: Buffer, plaintext: string): NodeSealed {
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(associated);
  const body = cipher.update(plaintext, 'utf8');
  return { nonce, body, last: cipher.final(), tag: cipher.getAuthTag() };
}

function nodeOpen(key: KeyObject, associated: Buffer, sealed: NodeSealed): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(associated);
  decipher.setAuthTag(sealed.tag);
  const body = decipher.update(sealed.body);
  decipher.final();
  return body;
}

const folder = mkdtempSync(join(tmpdir(), 'bench-vault-'));
const { vault, close } = await openVault({
  masterKeyFile: join(folder, 'master.key'),
  keyDirectory: join(folder, 'keys'),
});
const keys = Array.from({ length: CLAIMS }, () => vault.newKey());
const nodeKeys = keys.map(() => createSecretKey(randomBytes(32)));
const associated = Buffer.alloc(21, 1);
const claimOf = (batch: number, item: number) => (batch * 7_919 + item * 31) % CLAIMS;

function sealBatch(batch: number): Buffer {
  const sealer = vault.sealBatch(batch);
  for (let item = 0; item < ITEMS; item += 1) sealer.add(keys[claimOf(batch, item)] as KeyId, text);
  return sealer.finish();
}

function nodeSealBatch(batch: number): readonly NodeSealed[] {
  const nonces = randomBytes(ITEMS * 12);
  return Array.from({ length: ITEMS }, (_, item) => {
    const nonce = nonces.subarray(item * 12, (item + 1) * 12);
    return nodeSeal(nodeKeys[claimOf(batch, item)] as KeyObject, nonce, associated, text);
  });
}

function inBatches<T>(work: (batch: number) => T): () => void {
  return () => {
    for (let batch = 0; batch < BATCHES; batch += 1) work(batch);
  };
}

const units = ITEMS * BATCHES;
report('seal an item into a batch', measure(units, inBatches(sealBatch), inBatches(nodeSealBatch)), 0.6);

const sealed = Array.from({ length: BATCHES }, (_, batch) => sealBatch(batch));
const nodeSealed = Array.from({ length: BATCHES }, (_, batch) => nodeSealBatch(batch));
const openAll = inBatches((batch) => {
  for (const { plaintext } of vault.openBatch(batch, sealed[batch] as Buffer)) {
    if (!plaintext.ok) throw new Error('an item does not open');
  }
});
const nodeOpenAll = inBatches((batch) => {
  nodeSealed[batch]?.forEach((one, item) => {
    nodeOpen(nodeKeys[claimOf(batch, item)] as KeyObject, associated, one);
  });
});
report('open an item of a batch', measure(units, openAll, nodeOpenAll), 0.6);

const sealRecords = () => {
  for (const key of keys) vault.sealRecord(key, 'profile.email 1', text);
};
const nodeRecords = () => {
  for (const key of nodeKeys) nodeSeal(key, randomBytes(12), associated, text);
};
report('seal a record', measure(CLAIMS, sealRecords, nodeRecords), 0.6);

const secret = createSecretKey(randomBytes(32));
const hmac = () => {
  for (const email of emails) createHmac('sha256', secret).update(email).digest('hex');
};
const lookups = () => {
  for (const email of emails) vault.lookup(brand, 'email', email);
};
const messages = () => {
  for (const email of emails) vault.messageKey(brand, source, email);
};
report('hash an identifier', measure(emails.length, lookups, hmac), 0.5);
report('hash a messageId', measure(emails.length, messages, hmac), 0.6);

// A key that is not in memory costs sixteen hashes from the root of its bucket; beside it, one that is.
const fresh = Array.from({ length: CLAIMS * (REPEATS + WARM_UP) }, () => vault.newKey());
let at = 0;
const coldKeys = () => {
  const sealer = vault.sealBatch(1);
  for (const end = at + CLAIMS; at < end; at += 1) sealer.add(fresh[at] as KeyId, '1');
};
const warmKeys = () => {
  const sealer = vault.sealBatch(1);
  for (const key of keys) sealer.add(key, '1');
};
report('seal a byte with a key not yet in memory', measure(CLAIMS, coldKeys, warmKeys), 15);

const begin = performance.now();
await vault.destroy(keys.filter((_, index) => index % 2 === 0));
process.stderr.write(`destroying ${CLAIMS / 2} keys of one bucket: ${(performance.now() - begin).toFixed(1)} ms\n`);
close();
rmSync(folder, { recursive: true });
