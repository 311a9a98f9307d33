import { describe, expect, test } from 'vitest';
import type { LinkFact } from './identity-fact.ts';
import { personKeyIn } from './resolve-identity.ts';
import { resolvePersons } from './resolve-persons.ts';
import { link, n } from './testing/example-identity.ts';
import { shownOn, unverifiedNeighbours } from './unverified-neighbour.ts';

const claimed = { verified: false, evidence: 'identify', sourceKind: 'web' } as const;

function shown(identifier: string, links: readonly LinkFact[]): string | undefined {
  return shownOn(n(identifier), links, personKeyIn(resolvePersons({ links, separations: [] })));
}

describe('S13: on whom an unverified identifier is shown', () => {
  const u = link(1, 'user_id:u', 'email:e', claimed);
  const v = link(2, 'user_id:v', 'email:e', claimed);

  test('on the one person who claims it', () => {
    expect(shown('email:e', [u])).toBe(n('user_id:u').id);
  });
  test('on none of two who claim it', () => {
    expect(shown('email:e', [u, v])).toBeUndefined();
  });
  test('on the person whose two identifiers both claim it', () => {
    const links = [link(0, 'user_id:u', 'loyalty_card:c'), u, link(2, 'loyalty_card:c', 'email:e', claimed)];
    expect(shown('email:e', links)).toBe(n('user_id:u').id);
  });
  test('on nobody else once a proof ties it to somebody', () => {
    expect(shown('email:e', [u, link(2, 'user_id:v', 'email:e')])).toBeUndefined();
  });
  test('on nobody when it is blocked', () => {
    const links = [1, 2, 3, 4, 5, 6].map((at) => link(at, `user_id:${at}`, 'email:e', claimed));
    expect(shown('email:e', links)).toBeUndefined();
  });
});

describe('S8: whose negatives cross to a person', () => {
  test('those of identifiers tied to it by unverified links, blocked ones left out', () => {
    const links = [
      link(1, 'user_id:u', 'email:own'),
      link(2, 'email:own', 'phone:p', claimed),
      link(3, 'user_id:u', 'email:e', claimed),
      ...[1, 2, 3, 4, 5, 6].map((at) =>
        link(3 + at, `user_id:${at}`, 'email:till', { ...claimed, sourceKind: 'store' }),
      ),
      link(10, 'user_id:u', 'email:till', claimed),
    ];
    const persons = resolvePersons({ links, separations: [] });
    const person = persons.byNode.get(n('user_id:u').id);
    if (person === undefined) throw new Error('the user is a person');
    expect(unverifiedNeighbours(persons, person)).toEqual([
      { node: n('phone:p'), link: links[1] },
      { node: n('email:e'), link: links[2] },
    ]);
  });
});
