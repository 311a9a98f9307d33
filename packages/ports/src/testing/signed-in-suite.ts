import { type Instant, MINUTE_MS } from '@filrouge/domain/base';
import {
  deviceGroups,
  type Node,
  type NodeId,
  type Presence,
  presencesOf,
  spanAt,
  timelineOf,
} from '@filrouge/domain/identity';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Subject } from '../append-store.ts';
import {
  ATELIER,
  aNode,
  anUnverifiedLink,
  aPresence,
  aUuid,
  decide,
  join,
  know,
  minute,
  positions,
  type SaidDecision,
  type StoresUnderTest,
  subjectOf,
} from './stores-under-test.ts';

type Current = () => StoresUnderTest;

/** What was decided on a device while somebody was signed in there (S8, S11, S13). */
export function describeSignedIn(current: Current): void {
  describe('decided on a device while signed in', () => {
    describeWhose(current);
    describeSessions(current);
  });
}

async function see(stores: StoresUnderTest, ...presences: readonly Presence[]): Promise<void> {
  await stores.projection.project((transaction) => transaction.putPresences(ATELIER, presences));
}

async function touchedBy(stores: StoresUnderTest, ...presences: readonly Presence[]): Promise<readonly NodeId[]> {
  return stores.projection.project((transaction) => transaction.putPresences(ATELIER, presences));
}

async function leave(stores: StoresUnderTest, device: Node, t: Instant): Promise<void> {
  const logout = { device, t, messageId: aUuid() };
  await stores.projection.project((transaction) => transaction.putLogouts(ATELIER, [logout]));
}

async function of(stores: StoresUnderTest, node: Node): Promise<{ own: readonly number[]; beyond: unknown }> {
  const subject = await subjectOf(stores, node);
  return { own: positions(subject.own), beyond: subject.neighbours.map(positions) };
}

