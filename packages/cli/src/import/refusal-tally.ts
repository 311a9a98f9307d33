import type { RowProblem } from '@filrouge/wire';

/** Why lines were refused: how many of them, and the first. */
export type RefusalReason = {
  readonly code: string;
  readonly column: string;
  readonly lines: number;
  readonly line: number;
};

/** Places may be names that the file made up: beyond so many reasons the rest is told by code alone. */
const REASONS_MAX = 200;

/** The reasons with those of more lines added, in the order of their first lines. */
export function withReasons(
  reasons: readonly RefusalReason[],
  problems: readonly Pick<RowProblem, 'line' | 'column' | 'code'>[],
): readonly RefusalReason[] {
  const told = new Map(reasons.map((reason) => [keyOf(reason), reason]));
  for (const { line, column, code } of problems) {
    const place = told.size < REASONS_MAX || told.has(keyOf({ code, column })) ? column : '';
    const known = told.get(keyOf({ code, column: place }));
    told.set(keyOf({ code, column: place }), {
      code,
      column: place,
      lines: (known?.lines ?? 0) + 1,
      line: Math.min(known?.line ?? line, line),
    });
  }
  return [...told.values()];
}

function keyOf({ code, column }: Pick<RefusalReason, 'code' | 'column'>): string {
  return JSON.stringify([code, column]);
}
