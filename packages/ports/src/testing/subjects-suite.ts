import { DAY_MS, type Instant } from '@filrouge/domain/base';
import type { Node, NodeId } from '@filrouge/domain/identity';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Subject } from '../append-store.ts';
import { describeDecided } from './decided-suite.ts';
import { describeSignedIn } from './signed-in-suite.ts';
import {
  ATELIER,
  aBatch,
  aLink,
  aNewNode,
  aNode,
  anUnverifiedLink,
  aPresence,
  aUuid,
  decide,
  inOrder,
  join,
  know,
  minute,
  positions,
  type StoresUnderTest,
  subjectOf,
} from './stores-under-test.ts';
import { aGraph, change, graphChanges, knowGraph, nodesOf } from './subject-graph.ts';

type Current = () => StoresUnderTest;

/** What `subjects` answers: the scope of a purpose (S8), the same from the door's, the projector's and the reader's side. */
export function describeSubjects(current: Current): void {
  describe('subjects', () => {
    describePersons(current);
    describeDevices(current);
    describeSignedIn(current);
    describeCircumstances(current);
    describeDependence(current);
    describeDecided(current);
  });
}

function describePersons(current: Current): void {
  test('S8: own facts are those of the verified component; facts of another person are in neither list', async () => {
    const stores = current();
    const [user, card, email, stranger] = [aNode(), aNode('loyalty_card'), aNode('email'), aNode()];
    await know(stores, [user, card, email, stranger], (transaction) => join(transaction, [user, card, email]));
    const onUser = await decide(stores, [user], { status: 'refused' });
    const onBoth = await decide(stores, [card, email]);
    await decide(stores, [stranger]);
    const subject = await subjectOf(stores, user);
    expect(positions(subject.self)).toEqual([onUser]);
    expect(positions(subject.own)).toEqual([onUser, onBoth, onBoth]);
    expect(positions((await subjectOf(stores, card)).self)).toEqual([onBoth]);
    expect([subject.neighbours, subject.devices, subject.blocked]).toEqual([[], [], false]);
    expect(subject.dependsOn).toEqual([user.id, card.id, email.id].sort());
    expect(subject.members).toEqual([user, card, email].sort((a, b) => (a.id < b.id ? -1 : 1)));
  });

  test('S8: each person across an unverified link is one neighbour, whichever end was named first', async () => {
    const stores = current();
    const [user, near, nearToo, far, beyond] = [aNode(), aNode('email'), aNode('phone'), aNode(), aNode()];
    await know(stores, [user, near, nearToo, far, beyond], async (transaction) => {
      await join(transaction, [near, nearToo]);
      const links = [user, far].map((other) => anUnverifiedLink(near, other));
      await transaction.putLinks(ATELIER, [...links, anUnverifiedLink(nearToo, user), anUnverifiedLink(far, beyond)]);
    });
    const [onNear, onFar] = [await decide(stores, [near], { status: 'refused' }), await decide(stores, [far])];
    const onNearToo = await decide(stores, [nearToo]);
    await decide(stores, [beyond]);
    const neighbours = async (node: Node) => (await subjectOf(stores, node)).neighbours.map(positions);
    expect(await neighbours(user)).toEqual([[onNear, onNearToo]]);
    expect((await neighbours(nearToo)).flat().sort((a, b) => a - b)).toEqual([onFar]);
    expect((await subjectOf(stores, nearToo)).neighbours).toHaveLength(2);
  });

  test('S8: an unverified link between two identifiers of one person is none', async () => {
    const stores = current();
    const [user, email] = [aNode(), aNode('email')];
    await know(stores, [user, email], async (transaction) => {
      await join(transaction, [user, email]);
      await transaction.putLinks(ATELIER, [anUnverifiedLink(user, email)]);
    });
    await decide(stores, [email]);
    expect((await subjectOf(stores, user)).neighbours).toEqual([]);
  });

  test('S8 S13: beyond a verified link that a limit refused is a neighbour, unless staff keep the two apart', async () => {
    const stores = current();
    const [user, email, other, card] = [aNode(), aNode('email'), aNode(), aNode('loyalty_card')];
    await know(stores, [user, email, other, card], async (transaction) => {
      await join(transaction, [user, email]);
      await join(transaction, [other, card]);
      await transaction.putLinks(ATELIER, [aLink(email, other)]);
    });
    const onOther = await decide(stores, [other], { status: 'refused' });
    expect((await subjectOf(stores, user)).neighbours.map(positions)).toEqual([[onOther]]);
    // Between other identifiers of the same two.
    for (const stands of [true, false]) {
      const fact = {
        a: user,
        b: card,
        stands,
        t: minute(stands ? 1 : 2),
        id: aUuid(),
        by: 'dana',
        reason: 'two customers',
      };
      await stores.projection.project((transaction) => transaction.putSeparation(ATELIER, fact));
      const subject = await subjectOf(stores, user);
      expect(subject.neighbours.map(positions)).toEqual(stands ? [] : [[onOther]]);
      expect(subject.dependsOn).toEqual([user.id, email.id, other.id, card.id].sort());
    }
  });

  test('S13: a blocked value has nobody around it and is nobody’s neighbour', async () => {
    const stores = current();
    const [user, value, device] = [aNode(), aNode('email'), aNode('anonymous_id')];
    await know(stores, [user, value, device], async (transaction) => {
      await transaction.putLinks(ATELIER, [anUnverifiedLink(user, value)]);
      await transaction.putPresences(ATELIER, [aPresence(device, value, minute(0))]);
      await transaction.putResolved([{ node: value.id, component: value.id, blocked: 'secret-keys' }]);
    });
    const onValue = await decide(stores, [value], { status: 'refused' });
    await decide(stores, [user]);
    const blocked = await subjectOf(stores, value);
    expect([blocked.blocked, positions(blocked.self), blocked.neighbours, blocked.devices]).toEqual([
      true,
      [onValue],
      [],
      [],
    ]);
    expect((await subjectOf(stores, user)).neighbours).toEqual([]);
    expect((await subjectOf(stores, device)).neighbours).toEqual([]);
  });

  test('S13: a person is told with the separations that stand of its members, though the far end is not known', async () => {
    const stores = current();
    const [user, card, other, unseen] = [aNode(), aNode('loyalty_card'), aNode(), aNode('email')];
    await know(stores, [user, card, other], (transaction) => join(transaction, [user, card]));
    const put = async (a: Node, b: Node, stands: boolean, at: number): Promise<string> => {
      const fact = { a, b, stands, t: minute(at), id: aUuid(), by: 'dana' };
      await stores.projection.project((one) => one.putSeparation(ATELIER, { ...fact, reason: 'two sisters' }));
      return fact.id;
    };
    const told = async (node: Node) => (await subjectOf(stores, node)).separations;
    const first = await put(card, other, true, 1);
    const fact = { a: { id: card.id }, b: { id: other.id }, stands: true, t: minute(1), id: first };
    expect([await told(user), await told(card), await told(other)]).toEqual([[fact], [fact], [fact]]);
    await put(other, card, false, 3);
    await put(other, card, true, 2);
    expect([await told(user), await told(other)]).toEqual([[], []]);
    const beyond = await put(user, unseen, true, 4);
    expect((await told(card)).map(({ id }) => id)).toEqual([beyond]);
    expect((await told(unseen)).map(({ id }) => id)).toEqual([beyond]);
    expect(await told(other)).toEqual([]);
  });

  test('an identifier that no kept item has shown yet stands on its own facts', async () => {
    const stores = current();
    const node = aNode();
    const on = await decide(stores, [node]);
    const expected = {
      members: [],
      provenOn: [],
      blocked: false,
      spans: 0,
      neighbours: [],
      devices: [],
      dependsOn: [node.id],
    };
    const subject = await subjectOf(stores, node);
    expect(subject).toMatchObject(expected);
    expect([positions(subject.self), positions(subject.own)]).toEqual([[on], [on]]);
    const twice = await stores.append.append((transaction) => transaction.subjects([node.id, node.id]));
    expect(twice).toHaveLength(1);
    expect(await stores.append.append((transaction) => transaction.subjects([]))).toEqual([]);
  });
}

