import type { SqlRefusal } from '@filrouge/ports';
import { isAllowedFunction, nearestFunction } from './allowed-functions.ts';
import { isAllowedType } from './allowed-types.ts';
import type { Resolved, SyntaxNode } from './syntax-tree.ts';

/** Kinds of nodes that a query is made of; every other, of this or a later engine, is a clause that is not allowed. */
const KINDS = new Set([
  'SelectWithUnionQuery',
  'SelectIntersectExceptQuery',
  'SelectQuery',
  'ExpressionList',
  'Identifier',
  'Literal',
  'Function',
  'Asterisk',
  'QualifiedAsterisk',
  'ColumnsTransformerList',
  'ColumnsExceptTransformer',
  'TablesInSelectQuery',
  'TablesInSelectQueryElement',
  'TableExpression',
  'TableIdentifier',
  'TableJoin',
  'ArrayJoin',
  'Subquery',
  'OrderByElement',
  'WithElement',
  'WindowDefinition',
]);

export type Surroundings = {
  readonly tables: ReadonlySet<string>;
  /** The names of `WITH name AS (`, in the order of the text; the dump does not tell them. */
  readonly named: readonly string[];
  /** Whether the engine has a function of this name: a bare word that is no column is taken for one. */
  readonly isFunction: (name: string) => boolean;
};

type Found = Pick<SqlRefusal, 'code' | 'what'>;

/**
 * Goes through a query as the engine reads it: only views and the query's own tables, each where it is in scope, only
 * functions of the list, only clauses of the list. Undefined where nothing is amiss.
 */
export function judgeTree(root: SyntaxNode, around: Surroundings): Found | undefined {
  const judge = new Judge(around);
  return judge.query(root) ?? judge.leftOver();
}

class Judge {
  readonly #around: Surroundings;
  /** How many of the query's own tables were met: the next one has the next name. */
  #met = 0;

  constructor(around: Surroundings) {
    this.#around = around;
  }

  query(root: SyntaxNode): Found | undefined {
    if (root.kind !== 'SelectWithUnionQuery') return { code: 'statement', what: root.kind };
    const taken = this.#around.named.find((name) => this.#around.tables.has(name));
    if (taken !== undefined) return { code: 'name', what: taken };
    return this.#node(root, this.#around.tables);
  }

  /** Names and tables must have been met in pairs: otherwise the text and the dump do not speak of the same thing. */
  leftOver(): Found | undefined {
    return this.#met === this.#around.named.length ? undefined : { code: 'clause', what: 'WITH' };
  }

