import { describe, expect, test } from 'vitest';
import type { LinkFact, SeparationFact } from './identity-fact.ts';
import { IDENTITY_LIMITS, type IdentityLimits } from './identity-limits.ts';
import { type Persons, resolvePersons } from './resolve-persons.ts';
import { link, n, separation } from './testing/example-identity.ts';

type Case = {
  readonly rule: string;
  readonly links: readonly LinkFact[];
  readonly separations?: readonly SeparationFact[];
  readonly limits?: Partial<IdentityLimits>;
  readonly persons: readonly string[];
  readonly refused?: readonly string[];
  readonly blocked?: readonly string[];
};

const unverified = { verified: false, evidence: 'identify', sourceKind: 'web' } as const;
const typed = { verified: false, evidence: 'till', sourceKind: 'store' } as const;
const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at + 1);

const cases: readonly Case[] = [
  {
    rule: 'a verified link joins two login types',
    links: [link(1, 'user_id:u', 'loyalty_card:c')],
    persons: ['user_id:u loyalty_card:c'],
  },
  {
    rule: 'an unverified link joins nothing',
    links: [link(1, 'user_id:u', 'email:e', unverified)],
    persons: ['user_id:u', 'email:e'],
    refused: ['user_id:u-email:e unverified'],
  },
  {
    rule: 'two user ids are two persons, whatever says otherwise',
    links: [link(1, 'user_id:u', 'user_id:v')],
    persons: ['user_id:u', 'user_id:v'],
    refused: ['user_id:u-user_id:v limit:user_id'],
  },
  {
    rule: 'one user id a person: a card of two accounts stays with the first',
    links: [link(1, 'user_id:u', 'loyalty_card:c'), link(2, 'user_id:v', 'loyalty_card:c')],
    persons: ['user_id:u loyalty_card:c', 'user_id:v'],
    refused: ['user_id:v-loyalty_card:c limit:user_id'],
  },
  {
    rule: 'the first is first by time, not by place in the list',
    links: [link(2, 'user_id:v', 'loyalty_card:c'), link(1, 'user_id:u', 'loyalty_card:c')],
    persons: ['user_id:u loyalty_card:c', 'user_id:v'],
    refused: ['user_id:v-loyalty_card:c limit:user_id'],
  },
  {
    rule: 'three loyalty cards a person, the fourth stays alone',
    links: numbers(4).map((at) => link(at, 'user_id:u', `loyalty_card:c${at}`)),
    persons: ['user_id:u loyalty_card:c1 loyalty_card:c2 loyalty_card:c3', 'loyalty_card:c4'],
    refused: ['user_id:u-loyalty_card:c4 limit:loyalty_card'],
  },
  ...(['email', 'phone'] as const).map((kind) => ({
    rule: `five of ${kind} a person, the sixth stays alone`,
    links: numbers(6).map((at) => link(at, 'user_id:u', `${kind}:${at}`)),
    persons: [['user_id:u', ...numbers(5).map((at) => `${kind}:${at}`)].join(' '), `${kind}:6`],
    refused: [`user_id:u-${kind}:6 limit:${kind}`],
  })),
  {
    rule: 'an e-mail never joins two persons who both have a login',
    links: [link(1, 'user_id:u', 'email:e'), link(2, 'user_id:v', 'email:e')],
    persons: ['user_id:u email:e', 'user_id:v'],
    refused: ['user_id:v-email:e two-logins'],
  },
  {
    rule: 'nor an account and a card',
    links: [link(1, 'user_id:u', 'email:e'), link(2, 'loyalty_card:c', 'email:e')],
    persons: ['user_id:u email:e', 'loyalty_card:c'],
    refused: ['loyalty_card:c-email:e two-logins'],
  },
  {
    rule: 'a card and an account join by their own link, and what was refused before then holds',
    links: [
      link(1, 'user_id:u', 'email:e'),
      link(2, 'loyalty_card:c', 'email:e'),
      link(3, 'user_id:u', 'loyalty_card:c'),
    ],
    persons: ['user_id:u loyalty_card:c email:e'],
  },
  {
    rule: 'an e-mail and a telephone join a person with a login to one without',
    links: [link(1, 'email:e', 'phone:p'), link(2, 'user_id:u', 'email:e')],
    persons: ['user_id:u email:e phone:p'],
  },
  {
    rule: 'a telephone of two e-mail persons without login joins them when verified',
    links: [link(1, 'email:e', 'phone:p'), link(2, 'email:f', 'phone:p')],
    persons: ['email:e email:f phone:p'],
  },
  {
    rule: 'a payment card never merges',
    links: [link(1, 'user_id:u', 'payment_card:x'), link(2, 'loyalty_card:c', 'payment_card:x')],
    persons: ['user_id:u', 'loyalty_card:c'],
    refused: ['user_id:u-payment_card:x payment-card', 'loyalty_card:c-payment_card:x payment-card'],
  },
  {
    rule: 'a device value never joins persons',
    links: [link(1, 'user_id:u', 'device_id:d'), link(2, 'email:e', 'device_id:d')],
    persons: ['user_id:u', 'email:e'],
    refused: ['user_id:u-device_id:d not-a-person', 'email:e-device_id:d not-a-person'],
  },
  {
    rule: 'a value seen with five logins is still somebody’s',
    links: numbers(5).map((at) => link(at, `user_id:${at}`, 'email:e')),
    persons: ['user_id:1 email:e', 'user_id:2', 'user_id:3', 'user_id:4', 'user_id:5'],
    refused: numbers(5)
      .slice(1)
      .map((at) => `user_id:${at}-email:e two-logins`),
  },
  {
    rule: 'a value seen with six logins is nobody’s, and the person it was taken for is without it',
    links: numbers(6).map((at) => link(at, `user_id:${at}`, 'email:e')),
    persons: numbers(6).map((at) => `user_id:${at}`),
    refused: numbers(6).map((at) => `user_id:${at}-email:e blocked-value`),
    blocked: ['email:e'],
  },
  {
    rule: 'a till’s fixed e-mail is found by unverified links, cards and accounts counted alike',
    links: [
      link(1, 'user_id:u', 'email:till'),
      ...numbers(5).map((at) => link(1 + at, `loyalty_card:${at}`, 'email:till', typed)),
    ],
    persons: ['user_id:u', ...numbers(5).map((at) => `loyalty_card:${at}`)],
    refused: [
      'user_id:u-email:till blocked-value',
      ...numbers(5).map((at) => `loyalty_card:${at}-email:till unverified`),
    ],
    blocked: ['email:till'],
  },
  {
    rule: 'links through a blocked value are void: those it had merged are two again',
    links: [
      link(1, 'email:e', 'phone:shop'),
      link(2, 'email:f', 'phone:shop'),
      ...numbers(6).map((at) => link(2 + at, `user_id:${at}`, 'phone:shop', typed)),
    ],
    persons: ['email:e', 'email:f', ...numbers(6).map((at) => `user_id:${at}`)],
    refused: [
      'email:e-phone:shop blocked-value',
      'email:f-phone:shop blocked-value',
      ...numbers(6).map((at) => `user_id:${at}-phone:shop unverified`),
    ],
    blocked: ['phone:shop'],
  },
  {
    rule: 'the card that staff swipe for everybody is nobody’s',
    links: numbers(6).map((at) => link(at, `user_id:${at}`, 'loyalty_card:staff')),
    persons: numbers(6).map((at) => `user_id:${at}`),
    refused: numbers(6).map((at) => `user_id:${at}-loyalty_card:staff blocked-value`),
    blocked: ['loyalty_card:staff'],
  },
  {
    rule: 'a user id is never blocked by its cards',
    links: numbers(7).map((at) => link(at, 'user_id:u', `loyalty_card:${at}`)),
    persons: [
      'user_id:u loyalty_card:1 loyalty_card:2 loyalty_card:3',
      ...numbers(7)
        .slice(3)
        .map((at) => `loyalty_card:${at}`),
    ],
    refused: numbers(7)
      .slice(3)
      .map((at) => `user_id:u-loyalty_card:${at} limit:loyalty_card`),
  },
  {
    rule: 'forged claims through a public key do not take a verified address away',
    links: [
      link(1, 'user_id:u', 'email:e'),
      ...numbers(9).map((at) => link(1 + at, `user_id:forged${at}`, 'email:e', unverified)),
    ],
    persons: ['user_id:u email:e', ...numbers(9).map((at) => `user_id:forged${at}`)],
    refused: numbers(9).map((at) => `user_id:forged${at}-email:e unverified`),
  },
  {
    rule: 'an address that only browsers name, for six users, is nobody’s',
    links: numbers(6).map((at) => link(at, `user_id:${at}`, 'email:test', unverified)),
    persons: numbers(6).map((at) => `user_id:${at}`),
    refused: numbers(6).map((at) => `user_id:${at}-email:test unverified`),
    blocked: ['email:test'],
  },
  {
    rule: 'a separation keeps a pair apart',
    links: [link(1, 'email:a', 'email:b')],
    separations: [separation(2, 'email:a', 'email:b')],
    persons: ['email:a', 'email:b'],
    refused: ['email:a-email:b separated'],
  },
  {
    rule: 'a separation keeps apart what would meet by a detour: the last link gives way',
    links: [link(1, 'user_id:u', 'email:a'), link(2, 'user_id:u', 'email:b')],
    separations: [separation(3, 'email:a', 'email:b')],
    persons: ['user_id:u email:a', 'email:b'],
    refused: ['user_id:u-email:b separated'],
  },
  {
    rule: 'the latest word on a separation decides',
    links: [link(1, 'email:a', 'email:b')],
    separations: [separation(3, 'email:b', 'email:a', false), separation(2, 'email:a', 'email:b')],
    persons: ['email:a email:b'],
  },
  {
    rule: 'a cap on identifiers',
    links: numbers(4).map((at) => link(at, 'user_id:u', `email:${at}`)),
    limits: { identifiersMax: 3 },
    persons: ['user_id:u email:1 email:2', 'email:3', 'email:4'],
    refused: ['user_id:u-email:3 cap:identifiers', 'user_id:u-email:4 cap:identifiers'],
  },
  {
    rule: 'a cap on merges counts clusters made one, not identifiers taken in',
    links: [
      ...numbers(3).map((at) => link(at, `email:${at}`, `phone:${at}`)),
      link(4, 'email:1', 'email:alone'),
      link(5, 'email:1', 'email:2'),
      link(6, 'email:1', 'email:3'),
    ],
    limits: { mergesMax: 1 },
    persons: ['email:1 email:2 email:alone phone:1 phone:2', 'email:3 phone:3'],
    refused: ['email:1-email:3 cap:merges'],
  },
];

