import type { ConsentFact } from '@filrouge/domain/consent';
import { DEFAULT_PURPOSES } from '@filrouge/domain/consent';
import type { Node, NodeId } from '@filrouge/domain/identity';
import type { ProjectionTransaction, Subject } from '@filrouge/ports';
import { expect, test } from 'vitest';
import { AM, MAISON, PRO } from '../testing/example-deployment.ts';
import { at } from '../testing/pipeline-world.ts';
import { standingsOf } from './consent-step.ts';

const T = at('2026-11-01');

function fact(position: number, status: ConsentFact['status'], purpose = AM.id): ConsentFact {
  const when = { indicatedAt: T, receivedAt: T, clock: 'trusted', verified: false, standing: 'own' } as const;
  return { position, recordId: `r${position}`, purpose, vendor: '*', status, ...when };
}

const NOES = [fact(1, 'refused'), fact(2, 'withdrawn', PRO.id)];
const YES = [fact(3, 'given')];
/** What was decided on each terminal, and by whoever was met there. */
const TERMINALS: readonly Pick<Subject, 'self' | 'neighbours'>[] = [
  { self: [], neighbours: [NOES] },
  { self: [], neighbours: [NOES] },
  { self: YES, neighbours: [NOES] },
  { self: [], neighbours: [YES] },
  { self: [], neighbours: [YES, NOES] },
  { self: [], neighbours: [] },
  { self: NOES, neighbours: [NOES] },
  { self: [], neighbours: [NOES] },
];
const nodeAt = (at: number): Node => ({ namespace: 'anonymous_id', id: `${at + 1}`.padEnd(32, '0') as NodeId });

function standings(terminals: typeof TERMINALS): ReturnType<typeof standingsOf> {
  const subjects = terminals.map(
    (said, at): Subject => ({
      ...said,
      node: nodeAt(at).id,
      own: said.self,
      devices: [],
      members: [],
      provenOn: [],
      separations: [],
      blocked: false,
      spans: 0,
      dependsOn: [],
    }),
  );
  const transaction: Pick<ProjectionTransaction, 'dependents' | 'subjects'> = {
    dependents: async () => subjects.map((_, at) => ({ ...nodeAt(at), brand: MAISON })),
    subjects: async () => subjects,
  };
  return standingsOf(transaction as ProjectionTransaction, DEFAULT_PURPOSES, { moved: [] });
}

test('G18: terminals around which the same was decided stand as each of them does by itself', async () => {
  const together = await standings(TERMINALS);
  const apart = await standings(TERMINALS.map((terminal) => structuredClone(terminal)));
  expect(together).toEqual(apart);
  const of = (thread: string | undefined) => together.filter((one) => one.thread === thread && one.bit === AM.bit);
  const threads = [...new Set(together.map(({ thread }) => thread))];
  expect(threads.map((thread) => of(thread).map(({ device, person }) => [device?.kind, person?.kind]))).toEqual([
    [['unknown', 'refused']],
    [['unknown', 'refused']],
    [['given', 'refused']],
    [['unknown', 'unknown']],
    [['unknown', 'refused']],
    [['unknown', 'unknown']],
    [['refused', 'refused']],
    [['unknown', 'refused']],
  ]);
});