  #node(node: SyntaxNode, scope: ReadonlySet<string>): Found | undefined {
    if (!KINDS.has(node.kind)) return { code: 'clause', what: clauseOf(node.kind) };
    switch (node.kind) {
      case 'SelectWithUnionQuery':
        return this.#union(node, scope);
      case 'SelectQuery':
        return this.#select(node, scope).fault;
      case 'TableExpression':
        return this.#tableExpression(node, scope);
      case 'TableIdentifier':
        return scope.has(node.name) ? undefined : { code: 'table', what: node.name };
      case 'Identifier':
        return this.#identifier(node);
      case 'Function':
        return this.#function(node) ?? this.#tableAsSet(node, scope) ?? this.#all(node.children, scope);
      default:
        return this.#all(node.children, scope);
    }
  }

  #all(nodes: readonly SyntaxNode[], scope: ReadonlySet<string>): Found | undefined {
    for (const node of nodes) {
      const fault = this.#node(node, scope);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  /**
   * A second child is INTO OUTFILE, FORMAT or SETTINGS. The engine copies WITH of the first part to the end of each
   * part without one of its own: those are the same tables under the same names.
   */
  #union(node: SyntaxNode, scope: ReadonlySet<string>): Found | undefined {
    const [parts, more] = node.children;
    if (parts?.kind !== 'ExpressionList' || more !== undefined) return { code: 'clause', what: 'FORMAT, INTO OUTFILE' };
    let first: { readonly named: string; readonly inner: ReadonlySet<string> } | undefined;
    for (const part of parts.children) {
      const last = part.children.at(-1);
      const isCopied = last !== part.children[0] && first !== undefined && JSON.stringify(last) === first.named;
      const own = isCopied ? { ...part, children: part.children.slice(0, -1) } : part;
      const { fault, inner } =
        own.kind === 'SelectQuery'
          ? this.#select(own, isCopied ? (first?.inner ?? scope) : scope)
          : { fault: this.#node(own, scope), inner: scope };
      if (fault !== undefined) return fault;
      const [named] = part.children;
      if (first === undefined && part.kind === 'SelectQuery' && named !== undefined && isWith(named)) {
        first = { named: JSON.stringify(named), inner };
      }
    }
    return undefined;
  }

  /** Its own tables come one after the other: each sees those before it. */
  #select(
    node: SyntaxNode,
    scope: ReadonlySet<string>,
  ): { readonly fault: Found | undefined; readonly inner: ReadonlySet<string> } {
    let inner = scope;
    for (const [n, child] of node.children.entries()) {
      if (n > 0 && isWith(child)) return { fault: { code: 'clause', what: 'WITH' }, inner };
      for (const part of isWith(child) ? child.children : [child]) {
        const name = part.kind === 'WithElement' ? this.#nextName() : undefined;
        const fault = this.#node(part, inner);
        if (fault !== undefined) return { fault, inner };
        if (name !== undefined) inner = new Set([...inner, name]);
      }
    }
    return { fault: undefined, inner };
  }

  #nextName(): string {
    const name = this.#around.named[this.#met] ?? '';
    this.#met += 1;
    return name;
  }

  #tableExpression(node: SyntaxNode, scope: ReadonlySet<string>): Found | undefined {
    const [source, more] = node.children;
    if (source === undefined || more !== undefined) return { code: 'clause', what: 'SAMPLE' };
    if (source.kind === 'Function') return { code: 'table', what: `${source.name}()` };
    if (source.kind !== 'TableIdentifier' && source.kind !== 'Subquery') return { code: 'clause', what: source.kind };
    return this.#node(source, scope);
  }

  #identifier({ name }: SyntaxNode): Found | undefined {
    if (name.includes('.') || isAllowedFunction(name) || !this.#around.isFunction(name)) return undefined;
    return { code: 'function', what: name };
  }

  /** One that the engine has not is a slip more often than an attack. */
  #named(name: string): string {
    const meant = this.#around.isFunction(name) ? undefined : nearestFunction(name);
    return meant === undefined ? name : `${name}; did you mean ${meant}?`;
  }

  #function(node: SyntaxNode): Found | undefined {
    if (!isAllowedFunction(node.name)) return { code: 'function', what: this.#named(node.name) };
    if (!/^_?cast$/i.test(node.name)) return undefined;
    const type = node.children[0]?.children[1];
    const text = type?.kind === 'Literal' ? /^'(.*)'$/.exec(type.name)?.[1]?.replaceAll("\\'", "'") : undefined;
    if (text !== undefined && isAllowedType(text)) return undefined;
    return { code: 'function', what: `CAST to ${text ?? 'a computed type'}` };
  }

  /** `x IN name`: the engine takes the name for a table's. */
  #tableAsSet({ name, children }: SyntaxNode, scope: ReadonlySet<string>): Found | undefined {
    if (!/^(?:not)?in$/i.test(name)) return undefined;
    const set = children[0]?.children[1];
    return set?.kind !== 'Identifier' || scope.has(set.name) ? undefined : { code: 'table', what: set.name };
  }
}

function isWith({ kind, children }: SyntaxNode): boolean {
  return kind === 'ExpressionList' && children.some((child) => child.kind === 'WithElement');
}

const CLAUSES: Readonly<Record<string, string>> = {
  Set: 'SETTINGS',
  SampleRatio: 'SAMPLE',
  WindowListElement: 'WINDOW',
  ColumnsApplyTransformer: 'APPLY',
  ColumnsReplaceTransformer: 'REPLACE',
  ColumnsRegexpMatcher: 'COLUMNS',
  ColumnsListMatcher: 'COLUMNS',
  InterpolateElement: 'INTERPOLATE',
};

function clauseOf(kind: string): string {
  return CLAUSES[kind] ?? kind;
}

/** The one table that a query over empty views may still read: the row that a SELECT without FROM has. */
const ONE = 'system.one';

/** The same once more on what every name was resolved to, an alias or a bare word that turned out a function included. */
export function judgeResolved({ tables, tableFunctions, functions }: Resolved): Found | undefined {
  const [tableFunction] = tableFunctions;
  if (tableFunction !== undefined) return { code: 'table', what: `${tableFunction}()` };
  const table = tables.find((name) => name !== ONE);
  if (table !== undefined) return { code: 'table', what: table };
  const called = functions.find((name) => !isAllowedFunction(name));
  return called === undefined ? undefined : { code: 'function', what: called };
}
