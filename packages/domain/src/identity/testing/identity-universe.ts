import fc from 'fast-check';
import type { SourceKind } from '../../deployment/source.ts';
import type { ItemEvidence } from '../evidence-of.ts';
import type { SeparationFact } from '../identity-fact.ts';
import { compareNodes } from '../node-order.ts';
import { minute, n } from './example-identity.ts';

/** Few identifiers, so that items collide: every rule of S13 is met within a few dozen of them. */
export type Universe = {
  readonly identifiers: readonly (readonly string[])[];
  readonly sources: readonly SourceKind[];
  /** Prefix of message ids. */
  readonly name: string;
};

export const UNIVERSE: Universe = universe('x', ['web', 'app', 'server', 'store']);

export function universe(name: string, sources: readonly SourceKind[]): Universe {
  const of = (namespace: string, count: number): readonly string[] =>
    Array.from({ length: count }, (_, at) => `${namespace}:${name}${at}`);
  return {
    name,
    sources,
    identifiers: [
      of('user_id', 8),
      of('loyalty_card', 5),
      of('email', 4),
      of('phone', 3),
      of('anonymous_id', 3),
      of('device_id', 2),
      of('push_token', 1),
    ],
  };
}

/** An item as a list of names, so that the same history can be told under other names. */
export type ToldItem = Omit<ItemEvidence, 'nodes' | 'previous'> & {
  readonly says: readonly string[];
  readonly previous?: string;
};

export function told(item: ToldItem, salt = ''): ItemEvidence {
  const { says, previous, ...rest } = item;
  const nodes = says.map((each) => n(each, salt)).sort(compareNodes);
  return previous === undefined ? { ...rest, nodes } : { ...rest, nodes, previous: n(previous, salt) };
}

/** One item: at most one identifier of each kind, as real ones have. */
function toldItem({ identifiers, sources, name }: Universe): fc.Arbitrary<ToldItem> {
  const says = fc
    .tuple(...identifiers.map((kind) => fc.option(fc.constantFrom(...kind), { freq: 2, nil: undefined })))
    .map((chosen) => chosen.filter((each) => each !== undefined));
  return fc
    .record({
      says,
      at: fc.oneof(fc.nat(20), fc.nat(200_000)),
      message: fc.nat(999),
      sourceKind: fc.constantFrom(...sources),
      kiosk: fc.nat(9).map((each) => each === 0),
      kind: fc.constantFrom('track', 'identify', 'customer', 'ticket'),
      session: fc.constantFrom('logout', 'login', undefined, undefined, undefined),
      previous: fc.option(fc.constantFrom(...identifiers.flat()), { freq: 8, nil: undefined }),
    })
    .map(({ at, message, session, previous, ...rest }) => ({
      ...rest,
      kind: rest.kind as ToldItem['kind'],
      t: minute(at),
      messageId: `${name}${message}`,
      ...(session === undefined ? {} : { session: session as 'login' | 'logout' }),
      ...(previous === undefined ? {} : { previous }),
    }));
}

export function history(of: Universe, maxLength = 40): fc.Arbitrary<readonly ToldItem[]> {
  return fc.uniqueArray(toldItem(of), { maxLength, size: 'max', selector: (item) => item.messageId });
}

/** Separations of persons' identifiers, some taken back. */
export function separations({ identifiers }: Universe, maxLength = 4): fc.Arbitrary<readonly SeparationFact[]> {
  const person = fc.constantFrom(...identifiers.slice(0, 4).flat());
  return fc
    .array(fc.record({ a: person, b: person, at: fc.nat(1_000), stands: fc.boolean() }), { maxLength })
    .map((all) =>
      all.map(({ a, b, at, stands }, place) => ({
        a: n(a),
        b: n(b),
        stands,
        t: minute(at),
        id: `s${place}`,
        by: 'staff',
      })),
    );
}

/** A permutation of a list, some of its elements twice. */
export function shuffledWithRepeats<T>(list: readonly T[]): fc.Arbitrary<readonly T[]> {
  return fc
    .tuple(fc.shuffledSubarray([...list], { minLength: list.length, maxLength: list.length }), fc.subarray([...list]))
    .map(([all, again]) => [...all, ...again]);
}