function describeDevices(current: Current): void {
  async function lent(stores: StoresUnderTest, person: Node): Promise<readonly (readonly unknown[])[]> {
    const { devices } = await subjectOf(stores, person);
    return devices.map(({ verified, linkedAt, facts }) => [verified, linkedAt, positions(facts)]);
  }

  test('S8: a device lends a person what was decided on it before that person was first seen there', async () => {
    const stores = current();
    const [user, email, device] = [aNode(), aNode('email'), aNode('anonymous_id')];
    await know(stores, [user, email, device], async (transaction) => {
      await join(transaction, [user, email]);
      await transaction.putPresences(ATELIER, [
        aPresence(device, email, minute(200)),
        aPresence(device, user, minute(100), { last: minute(110) }),
      ]);
    });
    const before = await decide(stores, [device], { at: minute(99) });
    await decide(stores, [device], { at: minute(100) });
    await decide(stores, [device], { at: minute(150), status: 'refused' });
    const lateHeard = await decide(stores, [device], { at: minute(98), receivedAt: minute(400), status: 'refused' });
    const wrongClock = await decide(stores, [device], { at: minute(9_999), receivedAt: minute(50), status: 'refused' });
    expect(await lent(stores, email)).toEqual([[true, minute(100), [before, lateHeard, wrongClock]]]);
    const terminal = await subjectOf(stores, device);
    expect(terminal.self).toHaveLength(5);
    expect([terminal.own, terminal.devices]).toEqual([terminal.self, []]);
  });

  test('S11: through a verified link it lends from when that began, else from the first word', async () => {
    const stores = current();
    const [user, stated, device] = [aNode(), aNode('email'), aNode('anonymous_id')];
    await know(stores, [user, stated, device], async (transaction) => {
      await join(transaction, [user, stated]);
      await transaction.putPresences(ATELIER, [aPresence(device, stated, minute(10), { verified: false })]);
    });
    const early = await decide(stores, [device], { at: minute(5) });
    const late = await decide(stores, [device], { at: minute(50) });
    expect(await lent(stores, user)).toEqual([[false, minute(10), [early]]]);
    await stores.projection.project((transaction) =>
      transaction.putPresences(ATELIER, [aPresence(device, user, minute(100))]),
    );
    expect(await lent(stores, user)).toEqual([[true, minute(100), [early, late]]]);
  });

  test('S13: what was decided while another person was there, or before a logout, is nobody else’s', async () => {
    const stores = current();
    const [first, second, device] = [aNode(), aNode(), aNode('anonymous_id')];
    await know(stores, [first, second, device]);
    const decisions: number[] = [];
    for (const at of [5, 15, 25, 35]) decisions.push(await decide(stores, [device], { at: minute(at) }));
    const put = (person: Node, from: number, to: number) =>
      stores.projection.project((transaction) =>
        transaction.putPresences(ATELIER, [aPresence(device, person, minute(from), { last: minute(to) })]),
      );
    await put(second, 40, 41);
    expect(await lent(stores, second)).toEqual([[true, minute(40), decisions]]);
    await put(first, 10, 20);
    expect(await lent(stores, second)).toEqual([[true, minute(40), decisions.slice(2)]]);
    expect(await lent(stores, first)).toEqual([[true, minute(10), decisions.slice(0, 1)]]);
    const logout = { device, t: minute(30), messageId: aUuid() };
    await stores.projection.project((transaction) => transaction.putLogouts(ATELIER, [logout]));
    expect(await lent(stores, second)).toEqual([[true, minute(40), decisions.slice(3)]]);
    await put(first, 45, 46);
    expect(await lent(stores, second)).toEqual([]);
  });

  test('S13: a kiosk and a device found to be nobody’s lend nothing', async () => {
    const stores = current();
    const [user, kiosk, shared] = [aNode(), aNode('anonymous_id'), aNode('device_id')];
    await know(stores, [user, kiosk, shared], async (transaction) => {
      await transaction.putPresences(ATELIER, [
        aPresence(kiosk, user, minute(10), { kiosk: true }),
        aPresence(shared, user, minute(10)),
      ]);
      await transaction.putResolved([{ node: shared.id, component: undefined, blocked: 'device' }]);
    });
    await decide(stores, [kiosk, shared], { at: minute(1) });
    const onUser = await decide(stores, [user], { status: 'refused' });
    expect(await lent(stores, user)).toEqual([]);
    const subject = await subjectOf(stores, shared);
    expect([subject.blocked, subject.neighbours]).toEqual([false, []]);
    expect((await subjectOf(stores, kiosk)).neighbours.map(positions)).toEqual([[onUser]]);
  });

  test('S8: the persons seen on a device are its neighbours, with all their facts', async () => {
    const stores = current();
    const [user, card, other, device] = [aNode(), aNode('loyalty_card'), aNode(), aNode('anonymous_id')];
    await know(stores, [user, card, other, device], async (transaction) => {
      await join(transaction, [user, card]);
      const seen = [user, card, other].map((person, at) => aPresence(device, person, minute(at)));
      await transaction.putPresences(ATELIER, seen);
    });
    const [onUser, onCard] = [await decide(stores, [user]), await decide(stores, [card])];
    const onOther = await decide(stores, [other], { status: 'objected' });
    const subject = await subjectOf(stores, device);
    expect(subject.neighbours.map(positions)).toEqual([[onUser, onCard], [onOther]]);
    expect(subject.dependsOn).toEqual([device.id, user.id, card.id, other.id].sort());
  });

  test('S14: the spans of a device are its persons and its logouts', async () => {
    const stores = current();
    const [user, other, device] = [aNode(), aNode(), aNode('anonymous_id')];
    await know(stores, [user, other, device]);
    expect((await subjectOf(stores, device)).spans).toBe(0);
    await stores.projection.project(async (transaction) => {
      const seen = [user, user, other].map((person, at) => aPresence(device, person, minute(at * 70)));
      await transaction.putPresences(ATELIER, seen);
      const logout = { device, t: minute(5), messageId: aUuid() };
      await transaction.putLogouts(ATELIER, [logout, { ...logout, messageId: aUuid() }, { ...logout, t: minute(6) }]);
    });
    expect((await subjectOf(stores, device)).spans).toBe(4);
    expect((await subjectOf(stores, user)).spans).toBe(0);
  });
}

