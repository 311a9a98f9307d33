import { Agent, request } from 'node:http';

export type Load = {
  readonly url: string;
  readonly key: string;
  /** Requests under way at once. */
  readonly connections: number;
  /** Items in one request; 1 posts to /v1/track. */
  readonly batch: number;
  readonly items: number;
  /** Distinct visitors among the items. */
  readonly visitors: number;
  /** Keeps message ids of two loads apart. */
  readonly run: string;
};

export type LoadDone = {
  readonly itemsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
};

/** About 600 bytes, as a browser sends it. */
function trackItem(visitor: string, id: string, at: string): object {
  return {
    type: 'track',
    event: 'Product Viewed',
    messageId: id,
    anonymousId: visitor,
    timestamp: at,
    properties: {
      product_id: `SKU-${id.length}${visitor.length}`,
      sku: 'LAMPE-042',
      name: 'Lampe de bureau',
      category: 'Luminaires',
      price: 49.9,
      currency: 'EUR',
      quantity: 1,
      url: 'https://www.example.com/luminaires/lampe-de-bureau?couleur=rouge',
    },
    context: {
      library: { name: 'bench', version: '1' },
      locale: 'fr-FR',
      userAgent:
        'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
      page: { path: '/luminaires/lampe-de-bureau', title: 'Lampe de bureau' },
      screen: { width: 1440, height: 900 },
    },
  };
}

/** Sends `items` as fast as the server takes them; every answer must be 200. Bodies are made before the clock starts. */
export async function sendLoad(load: Load): Promise<LoadDone> {
  const agent = new Agent({ keepAlive: true, maxSockets: load.connections });
  const bodies = bodiesOf(load);
  const latencies: number[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let body = bodies[next++]; body !== undefined; body = bodies[next++]) {
      const began = performance.now();
      await post(agent, load, body);
      latencies.push(performance.now() - began);
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: load.connections }, worker));
  const seconds = (performance.now() - began) / 1_000;
  agent.destroy();
  latencies.sort((a, b) => a - b);
  return {
    itemsPerSecond: load.items / seconds,
    p50Ms: latencies[Math.floor(latencies.length * 0.5)] ?? 0,
    p99Ms: latencies[Math.floor(latencies.length * 0.99)] ?? 0,
  };
}

/** The bodies of a load, made before the clock starts. */
export function bodiesOf({ batch, items, run, visitors }: Omit<Load, 'url' | 'key' | 'connections'>): Buffer[] {
  const at = new Date().toISOString();
  const bodies: Buffer[] = [];
  for (let sent = 0; sent < items; sent += batch) {
    const list = Array.from({ length: Math.min(batch, items - sent) }, (_, i) =>
      trackItem(`v${(sent + i) % visitors}`, `${run}-${sent + i}`, at),
    );
    bodies.push(Buffer.from(JSON.stringify(batch === 1 ? list[0] : { batch: list, sentAt: at })));
  }
  return bodies;
}

/** Sends one body; rejects unless it is answered 200. */
export function post(
  agent: Agent,
  { url, key, batch }: Pick<Load, 'url' | 'key' | 'batch'>,
  body: Buffer,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(
      `${url}${batch === 1 ? '/v1/track' : '/v1/batch'}`,
      {
        agent,
        method: 'POST',
        headers: {
          authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}`,
          'content-type': 'application/json',
          'content-length': body.length,
        },
      },
      (answer) => {
        answer.resume();
        answer.on('end', () => {
          if (answer.statusCode === 200) resolve();
          else reject(new Error(`answered ${answer.statusCode}`));
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}
