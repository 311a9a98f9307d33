import { csvCell } from '@filrouge/wire/import';
import { type AnswerDocument, listOf, textOf } from '../api/answer-document.ts';
import { textTable } from '../words/text-table.ts';

export const SQL_FORMATS = ['table', 'csv', 'ndjson', 'json'] as const;
export type SqlFormat = (typeof SQL_FORMATS)[number];

/** What `POST /api/sql` answered, as far as it is shown. */
export type SqlRows = {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly unknown[])[];
};

export function sqlRowsOf(answer: AnswerDocument): SqlRows {
  const rows = Array.isArray(answer['rows']) ? answer['rows'] : [];
  return {
    columns: listOf(answer['columns']).map(({ name, type }) => ({
      name: textOf(name) ?? '',
      type: textOf(type) ?? '',
    })),
    rows: rows.map((row) => (Array.isArray(row) ? row : [])),
  };
}

/** The lines of an answer: a table for people, a CSV that no spreadsheet takes for formulas, or an object a line. */
export function sqlLines({ columns, rows }: SqlRows, format: Exclude<SqlFormat, 'json'>): readonly string[] {
  const names = columns.map(({ name }) => name);
  switch (format) {
    case 'table':
      return columns.length === 0
        ? []
        : textTable(
            names,
            rows.map((row) => row.map(cell)),
            numbersIn(columns),
          );
    case 'csv':
      return [names, ...rows.map((row) => row.map(cell))].map((row) => row.map(csvCell).join(','));
    case 'ndjson':
      return rows.map((row) => JSON.stringify(Object.fromEntries(names.map((name, n) => [name, row[n] ?? null]))));
  }
}

/** NULL is an empty cell; what is no single value is JSON. */
function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function numbersIn(columns: SqlRows['columns']): ReadonlySet<number> {
  const isNumber = ({ type }: { readonly type: string }): boolean =>
    /^(?:Nullable\()?(?:U?Int\d+|Float\d+|Decimal)/.test(type);
  return new Set(columns.flatMap((column, n) => (isNumber(column) ? [n] : [])));
}
