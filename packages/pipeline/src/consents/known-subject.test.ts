import { personState, UNKNOWN } from '@filrouge/domain/consent';
import type { NodeId } from '@filrouge/domain/identity';
import type { Subject } from '@filrouge/ports';
import { expect, test } from 'vitest';
import { PRO } from '../testing/example-deployment.ts';
import { at } from '../testing/pipeline-world.ts';
import { knownSubject } from './known-subject.ts';

const SILENT: Subject = {
  node: '0'.repeat(32) as NodeId,
  self: [],
  own: [],
  neighbours: [[], []],
  devices: [{ verified: true, facts: [] }],
  lastActAt: at('2026-05-01'),
  members: [],
  provenOn: [],
  separations: [],
  blocked: false,
  spans: 0,
  dependsOn: [],
};

test('S7 around whom nothing was decided all is unknown without a fold, and a fold says the same', () => {
  const known = knownSubject(SILENT);
  for (const part of ['deviceState', 'personState', 'anonymousState'] as const)
    expect(known[part](PRO.id)).toBe(UNKNOWN);
  expect(personState(SILENT)).toEqual(UNKNOWN);
});
