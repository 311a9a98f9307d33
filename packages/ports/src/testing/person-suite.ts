import type { Instant } from '@filrouge/domain/base';
import {
  BEGINNING,
  END,
  isDeviceNamespace,
  isWithin,
  NOBODY,
  type Node,
  type NodeId,
  type PersonNumber,
  personOfThread,
  type Thread,
  type ThreadMapEntry,
  threadOf,
} from '@filrouge/domain/identity';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PersonParts, ReadingStore } from '../reading-store.ts';
import type { Current } from './describe-stores.ts';
import {
  ATELIER,
  aKey,
  aNewNode,
  aNode,
  aPresence,
  decide,
  inOrder,
  join,
  know,
  MAISON,
  minute,
} from './stores-under-test.ts';

type Whose = { readonly at: Instant } | { readonly number: PersonNumber };

/** A person is found in one question; what that answers is what the small questions answer one after the other. */
export function describePerson(current: Current): void {
  test('S13: one question tells a person whole: whose it was, its identifiers, its devices and their spans', async () => {
    const stores = current();
    const [user, email, gone, phone, own] = [
      aNode(),
      aNode('email'),
      aNode('email'),
      aNode('anonymous_id'),
      aNode('device_id'),
    ];
    await stores.projection.project(async (transaction) => {
      const row = (node: Node, firstPosition: number) => aNewNode(node, { firstPosition, brand: MAISON });
      await transaction.addNodes([row(email, 9), row(user, 3), row(gone, 1), row(phone, 5), row(own, 4)]);
      await join(transaction, [user, email, gone]);
      await transaction.putResolved([{ node: gone.id, component: user.id, blocked: 'secret-keys' }]);
      await transaction.putPresences(MAISON, [aPresence(own, email, minute(1))]);
      await transaction.replaceSpans(
        MAISON,
        [phone.id],
        new Map([
          [
            phone.id,
            [
              entry(phone, numberOf(user), BEGINNING, minute(10)),
              entry(phone, numberOf(aNode()), minute(10), minute(20)),
            ],
          ],
        ]),
      );
    });
    const { reading } = stores;
    const told = await reading.person(user.id, { at: minute(0) });
    expect(told).toMatchObject({ brand: MAISON, number: numberOf(user) });
    expect(told?.members.map(({ node }) => node)).toEqual([user, email]);
    expect(told?.members[0]?.sealed.toString()).toBe(`sealed ${user.id}`);
    expect(told?.devices.map(({ node, spans }) => [node, spans.length])).toEqual([
      [own, 0],
      [phone, 2],
    ]);
    const number = async (node: Node, at: Instant) => (await reading.person(node.id, { at }))?.number;
    expect(await number(phone, minute(9))).toBe(numberOf(user));
    expect(await number(phone, minute(10)), 'a span ends before its last instant').not.toBe(numberOf(user));
    expect(await number(phone, minute(20)), 'and between spans a device is itself').toBe(numberOf(phone));
    expect(await number(gone, minute(0)), 'a value that is nobody’s').toBeUndefined();
    expect(await number(aNode(), minute(0)), 'never seen').toBeUndefined();
    const named = await reading.person(phone.id, { number: numberOf(phone) });
    expect(named?.members).toEqual([]);
    expect(named?.standing.subjects.map(({ node }) => node)).toEqual([phone.id]);
    expect(named?.devices.map(({ node }) => node)).toEqual([phone]);
  });

  test('S13: one question answers what the small ones answer, whatever is joined, blocked, mapped, seen, decided and stated', async () => {
    const stores = current();
    await fc.assert(
      fc.asyncProperty(worlds, async ({ joined, blocked, spans, seen, decided, stated }) => {
        const persons = [aNode(), aNode('email'), aNode('phone'), aNode('loyalty_card')];
        const devices = [aNode('anonymous_id'), aNode('device_id'), aNode('push_token')];
        const all = [...persons, ...devices];
        const at = (i: number): Node => all[i % all.length] as Node;
        const mapped = devices.map(({ id }, i) => {
          const cuts = [BEGINNING, minute(10), minute(20), END];
          const owners = spans[i] as readonly (number | 'nobody' | null)[];
          const entries = owners.flatMap((owner, part) => {
            if (owner === null) return [];
            const number = owner === 'nobody' ? NOBODY : numberOf(at(owner));
            return [entry(devices[i] as Node, number, cuts[part] as Instant, cuts[part + 1] as Instant)];
          });
          return [id, entries] as const;
        });
        await know(stores, all, async (transaction) => {
          await transaction.putResolved(
            persons.map(({ id }, i) => ({
              node: id,
              component: persons[joined[i] as number]?.id,
              blocked: blocked === i ? 'public-keys' : undefined,
            })),
          );
          const block = devices[blocked - persons.length];
          if (block !== undefined) {
            await transaction.putResolved([{ node: block.id, component: undefined, blocked: 'device' }]);
          }
          await transaction.putPresences(
            ATELIER,
            seen.map(([device, person, at]) => aPresence(devices[device] as Node, persons[person] as Node, minute(at))),
          );
          const ids = devices.map(({ id }) => id);
          await transaction.replaceSpans(ATELIER, ids, new Map(mapped));
          await transaction.putTraits(
            stated.map((i) => ({ node: at(i).id, brand: ATELIER, key: aKey(), sealed: Buffer.from(`stated ${i}`) })),
          );
        });
        for (const [i, said] of decided) {
          await decide(stores, [at(i)], { ...said, at: minute(3), receivedAt: minute(8) });
        }
        const asked = all.flatMap(({ id }) => [
          { id, whose: { at: minute(5) } },
          { id, whose: { at: minute(10) } },
          { id, whose: { number: numberOf(at(joined[0] as number)) } },
        ]);
        // All at once: each is told its own.
        const told = await Promise.all(asked.map(({ id, whose }) => stores.reading.person(id, whose)));
        for (const [place, { id, whose }] of asked.entries()) {
          const expected = await step(stores.reading, id, whose);
          expect(settled(told[place]), JSON.stringify(whose)).toEqual(settled(expected));
        }
      }),
      { numRuns: 25 },
    );
  });
}

