import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tellFault } from '../../../../tools/faults/table.ts';
import { type ChildInstallation, openChildInstallation } from './testing/child-installation.ts';
import { ONE_SERVER } from './testing/counting-clients.ts';
import { attachStrace, requireStrace, serverAndPostgres } from './testing/strace.ts';
import { syncedAcks, tracedCalls } from './testing/traced-calls.ts';

const ACKS = 1_000;
const CONNECTIONS = 8;
const RATE_PER_SECOND = 500;
const RATE_SECONDS = 6;

let directory: string;
let house: ChildInstallation;

beforeAll(async () => {
  await requireStrace();
  directory = await mkdtemp(join(tmpdir(), 'filrouge-fsync-'));
  house = await openChildInstallation(ONE_SERVER, directory);
});
afterAll(async () => {
  await house?.stop();
  if (directory !== undefined) await rm(directory, { recursive: true, force: true });
});

let sent = 0;
function order(): string {
  sent += 1;
  const properties = { order_id: `A-${sent}`, total: 12.5, currency: 'EUR', products: [{ sku: 'L1', price: 12.5 }] };
  return JSON.stringify({ type: 'track', event: 'Order Completed', messageId: `m-${sent}`, userId: 'u1', properties });
}

/** Sends one event; answers how long the answer took. Unit: ms. */
function send(agent: Agent): Promise<number> {
  const begun = performance.now();
  const body = order();
  const headers = {
    authorization: `Basic ${btoa(`${house.keyOf('server')}:`)}`,
    'content-length': Buffer.byteLength(body),
  };
  return new Promise((resolve, reject) => {
    const asking = request(`${house.url}/v1/track`, { method: 'POST', agent, headers }, (answer) => {
      answer.resume().on('end', () => {
        if (answer.statusCode === 200) resolve(performance.now() - begun);
        else reject(new Error(`answered ${answer.statusCode}`));
      });
    });
    asking.on('error', reject);
    asking.end(body);
  });
}

/** Answers to requests that come at a rate, whoever waits for an earlier one. */
async function atRate(perSecond: number, seconds: number): Promise<readonly number[]> {
  const agent = new Agent({ keepAlive: true });
  const begun = performance.now();
  const answers = Array.from({ length: perSecond * seconds }, async (_, at) => {
    await pause(Math.max(0, begun + (at * 1_000) / perSecond - performance.now()));
    return send(agent);
  });
  const took = await Promise.all(answers);
  agent.destroy();
  return took.toSorted((a, b) => a - b);
}

/** So many events over so many connections, one after the other on each. */
async function over(connections: number, events: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const each = async (): Promise<void> => {
    for (let at = 0; at < events / connections; at += 1) await send(agent);
  };
  await Promise.all(Array.from({ length: connections }, each));
  agent.destroy();
}

test('G2: of 1,000 answers to one client, and of 1,000 to eight at once, none leaves before the log that holds it is synced', async () => {
  await over(CONNECTIONS, 200);
  const took = await atRate(RATE_PER_SECOND, RATE_SECONDS);
  const at = (share: number): string => (took[Math.floor(took.length * share)] as number).toFixed(1);

  const { all } = await serverAndPostgres(house.pid);
  const strace = await attachStrace(all, [
    '-e',
    'trace=read,readv,recvfrom,recvmsg,write,writev,sendto,sendmsg,fsync,fdatasync',
  ]);
  let log: string;
  try {
    await over(1, ACKS);
    await over(CONNECTIONS, ACKS);
  } finally {
    log = await strace.end();
  }
  const { acks, syncs, tooEarly } = syncedAcks(tracedCalls(log));
  expect(acks, 'every answer was seen').toBe(2 * ACKS);
  expect(syncs, 'one client waits for one sync each time').toBeGreaterThanOrEqual(ACKS);
  expect(tooEarly).toEqual([]);
  await tellFault({
    goal: 'G2 fsync before ack',
    tried: acks,
    of: 'acknowledgements under strace',
    lost: tooEarly.length,
    duplicated: 0,
    leaked: 0,
    measured: `${syncs} syncs of the log; untraced at ${RATE_PER_SECOND} requests/s, loader and server on one machine: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`,
    met: true,
  });
});
