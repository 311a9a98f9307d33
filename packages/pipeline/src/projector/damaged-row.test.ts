import { VaultFault } from '@filrouge/ports';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isBalanced } from '../flow-balance.ts';
import { AM, WEB } from '../testing/example-deployment.ts';
import { at, PipelineWorld } from '../testing/pipeline-world.ts';
import { item } from '../testing/told-items.ts';

const NOON = at('2026-11-20T12:00:00');
const VISITOR = 'anonymous_id:a';
const ROWS = [
  ['a1', 'a2'],
  ['b1', 'b2', 'b3'],
  ['c1', 'c2'],
];
const ITEMS = ROWS.flat().length;

/** Three journal rows that wait for the projector. */
async function waitingWorld(): Promise<PipelineWorld> {
  const world = new PipelineWorld();
  await world.decide(WEB, [VISITOR], 'given', [AM], { at: NOON });
  for (const ids of ROWS) {
    await world.send(
      WEB,
      NOON,
      ids.map((messageId) => item('page', [VISITOR], { messageId })),
    );
  }
  return world;
}

/** Changes the body of the second row; answers what puts it back. */
async function damage(world: PipelineWorld, change: (body: Buffer) => Buffer): Promise<() => Promise<void>> {
  const row = world.database.view.journal.get('2');
  if (row === undefined) throw new Error('no second row');
  const put = (body: Buffer): Promise<void> =>
    world.database.transaction((draft) => draft.journal.put('2', { ...row, body }));
  await put(change(Buffer.from(row.body)));
  return () => put(row.body);
}

const flipped =
  (bit: number) =>
  (body: Buffer): Buffer => {
    const index = Math.floor(bit / 8) % body.length;
    body[index] = (body[index] ?? 0) ^ (1 << (bit % 8));
    return body;
  };

async function expectWhole(world: PipelineWorld): Promise<void> {
  const flow = await world.reading.flow();
  expect(flow).toMatchObject({ accepted: ITEMS, pending: 0, kept: ITEMS, quarantined: 0, damaged: 0 });
  expect((await world.timeline(VISITOR, AM)).toSorted()).toEqual(ROWS.flat().toSorted());
}

test('G9 S2: whatever bit of a row flips, the other rows are projected, each item has one outcome, and mending gives all back', async () => {
  const world = await waitingWorld();
  const bits = (world.database.view.journal.get('2')?.body.length ?? 0) * 8;
  await fc.assert(
    fc.asyncProperty(fc.nat(bits - 1), async (bit) => {
      const own = await waitingWorld();
      const mend = await damage(own, flipped(bit));
      await own.projector.drain();
      const flow = await own.reading.flow();
      expect(isBalanced(flow)).toBe(true);
      expect([flow.pending, flow.kept + flow.quarantined, flow.damaged]).toEqual([0, ITEMS, flow.quarantined]);
      const seen = await own.timeline(VISITOR, AM);
      expect(seen).toEqual(expect.arrayContaining(['a1', 'a2', 'c1', 'c2']));
      expect(seen.length).toBe(flow.kept);
      await own.projector.replay();
      expect(await own.reading.flow(), 'a replay counts nothing twice').toEqual(flow);
      await mend();
      await own.projector.replay();
      await expectWhole(own);
    }),
    { numRuns: 60 },
  );
});

test('G9 S2: of a row whose framing is broken in the middle, what comes before is kept and the rest waits, item by item', async () => {
  const world = await waitingWorld();
  const mend = await damage(world, (body) => body.subarray(0, Math.floor(body.length / 2)));
  await world.projector.drain();
  expect((await world.timeline(VISITOR, AM)).toSorted()).toEqual(['a1', 'a2', 'b1', 'c1', 'c2']);
  const held = await world.reading.quarantined({ state: 'open', limit: 10 });
  expect(held.map(({ reason, receivedAt }) => [reason, receivedAt])).toEqual([
    ['row-damaged', NOON],
    ['row-damaged', NOON],
  ]);
  await mend();
  await world.projector.replay();
  await expectWhole(world);
});

test('G9 S2: a row of which nothing is left, and one that says more than it has', async () => {
  for (const change of [() => Buffer.alloc(0), (body: Buffer) => Buffer.concat([body, body])]) {
    const world = await waitingWorld();
    await damage(world, change);
    await world.projector.drain();
    const { kept, quarantined, pending } = await world.reading.flow();
    expect([kept + quarantined, pending]).toEqual([ITEMS, 0]);
  }
});

test('a key that is in use and that the key folder lacks stops the projector: restored, everything is kept', async () => {
  const world = await waitingWorld();
  const { vault } = world;
  // The folder as it is without the bucket of this key.
  const lacking = {
    ...vault,
    openBatch: function* (position: number, sealed: Uint8Array) {
      for (const opened of vault.openBatch(position, sealed)) {
        yield { ...opened, plaintext: { ok: false, refusal: 'no-key' } as const };
      }
    },
  };
  const without = world.openProjector(world.events, world.projection, lacking);
  await expect(without.step()).rejects.toThrow(VaultFault);
  expect(await world.reading.flow()).toMatchObject({ pending: ITEMS, quarantined: 0 });
  await world.projector.drain();
  await expectWhole(world);
});
