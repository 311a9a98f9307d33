import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { startFilrouge, temporaryDirectory } from '../testing/run-filrouge.ts';

const ROWS = 60_000;
/** Lines of the file that no door sees. */
const BAD = [11, 20_011, 50_011];

/** A door that takes its time, so that a command can be stopped in the middle. */
async function slowDoor(): Promise<{
  readonly url: string;
  readonly seen: Map<string, number>;
  readonly close: () => void;
}> {
  const seen = new Map<string, number>();
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const { batch } = JSON.parse(Buffer.concat(pieces).toString()) as { batch: readonly { messageId: string }[] };
      setTimeout(() => {
        for (const { messageId } of batch) seen.set(messageId, (seen.get(messageId) ?? 0) + 1);
        response.writeHead(200).end('ok');
      }, 300);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

test.each(['SIGINT', 'SIGKILL'] as const)(
  'an import stopped by %s goes on where it was, and loses nothing',
  async (signal) => {
    const { path, remove } = await temporaryDirectory();
    const door = await slowDoor();
    onTestFinished(async () => {
      door.close();
      await remove();
    });
    const lines = Array.from({ length: ROWS }, (_, at) =>
      BAD.includes(at + 2) ? `c${at};nobody` : `c${at};c${at}@example.com`,
    );
    await writeFile(join(path, 'clients.csv'), ['Code client;Mail', ...lines].join('\r\n'));
    const environment = { FILROUGE_URL: door.url, FILROUGE_KEY: 'k' };
    const argv = ['import', 'customers', 'clients.csv', '--source', 's', '--json'];
    const state = join(path, 'clients.csv.customers.import.json');

    const first = startFilrouge(argv, { directory: path, environment });
    while (!existsSync(state)) await wait(20);
    first.child.kill(signal);
    expect((await first.ended).exitCode).not.toBe(0);
    // What was on its way when the command died arrives all the same.
    await wait(1_000);
    const before = door.seen.size;
    expect(before).toBeLessThan(ROWS - BAD.length);

    const { exitCode, stdout } = await startFilrouge(argv, { directory: path, environment }).ended;
    const summary = JSON.parse(stdout) as { readonly resumed: number };
    expect([exitCode, summary]).toEqual([
      3,
      expect.objectContaining({ rows: ROWS, items: ROWS - BAD.length, refused: BAD.length }),
    ]);
    expect(summary.resumed).toBeGreaterThan(0);
    expect(door.seen.size).toBe(ROWS - BAD.length);
    const twice = [...door.seen.values()].filter((times) => times > 1).length;
    expect(twice).toBeLessThanOrEqual(before - summary.resumed + BAD.length);
    const told = (await readFile(join(path, 'errors.csv'), 'utf8')).trimEnd().split('\n').slice(1);
    expect(told.map((line) => Number(line.split(',')[0]))).toEqual(BAD);
    expect(existsSync(state)).toBe(false);
  },
);