function describeCircumstances(current: Current): void {
  test('S7: the last act is the component’s latest, by the day, and never goes back', async () => {
    const stores = current();
    const [user, card] = [aNode(), aNode('loyalty_card')];
    await know(stores, [user, card], (transaction) => join(transaction, [user, card]));
    expect((await subjectOf(stores, user)).lastActAt).toBeUndefined();
    const midnight = (Math.floor(minute(0) / DAY_MS) * DAY_MS) as Instant;
    for (const at of [minute(0), minute(-9_000), minute(30)]) {
      await stores.projection.project((transaction) => transaction.touch(new Map([[card.id, at]])));
      expect((await subjectOf(stores, user)).lastActAt).toBe(midnight);
    }
    await stores.projection.project((transaction) => transaction.touch(new Map([[user.id, minute(1_440)]])));
    expect((await subjectOf(stores, card)).lastActAt).toBe(midnight + DAY_MS);
    const fresh = aNode();
    await stores.projection.project(async (transaction) => {
      await transaction.addNodes([aNewNode(fresh, { lastActAt: minute(0) })]);
      await transaction.addNodes([aNewNode(fresh, { lastActAt: minute(9_000) })]);
    });
    expect((await subjectOf(stores, fresh)).lastActAt).toBe(midnight);
  });

  test('S7 S14: what an identifier had said before its erasure does not come back with it; an objection outlives it', async () => {
    const stores = current();
    const [user, email, device] = [aNode(), aNode('email'), aNode('anonymous_id')];
    await know(stores, [user, email, device], async (transaction) => {
      await join(transaction, [user, email]);
      await transaction.putPresences(ATELIER, [aPresence(device, user, minute(60))]);
    });
    const onDevice = await decide(stores, [user, device], { at: minute(1) });
    const objected = await decide(stores, [user], { at: minute(2), status: 'objected' });
    await decide(stores, [user], { at: minute(9), receivedAt: minute(10), status: 'refused' });
    const onEmail = await decide(stores, [email], { at: minute(3) });
    const late = await decide(stores, [user], { at: minute(4), receivedAt: minute(11) });
    const told = async () => {
      const subject = await subjectOf(stores, user);
      return [subject.self, subject.own, ...subject.devices.map(({ facts }) => facts)].map(positions);
    };
    await stores.entomb(ATELIER, user.id, minute(10));
    const left = [[objected, late], [objected, onEmail, late], [onDevice]];
    expect(await told()).toEqual(left);
    const lifted = [{ brand: ATELIER, node: user.id, liftedAt: minute(20) }];
    await stores.append.append((transaction) => transaction.write(aBatch({ lifted })));
    expect(await told()).toEqual(left);
    const anew = await decide(stores, [user], { at: minute(20) });
    expect((await told())[0]).toEqual([objected, late, anew]);
    expect((await subjectOf(stores, device)).neighbours.map(positions)).toEqual([[objected, onEmail, late, anew]]);
  });

  test('door, projector and reader are given the same answer', async () => {
    const stores = current();
    const [user, device] = [aNode(), aNode('anonymous_id')];
    await know(stores, [user, device], (transaction) =>
      transaction.putPresences(ATELIER, [aPresence(device, user, minute(3))]),
    );
    await decide(stores, [user, device]);
    await stores.entomb(ATELIER, user.id, minute(9));
    const ask = [user.id, device.id];
    const answers = [
      await stores.append.append((transaction) => transaction.subjects(ask)),
      await stores.projection.project((transaction) => transaction.subjects(ask)),
      await stores.reading.subjects(ask),
    ].map(ordered);
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  });
}

