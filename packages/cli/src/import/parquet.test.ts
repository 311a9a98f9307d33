import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parquetWriteFile } from 'hyparquet-writer';
import { expect, onTestFinished, test } from 'vitest';
import { openFakeDoor } from '../testing/fake-door.ts';
import { filrouge, temporaryDirectory } from '../testing/run-filrouge.ts';

async function place() {
  const { path, remove } = await temporaryDirectory();
  const door = await openFakeDoor(() => ({ status: 200 }));
  onTestFinished(() => Promise.all([remove(), door.close()]).then(() => undefined));
  const environment = { FILROUGE_URL: door.url, FILROUGE_KEY: 'k' };
  return {
    file: join(path, 'export.parquet'),
    items: () => door.calls.flatMap(({ batch }) => batch),
    run: (kind: string) =>
      filrouge(['import', kind, 'export.parquet', '--source', 's', '--json'], { directory: path, environment }),
  };
}

test('a Parquet file is read by column name like any other, its types as they are', async () => {
  const here = await place();
  parquetWriteFile({
    filename: here.file,
    columnData: [
      { name: 'Code client', data: [12n, 13n], type: 'INT64' },
      { name: 'Adresse mail', data: ['a@example.com', undefined], type: 'STRING', nullable: true },
      {
        name: 'Créé le',
        data: [new Date('2026-07-21T10:30:00Z'), new Date('2026-11-21T10:30:00Z')],
        type: 'TIMESTAMP',
      },
    ],
  });
  const run = await here.run('customers');
  expect([run.exitCode, run.stderr]).toEqual([0, expect.stringContaining('mapping proposed')]);
  expect(here.items()).toMatchObject([
    { identifiers: { userId: '12', email: 'a@example.com' }, traits: { createdAt: '2026-07-21T10:30:00.000Z' } },
    { identifiers: { userId: '13' }, traits: { createdAt: '2026-11-21T10:30:00.000Z' } },
  ]);
});

test('a time that is no instant but what a clock on a wall showed is read on the store’s clock', async () => {
  const here = await place();
  parquetWriteFile({
    filename: here.file,
    schema: [
      { name: 'root', num_children: 2 },
      { name: 'id', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
      {
        name: 'created_at',
        type: 'INT64',
        repetition_type: 'REQUIRED',
        logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MILLIS' },
      },
    ],
    columnData: [
      { name: 'id', data: ['1'] },
      { name: 'created_at', data: [new Date('2026-07-21T10:30:00Z')] },
    ],
  });
  expect((await here.run('customers')).exitCode).toBe(0);
  expect(here.items()).toMatchObject([{ traits: { createdAt: '2026-07-21T10:30:00+02:00' } }]);
});

test('rows of several groups all come, a refused one is told by its number; events carry JSON', async () => {
  const here = await place();
  const count = 45_000;
  const rows = Array.from({ length: count }, (_, at) => at);
  parquetWriteFile({
    filename: here.file,
    rowGroupSize: 21_000,
    columnData: [
      { name: 'message_id', data: rows.map((at) => `m${at}`), type: 'STRING' },
      { name: 'type', data: rows.map((at) => (at === 43_210 ? 'nonsense' : 'track')), type: 'STRING' },
      { name: 'event', data: rows.map(() => 'Product Viewed'), type: 'STRING' },
      { name: 'occurred_at', data: rows.map(() => '2026-11-20T10:00:00Z'), type: 'STRING' },
      { name: 'user_id', data: rows.map((at) => `u${at}`), type: 'STRING' },
      { name: 'properties', data: rows.map((at) => ({ position: at })), type: 'JSON' },
    ],
  });
  const run = await here.run('events');
  expect(JSON.parse(run.stdout)).toMatchObject({ rows: count, refused: 1, items: count - 1 });
  // Some requests are under way at a time: the door may hear them in another order.
  const items = new Map(here.items().map((item) => [item['messageId'], item['properties']]));
  expect([items.size, items.get('m43210'), items.get('m44000')]).toEqual([count - 1, undefined, { position: 44_000 }]);
  expect(await readFile(join(here.file, '../errors.csv'), 'utf8')).toContain('\n43211,type,value-not-allowed,');
});

test('a damaged file is one sentence', async () => {
  const here = await place();
  await writeFile(here.file, 'PAR1 and nothing more');
  const run = await here.run('customers');
  expect([run.exitCode, run.stderr]).toEqual([1, expect.stringContaining('is no Parquet file that can be read')]);
});
