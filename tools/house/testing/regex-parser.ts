/** A regular expression as a tree, as far as a matcher that counts needs it. */
export type RegexNode =
  | { readonly kind: 'one'; readonly source: string }
  | { readonly kind: 'all'; readonly parts: readonly RegexNode[] }
  | { readonly kind: 'any'; readonly parts: readonly RegexNode[] }
  | { readonly kind: 'group'; readonly number: number; readonly name: string | undefined; readonly inner: RegexNode }
  | { readonly kind: 'look'; readonly ahead: boolean; readonly negated: boolean; readonly inner: RegexNode }
  | {
      readonly kind: 'repeat';
      readonly inner: RegexNode;
      readonly min: number;
      readonly max: number;
      readonly lazy: boolean;
    }
  | { readonly kind: 'edge'; readonly at: '^' | '$' | 'b' | 'B' }
  | { readonly kind: 'again'; readonly group: string };

/** Reads a pattern that JavaScript has read already: what is wrong with it was told there. */
export function parseRegex(pattern: string): RegexNode {
  const reader = new Reader(pattern);
  const tree = reader.alternatives();
  if (!reader.ended) throw new Error(`${pattern}: not read from ${reader.rest}`);
  return tree;
}

class Reader {
  rest: string;
  #groups = 0;

  constructor(pattern: string) {
    this.rest = pattern;
  }

  get ended(): boolean {
    return this.rest === '';
  }

  alternatives(): RegexNode {
    const parts = [this.#sequence()];
    while (this.#took('|')) parts.push(this.#sequence());
    return parts.length === 1 ? (parts[0] as RegexNode) : { kind: 'any', parts };
  }

  #sequence(): RegexNode {
    const parts: RegexNode[] = [];
    while (!this.ended && !this.rest.startsWith('|') && !this.rest.startsWith(')')) parts.push(this.#repeated());
    return { kind: 'all', parts };
  }

  #repeated(): RegexNode {
    const inner = this.#atom();
    const [whole, sign = '', min, comma, max] = /^(?:([*+?])|\{(\d+)(,?)(\d*)\})/.exec(this.rest) ?? [];
    if (whole === undefined) return inner;
    this.rest = this.rest.slice(whole.length);
    const lazy = this.#took('?');
    if (sign !== '')
      return { kind: 'repeat', inner, lazy, min: sign === '+' ? 1 : 0, max: sign === '?' ? 1 : Infinity };
    const most = comma === '' ? Number(min) : max === '' ? Infinity : Number(max);
    return { kind: 'repeat', inner, lazy, min: Number(min), max: most };
  }

  #atom(): RegexNode {
    const edge = this.#match(/^(?:\^|\$|\\b|\\B)/);
    if (edge !== undefined) return { kind: 'edge', at: edge.replace('\\', '') as '^' };
    const again = /^\\([1-9]|k<(\w+)>)/.exec(this.rest);
    if (again !== null) {
      this.rest = this.rest.slice(again[0].length);
      return { kind: 'again', group: again[2] ?? again[1] ?? '' };
    }
    const look = this.#match(/^\(\?<?[=!]/);
    if (look !== undefined) {
      return { kind: 'look', ahead: !look.includes('<'), negated: look.endsWith('!'), inner: this.#closed() };
    }
    if (this.#match(/^\(\?:/) !== undefined) return this.#closed();
    const named = this.#match(/^\(\?<\w+>|^\(/);
    if (named !== undefined) {
      this.#groups += 1;
      const number = this.#groups;
      return { kind: 'group', number, name: /<(\w+)>/.exec(named)?.[1], inner: this.#closed() };
    }
    const one = this.#match(
      /^(?:\[(?:[^\]\\]|\\[\s\S])*\]|\\(?:[pP]\{[^}]*\}|u\{[^}]*\}|u[\da-fA-F]{4}|x[\da-fA-F]{2}|c[A-Za-z]|[\s\S])|[\s\S])/u,
    );
    return { kind: 'one', source: one ?? '' };
  }

  #closed(): RegexNode {
    const inner = this.alternatives();
    if (!this.#took(')')) throw new Error(`a group is not closed: ${this.rest}`);
    return inner;
  }

  #took(text: string): boolean {
    if (!this.rest.startsWith(text)) return false;
    this.rest = this.rest.slice(text.length);
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    const [found] = pattern.exec(this.rest) ?? [];
    if (found !== undefined) this.rest = this.rest.slice(found.length);
    return found;
  }
}
