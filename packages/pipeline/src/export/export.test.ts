import { DAY_MS, HOUR_MS, type Instant, instant, type JsonObject } from '@filrouge/domain/base';
import type { FactStatus, Purpose } from '@filrouge/domain/consent';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AM, DEPLOYMENT, EM, MAISON, ORDER, PRO, SERVER, SM, TILL, WEB } from '../testing/example-deployment.ts';
import { at, PipelineWorld } from '../testing/pipeline-world.ts';
import { consent, item, ticket } from '../testing/told-items.ts';
import { createExporter } from './create-exporter.ts';
import type { Exporter, ExportKind, ExportRow } from './export-row.ts';

const NOON = at('2026-11-20T12:00:00');
const ago = (ms: number): Instant => (NOON - ms) as Instant;

function exporterOf(world: PipelineWorld, kind: ExportKind, purpose: Purpose): Exporter {
  const span = { from: instant(0), to: (NOON + DAY_MS) as Instant };
  return createExporter(
    { reading: world.reading, events: world.events, vault: world.vault, deployment: DEPLOYMENT },
    { kind, brand: MAISON, purpose, now: NOON, span },
  );
}

async function read(exporter: Exporter) {
  const rows: ExportRow[] = [];
  const counts = { seen: 0, closed: 0, unreadable: 0, superseded: 0 };
  for await (const page of exporter.pages()) {
    rows.push(...page.rows);
    for (const name of ['seen', 'closed', 'unreadable', 'superseded'] as const) counts[name] += page[name];
  }
  return { rows, counts, items: rows.flatMap(({ items }) => items) };
}

const who = (items: readonly JsonObject[]): readonly string[] =>
  items
    .map(({ identifiers }) => Object.values((identifiers ?? {}) as Readonly<Record<string, string>>).join())
    .sort((a, b) => (a < b ? -1 : 1));

