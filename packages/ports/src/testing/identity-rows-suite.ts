import type { Instant } from '@filrouge/domain/base';
import {
  BEGINNING,
  compareLinks,
  type DeviceLink,
  END,
  firstDeviceLinks,
  firstLinks,
  type LinkFact,
  type Node,
  type NodeId,
  type PersonNumber,
  type Presence,
  presencesOf,
  type ThreadMapEntry,
  threadOf,
} from '@filrouge/domain/identity';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Current } from './describe-stores.ts';
import {
  ATELIER,
  aLink,
  aNewNode,
  aNode,
  anUnverifiedLink,
  aPresence,
  aUuid,
  know,
  MAISON,
  minute,
  WEB,
} from './stores-under-test.ts';

/** What the projector's store keeps of who is who (S11, S13). */
export function describeIdentityRows(current: Current): void {
  describeNodes(current);
  describeLinks(current);
  describeDeviceRows(current);
  describeResolution(current);
  describeSpans(current);
  describeSeparations(current);
}

function describeNodes(current: Current): void {
  test('an identifier is added once, a person’s as a component of its own, a device’s as none', async () => {
    const { projection, reading } = current();
    const [user, device] = [aNode(), aNode('push_token')];
    const row = aNewNode(user, { firstPosition: 4, brand: MAISON });
    await projection.project((transaction) => transaction.addNodes([row, aNewNode(device, { firstPosition: 9 })]));
    await projection.project((transaction) => transaction.addNodes([aNewNode(user, { firstPosition: 2 }), row]));
    const found = await projection.project((transaction) =>
      transaction.nodes([device.id, user.id, aNode().id, user.id]),
    );
    const person = { node: user, brand: MAISON, component: user.id, blocked: undefined, firstPosition: 4 };
    const terminal = { node: device, brand: ATELIER, component: undefined, blocked: undefined, firstPosition: 9 };
    expect([...found].sort((a, b) => a.firstPosition - b.firstPosition)).toEqual([person, terminal]);
    expect(await reading.nodes([device.id, user.id])).toEqual([
      { ...person, key: row.key, sealed: row.sealed },
      { ...terminal, key: expect.any(Number), sealed: Buffer.from(`sealed ${device.id}`) },
    ]);
    expect(await projection.project((transaction) => transaction.nodes([]))).toEqual([]);
    expect(await projection.project((transaction) => transaction.members([user.id]))).toEqual([person]);
    const threads = [threadOf(user.id), threadOf(device.id), threadOf(aNode().id)];
    expect([...(await reading.nodesOfThreads(threads))].sort()).toEqual([user.id, device.id].sort());
  });
}

/** Facts in pieces, in any order: each piece is one call. */
function inPieces<T>(fact: fc.Arbitrary<T>): fc.Arbitrary<readonly (readonly T[])[]> {
  return fc.array(fc.array(fact, { maxLength: 5 }), { maxLength: 6 });
}

const MESSAGES = Array.from({ length: 3 }, () => aUuid());
const origin = {
  t: fc.nat(2).map(minute),
  messageId: fc.constantFrom(...MESSAGES),
};

