import { describe, expect, test } from 'vitest';
import { DAY_MS, MINUTE_MS } from '../base/instant.ts';
import { deviceGroups } from './device-groups.ts';
import { type SpanReason, spanAt, timelineOf } from './device-timeline.ts';
import type { ItemEvidence } from './evidence-of.ts';
import { IDENTITY_LIMITS } from './identity-limits.ts';
import { presencesOf } from './presence.ts';
import { personKeyIn } from './resolve-identity.ts';
import { resolvePersons } from './resolve-persons.ts';
import { factsOf, item, minute, n, resolved } from './testing/example-identity.ts';
import { BEGINNING, END } from './time-span.ts';

const DAY = DAY_MS / MINUTE_MS;
const HOUR = 60;
const web = { sourceKind: 'web' } as const;

function seen(at: number, person: string, said: Parameters<typeof item>[2] = {}): ItemEvidence {
  return item(at, [person, 'anonymous_id:a'], { ...web, ...said });
}
function out(at: number): ItemEvidence {
  return item(at, ['anonymous_id:a'], { ...web, session: 'logout' });
}

type Span = readonly [from: number | 'start', to: number | 'end', owner: string, reason: SpanReason];
type Case = { readonly rule: string; readonly items: readonly ItemEvidence[]; readonly spans: readonly Span[] };