describe('S10: an export is read through the one predicate', () => {
  test('whatever was decided, a person is in it just when a profile read would show it', async () => {
    const statuses = fc.array(fc.constantFrom<FactStatus>('given', 'refused', 'withdrawn'), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(fc.array(statuses, { minLength: 1, maxLength: 5 }), async (people) => {
        const world = new PipelineWorld();
        for (const [person, decisions] of people.entries()) {
          const name = `user_id:u${person}`;
          for (const [n, status] of decisions.entries()) {
            await world.decide(SERVER, [name], status, [PRO], { at: ago((9 - n) * DAY_MS) });
          }
          await world.send(SERVER, ago(HOUR_MS), [
            item('customer', [name], { t: ago(HOUR_MS), traits: { city: 'Lyon' } }),
          ]);
        }
        await world.projector.drain();
        world.now = NOON;
        const { items, counts } = await read(exporterOf(world, 'people', PRO));
        const yes = people.flatMap((decisions, person) => (decisions.at(-1) === 'given' ? [`u${person}`] : []));
        expect(who(items)).toEqual(yes);
        expect([counts.seen, counts.closed]).toEqual([people.length, people.length - yes.length]);
      }),
      { numRuns: 25 },
    );
  });

  test('example 13: a refusing card’s ticket leaves for the order and not for the measure; nobody’s always does', async () => {
    const world = new PipelineWorld();
    await world.decide(SERVER, ['loyalty_card:1'], 'refused', [SM], { at: ago(DAY_MS) });
    await world.decide(SERVER, ['loyalty_card:2'], 'given', [SM], { at: ago(DAY_MS) });
    await world.send(TILL, ago(HOUR_MS), [ticket(['loyalty_card:1']), ticket(['loyalty_card:2']), ticket([])]);
    await world.projector.drain();
    world.now = NOON;
    const measure = await read(exporterOf(world, 'tickets', SM));
    expect([who(measure.items), measure.counts.closed]).toEqual([['', '2'], 1]);
    expect(who((await read(exporterOf(world, 'tickets', ORDER))).items)).toEqual(['', '1', '2']);
  });

  test('a yes on a terminal names its terminal and no address', async () => {
    const world = new PipelineWorld();
    await world.decide(WEB, ['anonymous_id:a'], 'given', [AM], { at: ago(HOUR_MS) });
    await world.send(WEB, NOON, [item('page', ['user_id:ada', 'anonymous_id:a'], { t: NOON })]);
    await world.projector.drain();
    expect((await read(exporterOf(world, 'events', AM))).items).toMatchObject([
      { type: 'page', identifiers: { anonymousId: 'a' } },
    ]);
  });

  test('what was read is decided on again: who withdrew is out, who did not is as before', async () => {
    const world = new PipelineWorld();
    for (const name of ['user_id:ada', 'user_id:bob']) {
      await world.decide(SERVER, [name], 'given', [PRO], { at: ago(DAY_MS) });
      await world.send(SERVER, ago(HOUR_MS), [item('customer', [name]), ticket([name])]);
    }
    await world.projector.drain();
    world.now = NOON;
    for (const kind of ['people', 'tickets'] as const) {
      const exporter = exporterOf(world, kind, PRO);
      const { rows } = await read(exporter);
      expect(await exporter.again(rows)).toEqual(rows);
      const before = await world.reading.head();
      await world.decide(SERVER, ['user_id:ada'], 'withdrawn', [PRO], { at: NOON });
      expect(await world.reading.consentMovedSince(before)).toContain(world.id('user_id:ada'));
      const after = await exporter.again(rows);
      expect(who(after.flatMap((row) => row?.items ?? []))).toEqual(['bob']);
      await world.decide(SERVER, ['user_id:ada'], 'given', [PRO], { at: ago(-1) });
      world.now = NOON;
    }
  });

  test('a person with several addresses is several items, each tied to it', async () => {
    const world = new PipelineWorld();
    const rows = [
      ['user_id:ada', 'email:a@example.com'],
      ['user_id:ada', 'email:b@example.com'],
    ];
    await world.send(
      SERVER,
      ago(HOUR_MS),
      rows.map((names) => item('customer', names, { t: ago(HOUR_MS) })),
    );
    await world.projector.drain();
    const { items, counts } = await read(exporterOf(world, 'people', ORDER));
    expect([who(items), counts.seen]).toEqual([['ada,a@example.com', 'ada,b@example.com'], 1]);
  });
});

describe('the ledger leaves as it counts', () => {
  test('S6, S11: a yes on a named address is requested, a no is not; who was erased is not in it', async () => {
    const world = new PipelineWorld();
    await world.decide(WEB, ['anonymous_id:a', 'email:a@example.com'], 'given', [EM], { at: NOON });
    await world.decide(WEB, ['email:b@example.com'], 'refused', [EM], { at: NOON });
    await world.decide(SERVER, ['user_id:gone'], 'given', [EM], { at: ago(DAY_MS) });
    await world.entomb('user_id:gone', NOON);
    const { items, counts } = await read(exporterOf(world, 'consents', EM));
    const told = items.map(({ subject, decisions }) => [
      Object.values(subject as JsonObject)[0],
      (decisions as readonly JsonObject[])[0]?.['status'],
    ]);
    expect(told).toEqual([
      ['a', 'given'],
      ['a@example.com', 'requested'],
      ['b@example.com', 'refused'],
    ]);
    expect(counts).toMatchObject({ seen: 3, closed: 1 });
  });

  test('S5: what the same device took back does not leave', async () => {
    const world = new PipelineWorld();
    const said = (status: FactStatus, sequence: number, when: Instant) => ({
      ...consent(WEB, ['anonymous_id:a'], status, [AM], { at: when }),
      sequence,
    });
    await world.send(WEB, NOON, [], { consents: [said('refused', 2, ago(HOUR_MS)), said('given', 1, NOON)] });
    const { items, counts } = await read(exporterOf(world, 'consents', AM));
    expect(items.map(({ decisions }) => (decisions as readonly JsonObject[])[0]?.['status'])).toEqual(['refused']);
    expect(counts.superseded).toBe(1);
  });
});
