import { stopTestClickHouse } from '@filrouge/engine-clickhouse/testing';
import { afterAll, expect, test } from 'vitest';
import { openOffline } from '../offline.ts';
import { anOrder, openHouseByUrl } from './testing/house-by-url.ts';

afterAll(stopTestClickHouse);

test('G9 S2: a row whose bytes were damaged on disk stops nothing, is an alarm, and gives its items back once it is mended', async () => {
  const house = await openHouseByUrl();
  const { database } = house;
  try {
    const server = await house.start();
    // Nobody projects while the disk does its work.
    const lock = Promise.withResolvers<void>();
    const locked = database.withTransaction(async (sql) => {
      await sql.execute('select pg_advisory_xact_lock(4400002)');
      for (const from of [0, 10, 20]) {
        const orders = Array.from({ length: 10 }, (_, at) => anOrder(from + at, { userId: `u${from}` }));
        await house.send(server, orders);
      }
      await lock.promise;
    });
    await expect.poll(() => database.query('select position from journal')).toHaveLength(3);
    await database.execute('create table kept_bytes as select position, body from journal');
    // The length of the third item of the second row, somewhere in its middle, and the last byte of the third row.
    await database.execute(`update journal set body = substr(body, 1, length(body) / 3) where position = 2`);
    await database.execute(`update journal set body = set_bit(body, length(body) * 8::bigint - 1,
      1 - get_bit(body, length(body) * 8::bigint - 1)) where position = 3`);
    lock.resolve();
    await locked;
    await server.drain();
    const flow = await server.engines.reading.flow();
    expect(flow).toMatchObject({ accepted: 30, pending: 0 });
    expect(flow.kept + flow.quarantined).toBe(30);
    expect(flow.quarantined, 'most of the second row, one of the third').toBeGreaterThan(6);
    expect(flow.quarantined).toBeLessThan(11);
    expect((await house.rows()).rows).toBe(flow.kept);
    const figures = await (await fetch(`${server.url}/metrics`)).text();
    expect(figures).toContain(`filrouge_journal_damaged_items ${flow.quarantined}`);
    expect(figures).toContain('filrouge_flow_balanced 1');
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    const held = await server.engines.reading.quarantined({ state: 'open', limit: 50 });
    expect(new Set(held.map(({ reason }) => reason))).toEqual(new Set(['row-damaged', 'damaged']));

    await database.execute(
      'update journal set body = kept_bytes.body from kept_bytes where kept_bytes.position = journal.position',
    );
    await server.close();
    const offline = await openOffline(house.options);
    try {
      await offline.replay(() => undefined);
      expect(await offline.flow()).toMatchObject({ accepted: 30, kept: 30, quarantined: 0, damaged: 0 });
      expect(await house.rows()).toEqual({ rows: 30, events: 30 });
    } finally {
      await offline.close();
    }
  } finally {
    await house.close();
  }
});
