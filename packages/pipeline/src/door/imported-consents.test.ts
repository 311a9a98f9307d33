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
