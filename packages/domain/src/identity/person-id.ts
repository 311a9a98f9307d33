import type { Brand } from '../base/brand.ts';
import type { Instant } from '../base/instant.ts';
import type { Thread } from './node.ts';

/**
 * A person as reports count it: an unsigned 63-bit number in decimal, from the same space as threads. A person is
 * known by the thread of its identifier that was seen first, so that a thread without entry in the thread map is its
 * own person and most customers need no entry at all.
 */
export type PersonNumber = Brand<string, 'PersonNumber'>;

/** A person as people and interfaces name it: `per_`, then 26 of [0-9a-z]. The same thing as its number, both ways. */
export type PersonId = Brand<string, 'PersonId'>;

/** Of rows that are nobody's: tickets without customer, and blocked values. It has no person id. */
export const NOBODY = '0' as PersonNumber;

const DIGITS = 13;
const BASE = 36n;

export function personOfThread(thread: Thread): PersonNumber {
  return thread as string as PersonNumber;
}

/**
 * The anonymous person of a later span of a device: known by the device and by when the span began. The beginning, and
 * not the place in the row of spans, because a login that arrives late inserts a span: the others keep their persons.
 */
export function personOfSpan(device: Thread, from: Instant): PersonNumber {
  const mixed = mix(BigInt(device) ^ mix(BigInt.asUintN(64, BigInt(from)))) >> 1n;
  return (mixed === 0n ? 1n : mixed).toString() as PersonNumber;
}

/** A decimal number 0 to 2^63 - 1, as an engine gives it back; 0 is nobody. */
export function parsePersonNumber(text: unknown): PersonNumber | undefined {
  if (typeof text !== 'string' || !/^(0|[1-9][0-9]{0,18})$/.test(text)) return undefined;
  return BigInt(text) < 1n << 63n ? (text as PersonNumber) : undefined;
}

/** 13 digits of the number in base 36, and 13 check digits; undefined of nobody. */
export function personIdOf(person: PersonNumber): PersonId | undefined {
  return person === NOBODY ? undefined : (`per_${digits(BigInt(person))}${digits(mix(BigInt(person)))}` as PersonId);
}

/** Refuses what is not an id, a mistyped one included: its check digits would not fit. */
export function parsePersonId(text: unknown): PersonId | undefined {
  if (typeof text !== 'string' || !/^per_[0-9a-z]{26}$/.test(text)) return undefined;
  const person = parsePersonNumber(fromDigits(text.slice(4, 4 + DIGITS)).toString());
  return person !== undefined && personIdOf(person) === text ? (text as PersonId) : undefined;
}

export function personNumberOf(id: PersonId): PersonNumber {
  return fromDigits(id.slice(4, 4 + DIGITS)).toString() as PersonNumber;
}

function digits(number: bigint): string {
  return number.toString(36).padStart(DIGITS, '0');
}

function fromDigits(text: string): bigint {
  let number = 0n;
  for (const digit of text) number = number * BASE + BigInt(Number.parseInt(digit, 36));
  return number;
}

/** SplitMix64's finaliser (Steele, Lea, Flood 2014): a bijection of 64 bits that scatters neighbours. No secret. */
function mix(number: bigint): bigint {
  let z = BigInt.asUintN(64, number + 0x9e3779b97f4a7c15n);
  z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
  z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
  return z ^ (z >> 31n);
}
