import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describePublished } from '../../../../tools/published/data.ts';
import { OUTGOING_PORTS } from './private-hosts.ts';
import { createSafeFetch } from './safe-fetch.ts';
import { type Canary, openCanary } from './testing/canary.ts';

type Case = { readonly url: string; readonly expect: string };

describePublished('naughty/own', 'URLs that lead into a private network (G14)', (folder) => {
  const cases = JSON.parse(readFileSync(path.join(folder, 'ssrf-urls.json'), 'utf8')) as readonly Case[];
  let bird: Canary;
  beforeAll(async () => {
    bird = await openCanary();
  });
  afterAll(() => bird.close());

  test('there are as many as were collected', () => {
    expect(cases.length).toBeGreaterThanOrEqual(74);
  });

  test.each(cases)('$url: $expect', async ({ url }) => {
    const asked: string[] = [];
    // The worst resolver: whatever the name, it leads to this machine.
    const resolve = async (host: string) => {
      asked.push(host);
      return [{ address: '127.0.0.1', family: 4 }];
    };
    const safeFetch = createSafeFetch({ ports: new Set([...OUTGOING_PORTS, bird.port]), resolve });
    for (const each of [url, atPort(url, bird.port)]) {
      expect(await safeFetch({ url: each })).toMatchObject({ ok: false });
    }
    // No second parser read another host out of it.
    expect(asked.filter((host) => host !== URL.parse(url)?.hostname)).toEqual([]);
    expect(bird.connections()).toBe(0);
  });
});

/** The same URL with the canary's port, where it can be read. */
function atPort(text: string, port: number): string {
  const url = URL.parse(text);
  if (url === null) return text;
  url.port = String(port);
  return url.href;
}