function ordered(subjects: readonly Subject[]): readonly Subject[] {
  return subjects.map(inOrder).sort((a, b) => (a.node < b.node ? -1 : 1));
}

function describeDependence(current: Current): void {
  async function all(stores: StoresUnderTest, ids: readonly NodeId[]): Promise<ReadonlyMap<NodeId, Subject>> {
    const subjects = await stores.reading.subjects(ids);
    return new Map(subjects.map((subject) => [subject.node, inOrder(subject)]));
  }

  test('S8: whatever changes an answer touches a node that it depends on, before and after', async () => {
    const stores = current();
    await fc.assert(
      fc.asyncProperty(graphChanges, async (changes) => {
        const graph = aGraph();
        await knowGraph(stores, graph);
        const ids = nodesOf(graph).map(({ id }) => id);
        let before = await all(stores, ids);
        for (const one of changes) {
          const touched = await change(stores, graph, one);
          const after = await all(stores, ids);
          const reached = await stores.projection.project((transaction) => transaction.dependents(touched));
          const changed = ids.filter((id) => !isSame(before.get(id), after.get(id)));
          for (const id of changed) {
            const place = ids.indexOf(id);
            expect(
              before.get(id)?.dependsOn.some((other) => touched.includes(other)),
              `the door, ${place}`,
            ).toBe(true);
            expect(
              reached.map((node) => node.id),
              `the projector, ${place}`,
            ).toContain(id);
          }
          before = after;
        }
      }),
      { numRuns: 60 },
    );
  });

  test('S8: the dependents of a node are those whose answer depends on it', async () => {
    const stores = current();
    await fc.assert(
      fc.asyncProperty(graphChanges, async (changes) => {
        const graph = aGraph();
        await knowGraph(stores, graph);
        for (const one of changes) await change(stores, graph, one);
        const ids = nodesOf(graph).map(({ id }) => id);
        const subjects = await all(stores, ids);
        for (const id of ids) {
          const reached = await stores.projection.project((transaction) => transaction.dependents([id]));
          const resting = ids.filter((other) => subjects.get(other)?.dependsOn.includes(id));
          expect(reached.map((node) => node.id).sort()).toEqual(resting.sort());
        }
      }),
      { numRuns: 30 },
    );
  });
}

/** Whether two answers say the same; on whom they rest is no part of what they say. */
function isSame(x: Subject | undefined, y: Subject | undefined): boolean {
  const said = (subject: Subject | undefined): string => JSON.stringify({ ...subject, dependsOn: [] });
  return said(x) === said(y);
}