function describeWhose(current: Current): void {
  test('S11: through a verified link it is the person’s own, from the login to the logout or the next person', async () => {
    const stores = current();
    const [user, email, next, device] = [aNode(), aNode('email'), aNode(), aNode('anonymous_id')];
    await know(stores, [user, email, next, device], (transaction) => join(transaction, [user, email]));
    const said: number[] = [];
    for (const at of [5, 10, 25, 35, 45, 55]) said.push(await decide(stores, [device], { at: minute(at) }));
    const [, atLogin, signedIn, , back] = said as [number, number, number, number, number];
    await see(stores, aPresence(device, user, minute(10)));
    expect(await of(stores, email)).toEqual({ own: said.slice(1), beyond: [] });
    await leave(stores, device, minute(30));
    expect(await of(stores, email)).toEqual({ own: [atLogin, signedIn], beyond: [] });
    await see(stores, aPresence(device, user, minute(40), { verified: false }), aPresence(device, next, minute(50)));
    expect(await of(stores, email)).toEqual({ own: [atLogin, signedIn, back], beyond: [] });
    expect(await of(stores, next)).toEqual({ own: said.slice(5), beyond: [] });
    expect([(await subjectOf(stores, email)).provenOn, (await subjectOf(stores, device)).provenOn]).toEqual([
      [device.id],
      [],
    ]);
    expect(positions((await subjectOf(stores, device)).self)).toEqual(said);
  });

  test('S8: where the person is merely said to be signed in it stands beyond an unverified link, its yes after its no', async () => {
    const stores = current();
    const [user, device] = [aNode(), aNode('anonymous_id')];
    await know(stores, [user, device]);
    await see(stores, aPresence(device, user, minute(10), { verified: false }));
    await decide(stores, [device], { at: minute(5) });
    const no = await decide(stores, [device], { at: minute(15), status: 'refused' });
    expect(await of(stores, user)).toEqual({ own: [], beyond: [[no]] });
    expect((await subjectOf(stores, user)).provenOn).toEqual([]);
    await see(stores, aPresence(device, user, minute(70)));
    const yes = await decide(stores, [device], { at: minute(75) });
    expect(await of(stores, user)).toEqual({ own: [yes], beyond: [[no, yes]] });
  });

  test('S8: a record that names the person beside the device is not held against it a second time', async () => {
    const stores = current();
    const [user, device] = [aNode(), aNode('anonymous_id')];
    await know(stores, [user, device]);
    await see(stores, aPresence(device, user, minute(10), { verified: false }));
    const both = await decide(stores, [user, device], { at: minute(15), status: 'refused' });
    expect(await of(stores, user)).toEqual({ own: [both], beyond: [] });
    const alone = await decide(stores, [device], { at: minute(20), status: 'withdrawn' });
    expect(await of(stores, user)).toEqual({ own: [both], beyond: [[both, alone]] });
  });

  test('S7: a browser’s standing signal is the device’s, and neither the person’s nor lent to it', async () => {
    const stores = current();
    const [user, device] = [aNode(), aNode('anonymous_id')];
    await know(stores, [user, device]);
    await see(stores, aPresence(device, user, minute(10)));
    const said = { status: 'refused', signal: true } as const;
    const before = await decide(stores, [device], { ...said, at: minute(5) });
    const during = await decide(stores, [device], { ...said, at: minute(15) });
    const choice = await decide(stores, [device], { at: minute(16), status: 'refused' });
    expect(await of(stores, user)).toEqual({ own: [choice], beyond: [] });
    expect((await subjectOf(stores, user)).devices).toEqual([]);
    const { self } = await subjectOf(stores, device);
    expect(self.map(({ position, signal }) => [position, signal])).toEqual([
      [before, true],
      [during, true],
      [choice, undefined],
    ]);
  });

  test('S6: a clock that nobody vouches for does not date a no back to before the login', async () => {
    const stores = current();
    const [user, device] = [aNode(), aNode('anonymous_id')];
    await know(stores, [user, device]);
    await see(stores, aPresence(device, user, minute(10)));
    const late = { at: minute(5), receivedAt: minute(15) };
    const told = async (said: SaidDecision) => decide(stores, [device], { ...late, ...said });
    await told({ status: 'refused' });
    await told({ clock: 'untrusted' });
    const no = await told({ clock: 'untrusted', status: 'refused' });
    expect(await of(stores, user)).toEqual({ own: [no], beyond: [] });
  });

  test('S13: on a kiosk, and on a device that is nobody’s, nobody is signed in', async () => {
    const stores = current();
    const [user, kiosk, shared] = [aNode(), aNode('anonymous_id'), aNode('device_id')];
    await know(stores, [user, kiosk, shared]);
    const said = { kiosk: true };
    await see(stores, aPresence(kiosk, user, minute(10), said), aPresence(shared, user, minute(10)));
    const blocked = { node: shared.id, component: undefined, blocked: 'device' as const };
    await stores.projection.project((transaction) => transaction.putResolved([blocked]));
    await decide(stores, [kiosk, shared], { at: minute(20), status: 'refused' });
    expect(await of(stores, user)).toEqual({ own: [], beyond: [] });
    expect((await subjectOf(stores, user)).provenOn).toEqual([]);
  });

  test('S8: across another unverified link it is not read: there stands what was recorded on the identifiers', async () => {
    const stores = current();
    const [user, email, device] = [aNode(), aNode('email'), aNode('anonymous_id')];
    await know(stores, [user, email, device], (transaction) =>
      transaction.putLinks(ATELIER, [anUnverifiedLink(user, email)]),
    );
    await see(stores, aPresence(device, user, minute(10)));
    await decide(stores, [device], { at: minute(20), status: 'refused' });
    const onUser = await decide(stores, [user], { at: minute(21) });
    expect(await of(stores, email)).toEqual({ own: [], beyond: [[onUser]] });
  });
}

type Seen = { readonly person: number; readonly from: number; readonly to: number; readonly verified: boolean };

/** Few minutes of two hours, so that sightings, logouts and decisions meet. */
const at = fc.nat(23).map((five) => five * 5);
const history = fc.record({
  seen: fc.array(fc.record({ person: fc.nat(2), from: at, to: at, verified: fc.boolean() }), { maxLength: 8 }),
  left: fc.uniqueArray(at, { maxLength: 3 }),
  decided: fc.uniqueArray(at, { minLength: 1, maxLength: 8 }),
});

function presenceIn(device: Node, person: Node, { from, to, verified }: Seen): Presence {
  const hourEnd = Math.floor(from / 60) * 60 + 59;
  const last = minute(Math.min(Math.max(from, to), hourEnd));
  return aPresence(device, person, minute(from), { last, verified });
}

