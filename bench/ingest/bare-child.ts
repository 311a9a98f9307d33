import { open, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sodium from 'sodium-native';

/**
 * The bare limit: node:http, JSON.parse, one XChaCha20-Poly1305 per item, and a file to which all requests that wait
 * are appended together and synced before any of them is answered. No check, no look-up, no permission.
 */
const file = join(tmpdir(), `filrouge-bare-${process.pid}.log`);
const handle = await open(file, 'a');
/** Sizes of XChaCha20-Poly1305 in bytes (draft-irtf-cfrg-xchacha-03). */
const key = Buffer.alloc(32, 7);
const overhead = 16;
const nonceBytes = 24;
const nothing = Buffer.alloc(0);

type Waiting = { readonly bytes: Buffer; readonly done: () => void };
let waiting: Waiting[] = [];
let busy = false;

async function pump(): Promise<void> {
  if (busy) return;
  busy = true;
  while (waiting.length > 0) {
    const group = waiting;
    waiting = [];
    await handle.writev(group.map(({ bytes }) => bytes));
    await handle.datasync();
    for (const { done } of group) done();
  }
  busy = false;
}

function seal(items: readonly unknown[]): Buffer {
  const texts = items.map((item) => Buffer.from(JSON.stringify(item)));
  const slab = Buffer.allocUnsafe(texts.reduce((sum, text) => sum + text.length + overhead + nonceBytes, 0));
  let at = 0;
  for (const text of texts) {
    const nonce = slab.subarray(at, at + nonceBytes);
    sodium.randombytes_buf(nonce);
    const cipher = slab.subarray(at + nonceBytes, at + nonceBytes + text.length + overhead);
    sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(cipher, text, nothing, null, nonce, key);
    at += nonceBytes + cipher.length;
  }
  return slab;
}

const server = createServer((incoming, answer) => {
  const chunks: Buffer[] = [];
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
  incoming.on('end', () => {
    const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { readonly batch?: readonly unknown[] };
    waiting.push({ bytes: seal(body.batch ?? [body]), done: () => answer.end('{"success":true}') });
    void pump();
  });
});
server.listen(0, '127.0.0.1', () => {
  process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});
process.on('disconnect', () => {
  void rm(file, { force: true }).then(() => process.exit(0));
});
