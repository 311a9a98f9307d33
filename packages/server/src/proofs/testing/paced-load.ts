import { setTimeout as pause } from 'node:timers/promises';

/** What one request of a load came to. */
export type Answered = {
  readonly status: number;
  readonly retryAfter: number | undefined;
  readonly body: { readonly code?: string; readonly rejected?: readonly { readonly code: string }[] };
  /** Since it was due, and not since it was sent: whoever has to wait for its turn waits too. Unit: ms. */
  readonly ms: number;
};

export type Paced = {
  readonly perSecond: number;
  readonly seconds: number;
  readonly send: (n: number) => Promise<Response>;
};

/** Sends at a steady pace, whether answers come or not; answers all of them in the order in which they were due. */
export async function pacedLoad({ perSecond, seconds, send }: Paced): Promise<readonly Answered[]> {
  const begun = performance.now();
  const under: Promise<Answered>[] = [];
  for (let n = 0; n < perSecond * seconds; n += 1) {
    const due = begun + (n * 1_000) / perSecond;
    const early = due - performance.now();
    if (early > 0) await pause(early);
    under.push(answered(send(n), due));
  }
  return Promise.all(under);
}

async function answered(sent: Promise<Response>, due: number): Promise<Answered> {
  const response = await sent;
  const text = await response.text();
  const ms = performance.now() - due;
  const retryAfter = response.headers.get('retry-after');
  return {
    status: response.status,
    retryAfter: retryAfter === null ? undefined : Number(retryAfter),
    body: JSON.parse(text) as Answered['body'],
    ms,
  };
}

/** The value that one in a hundred is above. */
export function p99(answers: readonly Pick<Answered, 'ms'>[]): number {
  const sorted = answers.map(({ ms }) => ms).sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
