import type { NodeId } from '@filrouge/domain/identity';
import type { Subject } from '@filrouge/ports';
import { describe, expect, test } from 'vitest';
import { SubjectBook } from './subject-book.ts';

const node = (name: string): NodeId => name.padStart(32, '0') as NodeId;

function subject(name: string, dependsOn: readonly string[] = []): Subject {
  return {
    node: node(name),
    self: [],
    own: [],
    neighbours: [],
    devices: [],
    blocked: false,
    spans: 0,
    members: [],
    provenOn: [],
    separations: [],
    dependsOn: [node(name), ...dependsOn.map(node)],
  };
}

/** The names a book of three remembers. */
function names(book: SubjectBook, asked: readonly string[]): readonly string[] {
  const missing = new Set(book.missing(asked.map(node)));
  return asked.filter((name) => !missing.has(node(name)));
}

describe('what the door remembers', () => {
  test('answers what was put, and asks for each missing node once', () => {
    const book = new SubjectBook();
    book.put([subject('a')]);
    expect(book.get(node('a'))?.subject.node).toBe(node('a'));
    expect(book.get(node('b'))).toBeUndefined();
    expect(book.missing([node('a'), node('b'), node('b')])).toEqual([node('b')]);
  });

  test('a subject is dropped with whatever it rests on, and no other', () => {
    const book = new SubjectBook();
    book.put([subject('ada', ['phone']), subject('bob', ['phone', 'tablet']), subject('cleo', ['tablet'])]);
    book.drop([node('phone')]);
    expect(names(book, ['ada', 'bob', 'cleo'])).toEqual(['cleo']);
    book.drop([node('tablet')]);
    expect(names(book, ['ada', 'bob', 'cleo'])).toEqual([]);
  });

  test('put again, a subject rests on what it says now and no longer on what it said', () => {
    const book = new SubjectBook();
    book.put([subject('ada', ['phone'])]);
    book.put([subject('ada', ['tablet'])]);
    book.drop([node('phone')]);
    expect(names(book, ['ada'])).toEqual(['ada']);
    book.drop([node('tablet')]);
    expect(names(book, ['ada'])).toEqual([]);
  });

  test('a drop of everything leaves nothing', () => {
    const book = new SubjectBook();
    book.put([subject('ada', ['phone'])]);
    book.drop('everything');
    expect(names(book, ['ada'])).toEqual([]);
    book.drop([node('phone')]);
  });

  test('the least recently used gives way when the book is full', () => {
    const book = new SubjectBook(3);
    book.put([subject('a'), subject('b'), subject('c')]);
    book.missing([node('a')]);
    book.get(node('b'));
    book.put([subject('d')]);
    expect(names(book, ['a', 'b', 'c', 'd'])).toEqual(['a', 'c', 'd']);
  });

  test('a subject that a group was told is known does not give way to the rest of the group', () => {
    const book = new SubjectBook(3);
    book.put([subject('erased'), subject('b'), subject('c')]);
    const missing = book.missing([node('erased'), node('d'), node('e')]);
    expect(missing).toEqual([node('d'), node('e')]);
    book.put([subject('d'), subject('e')]);
    expect(book.get(node('erased'))).toBeDefined();
  });
});
