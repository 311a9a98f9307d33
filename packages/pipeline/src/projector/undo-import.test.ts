import { ImportClosed, type ImportNote, type ImportRun } from '@filrouge/ports';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isBalanced } from '../flow-balance.ts';
import { AM, EM, PRO, SERVER, TILL, WEB } from '../testing/example-deployment.ts';
import { at, PipelineWorld } from '../testing/pipeline-world.ts';
import { type History, histories, IDENTIFIERS, RECEIVED, seen, tell } from '../testing/small-world.ts';
import { consent, item, ticket } from '../testing/told-items.ts';
import { ImportTooOld, undoBase } from './undo-import.ts';

const NOTE: ImportNote = { import: 'imp_1', kind: 'events', file: 'june.csv', content: '' };
const RUNS = Number(process.env['FILROUGE_RUNS'] ?? 40);

type Fact = History['items'][number];

/** Tells facts, some of them as rows of one import; everything is projected afterwards. */
async function tellMixed(facts: readonly Fact[], isImported: (at: number) => boolean, world: PipelineWorld) {
  for (const [place, fact] of facts.entries()) {
    if (fact.kind === 'item' && isImported(place))
      await world.send(fact.source, RECEIVED, [fact.item], { import: NOTE });
    else await tell([fact], { world, drainEvery: 1 });
  }
  await world.projector.drain();
}

async function undoAll(world: PipelineWorld): Promise<readonly ImportRun[]> {
  const { imports } = world.projection;
  for (const { number } of await imports.list({ state: 'open', limit: 100 }))
    await imports.close(number, 'dana', RECEIVED);
  await world.projector.drain();
  return imports.list({ limit: 100 });
}