const cases: readonly Case[] = [
  {
    rule: 'a device on which nobody ever signs in is one anonymous person',
    items: [out(0)],
    spans: [
      ['start', 0, 'anonymous', 'signed-out'],
      [0, 'end', 'anonymous', 'signed-out'],
    ],
  },
  {
    rule: 'after a login it is that person’s; before it too, for 30 days',
    items: [seen(0, 'user_id:u')],
    spans: [
      ['start', -30 * DAY, 'anonymous', 'too-old'],
      [-30 * DAY, 0, 'user_id:u', 'before-login'],
      [0, 'end', 'user_id:u', 'signed-in'],
    ],
  },
  {
    rule: 'the past of a login reaches back to the last logout and no further',
    items: [out(-10), seen(0, 'user_id:u')],
    spans: [
      ['start', -10, 'anonymous', 'signed-out'],
      [-10, 0, 'user_id:u', 'before-login'],
      [0, 'end', 'user_id:u', 'signed-in'],
    ],
  },
  {
    rule: 'after a logout it is nobody’s, until the same person comes back',
    items: [seen(0, 'user_id:u'), out(10), seen(20, 'user_id:u')],
    spans: [
      ['start', -30 * DAY, 'anonymous', 'too-old'],
      [-30 * DAY, 0, 'user_id:u', 'before-login'],
      [0, 10, 'user_id:u', 'signed-in'],
      [10, 20, 'user_id:u', 'before-login'],
      [20, 'end', 'user_id:u', 'signed-in'],
    ],
  },
  {
    rule: 'a logout without return leaves it to nobody',
    items: [seen(0, 'user_id:u'), out(10)],
    spans: [
      ['start', -30 * DAY, 'anonymous', 'too-old'],
      [-30 * DAY, 0, 'user_id:u', 'before-login'],
      [0, 10, 'user_id:u', 'signed-in'],
      [10, 'end', 'anonymous', 'signed-out'],
    ],
  },
  {
    rule: 'a logout in the instant of a sighting comes after it',
    items: [seen(0, 'user_id:u', { session: 'logout' })],
    spans: [
      ['start', -30 * DAY, 'anonymous', 'too-old'],
      [-30 * DAY, 0, 'user_id:u', 'before-login'],
      [0, 'end', 'anonymous', 'signed-out'],
    ],
  },
  {
    rule: 'another person within 90 days makes the device a shared one: neither has a claim on its past',
    items: [seen(0, 'user_id:u'), out(10), seen(89 * DAY, 'user_id:v')],
    spans: [
      ['start', 0, 'anonymous', 'shared-device'],
      [0, 10, 'user_id:u', 'signed-in'],
      [10, 89 * DAY, 'anonymous', 'shared-device'],
      [89 * DAY, 'end', 'user_id:v', 'signed-in'],
    ],
  },
  {
    rule: 'the 90th day still counts',
    items: [seen(0, 'user_id:u'), out(10), seen(90 * DAY, 'user_id:v')],
    spans: [
      ['start', 0, 'anonymous', 'shared-device'],
      [0, 10, 'user_id:u', 'signed-in'],
      [10, 90 * DAY, 'anonymous', 'shared-device'],
      [90 * DAY, 'end', 'user_id:v', 'signed-in'],
    ],
  },
  {
    rule: 'another person longer ago is another time',
    items: [seen(0, 'user_id:u'), out(10), seen(91 * DAY, 'user_id:v')],
    spans: [
      ['start', -30 * DAY, 'anonymous', 'too-old'],
      [-30 * DAY, 0, 'user_id:u', 'before-login'],
      [0, 10, 'user_id:u', 'signed-in'],
      [10, 61 * DAY, 'anonymous', 'too-old'],
      [61 * DAY, 91 * DAY, 'user_id:v', 'before-login'],
      [91 * DAY, 'end', 'user_id:v', 'signed-in'],
    ],
  },
  {
    rule: 'a login over a login, without logout, ends the first one’s span',
    items: [seen(0, 'user_id:u'), seen(2 * HOUR, 'user_id:v')],
    spans: [
      ['start', 0, 'anonymous', 'shared-device'],
      [0, 2 * HOUR, 'user_id:u', 'signed-in'],
      [2 * HOUR, 'end', 'user_id:v', 'signed-in'],
    ],
  },
  {
    rule: 'two persons in one instant: nobody can tell',
    items: [seen(0, 'user_id:u'), seen(0, 'user_id:v'), seen(2 * HOUR, 'user_id:v')],
    spans: [
      ['start', 0, 'anonymous', 'two-at-once'],
      [0, 2 * HOUR, 'anonymous', 'two-at-once'],
      [2 * HOUR, 'end', 'user_id:v', 'signed-in'],
    ],
  },
  {
    rule: 'two persons by turns within one hour, of which first and last sighting are known: nobody can tell',
    items: [0, 10, 20, 30].map((at) => seen(at, at % 20 === 0 ? 'user_id:u' : 'user_id:v')),
    spans: [
      ['start', 0, 'anonymous', 'shared-device'],
      [0, 10, 'user_id:u', 'signed-in'],
      [10, 30, 'anonymous', 'two-at-once'],
      [30, 'end', 'user_id:v', 'signed-in'],
    ],
  },
  {
    rule: 'the user id and the card of one person are one person',
    items: [item(-5, ['user_id:u', 'loyalty_card:c']), seen(0, 'loyalty_card:c'), out(10), seen(20, 'user_id:u')],
    spans: [
      ['start', -30 * DAY, 'anonymous', 'too-old'],
      [-30 * DAY, 0, 'user_id:u', 'before-login'],
      [0, 10, 'user_id:u', 'signed-in'],
      [10, 20, 'user_id:u', 'before-login'],
      [20, 'end', 'user_id:u', 'signed-in'],
    ],
  },
  {
    rule: 'a kiosk is nobody’s, stay by stay',
    items: [seen(0, 'user_id:u', { kiosk: true }), out(10), seen(20, 'user_id:v', { kiosk: true })],
    spans: [
      ['start', 0, 'anonymous', 'kiosk'],
      [0, 10, 'anonymous', 'kiosk'],
      [10, 20, 'anonymous', 'kiosk'],
      [20, 'end', 'anonymous', 'kiosk'],
    ],
  },
  {
    rule: 'a device that saw six persons is a kiosk, declared or not',
    items: [1, 2, 3, 4, 5, 6].map((at) => seen(at * 200 * DAY, `user_id:${at}`)),
    spans: [
      ['start', 200 * DAY, 'anonymous', 'kiosk'],
      ...[1, 2, 3, 4, 5].map((at): Span => [at * 200 * DAY, (at + 1) * 200 * DAY, 'anonymous', 'kiosk']),
      [1200 * DAY, 'end', 'anonymous', 'kiosk'],
    ],
  },
  {
    rule: 'a terminal of two names that saw three persons each is a kiosk too',
    items: [
      item(0, ['anonymous_id:a', 'device_id:d'], web),
      ...[1, 2, 3, 4, 5, 6].map((at) =>
        item(at * 200 * DAY, [`user_id:${at}`, at % 2 === 0 ? 'anonymous_id:a' : 'device_id:d'], web),
      ),
    ],
    spans: [
      ['start', 200 * DAY, 'anonymous', 'kiosk'],
      ...[1, 2, 3, 4, 5].map((at): Span => [at * 200 * DAY, (at + 1) * 200 * DAY, 'anonymous', 'kiosk']),
      [1200 * DAY, 'end', 'anonymous', 'kiosk'],
    ],
  },
  {
    rule: 'a blocked value at a device is nobody, and no boundary either',
    items: [
      ...[1, 2, 3, 4, 5, 6].map((at) => item(at, [`user_id:${at}`, 'email:till'])),
      seen(0, 'user_id:u'),
      seen(2 * HOUR, 'email:till'),
    ],
    spans: [
      ['start', -30 * DAY, 'anonymous', 'too-old'],
      [-30 * DAY, 0, 'user_id:u', 'before-login'],
      [0, 'end', 'user_id:u', 'signed-in'],
    ],
  },
];

