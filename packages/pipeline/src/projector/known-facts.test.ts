import { DAY_MS, HOUR_MS, type Instant } from '@filrouge/domain/base';
import {
  type DeviceLink,
  firstDeviceLinks,
  firstLinks,
  type LinkFact,
  type Node,
  type NodeId,
  type Presence,
  presencesOf,
} from '@filrouge/domain/identity';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KnownFacts } from './known-facts.ts';

const node = (namespace: Node['namespace'], n: number): Node => ({
  namespace,
  id: String(n).padStart(32, '0') as NodeId,
});
const person = fc.constantFrom(node('user_id', 1), node('user_id', 2));
const device = fc.constantFrom(node('anonymous_id', 3), node('anonymous_id', 4), node('device_id', 5));
const t = fc.nat(3).map((hours) => (hours * HOUR_MS) as Instant);
const messageId = fc.constantFrom('a', 'b', 'c');

const link: fc.Arbitrary<LinkFact> = fc.record({
  a: person,
  b: fc.constantFrom(node('email', 6), node('email', 7)),
  verified: fc.boolean(),
  evidence: fc.constantFrom('server', 'identify'),
  sourceKind: fc.constantFrom('web', 'server'),
  t,
  messageId,
});
const deviceLink: fc.Arbitrary<DeviceLink> = fc
  .record({ pair: fc.uniqueArray(device, { minLength: 2, maxLength: 2, selector: ({ id }) => id }), t, messageId })
  .map(({ pair, ...rest }) => {
    const [a, b] = pair.sort((x, y) => (x.id < y.id ? -1 : 1));
    return { a: a as Node, b: b as Node, ...rest };
  });
const presence: fc.Arbitrary<Presence> = fc
  .record({ device, person, minute: fc.nat(3), stay: fc.nat(3), verified: fc.boolean(), kiosk: fc.boolean() })
  .map(({ minute, stay, ...rest }) => ({ ...rest, first: minute as Instant, last: (minute + stay) as Instant }));

const range = fc.record({
  links: fc.array(link, { maxLength: 3 }),
  deviceLinks: fc.array(deviceLink, { maxLength: 3 }),
  presences: fc.array(presence, { maxLength: 3 }),
});

function sorted(facts: readonly object[]): readonly string[] {
  const lines = facts.map((fact) => JSON.stringify(Object.entries(fact).sort(([x], [y]) => (x < y ? -1 : 1))));
  return lines.sort((x, y) => (x < y ? -1 : 1));
}

describe('what memory knows is not written again', () => {
  test('and nothing is lost by it: a store that gets only the news holds what one that gets everything holds', () => {
    fc.assert(
      fc.property(fc.array(range, { maxLength: 6 }), fc.nat(6), (ranges, forgetAt) => {
        const known = new KnownFacts();
        const told = { links: [] as LinkFact[], deviceLinks: [] as DeviceLink[], presences: [] as Presence[] };
        for (const [n, one] of ranges.entries()) {
          if (n === forgetAt) known.clear();
          const news = {
            nodes: [],
            acts: new Map<NodeId, Instant>(),
            links: known.newLinks(firstLinks(one.links)),
            deviceLinks: known.newDeviceLinks(firstDeviceLinks(one.deviceLinks)),
            presences: known.newPresences(presencesOf([], one.presences)),
          };
          told.links.push(...news.links);
          told.deviceLinks.push(...news.deviceLinks);
          told.presences.push(...news.presences);
          known.remember(news);
        }
        const all = {
          links: ranges.flatMap(({ links }) => links),
          deviceLinks: ranges.flatMap(({ deviceLinks }) => deviceLinks),
        };
        expect(sorted(firstLinks(told.links))).toEqual(sorted(firstLinks(all.links)));
        expect(sorted(firstDeviceLinks(told.deviceLinks))).toEqual(sorted(firstDeviceLinks(all.deviceLinks)));
        const presences = ranges.flatMap((one) => one.presences);
        expect(sorted(presencesOf([], told.presences))).toEqual(sorted(presencesOf([], presences)));
      }),
      { numRuns: 400 },
    );
  });

  test('the next page of a signed-in customer tells nothing: no node, no link, no hour, no act of the day', () => {
    const known = new KnownFacts();
    const [ada, phone] = [node('user_id', 1), node('anonymous_id', 3)];
    const hour: Presence = {
      device: phone,
      person: ada,
      first: 0 as Instant,
      last: 50 as Instant,
      verified: true,
      kiosk: false,
    };
    const acts = new Map([[ada.id, 0 as Instant]]);
    known.remember({ nodes: [ada.id], links: [], deviceLinks: [], presences: [hour], acts });
    expect(known.newNodes([ada, phone])).toEqual([phone]);
    expect(known.newPresences([{ ...hour, first: 20 as Instant, last: 20 as Instant, verified: false }])).toEqual([]);
    expect(known.newPresences([{ ...hour, last: 60 as Instant }])).toHaveLength(1);
    expect(known.newActs(new Map([[ada.id, (DAY_MS - 1) as Instant]])).size).toBe(0);
    expect(known.newActs(new Map([[ada.id, DAY_MS as Instant]])).size).toBe(1);
    known.clear();
    expect(known.newActs(acts).size).toBe(1);
  });
});
