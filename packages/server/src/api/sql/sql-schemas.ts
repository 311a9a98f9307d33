import { SQL_ROWS_MAX, SQL_TEXT_MAX } from '@filrouge/ports';
import { z } from 'zod';
import { instantShown, instantText } from '../common-schemas.ts';

const ROWS_DEFAULT = 10_000;

const scalar = z.union([z.string().max(8_192), z.number(), z.boolean()]);

export const sqlBody = z.strictObject({
  brand: z.string().min(1).max(64).optional().describe('The credential’s own where it is bound to one.'),
  purpose: z.string().min(1).max(64).describe('What the rows are read for: only those permitted for it are there.'),
  query: z.string().min(1).max(SQL_TEXT_MAX).describe('One SELECT over the views of GET /api/sql/tables.'),
  parameters: z
    .record(z.string().regex(/^[A-Za-z_]\w{0,63}$/), z.union([scalar, z.array(scalar).max(1_000)]))
    .default({})
    .describe('Values of the placeholders {name:Type}.'),
  from: instantText.optional().describe('Events from here on; all where it is left out.'),
  to: instantText.optional().describe('Events before this instant; all where it is left out.'),
  limit: z.number().int().min(1).max(SQL_ROWS_MAX).default(ROWS_DEFAULT).describe('Rows of the answer at most.'),
});

const column = z.object({ name: z.string(), type: z.string().describe('Of ClickHouse.') });

export const sqlAnswer = z.object({
  brand: z.string(),
  purpose: z.string(),
  columns: z.array(column),
  rows: z
    .array(z.array(z.unknown()))
    .describe('Values in the order of the columns. A 64-bit integer that no JSON number holds exactly is text.'),
  truncated: z.boolean().describe('There were more rows than `limit`.'),
  ms: z.number().describe('How long it took.'),
  asOf: z.object({ ledgerPosition: z.int(), journalPosition: z.int(), at: instantShown }),
});

export const sqlTables = z.object({
  tables: z.array(
    z.object({ name: z.string(), about: z.string(), columns: z.array(column.extend({ about: z.string() })) }),
  ),
});
