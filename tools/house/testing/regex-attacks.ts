import type { RegexNode } from './regex-parser.ts';
import { isOne } from './regex-steps.ts';

/** Characters of which one or another is in about every set that somebody writes. */
const CHARACTERS = [
  ...Array.from('a0 .-@/,:_"\'A9zZ+%=?&<>(){}[]|\\*#;!~$^`'),
  '\n',
  '\r',
  '\t',
  '\0',
  'é',
  '€',
  '\u00a0',
  '\u202f',
  '’',
  '\ufffd',
  '𝕏',
];
/** What spoils a match at its end. */
const SPOILERS = ['\u0001', '\n', '@', 'a'];

/** Texts of about a length that make a backtracking matcher try again and again, if any do: something repeated, and then a spoiler. */
export function attacksOn(tree: RegexNode, flags: string, length: number): readonly string[] {
  const begins = new Set(['', ...prefixesOf(tree, flags)]);
  const pumps = new Set([...charactersOf(tree, flags), ...bodiesOf(tree).map((body) => exampleOf(body, flags))]);
  return [...begins].flatMap((begin) =>
    [...pumps]
      .filter((pump) => pump !== '')
      .flatMap((pump) => SPOILERS.map((end) => begin + pump.repeat(Math.ceil(length / pump.length)) + end)),
  );
}

/** A character of each set of the pattern, and those that are in two of its sets. */
function charactersOf(tree: RegexNode, flags: string): readonly string[] {
  const sets = [...new Set(nodesIn(tree).flatMap((node) => (node.kind === 'one' ? [node.source] : [])))];
  const shared = CHARACTERS.filter((each) => sets.filter((set) => isOne(set, flags, each)).length > 1);
  return [...sets.map((set) => memberOf(set, flags)), ...shared];
}

function bodiesOf(tree: RegexNode): readonly RegexNode[] {
  return nodesIn(tree).flatMap((node) => (node.kind === 'repeat' && node.max > 8 ? [node.inner] : []));
}

/** What stands before each repetition where the pattern matches. */
function prefixesOf(tree: RegexNode, flags: string): readonly string[] {
  if (tree.kind === 'any') return tree.parts.flatMap((part) => prefixesOf(part, flags));
  if (tree.kind === 'group' || tree.kind === 'repeat') return prefixesOf(tree.inner, flags);
  if (tree.kind !== 'all') return [];
  return tree.parts.flatMap((part, at) => {
    if (!isEndless(part)) return [];
    const before = tree.parts.slice(0, at).map((each) => exampleOf(each, flags)).join(''); // biome-ignore format: one line
    return [before, ...prefixesOf(part, flags).map((inner) => before + inner)];
  });
}

/** Whether anything in it may be repeated more often than somebody counted. */
export function isEndless(node: RegexNode): boolean {
  return nodesIn(node).some((each) => each.kind === 'repeat' && each.max === Infinity);
}

function nodesIn(node: RegexNode): readonly RegexNode[] {
  if ('parts' in node) return [node, ...node.parts.flatMap(nodesIn)];
  return 'inner' in node ? [node, ...nodesIn(node.inner)] : [node];
}

/** A short text that a part of a pattern takes, but for what it looks at aside. */
function exampleOf(node: RegexNode, flags: string): string {
  switch (node.kind) {
    case 'one':
      return memberOf(node.source, flags);
    case 'all':
      return node.parts.map((part) => exampleOf(part, flags)).join('');
    case 'any':
      return exampleOf(node.parts[0] as RegexNode, flags);
    case 'group':
      return exampleOf(node.inner, flags);
    case 'repeat':
      return exampleOf(node.inner, flags).repeat(Math.max(node.min, Math.min(1, node.max)));
    case 'look':
    case 'edge':
    case 'again':
      return '';
  }
}

function memberOf(source: string, flags: string): string {
  const found = CHARACTERS.find((each) => isOne(source, flags, each));
  if (found !== undefined) return found;
  for (let code = 1; code < 0x30_00; code += 1) {
    const each = String.fromCharCode(code);
    if (isOne(source, flags, each)) return each;
  }
  return '';
}
