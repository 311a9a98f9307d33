import { describe, expect, test } from 'vitest';
import { type ExplainedIdentifier, explainPerson, type PersonExplanation } from './explain-person.ts';
import type { LinkFact } from './identity-fact.ts';
import { personKeyIn, type ResolvedIdentity, resolveIdentity } from './resolve-identity.ts';
import { factsOf, firstSeenIn, item, n } from './testing/example-identity.ts';

const items = [
  item(0, ['user_id:u', 'email:e']),
  item(1, ['email:e', 'phone:p'], { kind: 'customer' }),
  item(2, ['user_id:u', 'email:claimed'], { sourceKind: 'web', kind: 'identify' }),
  item(3, ['user_id:u', 'email:shared'], { sourceKind: 'web', kind: 'identify' }),
  item(4, ['user_id:v', 'email:shared'], { sourceKind: 'web', kind: 'identify' }),
  item(5, ['user_id:v', 'email:e']),
  item(6, ['user_id:u', 'anonymous_id:a'], { sourceKind: 'web' }),
  item(7, ['anonymous_id:a'], { sourceKind: 'web', session: 'logout' }),
  item(8, ['user_id:u', 'anonymous_id:proven'], { session: 'login' }),
];

function explained(person: string): {
  readonly told: PersonExplanation;
  readonly identity: ResolvedIdentity;
  readonly links: readonly LinkFact[];
} {
  const facts = factsOf(items);
  const identity = resolveIdentity(facts, firstSeenIn(items));
  const cluster = identity.persons.byNode.get(n(person).id);
  if (cluster === undefined) throw new Error(`${person} is in no link`);
  const { persons, timelines } = identity;
  const told = explainPerson(cluster, { persons, links: facts.links, personOf: personKeyIn(persons), timelines });
  return { told, identity, links: facts.links };
}

function of(identifiers: readonly ExplainedIdentifier[], text: string): ExplainedIdentifier | undefined {
  return identifiers.find(({ identifier }) => identifier.id === n(text).id);
}

describe('/explain: why these identifiers are one person', () => {
  const { told, links } = explained('user_id:u');
  const { identifiers, notJoined } = told;

  test('the strongest identifier needs no reason', () => {
    expect(of(identifiers, 'user_id:u')).toEqual({ identifier: n('user_id:u'), standing: 'joined', why: [] });
  });

  test('each other one has the chain of links from there, with source, time and evidence', () => {
    expect(of(identifiers, 'phone:p')?.why).toEqual([
      { kind: 'link', from: n('user_id:u'), to: n('email:e'), link: links[0] },
      { kind: 'link', from: n('email:e'), to: n('phone:p'), link: links[1] },
    ]);
    expect(links[1]).toMatchObject({ evidence: 'customer-record', verified: true, sourceKind: 'server' });
  });

  test('an unverified identifier is shown on the one person who claims it, and on none of two', () => {
    expect(of(identifiers, 'email:claimed')).toEqual({
      identifier: n('email:claimed'),
      standing: 'unverified',
      why: [{ kind: 'link', from: n('user_id:u'), to: n('email:claimed'), link: links[2] }],
    });
    expect(of(identifiers, 'email:shared')).toBeUndefined();
    expect(of(explained('user_id:v').told.identifiers, 'email:shared')).toBeUndefined();
  });

  test('a device is shown with the stays that make it the person’s', () => {
    const device = of(identifiers, 'anonymous_id:a');
    expect(device?.standing).toBe('device');
    expect(device?.why.map((step) => step.kind === 'stay' && step.span.reason)).toEqual(['before-login', 'signed-in']);
  });

  test('S11: of each stay it is told whether it was proven who was there, or a public key said so', () => {
    const proofs = (text: string) => of(identifiers, text)?.why.map((step) => step.kind === 'stay' && step.verified);
    expect(proofs('anonymous_id:a')).toEqual([false, false]);
    expect(proofs('anonymous_id:proven')).toEqual([true, true]);
  });

  test('what was not joined is told with its reason', () => {
    expect(notJoined.map(({ link, reason }) => [link.b.id, reason])).toEqual([
      [n('email:claimed').id, 'unverified'],
      [n('email:shared').id, 'unverified'],
      [n('email:e').id, 'two-logins'],
    ]);
  });

  test('nothing else is told', () => {
    expect(identifiers).toHaveLength(6);
  });
});