const names = new Map<string, string>();
function known(text: string): string {
  names.set(n(text).id, text);
  return n(text).id;
}

/** Clusters as sorted lists of names, the list sorted. */
function named(persons: Persons): readonly string[] {
  return persons.clusters
    .map((cluster) =>
      cluster.nodes
        .map((node) => names.get(node.id) ?? node.id)
        .sort()
        .join(' '),
    )
    .sort();
}

function sorted(text: string): string {
  const parts = text.split(' ');
  for (const part of parts) known(part);
  return parts.sort().join(' ');
}

describe('S13: persons', () => {
  for (const each of cases) {
    test(each.rule, () => {
      const expected = each.persons.map(sorted).sort();
      for (const text of each.blocked ?? []) known(text);
      const facts = { links: each.links, separations: each.separations ?? [] };
      const persons = resolvePersons(facts, { ...IDENTITY_LIMITS, ...each.limits });
      expect(named(persons)).toEqual(expected);
      expect([...persons.blocked.keys()]).toEqual((each.blocked ?? []).map((text) => n(text).id));
      for (const text of ['payment_card:x', 'device_id:d']) known(text);
      expect(
        persons.refused.map(({ link: { a, b }, reason }) => `${names.get(a.id)}-${names.get(b.id)} ${reason}`),
      ).toEqual(each.refused ?? []);
      expect(
        resolvePersons(
          { ...facts, links: [...facts.links, ...facts.links].reverse() },
          { ...IDENTITY_LIMITS, ...each.limits },
        ),
      ).toEqual(persons);
    });
  }

  test('an applied link says whether it joined or agreed', () => {
    const links = [
      link(1, 'user_id:u', 'email:e'),
      link(2, 'user_id:u', 'phone:p'),
      link(3, 'email:e', 'phone:p'),
      link(4, 'user_id:u', 'email:e'),
    ];
    expect(resolvePersons({ links, separations: [] }).applied).toEqual([
      { link: links[0], joined: true },
      { link: links[1], joined: true },
      { link: links[2], joined: false },
    ]);
  });

  test('an unverified link inside a person is neither applied nor refused', () => {
    const links = [link(1, 'user_id:u', 'email:e', unverified), link(2, 'user_id:u', 'email:e')];
    const persons = resolvePersons({ links, separations: [] });
    expect(persons.applied).toEqual([{ link: links[1], joined: true }]);
    expect(persons.refused).toEqual([]);
  });
});

describe('semantics.md, worked example 11 (the links only)', () => {
  const a = link(1, 'user_id:a', 'email:a');
  const b = link(2, 'email:b', 'phone:b');
  const both = link(3, 'user_id:a', 'email:b');
  const together = ['user_id:a email:a email:b phone:b'].map(sorted).sort();
  const apart = ['user_id:a email:a', 'email:b phone:b'].map(sorted).sort();

  test('linked by a verified link they are one, by an unverified one two, after un-merge two again', () => {
    const of = (links: readonly LinkFact[], separations: readonly SeparationFact[] = []): readonly string[] =>
      named(resolvePersons({ links, separations }));
    expect(of([a, b, both])).toEqual(together);
    expect(of([a, b, { ...both, verified: false }])).toEqual(apart);
    expect(of([a, b, both], [separation(4, 'user_id:a', 'email:b')])).toEqual(apart);
  });
});
