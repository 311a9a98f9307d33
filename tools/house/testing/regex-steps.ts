import type { RegexNode } from './regex-parser.ts';

/** More than these are not counted. */
export const STEPS_MAX = 50_000;

type Next = (at: number) => boolean;

/** How many characters and edges a backtracking matcher looks at before it says that a text has no match, or has one. */
export function stepsOf(tree: RegexNode, flags: string, text: string): number {
  const matcher = new CountingMatcher(flags, Array.from(text));
  matcher.search(tree);
  return matcher.steps;
}

/** Goes the way of JavaScript's own matcher, without what that one spares itself. */
class CountingMatcher {
  steps = 0;
  readonly #flags: string;
  readonly #text: readonly string[];
  readonly #groups = new Map<string, readonly [number, number]>();

  constructor(flags: string, text: readonly string[]) {
    this.#flags = flags;
    this.#text = text;
  }

  search(tree: RegexNode): boolean {
    const last = this.#flags.includes('y') || beginsAtEdge(tree) ? 0 : this.#text.length;
    for (let from = 0; from <= last; from += 1) {
      if (this.#match(tree, from, () => true)) return true;
      if (this.steps >= STEPS_MAX) return false;
    }
    return false;
  }

  #match(node: RegexNode, at: number, next: Next): boolean {
    this.steps += 1;
    if (this.steps >= STEPS_MAX) return false;
    switch (node.kind) {
      case 'one':
        return at < this.#text.length && isOne(node.source, this.#flags, this.#text[at] as string) && next(at + 1);
      case 'all':
        return this.#sequence(node.parts, 0, at, next);
      case 'any':
        return node.parts.some((part) => this.#match(part, at, next));
      case 'group':
        return this.#match(node.inner, at, (end) => {
          const before = [String(node.number), node.name ?? ''].map((name) => [name, this.#groups.get(name)] as const);
          for (const [name] of before) this.#groups.set(name, [at, end]);
          if (next(end)) return true;
          for (const [name, span] of before) if (span !== undefined) this.#groups.set(name, span);
          return false;
        });
      case 'look':
        return this.#look(node, at) !== node.negated && next(at);
      case 'repeat':
        return this.#repeat(node, 0, at, next);
      case 'edge':
        return this.#isEdge(node.at, at) && next(at);
      case 'again':
        return this.#again(node.group, at, next);
    }
  }

  #sequence(parts: readonly RegexNode[], place: number, at: number, next: Next): boolean {
    const part = parts[place];
    return part === undefined ? next(at) : this.#match(part, at, (end) => this.#sequence(parts, place + 1, end, next));
  }

  #repeat(node: RegexNode & { readonly kind: 'repeat' }, done: number, at: number, next: Next): boolean {
    const more = (): boolean =>
      done < node.max &&
      this.#match(node.inner, at, (end) => (end > at || done < node.min) && this.#repeat(node, done + 1, end, next));
    if (done < node.min) return more();
    return node.lazy ? next(at) || more() : more() || next(at);
  }

  #look({ ahead, inner }: RegexNode & { readonly kind: 'look' }, at: number): boolean {
    if (ahead) return this.#match(inner, at, () => true);
    for (let from = at; from >= 0; from -= 1) if (this.#match(inner, from, (end) => end === at)) return true;
    return false;
  }

  #isEdge(edge: '^' | '$' | 'b' | 'B', at: number): boolean {
    const lines = this.#flags.includes('m');
    if (edge === '^') return at === 0 || (lines && this.#text[at - 1] === '\n');
    if (edge === '$') return at === this.#text.length || (lines && this.#text[at] === '\n');
    const isWord = (place: number): boolean => /^\w$/.test(this.#text[place] ?? '');
    return (isWord(at - 1) !== isWord(at)) === (edge === 'b');
  }

  #again(group: string, at: number, next: Next): boolean {
    const [from, to] = this.#groups.get(group) ?? [0, 0];
    for (let place = from; place < to; place += 1) {
      if (this.#text[at + place - from] !== this.#text[place]) return false;
    }
    return next(at + to - from);
  }
}

/** V8 tries such a pattern at the first place alone. */
function beginsAtEdge(node: RegexNode): boolean {
  if (node.kind === 'edge') return node.at === '^';
  if (node.kind === 'all') return node.parts[0] !== undefined && beginsAtEdge(node.parts[0]);
  return node.kind === 'any' && node.parts.every(beginsAtEdge);
}

const known = new Map<string, boolean>();

/** Whether one character is of a set, as JavaScript itself says. */
export function isOne(source: string, flags: string, character: string): boolean {
  const name = `${flags} ${source} ${character}`;
  let is = known.get(name);
  if (is === undefined) {
    is = new RegExp(`^${source}$`, flags.replaceAll(/[gmy]/g, '')).test(character);
    known.set(name, is);
  }
  return is;
}
