import type { Instant } from '@filrouge/domain/base';
import { DEFAULT_PURPOSES, type Purpose } from '@filrouge/domain/consent';
import type { EventStore } from '@filrouge/ports';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AM, MAISON, PRO, SM } from '../testing/example-deployment.ts';
import type { PipelineWorld } from '../testing/pipeline-world.ts';
import { histories, IDENTIFIERS, RECEIVED, seen, tell } from '../testing/small-world.ts';
import { findPerson, findPersonById } from './find-person.ts';
import { permissionOf, RIGHTS } from './person-permission.ts';
import { readTimeline } from './read-timeline.ts';

const RUNS = Number(process.env['FILROUGE_RUNS'] ?? 25);
const LIMIT = { limit: 1_000 };

/** The world's event store, with its predicate switched off. */
function withoutPredicate({ events }: PipelineWorld): EventStore {
  return { ...events, timeline: (query) => events.timeline({ ...query, permission: 'every-row' }) };
}

async function ids(
  world: PipelineWorld,
  name: string,
  purpose: Purpose,
  events: EventStore,
): Promise<readonly string[]> {
  const person = await world.person(name, RECEIVED);
  if (person === undefined) return [];
  const permission = permissionOf(world.reading, person, purpose, RECEIVED);
  const deps = { reading: world.reading, vault: world.vault, events, purposes: DEFAULT_PURPOSES };
  return (await readTimeline(deps, person, permission, LIMIT)).items.map(({ value }) => value.id);
}

describe('reading a person', () => {
  test('S10: the predicate of the event store and the decision at the moment of use let the same rows through', async () => {
    await fc.assert(
      fc.asyncProperty(histories(), async ({ items, afterwards }) => {
        const world = await tell([...items, ...afterwards]);
        for (const name of IDENTIFIERS) {
          for (const purpose of [AM, PRO, SM]) {
            const both = await ids(world, name, purpose, world.events);
            expect(await ids(world, name, purpose, withoutPredicate(world)), `${name} ${purpose.id}`).toEqual(both);
            expect(await world.rows(name, purpose, 'individual', RECEIVED), `${name} ${purpose.id}`).toBe(both.length);
          }
        }
      }),
      { numRuns: RUNS },
    );
  });

  test('S10: the person’s own request sees at least what every purpose sees', async () => {
    await fc.assert(
      fc.asyncProperty(histories(8), async ({ items, afterwards }) => {
        const world = await tell([...items, ...afterwards]);
        for (const name of IDENTIFIERS) {
          const all = await ids(world, name, RIGHTS, world.events);
          for (const purpose of [AM, PRO, SM]) {
            expect(all).toEqual(expect.arrayContaining([...(await ids(world, name, purpose, world.events))]));
          }
        }
      }),
      { numRuns: RUNS },
    );
  });

  test('S13: a person is found under the id that it answers with', async () => {
    await fc.assert(
      fc.asyncProperty(histories(8), async ({ items }) => {
        const world = await tell(items);
        for (const name of IDENTIFIERS) {
          const person = await findPerson(world.reading, MAISON, world.id(name), RECEIVED);
          if (person === undefined) continue;
          const again = await findPersonById(world.reading, MAISON, person.id, RECEIVED);
          const parts = (found: typeof person | undefined): readonly string[] | undefined =>
            found && [...found.members, ...found.devices].map(({ node }) => node.node.id).sort();
          expect(again?.id).toBe(person.id);
          expect(parts(again)).toEqual(parts(person));
        }
      }),
      { numRuns: RUNS },
    );
  });

  test('S13, invariant 9: two taken apart are two, and taking it back leaves no trace', async () => {
    const pair = fc.uniqueArray(fc.constantFrom(...IDENTIFIERS.slice(0, 8)), { minLength: 2, maxLength: 2 });
    await fc.assert(
      fc.asyncProperty(histories(), pair, async ({ items, afterwards }, [a = '', b = '']) => {
        const world = await tell([...items, ...afterwards]);
        const before = await seen(world);
        const fact = { a: world.node(a), b: world.node(b), by: 'dana', reason: 'two customers' };
        const t = (RECEIVED + 1) as Instant;
        await world.separate(MAISON, { ...fact, stands: true, id: 'un-merge', t });
        const [x, y] = [await world.person(a, RECEIVED), await world.person(b, RECEIVED)];
        expect(x === undefined || y === undefined || x.id !== y.id).toBe(true);
        await world.separate(MAISON, { ...fact, stands: false, id: 'undo', t: (t + 1) as Instant });
        // A separation that the history holds already is the one thing that an undo may change.
        fc.pre(!items.some((each) => each.kind === 'separation' && each.stands && isPair(each, a, b)));
        expect(await seen(world)).toEqual(before);
      }),
      { numRuns: RUNS },
    );
  });
});

function isPair(fact: { readonly a: string; readonly b: string }, a: string, b: string): boolean {
  return (fact.a === a && fact.b === b) || (fact.a === b && fact.b === a);
}
