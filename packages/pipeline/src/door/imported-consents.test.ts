import type { JsonObject } from '@filrouge/domain/base';
import { expect, test } from 'vitest';
import { EM, SERVER } from '../testing/example-deployment.ts';
import { at, PipelineWorld } from '../testing/pipeline-world.ts';
import { consent } from '../testing/told-items.ts';

const RECEIVED = at('2026-11-20');
const SIGNED = at('2026-09-10');
const ADA = 'email:ada@example.com';

async function imported(
  evidence: JsonObject | undefined,
  status: 'given' | 'refused' = 'given',
): Promise<PipelineWorld> {
  const world = new PipelineWorld();
  const row = consent(SERVER, [ADA], status, [EM], { at: SIGNED, channel: 'paper' });
  const consents = [{ ...row, ...(evidence === undefined ? {} : { evidence }) }];
  await world.send(SERVER, RECEIVED, [], { consents, imported: true });
  return world;
}

test('S6 a row of a file is dated as it says with its proof, and without one is a mere request', async () => {
  const world = await imported({ form: 'scan-7' });
  expect(await world.status(ADA, EM)).toBe('given');
  expect([...world.database.view.fact.values()]).toMatchObject([{ clock: 'trusted', verified: false }]);
  for (const evidence of [undefined, {}]) expect(await (await imported(evidence)).status(ADA, EM)).toBe('requested');
  expect(await (await imported(undefined, 'refused')).status(ADA, EM)).toBe('refused');
});

test('R31 a row of a file lifts no objection, whatever proof it has; the person’s own yes does', async () => {
  const world = new PipelineWorld();
  await world.decide(SERVER, [ADA], 'objected', [EM], { at: at('2026-09-01') });
  const row = { ...consent(SERVER, [ADA], 'given', [EM], { at: SIGNED }), evidence: { form: 'scan-7' } };
  await world.send(SERVER, RECEIVED, [], { consents: [row], imported: true });
  expect(await world.status(ADA, EM)).toBe('objected');
  await world.decide(SERVER, [ADA], 'given', [EM], { at: RECEIVED });
  expect(await world.status(ADA, EM)).toBe('given');
});

test('S16 a row of a file is recorded once; a refused one is not remembered, and another body is another row', async () => {
  const world = new PipelineWorld();
  const row = (body: string, notice = 'card') => ({
    ...consent(SERVER, [ADA], 'refused', [EM], { at: SIGNED, notice }),
    row: { messageId: 'r1', body: body.repeat(32), day: SIGNED },
  });
  const kinds = async (...consents: readonly ReturnType<typeof row>[]): Promise<readonly string[]> =>
    (await world.send(SERVER, RECEIVED, [], { consents, imported: true })).consents.map(({ kind }) => kind);
  expect(await kinds(row('a', 'nowhere'), row('b'), row('b'))).toEqual(['refused', 'recorded', 'duplicate']);
  expect(await kinds(row('a'), row('b'), row('c'))).toEqual(['recorded', 'duplicate', 'recorded']);
  expect([...world.database.view.fact.values()]).toHaveLength(3);
});

test('a yes without its text is requested whatever its evidence, and only a file may say so', async () => {
  const world = new PipelineWorld();
  const notice = { id: 'imported-without-notice', version: '1' };
  const yes = { ...consent(SERVER, [ADA], 'given', [EM], { at: SIGNED }), notice, evidence: { form: 'scan-7' } };
  const live = await world.send(SERVER, RECEIVED, [], { consents: [yes] });
  expect(live.consents).toMatchObject([{ kind: 'refused', code: 'unknown-notice' }]);
  await world.send(SERVER, RECEIVED, [], { consents: [yes], imported: true });
  expect(await world.status(ADA, EM)).toBe('requested');
});