function describeLinks(current: Current): void {
  test('S13: of each pair and worth the first link in canonical order is kept, whatever the order of arrival', async () => {
    const stores = current();
    const said = fc.record({
      ...origin,
      pair: fc.nat(2),
      verified: fc.boolean(),
      evidence: fc.constantFrom<LinkFact['evidence']>('login', 'identify', 'alias'),
      sourceKind: fc.constantFrom<LinkFact['sourceKind']>('web', 'server', 'store'),
      source: fc.constantFrom(WEB, 'Api' as typeof WEB, undefined),
    });
    await fc.assert(
      fc.asyncProperty(inPieces(said), async (pieces) => {
        const nodes = [aNode(), aNode('email'), aNode('phone')];
        const pairs = [nodes.slice(0, 2), nodes.slice(1, 3), [nodes[2], nodes[0]]] as (readonly [Node, Node])[];
        await know(stores, nodes);
        const links = pieces.map((piece) =>
          piece.map(({ pair, source, ...rest }): LinkFact => {
            const [a, b] = pairs[pair] as readonly [Node, Node];
            return { a, b, ...rest, ...(source === undefined ? {} : { source }) };
          }),
        );
        for (const piece of links)
          await stores.projection.project((transaction) => transaction.putLinks(ATELIER, piece));
        const records = await stores.reading.personRecords(nodes.map(({ id }) => id));
        expect(records).toHaveLength(3);
        const kept = firstLinks(links.flat());
        for (const { node, links: found } of records) {
          const expected = kept.filter(({ a, b }) => a.id === node.id || b.id === node.id);
          expect([...found].sort(compareLinks)).toEqual(expected);
        }
      }),
      { numRuns: 40 },
    );
  });

  test('S13: device links keep the first of each pair, whatever the order of arrival', async () => {
    const stores = current();
    const said = fc.record({ ...origin, pair: fc.nat(1) });
    await fc.assert(
      fc.asyncProperty(inPieces(said), async (pieces) => {
        const nodes = [aNode('anonymous_id'), aNode('device_id'), aNode('push_token')] as [Node, Node, Node];
        await know(stores, nodes);
        const links = pieces.map((piece) =>
          piece.map(
            ({ pair, ...rest }): DeviceLink => ({ a: nodes[pair] as Node, b: nodes[pair + 1] as Node, ...rest }),
          ),
        );
        for (const piece of links) await stores.projection.project((one) => one.putDeviceLinks(ATELIER, piece));
        const records = await stores.reading.deviceRecords(nodes.map(({ id }) => id));
        const ends = new Map(records.map((record) => [record.device.id, record.links]));
        const text = (list: readonly DeviceLink[] = []) => list.map(linkText).sort();
        const kept = firstDeviceLinks(links.flat());
        for (const { id } of nodes) {
          expect(text(ends.get(id))).toEqual(text(kept.filter(({ a, b }) => a.id === id || b.id === id)));
        }
      }),
      { numRuns: 20 },
    );
  });
}

/** A device link has no direction: its ends in one order. */
function linkText({ a, b, t, messageId }: DeviceLink): string {
  return JSON.stringify([[a, b].sort((x, y) => (x.id < y.id ? -1 : 1)), t, messageId]);
}