function describeSessions(current: Current): void {
  test('a sighting touches its device where another person or a logout was between, and the usual next one does not', async () => {
    const stores = current();
    const [user, other, device] = [aNode(), aNode(), aNode('anonymous_id')];
    await know(stores, [user, other, device]);
    const seeUser = (from: number, to = from) =>
      touchedBy(stores, aPresence(device, user, minute(from), { last: minute(to) }));
    await seeUser(10);
    expect(await seeUser(10, 12)).toEqual([]);
    expect(await seeUser(70)).toEqual([]);
    await leave(stores, device, minute(71));
    expect(await seeUser(72)).toEqual([device.id]);
    expect(await seeUser(72)).toEqual([]);
    expect(await seeUser(73)).toEqual([]);
    await see(stores, aPresence(device, other, minute(130)));
    expect(await seeUser(131)).toEqual([device.id]);
    expect(await seeUser(132)).toEqual([]);
    expect(await seeUser(65)).toEqual([device.id]);
  });

  test('S13: whose session it fell into is what the device’s timeline says', async () => {
    const stores = current();
    await fc.assert(
      fc.asyncProperty(history, async ({ seen, left, decided }) => {
        const persons = [aNode(), aNode(), aNode('loyalty_card')];
        const device = aNode('anonymous_id');
        await know(stores, [...persons, device], (transaction) => join(transaction, persons.slice(1)));
        const presences = seen.map((one) => presenceIn(device, persons[one.person] as Node, one));
        for (const presence of presences) await see(stores, presence);
        for (const t of left) await leave(stores, device, minute(t));
        for (const t of decided) await decide(stores, [device], { at: minute(t) });

        const keyOf = ({ id }: Node): string => (id === persons[0]?.id ? 'first' : 'second');
        const logouts = left.map((t) => ({ device, t: minute(t), messageId: aUuid() }));
        const [group] = deviceGroups({ links: [], presences: presencesOf([], presences), logouts });
        const timeline = group === undefined ? undefined : timelineOf(group, keyOf);
        for (const [node, key] of [
          [persons[0], 'first'],
          [persons[1], 'second'],
        ] as const) {
          const subject = await subjectOf(stores, node as Node);
          const inSession = decided.filter((t) => {
            const span = timeline === undefined ? undefined : spanAt(timeline, minute(t));
            return span?.reason === 'signed-in' && span.owner !== 'anonymous' && keyOf(span.owner) === key;
          });
          expect(timesOf(subject)).toEqual(inSession.sort((x, y) => x - y));
        }
      }),
      { numRuns: 60 },
    );
  });

  test('S13: the order in which sightings and logouts come leaves no trace', async () => {
    const stores = current();
    await fc.assert(
      fc.asyncProperty(history, fc.infiniteStream(fc.nat()), async ({ seen, left, decided }, dice) => {
        const persons = [aNode(), aNode(), aNode('loyalty_card')];
        const devices = [aNode('anonymous_id'), aNode('anonymous_id')];
        await know(stores, [...persons, ...devices], (transaction) => join(transaction, persons.slice(1)));
        const told = new Map<number, NodeId>();
        for (const t of decided) {
          for (const device of devices) {
            told.set(await decide(stores, [device], { at: minute(t), status: 'refused' }), device.id);
          }
        }
        const playOn = (device: Node) => [
          ...seen.map((one) => () => see(stores, presenceIn(device, persons[one.person] as Node, one))),
          ...left.map((t) => () => leave(stores, device, minute(t))),
        ];
        const [straight, mixed] = devices as [Node, Node];
        for (const step of playOn(straight)) await step();
        const drawn = playOn(mixed).map((step) => [dice.next().value, step] as const);
        for (const [, step] of drawn.sort(([x], [y]) => x - y)) await step();
        for (const node of persons) {
          const { own, neighbours } = await subjectOf(stores, node);
          const said = (device: Node, facts: Subject['own']): readonly unknown[] =>
            facts.flatMap(({ position, indicatedAt }) => (told.get(position) === device.id ? [indicatedAt] : []));
          const share = (device: Node) => [own, ...neighbours].map((facts) => said(device, facts));
          const beyond = (device: Node) =>
            share(device)
              .slice(1)
              .filter((facts) => facts.length > 0);
          expect(share(mixed)[0]).toEqual(share(straight)[0]);
          expect(beyond(mixed)).toEqual(beyond(straight));
        }
      }),
      { numRuns: 40 },
    );
  });
}

/** Minutes after noon of everything decided in a session of the person, proven or not. */
function timesOf({ own, neighbours }: Subject): readonly number[] {
  const times = [...own, ...neighbours.flat()].map((fact) => (fact.indicatedAt - minute(0)) / MINUTE_MS);
  return [...new Set(times)].sort((x, y) => x - y);
}
