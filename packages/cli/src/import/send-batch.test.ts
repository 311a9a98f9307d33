import { expect, test } from 'vitest';
import { CommandFailure } from '../command-failure.ts';
import { openFakeDoor } from '../testing/fake-door.ts';
import type { Batch } from './batches.ts';
import { createBatchSender, IMPORT_PATH } from './send-batch.ts';

const BATCH: Batch = {
  rows: 1,
  lines: [2],
  body: Buffer.from('{"batch":[{}]}'),
  problems: [],
  notes: [],
  noted: [],
  unread: false,
};

test('a server that goes away under way: each longer wait is told, and at the end how to go on', async () => {
  const door = await openFakeDoor(() => ({ status: 200 }));
  const said: string[] = [];
  const waits: number[] = [];
  const sender = createBatchSender(
    { url: door.url, path: IMPORT_PATH, writeKey: 'k', source: 's', pause: async (ms) => void waits.push(ms) },
    1,
    new AbortController().signal,
    (line) => said.push(line),
  );
  await sender.send(BATCH);
  await door.close();
  const fault: unknown = await sender.send(BATCH).catch((thrown: unknown) => thrown);
  sender.close();
  expect(fault).toBeInstanceOf(CommandFailure);
  expect(fault).toMatchObject({
    message: expect.stringMatching(/^no server answers at http:/),
    mend: 'Start it with filrouge start, then give the same command again: it goes on where it stopped',
  });
  expect(waits).toHaveLength(8);
  expect(said[0]).toMatch(
    /^http:.+ does not answer \(E[A-Z]+\): next try at once, 2 of 9; given up in (?:1 min( 1 s)?|\d\d s)$/,
  );
  expect(said.at(-1)).toMatch(/: next try in \d\d s, 9 of 9; given up in \d\d s$/);
});