const worlds = fc.record({
  joined: fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3), fc.nat(3)),
  /** Which is blocked; beyond the nodes none is. */
  blocked: fc.nat(9),
  spans: fc.array(
    fc.tuple(
      ...Array.from({ length: 3 }, () => fc.oneof(fc.nat(6), fc.constant('nobody' as const), fc.constant(null))),
    ),
    { minLength: 3, maxLength: 3 },
  ),
  seen: fc.array(fc.tuple(fc.nat(2), fc.nat(3), fc.constantFrom(1, 5)), { maxLength: 6 }),
  /** When it was said and when it came, other persons may have been at the device. */
  decided: fc.array(
    fc.tuple(
      fc.nat(6),
      fc.record({
        clock: fc.constantFrom('trusted' as const, 'untrusted' as const),
        status: fc.constantFrom('given' as const, 'withdrawn' as const),
      }),
    ),
    { maxLength: 4 },
  ),
  stated: fc.array(fc.nat(6), { maxLength: 4 }),
});

function entry(node: Node, person: PersonNumber, from: Instant, to: Instant): ThreadMapEntry {
  return { thread: threadOf(node.id), from, to, person };
}

function numberOf({ id }: Node): PersonNumber {
  return personOfThread(threadOf(id));
}

/** The model: the small questions, one after the other. */
async function step(reading: ReadingStore, id: NodeId, whose: Whose): Promise<PersonParts | undefined> {
  const [asked] = await reading.nodes([id]);
  if (asked === undefined) return undefined;
  const at = (await reading.spans([id])).get(id) ?? [];
  const nobody = asked.blocked !== undefined && asked.blocked !== 'device';
  const number =
    'number' in whose
      ? whose.number
      : nobody
        ? NOBODY
        : (at.find((span) => isWithin(span, whose.at))?.person ?? numberOf(asked.node));
  if (number === NOBODY) return undefined;
  const named = await reading.nodesOfThreads([number as string as Thread]);
  const anchors = await reading.nodes(named);
  const component = isDeviceNamespace(asked.node.namespace)
    ? anchors.find((row) => row.component !== undefined)?.component
    : asked.component;
  const joined = component === undefined ? [] : await reading.members([component]);
  const members = joined.filter(({ blocked }) => blocked === undefined);
  const mapped = await reading.nodesOfPersons([number]);
  const seen = await reading.devicesOf(members.map(({ node }) => node.id));
  const near = await reading.nodes([...new Set([id, ...mapped, ...named, ...seen])]);
  const devices = near.filter(({ node }) => isDeviceNamespace(node.namespace));
  const spans = await reading.spans(devices.map(({ node }) => node.id));
  const told = devices.map((row) => ({ ...row, spans: spans.get(row.node.id) ?? [] }));
  const all = [...members, ...devices].map(({ node }) => node.id);
  const standing = await reading.standing(all);
  return { brand: asked.brand, number, members, devices: told, standing, traits: await reading.traits(all) };
}

/** Spans, subjects and traits come in any order. */
function settled(parts: PersonParts | undefined): PersonParts | undefined {
  if (parts === undefined) return undefined;
  const devices = parts.devices.map((row) => ({ ...row, spans: [...row.spans].sort((a, b) => a.from - b.from) }));
  const subjects = parts.standing.subjects.map(inOrder).sort((a, b) => (a.node < b.node ? -1 : 1));
  const traits = [...parts.traits].sort((a, b) => (`${a.node} ${a.key}` < `${b.node} ${b.key}` ? -1 : 1));
  return { ...parts, devices, standing: { ...parts.standing, subjects }, traits };
}