describe('undo of an import', () => {
  test('what stands afterwards is what would stand without it, and what a replay builds; the flow still adds up', async () => {
    await fc.assert(
      fc.asyncProperty(histories(12), fc.nat(4_095), async ({ items, afterwards }, mask) => {
        const isImported = (place: number): boolean => ((mask >> place) & 1) === 1;
        const world = await tell([]);
        await tellMixed([...items, ...afterwards], isImported, world);
        const flow = await world.reading.flow();
        const runs = await undoAll(world);
        expect(runs.every(({ state }) => state === 'undone')).toBe(true);
        const without = await tell([
          ...items.filter((fact, place) => fact.kind !== 'item' || !isImported(place)),
          ...afterwards,
        ]);
        expect(await seen(world)).toEqual(await seen(without));
        expect(await world.reading.flow()).toEqual(flow);
        expect(isBalanced(flow)).toBe(true);
        const digests = await world.digests();
        await world.projector.replay();
        expect(await world.digests()).toEqual(digests);
      }),
      { numRuns: RUNS },
    );
  });

  test('S17 with the journal’s beginning gone it is built again from a snapshot of before, and what held it is forgotten', async () => {
    await fc.assert(
      fc.asyncProperty(histories(10), fc.nat(9), fc.nat(1_023), async ({ items, afterwards }, cut, mask) => {
        const world = await tell(items.slice(0, cut));
        const base = await world.projection.snapshots.take(RECEIVED, (position) => world.events.digestUpTo(position));
        await tellMixed([...items.slice(cut), ...afterwards], (place) => ((mask >> place) & 1) === 1, world);
        await world.projection.snapshots.take(RECEIVED, (position) => world.events.digestUpTo(position));
        await forgetJournal(world, base?.position ?? 0);
        const runs = await undoAll(world);
        const left = await world.projection.snapshots.list();
        const holds = runs.some(({ journal }) => journal !== undefined);
        expect(
          left.some(({ id }) => id === 2),
          'the one that held it is forgotten',
        ).toBe(!holds);
        const digests = await world.digests();
        for (const snapshot of left) {
          await world.projection.reset(snapshot);
          await world.projector.drain();
          expect(await world.digests()).toEqual(digests);
        }
      }),
      { numRuns: RUNS },
    );
  });

  test('an undoing that died anywhere is begun again by whoever projects next, and ends the same', async () => {
    const world = await aWorld();
    const { imports } = world.projection;
    await imports.close(1, 'dana', RECEIVED);
    for (const dies of ['forgetRun', 'putThreadSpans', 'putConsentStates'] as const) {
      const events = { ...world.events, [dies]: async () => Promise.reject(new Error('the power failed')) };
      await expect(world.openProjector(events).drain()).rejects.toThrow('the power failed');
      expect((await imports.run(1))?.state).toBe('undoing');
    }
    const dying = { ...world.projection, imports: { ...imports, finish: () => Promise.reject(new Error('killed')) } };
    await expect(world.openProjector(world.events, dying).drain()).rejects.toThrow('killed');
    await world.openProjector().drain();
    expect((await imports.run(1))?.state).toBe('undone');
    const digests = await world.digests();
    await world.projector.replay();
    expect(await world.digests()).toEqual(digests);
    expect(await world.person('loyalty_card:c9')).toBeUndefined();
  });

  test('S16 the same rows come in again afterwards, all of them, under another run of the same import', async () => {
    const world = await aWorld();
    const before = await seen(world, NAMES);
    const rows = aFile();
    expect((await world.send(TILL, RECEIVED, rows, { import: NOTE })).items.map(({ kind }) => kind)).toEqual(
      rows.map(() => 'duplicate'),
    );
    await undoAll(world);
    const again = await world.send(TILL, RECEIVED, rows, { import: NOTE });
    expect(again).toMatchObject({ run: 2, items: rows.map(() => ({ kind: 'pending' })) });
    await world.projector.drain();
    expect(await seen(world, NAMES)).toEqual(before);
    expect(isBalanced(await world.reading.flow())).toBe(true);
  });

  test('nothing of an import comes in while it is undone, nor of a run that is over', async () => {
    const world = await aWorld();
    await world.projection.imports.close(1, 'dana', RECEIVED);
    await expect(world.send(TILL, RECEIVED, [ticket(['user_id:u1'])], { import: NOTE })).rejects.toThrow(ImportClosed);
    await world.projector.drain();
    const late = { import: { ...NOTE, run: 1 } };
    await expect(world.send(TILL, RECEIVED, [ticket(['user_id:u1'])], late)).rejects.toThrow(ImportClosed);
    expect(await world.projection.imports.close(1, 'dana', RECEIVED)).toBe(false);
  });

  test('a row that had given way to one of the undone import stands again, and a live one is never touched', async () => {
    const world = await aWorld();
    const [first] = aFile();
    if (first === undefined) throw new Error('no row');
    // Long after: the id is not known any more, and the same ticket comes in by another way.
    await world.database.transaction((draft) => draft.seen.clear());
    await world.send(TILL, RECEIVED, [first]);
    await world.projector.drain();
    await undoAll(world);
    const total = { brand: TILL.brand, kinds: ['ticket'], from: at('2026-01-01'), to: at('2027-01-01') } as const;
    expect(await world.events.totals(total)).toMatchObject([{ count: 2 }]);
  });

  test('S2 what of it waits in quarantine is given up by name, and still adds up', async () => {
    const world = await aWorld();
    const [first] = aFile();
    if (first === undefined) throw new Error('no row');
    const other = { ...first, bodyHash: 'f'.repeat(32) };
    const sent = await world.send(TILL, RECEIVED, [other], { import: NOTE });
    expect(sent.items).toMatchObject([{ kind: 'quarantined' }]);
    await undoAll(world);
    const [entry] = await world.reading.quarantined({ state: 'discarded', limit: 5 });
    expect(entry?.decided?.by).toBe('dana: the import was undone');
    const flow = await world.reading.flow();
    expect(flow).toMatchObject({ quarantined: 0, discarded: 1, pending: 0 });
    expect(isBalanced(flow)).toBe(true);
  });

  test('an import that lies before every snapshot and the journal cannot be told from the rest, and is refused', async () => {
    const world = await aWorld();
    const snapshot = await world.projection.snapshots.take(RECEIVED, (position) => world.events.digestUpTo(position));
    await forgetJournal(world, snapshot?.position ?? 0);
    const run = await world.projection.imports.run(1);
    if (run === undefined) throw new Error('no run');
    await expect(undoBase(world.projection, world.events, run)).rejects.toThrow(ImportTooOld);
    const before = await world.digests();
    // Closed all the same, it holds up nothing: it is open again, as it was.
    await world.projection.imports.close(1, 'dana', RECEIVED);
    await world.projector.drain();
    expect(await world.projection.imports.run(1)).toEqual(run);
    expect(await world.digests()).toEqual(before);
  });
});

