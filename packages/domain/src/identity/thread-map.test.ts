import { describe, expect, test } from 'vitest';
import { DAY_MS, MINUTE_MS } from '../base/instant.ts';
import type { ItemEvidence } from './evidence-of.ts';
import { NO_THREAD, type NodeId, threadOf } from './node.ts';
import { NOBODY, personOfThread } from './person-id.ts';
import { resolveIdentity } from './resolve-identity.ts';
import { Example, factsOf, firstSeenIn, item, minute, n, resolved, separation } from './testing/example-identity.ts';
import { indexThreadMap, personAt } from './thread-map.ts';

const DAY = DAY_MS / MINUTE_MS;
const web = { sourceKind: 'web' } as const;
const own = (identifier: string) => personOfThread(threadOf(n(identifier).id));

describe('S13: thread -> person', () => {
  test('a thread without entry is its own person, and nobody’s thread is nobody', () => {
    const example = resolved([item(0, ['user_id:u'], web)]);
    expect(example.identity.threads).toEqual([]);
    expect(example.personAt('user_id:u', 0)).toBe(own('user_id:u'));
    expect(personAt(indexThreadMap([]), NO_THREAD, minute(0))).toBe(NOBODY);
  });

  test('the identifier seen first names the person, and needs no entry', () => {
    const example = resolved([item(0, ['email:e']), item(1, ['user_id:u', 'email:e'])]);
    expect(example.identity.threads.map(({ thread, person }) => [thread, person])).toEqual([
      [threadOf(n('user_id:u').id), own('email:e')],
    ]);
  });

  test('of identifiers seen at once the strongest names the person', () => {
    const example = resolved([item(1, ['user_id:u', 'loyalty_card:c', 'email:e'])]);
    for (const each of ['user_id:u', 'loyalty_card:c', 'email:e']) {
      expect(example.personAt(each, 9)).toBe(own('user_id:u'));
    }
  });

  test('a merge keeps the elder’s id, an un-merge gives both back, undoing it merges again', () => {
    const items = [
      item(0, ['user_id:u', 'email:e']),
      item(1, ['loyalty_card:c', 'phone:p'], { sourceKind: 'store', kind: 'customer' }),
    ];
    const merged = [...items, item(2, ['user_id:u', 'loyalty_card:c'])];
    const ids = (example: Example) =>
      ['user_id:u', 'email:e', 'loyalty_card:c', 'phone:p'].map((each) => example.personAt(each, 5));
    const [u, c] = [own('user_id:u'), own('loyalty_card:c')];
    const apart = separation(3, 'user_id:u', 'loyalty_card:c');
    expect(ids(resolved(items))).toEqual([u, u, c, c]);
    expect(ids(resolved(merged))).toEqual([u, u, u, u]);
    expect(ids(resolved(merged, [apart]))).toEqual([u, u, c, c]);
    expect(ids(resolved(merged, [apart, separation(4, 'user_id:u', 'loyalty_card:c', false)]))).toEqual([u, u, u, u]);
  });

  test('a blocked value is nobody’s', () => {
    const example = resolved([1, 2, 3, 4, 5, 6].map((at) => item(at, [`user_id:${at}`, 'email:till'])));
    expect(example.personAt('email:till', 3)).toBe(NOBODY);
    expect(example.personAt('user_id:3', 3)).toBe(own('user_id:3'));
  });

  test('all names of a terminal are one person, signed in or not', () => {
    const example = resolved([
      item(0, ['anonymous_id:a'], { ...web, kind: 'page' }),
      item(1, ['anonymous_id:a', 'device_id:d', 'push_token:t'], { ...web, sourceKind: 'app' }),
      item(60 * DAY, ['user_id:u', 'device_id:d'], { ...web, sourceKind: 'app' }),
    ]);
    for (const each of ['anonymous_id:a', 'device_id:d', 'push_token:t']) {
      expect(example.personAt(each, 0)).toBe(own('anonymous_id:a'));
      expect(example.personAt(each, 59 * DAY)).toBe(own('user_id:u'));
      expect(example.personAt(each, 61 * DAY)).toBe(own('user_id:u'));
    }
  });

  test('anonymous spans of a device are persons apart', () => {
    const logout = (at: number) => item(at, ['anonymous_id:a'], { ...web, session: 'logout' });
    const example = resolved([item(0, ['anonymous_id:a'], web), logout(10), logout(20)]);
    const persons = [5, 15, 25].map((at) => example.personAt('anonymous_id:a', at));
    expect(new Set(persons).size).toBe(3);
    expect(persons[0]).toBe(own('anonymous_id:a'));
  });

  test('a login that arrives late inserts a span, and the anonymous persons of the others stay', () => {
    const logout = (at: number) => item(at, ['anonymous_id:a'], { ...web, session: 'logout' });
    const before: readonly ItemEvidence[] = [item(0, ['anonymous_id:a'], web), logout(10), logout(20), logout(30)];
    const after = [...before, item(15, ['user_id:u', 'anonymous_id:a'], web)];
    const persons = (items: readonly ItemEvidence[]) =>
      [22, 35].map((at) => resolved(items).personAt('anonymous_id:a', at));
    expect(resolved(after).personAt('anonymous_id:a', 17)).toBe(own('user_id:u'));
    expect(persons(after)).toEqual(persons(before));
  });

  test('a device’s entries follow its user into a merge', () => {
    const items = [
      item(0, ['email:e']),
      item(1, ['user_id:u', 'anonymous_id:a'], web),
      item(2, ['user_id:u', 'email:e']),
    ];
    expect(resolved(items).personAt('anonymous_id:a', 5)).toBe(own('email:e'));
  });

  test('a node that no position is known of counts as seen last', () => {
    const items = [item(0, ['user_id:u', 'email:e'])];
    const seen = new Map<NodeId, number>([[n('email:e').id, 7]]);
    const example = new Example(resolveIdentity(factsOf(items), seen));
    expect(example.personAt('user_id:u', 0)).toBe(own('email:e'));
    expect(firstSeenIn(items).get(n('email:e').id)).toBe(0);
  });
});
