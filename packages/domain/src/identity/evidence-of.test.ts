import { describe, expect, test } from 'vitest';
import type { SourceKind } from '../deployment/source.ts';
import type { ItemKind } from '../event/item-kind.ts';
import { evidenceOf, type Proof } from './evidence-of.ts';
import type { Evidence } from './identity-fact.ts';
import { item, minute, n } from './testing/example-identity.ts';

type Row = {
  readonly what: string;
  readonly by: SourceKind;
  readonly kind?: ItemKind;
  readonly session?: 'login';
  readonly kiosk?: true;
  readonly previous?: string;
  readonly says: readonly string[];
  readonly proof?: { readonly by: Proof['by']; readonly covers: readonly string[] };
  readonly links: readonly (readonly [string, string, Evidence, 'verified' | 'unverified'])[];
};

const rows: readonly Row[] = [
  {
    what: 'a server names a logged-in user and all the account holds',
    by: 'server',
    says: ['user_id:u', 'loyalty_card:c', 'email:e', 'phone:p'],
    links: [
      ['user_id:u', 'loyalty_card:c', 'server', 'verified'],
      ['user_id:u', 'email:e', 'server', 'verified'],
      ['user_id:u', 'phone:p', 'server', 'verified'],
    ],
  },
  {
    what: 'a server reports a sign-in',
    by: 'server',
    session: 'login',
    says: ['user_id:u', 'email:e'],
    links: [['user_id:u', 'email:e', 'login', 'verified']],
  },
  {
    what: 'a guest checkout, sent by the server, is what somebody typed',
    by: 'server',
    kind: 'order',
    says: ['email:e', 'phone:p'],
    links: [['email:e', 'phone:p', 'form', 'unverified']],
  },
  {
    what: 'a card typed at a guest checkout was seen by nobody',
    by: 'server',
    kind: 'order',
    says: ['loyalty_card:c', 'email:e'],
    links: [['loyalty_card:c', 'email:e', 'form', 'unverified']],
  },
  {
    what: 'a customer row from a server',
    by: 'server',
    kind: 'customer',
    says: ['email:e', 'phone:p'],
    links: [['email:e', 'phone:p', 'customer-record', 'verified']],
  },
  {
    what: 'a customer row from a store',
    by: 'store',
    kind: 'customer',
    says: ['loyalty_card:c', 'email:e', 'phone:p'],
    links: [
      ['loyalty_card:c', 'email:e', 'customer-record', 'verified'],
      ['loyalty_card:c', 'phone:p', 'customer-record', 'verified'],
    ],
  },
  {
    what: 'a customer row typed on a kiosk is the visitor’s own word',
    by: 'store',
    kind: 'customer',
    kiosk: true,
    says: ['loyalty_card:c', 'email:e'],
    links: [['loyalty_card:c', 'email:e', 'till', 'unverified']],
  },
  {
    what: 'a till reads card and account, and the e-receipt address is keyed in',
    by: 'store',
    kind: 'ticket',
    says: ['user_id:u', 'loyalty_card:c', 'email:e'],
    links: [
      ['user_id:u', 'loyalty_card:c', 'card-scan', 'verified'],
      ['user_id:u', 'email:e', 'till', 'unverified'],
    ],
  },
  {
    what: 'the card is checked, the address beside it is not',
    by: 'store',
    kind: 'ticket',
    says: ['loyalty_card:c', 'email:e'],
    links: [['loyalty_card:c', 'email:e', 'till', 'unverified']],
  },
  {
    what: 'staff checked the address too',
    by: 'store',
    kind: 'ticket',
    says: ['loyalty_card:c', 'email:e'],
    proof: { by: 'staff-check', covers: ['loyalty_card:c', 'email:e'] },
    links: [['loyalty_card:c', 'email:e', 'staff-check', 'verified']],
  },
  {
    what: 'a browser identifies a user',
    by: 'web',
    kind: 'identify',
    session: 'login',
    says: ['user_id:u', 'email:e'],
    links: [['user_id:u', 'email:e', 'identify', 'unverified']],
  },
  {
    what: 'a customer row from a browser proves nothing',
    by: 'web',
    kind: 'customer',
    says: ['email:e', 'phone:p'],
    links: [['email:e', 'phone:p', 'form', 'unverified']],
  },
  {
    what: 'an app brings a signed identity token, which covers user and e-mail but not the telephone',
    by: 'app',
    kind: 'identify',
    says: ['user_id:u', 'email:e', 'phone:p'],
    proof: { by: 'signed-token', covers: ['user_id:u', 'email:e'] },
    links: [
      ['user_id:u', 'email:e', 'signed-token', 'verified'],
      ['user_id:u', 'phone:p', 'identify', 'unverified'],
    ],
  },
  {
    what: 'a double opt-in click',
    by: 'web',
    says: ['user_id:u', 'email:e'],
    proof: { by: 'double-opt-in', covers: ['user_id:u', 'email:e'] },
    links: [['user_id:u', 'email:e', 'double-opt-in', 'verified']],
  },
  {
    what: 'OpenID Connect',
    by: 'web',
    says: ['user_id:u', 'email:e'],
    proof: { by: 'oidc', covers: ['user_id:u', 'email:e'] },
    links: [['user_id:u', 'email:e', 'oidc', 'verified']],
  },
  {
    what: 'a server’s alias',
    by: 'server',
    kind: 'alias',
    previous: 'email:e',
    says: ['user_id:u'],
    links: [['user_id:u', 'email:e', 'alias', 'verified']],
  },
  {
    what: 'a browser’s alias',
    by: 'web',
    kind: 'alias',
    previous: 'user_id:old',
    says: ['user_id:u'],
    links: [['user_id:u', 'user_id:old', 'alias', 'unverified']],
  },
  { what: 'a payment card says nothing', by: 'store', says: ['loyalty_card:c', 'payment_card:x'], links: [] },
  { what: 'one identifier says nothing', by: 'server', says: ['user_id:u'], links: [] },
];