function describeDeviceRows(current: Current): void {
  test('presences of one device, person and hour unite, whatever the order and the pieces', async () => {
    const stores = current();
    const said = fc.record({
      person: fc.nat(1),
      from: fc.nat(119),
      length: fc.nat(20),
      verified: fc.boolean(),
      kiosk: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(inPieces(said), async (pieces) => {
        const [device, ...persons] = [aNode('anonymous_id'), aNode(), aNode('email')] as [Node, Node, Node];
        await know(stores, [device, ...persons]);
        const presences = pieces.map((piece) =>
          piece.map(({ person, from, length, ...rest }): Presence => {
            const until = Math.min(from + length, Math.floor(from / 60) * 60 + 59);
            return aPresence(device, persons[person] as Node, minute(from), { last: minute(until), ...rest });
          }),
        );
        for (const piece of presences) await stores.projection.project((one) => one.putPresences(ATELIER, piece));
        const [record] = await stores.reading.deviceRecords([device.id]);
        const text = (list: readonly Presence[] = []) => list.map((one) => JSON.stringify(inWords(one))).sort();
        expect(text(record?.presences)).toEqual(text(presencesOf([], presences.flat())));
        for (const person of persons) {
          const seen = presences.flat().some((one) => one.person === person);
          expect(await stores.reading.devicesOf([person.id])).toEqual(seen ? [device.id] : []);
        }
      }),
      { numRuns: 30 },
    );
  });

  test('of the logouts of a device at one instant the first by message is kept', async () => {
    const stores = current();
    const [device, other] = [aNode('anonymous_id'), aNode('device_id')];
    await know(stores, [device, other]);
    const [low, high] = [aUuid() as string, aUuid() as string].sort() as [string, string];
    const logout = (at: Instant, messageId: string) => ({ device, t: at, messageId });
    const put = (messages: readonly string[]) =>
      stores.projection.project((one) =>
        one.putLogouts(
          ATELIER,
          messages.map((message) => logout(minute(5), message)),
        ),
      );
    expect(await put([high])).toEqual([device.id]);
    expect(await put([high, low, high])).toEqual([device.id]);
    expect(await put([high]), 'nothing new').toEqual([]);
    await stores.projection.project((one) => one.putLogouts(ATELIER, [logout(minute(9), high)]));
    const [record, nothing] = await stores.reading.deviceRecords([device.id]);
    expect([...(record?.logouts ?? [])].sort((a, b) => a.t - b.t)).toEqual([
      logout(minute(5), low),
      logout(minute(9), high),
    ]);
    expect(nothing).toBeUndefined();
    expect(await stores.projection.project((transaction) => transaction.devicesOf([]))).toEqual([]);
  });
}

function inWords({ device, person, first, last, verified, kiosk }: Presence): readonly unknown[] {
  return [device.id, person.id, first, last, verified, kiosk];
}

function describeResolution(current: Current): void {
  test('S13: a resolution names the members of a component, and tells what it touched', async () => {
    const stores = current();
    const { projection } = stores;
    const [user, card, email] = [aNode(), aNode('loyalty_card'), aNode('email')];
    await know(stores, [user, card, email]);
    const rows = [user, card].map(({ id }) => ({ node: id, component: user.id, blocked: undefined }));
    const put = (resolved: typeof rows) => projection.project((transaction) => transaction.putResolved(resolved));
    expect([...(await put(rows))].sort()).toEqual([user.id, card.id].sort());
    expect(await put(rows), 'nothing moved').toEqual([]);
    const members = async (key: NodeId) => (await stores.reading.members([key])).map(({ node }) => node.id).sort();
    expect(await members(user.id)).toEqual([user.id, card.id].sort());
    expect(await members(card.id)).toEqual([]);
    const moved = await put([{ node: card.id, component: email.id, blocked: undefined }]);
    expect([...moved].sort(), 'what it left, what it entered').toEqual([user.id, card.id, email.id].sort());
    expect(await projection.project((transaction) => transaction.members([]))).toEqual([]);
  });

  test('S13: of a value that secret keys have shown to be nobody’s no links are given, of another they are', async () => {
    const stores = current();
    const { projection, reading } = stores;
    const [user, value, other] = [aNode(), aNode('email'), aNode()];
    await know(stores, [user, value, other], (transaction) =>
      transaction.putLinks(ATELIER, [aLink(user, value), anUnverifiedLink(other, value)]),
    );
    const mark = (blocked: 'secret-keys' | 'public-keys' | undefined) =>
      projection.project((one) => one.putResolved([{ node: value.id, component: value.id, blocked }]));
    const links = async () => {
      const records = await reading.personRecords([user.id, value.id]);
      return new Map(records.map((record) => [record.node.id, [record.blocked, record.links.length]]));
    };
    const expected = (blocked: string | undefined, count: number) =>
      new Map<string, unknown>([
        [user.id, [undefined, 1]],
        [value.id, [blocked, count]],
      ]);
    expect(await links()).toEqual(expected(undefined, 2));
    const touched = await mark('public-keys');
    expect([...touched].sort(), 'who met it is touched').toEqual([user.id, value.id, other.id].sort());
    expect(await links()).toEqual(expected('public-keys', 2));
    await mark('secret-keys');
    expect(await links()).toEqual(expected('secret-keys', 0));
    expect(await reading.deviceRecords([value.id]), 'a person is no device').toEqual([]);
  });

  test('S13: a device seen with too many persons is marked', async () => {
    const stores = current();
    const device = aNode('device_id');
    await know(stores, [device]);
    const row = { node: device.id, component: undefined, blocked: 'device' as const };
    await stores.projection.project((transaction) => transaction.putResolved([row]));
    expect(await stores.reading.deviceRecords([device.id])).toEqual([
      { device, blocked: true, links: [], presences: [], logouts: [] },
    ]);
    expect(await stores.reading.personRecords([device.id]), 'a device is no person').toEqual([]);
  });
}

function describeSpans(current: Current): void {
  const entry = (node: Node, person: string, span: Partial<ThreadMapEntry> = {}): ThreadMapEntry => ({
    thread: threadOf(node.id),
    from: BEGINNING,
    to: END,
    person: person as PersonNumber,
    ...span,
  });

  test('S13: map entries are replaced where they differ, and the nodes where they did are told', async () => {
    const stores = current();
    const [x, y] = [aNode(), aNode('anonymous_id')];
    await know(stores, [x, y]);
    const replace = (entries: readonly (readonly [Node, readonly ThreadMapEntry[]])[]) =>
      stores.projection.project((one) =>
        one.replaceSpans(ATELIER, [x.id, y.id, x.id], new Map(entries.map(([node, spans]) => [node.id, spans]))),
      );
    const highest = ((1n << 63n) - 1n).toString();
    const [number, another] = [threadOf(aNode().id) as string, threadOf(aNode().id) as string];
    const cut = [entry(y, number, { to: minute(0) }), entry(y, another, { from: minute(0) })];
    expect(await replace([])).toEqual([]);
    expect(
      [
        ...(await replace([
          [x, [entry(x, highest)]],
          [y, cut],
        ])),
      ].sort(),
    ).toEqual([x.id, y.id].sort());
    expect(
      await replace([
        [x, [entry(x, highest)]],
        [y, [...cut].reverse()],
      ]),
    ).toEqual([]);
    expect(
      await replace([
        [x, [entry(x, '0')]],
        [y, cut],
      ]),
    ).toEqual([x.id]);
    const spans = await stores.reading.spans([x.id, y.id, aNode().id]);
    expect(spans.get(x.id)).toEqual([entry(x, '0')]);
    expect([...(spans.get(y.id) ?? [])].sort((a, b) => a.from - b.from)).toEqual(cut);
    expect([...(await stores.reading.nodesOfPersons([number, another]))]).toEqual([y.id]);
    expect(await replace([[x, [entry(x, '0')]]])).toEqual([y.id]);
    expect((await stores.reading.spans([y.id])).get(y.id)).toEqual([]);
    expect(await stores.reading.nodesOfPersons([number])).toEqual([]);
  });
}

function describeSeparations(current: Current): void {
  test('S13: a separation is taken in once, in order, and shown on both ends', async () => {
    const stores = current();
    const { projection, reading } = stores;
    const [a, b, unknown] = [aNode(), aNode('email'), aNode()];
    await know(stores, [a, b]);
    const { separationPosition } = await projection.head();
    const fact = { id: aUuid() as string, a, b, stands: true, t: minute(1), by: 'dpo' };
    const withdrawn = { ...fact, id: aUuid() as string, a: b, b: a, stands: false, t: minute(2) };
    const early = { ...fact, id: aUuid() as string, b: unknown };
    for (const one of [fact, withdrawn, { ...fact, stands: false }, early]) {
      await projection.project((transaction) => transaction.putSeparation(ATELIER, { ...one, reason: 'two sisters' }));
    }
    const after = (position: number) => projection.project((one) => one.separationsAfter(position));
    const all = await after(separationPosition);
    expect(all.pairs, 'an end that is not known has nothing to resolve').toEqual([
      { brand: ATELIER, a, b },
      { brand: ATELIER, a: b, b: a },
    ]);
    expect(all.head).toBe((await projection.head()).separationPosition);
    expect(await after(all.head)).toEqual({ pairs: [], head: all.head });
    const records = await projection.project((transaction) => transaction.personRecords([a.id, b.id]));
    for (const { separations } of records) {
      expect([...separations].sort((x, y) => x.t - y.t)).toEqual([fact, withdrawn]);
    }
    expect(await reading.separation(fact.id)).toEqual({ ...fact, brand: ATELIER, reason: 'two sisters' });
    expect(await reading.separation(aUuid())).toBeUndefined();
    expect(await reading.separation('not an id')).toBeUndefined();
  });
}
