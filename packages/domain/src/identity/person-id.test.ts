import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type NodeId, threadOf } from './node.ts';
import {
  NOBODY,
  type PersonNumber,
  parsePersonId,
  parsePersonNumber,
  personIdOf,
  personNumberOf,
  personOfSpan,
  personOfThread,
} from './person-id.ts';
import { minute } from './testing/example-identity.ts';

const number = fc.bigInt({ min: 1n, max: (1n << 63n) - 1n }).map((each) => each.toString() as PersonNumber);

describe('a person’s id and number are one thing', () => {
  test('both directions agree, for every number', () => {
    fc.assert(
      fc.property(number, (person) => {
        const id = personIdOf(person);
        return (
          id !== undefined && /^per_[0-9a-z]{26}$/.test(id) && parsePersonId(id) === id && personNumberOf(id) === person
        );
      }),
      { numRuns: 1_000 },
    );
  });

  test('one wrong character is refused', () => {
    fc.assert(
      fc.property(
        number,
        fc.integer({ min: 4, max: 29 }),
        fc.constantFrom('0', '1', '2', '5', '9', 'a', 'b', 'k', 'x', 'y', 'z'),
        (person, at, wrong) => {
          const id = personIdOf(person) ?? '';
          const typed = id.slice(0, at) + wrong + id.slice(at + 1);
          return typed === id || parsePersonId(typed) === undefined;
        },
      ),
      { numRuns: 1_000 },
    );
  });

  for (const text of [
    '',
    'per_',
    'per_00000000000000000000000000',
    `per_${'z'.repeat(26)}`,
    'PER_1',
    7,
    null,
    undefined,
  ]) {
    test(`${String(text)} is no person id`, () => {
      expect(parsePersonId(text)).toBeUndefined();
    });
  }

  for (const text of ['', '-1', '01', '1.5', '9223372036854775808', '99999999999999999999', 5]) {
    test(`${String(text)} is no person number`, () => {
      expect(parsePersonNumber(text)).toBeUndefined();
    });
  }

  test('nobody has a number and no id', () => {
    expect(parsePersonNumber('0')).toBe(NOBODY);
    expect(personIdOf(NOBODY)).toBeUndefined();
  });

  test('the ends of the range are numbers', () => {
    expect(parsePersonNumber('1')).toBe('1');
    expect(parsePersonNumber('9223372036854775807')).toBe('9223372036854775807');
  });

  test('later spans of one device are persons apart, and apart from the device', () => {
    const thread = threadOf('00112233445566778899aabbccddeeff' as NodeId);
    const persons = Array.from({ length: 1_000 }, (_, at) => personOfSpan(thread, minute(at - 500)));
    expect(new Set([...persons, personOfThread(thread)]).size).toBe(1_001);
    expect(persons.every((person) => parsePersonNumber(person) === person)).toBe(true);
  });
});
