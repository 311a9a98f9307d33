import type { Brand } from '../base/brand.ts';
import type { Namespace } from './identifier.ts';

/**
 * An identifier after the vault's keyed hash: 32 lower-case hexadecimal digits, keyed by (brand, namespace), so that
 * the same value in two brands or two namespaces gives unrelated nodes. Equality is all one can ask of it.
 */
export type NodeId = Brand<string, 'NodeId'>;

/** A vertex of the identity graph: what kind of identifier, and its keyed hash. */
export type Node = { readonly namespace: Namespace; readonly id: NodeId };

export function parseNodeId(text: unknown): NodeId | undefined {
  return typeof text === 'string' && /^[0-9a-f]{32}$/.test(text) ? (text as NodeId) : undefined;
}

/**
 * The number under which an identifier's rows are stored in ClickHouse: the first 63 bits of its keyed hash, in
 * decimal. 0 is never a thread; it says "nobody". With 10 million identifiers a collision has odds of 5 in a million.
 */
export type Thread = Brand<string, 'Thread'>;

export const NO_THREAD = '0' as Thread;

export function threadOf(node: NodeId): Thread {
  const number = BigInt(`0x${node.slice(0, 16)}`) >> 1n;
  return (number === 0n ? 1n : number).toString() as Thread;
}
