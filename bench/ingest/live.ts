import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { quantile } from '../shared/print-figure.ts';
import { bodiesOf, post } from './load.ts';

/** Items of one request of live traffic: a browser's queue holds a few. */
const BATCH = 10;
const SAMPLED_EVERY_MS = 100;

export type Live = {
  readonly url: string;
  readonly key: string;
  readonly token: string;
  readonly itemsPerSecond: number;
  readonly readsPerSecond: number;
  readonly seconds: number;
  readonly visitors: number;
  readonly run: string;
};

export type LiveDone = {
  /** Items a second that were really taken. */
  readonly itemsPerSecond: number;
  /** Age of the oldest commit that is not projected yet, sampled. */
  readonly lagP99Ms: number;
  /** Of profile reads, from the instant that each was due: a queue counts. */
  readonly readP50Ms: number;
  readonly readP99Ms: number;
};

/** Traffic at a steady rate, whatever the answers take, with profiles read beside it. */
export async function runLive(child: ChildProcess, live: Live): Promise<LiveDone> {
  const agent = new Agent({ keepAlive: true, maxSockets: 512 });
  const bodies = bodiesOf({ ...live, batch: BATCH, items: live.itemsPerSecond * live.seconds });
  const reads: number[] = [];
  const lags: number[] = [];
  let over = false;
  const sampling = (async () => {
    while (!over) {
      child.send({ do: 'lag' });
      const [{ seconds }] = (await once(child, 'message')) as [{ seconds: number }];
      lags.push(seconds * 1_000);
      await wait(SAMPLED_EVERY_MS);
    }
  })();
  const began = performance.now();
  const [, last] = await Promise.all([
    paced(live.readsPerSecond, live.seconds * live.readsPerSecond, async (due, at) => {
      const visitor = `v${(at * 7_919) % live.visitors}`;
      await getProfile(agent, live, visitor);
      reads.push(performance.now() - due);
    }),
    paced(live.itemsPerSecond / BATCH, bodies.length, (_, at) =>
      post(agent, { ...live, batch: BATCH }, bodies[at] as Buffer),
    ),
  ]);
  over = true;
  await sampling;
  agent.destroy();
  return {
    itemsPerSecond: (bodies.length * BATCH) / ((last - began) / 1_000),
    lagP99Ms: quantile(lags, 0.99),
    readP50Ms: quantile(reads, 0.5),
    readP99Ms: quantile(reads, 0.99),
  };
}

/** Begins `count` works at a steady rate and answers when the last had ended. */
async function paced(
  perSecond: number,
  count: number,
  work: (due: number, at: number) => Promise<void>,
): Promise<number> {
  const began = performance.now();
  const under: Promise<void>[] = [];
  for (let at = 0; at < count; at += 1) {
    const due = began + (at * 1_000) / perSecond;
    const early = due - performance.now();
    if (early > 1) await wait(early);
    under.push(work(due, at));
  }
  await Promise.all(under);
  return performance.now();
}

/** Looks at one visitor; rejects unless it is answered 200. */
export function getProfile(agent: Agent, { url, token }: Pick<Live, 'url' | 'token'>, visitor: string): Promise<void> {
  const path = `/api/profiles/anonymous_id:${visitor}?brand=bench&purpose=customer_service`;
  return new Promise((resolve, reject) => {
    const sent = request(`${url}${path}`, { agent, headers: { authorization: `Bearer ${token}` } }, (answer) => {
      answer.resume();
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve();
        else reject(new Error(`${path} answered ${answer.statusCode}`));
      });
    });
    sent.on('error', reject);
    sent.end();
  });
}