describe('S13: whose a device is, when', () => {
  for (const each of cases) {
    test(each.rule, () => {
      const { timelines } = resolved(each.items).identity;
      expect(timelines).toHaveLength(1);
      expect(timelines[0]?.spans).toEqual(
        each.spans.map(([from, to, owner, reason], ordinal) => ({
          from: from === 'start' ? BEGINNING : minute(from),
          to: to === 'end' ? END : minute(to),
          ordinal,
          owner: owner === 'anonymous' ? 'anonymous' : n(owner),
          reason,
        })),
      );
    });
  }

  test('a hundred sightings of one customer are one span', () => {
    const items = Array.from({ length: 100 }, (_, at) => seen(at * 7, 'user_id:u'));
    expect(resolved(items).identity.timelines[0]?.spans.map((span) => span.reason)).toEqual([
      'too-old',
      'before-login',
      'signed-in',
    ]);
  });

  test('spanAt finds the span of an instant, both ends included where they are the ends of time', () => {
    const [timeline] = resolved([seen(0, 'user_id:u')]).identity.timelines;
    if (timeline === undefined) throw new Error('one device, one timeline');
    expect(spanAt(timeline, BEGINNING).reason).toBe('too-old');
    expect(spanAt(timeline, minute(-1)).reason).toBe('before-login');
    expect(spanAt(timeline, minute(0)).reason).toBe('signed-in');
    expect(spanAt(timeline, END).reason).toBe('signed-in');
  });

  test('presences compacted before, partly or not at all, give the same timeline', () => {
    const items = [0, 5, 10, 15, 20, 65, 70].map((at) => seen(at, at % 2 === 0 ? 'user_id:u' : 'user_id:v'));
    const facts = factsOf(items);
    const all = presencesOf(facts.sightings);
    const half = presencesOf(facts.sightings.slice(3), presencesOf(facts.sightings.slice(0, 4)));
    const personOf = personKeyIn(resolvePersons(facts));
    const spans = [all, half, [...half, ...all]].map((presences) =>
      deviceGroups({ links: [], presences: presencesOf([], presences), logouts: [] }).map(
        (group) => timelineOf(group, personOf, IDENTITY_LIMITS).spans,
      ),
    );
    expect(spans[1]).toEqual(spans[0]);
    expect(spans[2]).toEqual(spans[0]);
  });
});

describe('semantics.md, worked examples 10 and 12', () => {
  test('10: a new laptop, then a login: the laptop’s page before it is the user’s, the laptop joins no two persons', () => {
    const minuteOfPage = 0;
    const login = DAY;
    const example = resolved([
      item(-50 * DAY, ['user_id:U', 'email:u']),
      item(minuteOfPage, ['anonymous_id:laptop'], { ...web, kind: 'page' }),
      item(login, ['user_id:U', 'anonymous_id:laptop'], { ...web, session: 'login', kind: 'identify' }),
    ]);
    const user = example.personAt('user_id:U', login);
    expect(example.personAt('anonymous_id:laptop', minuteOfPage)).toBe(user);
    expect(example.personAt('email:u', login)).toBe(user);
    expect(example.identity.persons.clusters).toHaveLength(1);
    expect(example.identity.persons.byNode.has(n('anonymous_id:laptop').id)).toBe(false);
  });

  test('12: the family iPad: the page between two logins stays anonymous, the two are two persons', () => {
    const example = resolved([
      item(0, ['user_id:U1', 'anonymous_id:ipad'], { ...web, session: 'login' }),
      item(10, ['user_id:U1', 'anonymous_id:ipad'], { ...web, session: 'logout' }),
      item(15, ['anonymous_id:ipad'], { ...web, kind: 'page' }),
      item(20, ['user_id:U2', 'anonymous_id:ipad'], { ...web, session: 'login' }),
    ]);
    const [u1, u2] = [example.personAt('user_id:U1', 20), example.personAt('user_id:U2', 20)];
    expect(u1).not.toBe(u2);
    expect([u1, u2]).not.toContain(example.personAt('anonymous_id:ipad', 15));
    expect(example.personAt('anonymous_id:ipad', 5)).toBe(u1);
    expect(example.personAt('anonymous_id:ipad', 25)).toBe(u2);
  });
});