describe('S11: which links an item makes, and which are verified', () => {
  for (const row of rows) {
    test(`${row.by}: ${row.what}`, () => {
      const { links } = evidenceOf(
        item(0, row.says, {
          sourceKind: row.by,
          kind: row.kind ?? 'track',
          kiosk: row.kiosk ?? false,
          ...(row.session === undefined ? {} : { session: row.session }),
          ...(row.previous === undefined ? {} : { previous: row.previous }),
          ...(row.proof === undefined
            ? {}
            : { verifiedBy: { by: row.proof.by, covers: row.proof.covers.map((each) => n(each).id) } }),
        }),
      );
      expect(links.map(({ a, b, evidence, verified }) => ({ a, b, evidence, verified }))).toEqual(
        row.links.map(([a, b, evidence, verified]) => ({
          a: n(a),
          b: n(b),
          evidence,
          verified: verified === 'verified',
        })),
      );
    });
  }
});

describe('S13: what an item says of devices', () => {
  test('each device is seen with the strongest person, and they are names of one terminal', () => {
    const facts = evidenceOf(
      item(3, ['user_id:u', 'email:e', 'anonymous_id:a', 'push_token:t'], { sourceKind: 'app' }),
    );
    expect(facts.sightings).toEqual(
      ['anonymous_id:a', 'push_token:t'].map((device) => ({
        device: n(device),
        person: n('user_id:u'),
        verified: false,
        kiosk: false,
        t: minute(3),
        messageId: facts.sightings[0]?.messageId,
      })),
    );
    expect(facts.deviceLinks.map(({ a, b }) => [a, b])).toEqual([[n('anonymous_id:a'), n('push_token:t')]]);
    expect(facts.logouts).toEqual([]);
  });

  test('a logout ends the stay on every device of the item, and shows who leaves', () => {
    const facts = evidenceOf(item(3, ['user_id:u', 'anonymous_id:a', 'device_id:d'], { session: 'logout' }));
    expect(facts.logouts.map(({ device }) => device)).toEqual([n('anonymous_id:a'), n('device_id:d')]);
    expect(facts.sightings).toHaveLength(2);
  });

  test('a kiosk’s names are not tied together: each visitor’s cookie would drag the next one’s along', () => {
    const facts = evidenceOf(item(3, ['user_id:u', 'anonymous_id:a', 'device_id:d'], { kiosk: true }));
    expect(facts.deviceLinks).toEqual([]);
    expect(facts.sightings.every((sighting) => sighting.kiosk)).toBe(true);
  });

  test('an alias of an anonymous id shows the user at that device', () => {
    const facts = evidenceOf(item(3, ['user_id:u'], { previous: 'anonymous_id:a', kind: 'alias', sourceKind: 'web' }));
    expect(facts.sightings.map(({ device, person }) => [device, person])).toEqual([
      [n('anonymous_id:a'), n('user_id:u')],
    ]);
    expect(facts.links).toEqual([]);
  });

  test('a sighting is proven by a secret key that names a login, or by a proof', () => {
    const verified = (said: Parameters<typeof item>[2], says = ['user_id:u', 'anonymous_id:a']): boolean | undefined =>
      evidenceOf(item(3, says, said)).sightings[0]?.verified;
    expect(verified({ sourceKind: 'server' })).toBe(true);
    expect(verified({ sourceKind: 'server' }, ['email:e', 'anonymous_id:a'])).toBe(false);
    expect(verified({ sourceKind: 'web' })).toBe(false);
    expect(verified({ sourceKind: 'web', verifiedBy: { by: 'oidc', covers: [n('user_id:u').id] } })).toBe(true);
  });
});
