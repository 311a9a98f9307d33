/** A node of the engine's own dump of a query: `Function count (alias n) (children 1)`. */
export type SyntaxNode = {
  readonly kind: string;
  /** What follows the kind: a name, or a literal as it is dumped. */
  readonly name: string;
  readonly children: readonly SyntaxNode[];
};

type Line = { readonly depth: number; readonly kind: string; readonly name: string; readonly children: number };

const LINE = /^( *)([A-Za-z:]+)(?: (?!\((?:alias|children) )(.*?))?(?: \(alias (?:[^()]*)\))?(?: \(children (\d+)\))?$/;

/** The answer of EXPLAIN AST -> its root. Undefined where a line or the count of children is not what it should be. */
export function readSyntaxTree(dump: string): SyntaxNode | undefined {
  const lines: Line[] = [];
  for (const text of dump.replace(/\n+$/, '').split('\n')) {
    const found = LINE.exec(text);
    if (found === null) return undefined;
    const [, indent = '', kind = '', name = '', children = '0'] = found;
    lines.push({ depth: indent.length, kind, name, children: Number(children) });
  }
  let at = 0;
  const take = (depth: number): SyntaxNode | undefined => {
    const line = lines[at];
    if (line === undefined || line.depth !== depth) return undefined;
    at += 1;
    const children: SyntaxNode[] = [];
    for (let n = 0; n < line.children; n += 1) {
      const child = take(depth + 1);
      if (child === undefined) return undefined;
      children.push(child);
    }
    return { kind: line.kind, name: line.name, children };
  };
  const root = take(0);
  return at === lines.length ? root : undefined;
}

/** Where EXPLAIN QUERY TREE says what a query reads and calls once every name is resolved. */
export type Resolved = {
  readonly tables: readonly string[];
  readonly tableFunctions: readonly string[];
  readonly functions: readonly string[];
};

/** The answer of EXPLAIN QUERY TREE -> all that it reads and calls, scalar subqueries and folded constants included. */
export function readResolved(dump: string): Resolved {
  const named = (pattern: RegExp): readonly string[] => [...dump.matchAll(pattern)].map(([, name = '']) => name);
  return {
    tables: named(/^ *TABLE id: .*?\btable_name: (.+?)(?:, .*)?$/gm),
    tableFunctions: named(/^ *TABLE_FUNCTION id: .*?\btable_function_name: (.+?)(?:, .*)?$/gm),
    functions: named(/^ *FUNCTION id: .*?\bfunction_name: ([^,\n]+)/gm),
  };
}

/** How many lines of a dump are of these kinds, however they go on: none may escape the patterns above. */
export function countLines(dump: string, kind: 'TABLE' | 'TABLE_FUNCTION' | 'FUNCTION'): number {
  return [...dump.matchAll(new RegExp(`^ *${kind}(?! EXPRESSION)\\b`, 'gm'))].length;
}