describe('undo of a file of decisions', () => {
  const ADA = 'email:ada@example.com';
  const rowOf = (status: 'given' | 'refused', body: string) => ({
    ...consent(SERVER, [ADA], status, [EM], { at: at('2026-09-10'), channel: 'paper' }),
    evidence: { form: 'scan-7' },
    row: { messageId: body, body: body.repeat(32), day: at('2026-09-10') },
  });
  const bring = (world: PipelineWorld, status: 'given' | 'refused', body: string) =>
    world.send(SERVER, RECEIVED, [], { consents: [rowOf(status, body)], imported: true, import: NOTE });

  test('S7 a yes of it is folded no longer, and comes in again with the file', async () => {
    const world = new PipelineWorld();
    await bring(world, 'given', 'a');
    await world.projector.drain();
    expect(await world.status(ADA, EM)).toBe('given');
    await undoAll(world);
    expect(await world.status(ADA, EM)).toBe('unknown');
    expect([...world.database.view.fact.values()], 'the ledger keeps it').toHaveLength(1);
    expect((await bring(world, 'given', 'a')).consents).toMatchObject([{ kind: 'recorded' }]);
    expect(await world.status(ADA, EM)).toBe('given');
  });

  test('a file that brought no item is taken back without a look at the journal', async () => {
    const world = await tell([]);
    await world.send(TILL, RECEIVED, [ticket([ADA])]);
    await bring(world, 'given', 'a');
    await world.projector.drain();
    await world.projector.release();
    const [run] = await world.projection.imports.list({ limit: 1 });
    await world.projection.imports.close((run as ImportRun).number, 'dana', RECEIVED);
    const journal = () => {
      throw new Error('the journal is read');
    };
    await world.openProjector(world.events, { ...world.projection, journal }).drain();
    expect(await world.projection.imports.list({ limit: 1 })).toMatchObject([{ state: 'undone' }]);
    expect(await world.status(ADA, EM)).toBe('unknown');
  });

  test('S7 a no of it stays, and is known when the file comes again: undoing opens nothing', async () => {
    const world = new PipelineWorld();
    await world.decide(SERVER, [ADA], 'given', [EM], { at: at('2026-08-01') });
    await bring(world, 'refused', 'b');
    await undoAll(world);
    expect(await world.status(ADA, EM)).toBe('refused');
    expect((await bring(world, 'refused', 'b')).consents).toEqual([{ kind: 'duplicate' }]);
  });

  test('for any decisions, undoing those of a file opens nothing that was closed', async () => {
    const fact = fc.record({
      status: fc.constantFrom('given', 'refused'),
      day: fc.integer({ min: 1, max: 28 }),
      file: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fact, { minLength: 1, maxLength: 6 }), async (facts) => {
        const world = new PipelineWorld();
        for (const [n, { status, day, file }] of facts.entries()) {
          const decided = at(`2026-09-${String(day).padStart(2, '0')}`);
          const row = {
            ...consent(SERVER, [ADA], status as 'given' | 'refused', [EM], { at: decided }),
            evidence: { n },
          };
          const said = file ? { imported: true, import: NOTE } : {};
          await world.send(SERVER, RECEIVED, [], { consents: [row], ...said });
        }
        const before = await world.status(ADA, EM);
        await undoAll(world);
        expect([before, 'unknown', 'requested', 'refused']).toContain(await world.status(ADA, EM));
      }),
      { numRuns: RUNS },
    );
  });
});

const NAMES = [...IDENTIFIERS, 'loyalty_card:c9'];

function aFile() {
  const told = { t: at('2026-11-01T10:00:00') };
  return [
    ticket(['loyalty_card:c9', 'email:e1@example.com'], { ...told, messageId: 'file-1', traits: { city: 'Lyon' } }),
    ticket(['user_id:u1', 'loyalty_card:c9'], { ...told, messageId: 'file-2' }),
  ].map((row, n) => ({ ...row, bodyHash: String(n).repeat(32) }));
}

/** A customer of the web shop, and a file of tickets that names a card of theirs. */
async function aWorld(): Promise<PipelineWorld> {
  const world = await tell([]);
  await world.decide(SERVER, ['loyalty_card:c9'], 'given', [AM, PRO], { at: at('2026-09-01') });
  await world.send(WEB, RECEIVED, [item('page', ['anonymous_id:a1'], { messageId: 'page-1' })]);
  await world.send(SERVER, RECEIVED, [
    ticket(['user_id:u1', 'email:e1@example.com'], {
      t: at('2026-11-02'),
      messageId: 'live-1',
      traits: { city: 'Lille' },
    }),
  ]);
  await world.projector.drain();
  await world.send(TILL, RECEIVED, aFile(), { import: NOTE });
  await world.projector.drain();
  return world;
}

/** The journal up to a position is pruned. */
async function forgetJournal(world: PipelineWorld, position: number): Promise<void> {
  await world.database.transaction((draft) => {
    for (let gone = 1; gone <= position; gone += 1) draft.journal.delete(String(gone));
  });
  world.database.prunedUpTo = position;
}
