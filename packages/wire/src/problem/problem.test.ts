import { describe, expect, test } from 'vitest';
import { PROBLEMS, type ProblemCode } from './catalogue.ts';
import { problemLanguage, problemOf } from './problem.ts';
import { pointerOf, refusalOf } from './refusal.ts';

const codes = Object.keys(PROBLEMS) as ProblemCode[];

describe('problems', () => {
  test.each(codes)('%s says what is wrong and how to mend it, in both languages', (code) => {
    const { en, fr } = PROBLEMS[code];
    expect(code).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
    for (const text of [en.message, en.mend, fr.message, fr.mend]) expect(text).toMatch(/^\p{Lu}.+[.]$/u);
    expect(en.message).not.toBe(fr.message);
  });

  test('the document has the members of RFC 9457 and of the outside contract', () => {
    expect(problemOf(refusalOf('duplicate-key', '/a'), 'fr', 400)).toEqual({
      type: 'urn:filrouge:problem:duplicate-key',
      title: PROBLEMS['duplicate-key'].fr.message,
      status: 400,
      code: 'duplicate-key',
      message: `${PROBLEMS['duplicate-key'].fr.message} ${PROBLEMS['duplicate-key'].fr.mend}`,
      detail: PROBLEMS['duplicate-key'].fr.mend,
      pointer: '/a',
    });
    expect(problemOf(refusalOf('item-too-large', '', '40 KB')).detail).toBe('40 KB');
    expect(problemOf(refusalOf('internal', ''))).not.toHaveProperty('status');
  });

  test('languages and pointers', () => {
    expect(['fr-FR,en;q=0.8', 'de, fr', 'de', undefined, 'EN'].map(problemLanguage)).toEqual([
      'fr',
      'fr',
      'en',
      'en',
      'en',
    ]);
    expect(pointerOf(['a/b', 0, 'c~d'])).toBe('/a~1b/0/c~0d');
  });
});
