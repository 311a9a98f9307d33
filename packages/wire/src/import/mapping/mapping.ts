import { accept, type Result, refuse } from '@filrouge/domain/base';
import { z } from 'zod';
import { columnsOf, IMPORT_KINDS, type ImportKind } from '../import-kind.ts';
import { REPAIRS } from './repair.ts';
import { storeClock } from './store-clock.ts';

const NAME_LENGTH_MAX = 512;
const COLUMNS_MAX = 2_000;

/** Why a column stays out of the items that are sent. */
export const DROP_REASONS = ['unknown', 'secret', 'payment', 'second', 'does-not-fit', 'opt-in', 'left-out'] as const;
export type DropReason = (typeof DROP_REASONS)[number];

const name = z.string().max(NAME_LENGTH_MAX);

const mappingSchema = z.strictObject({
  kind: z.enum(IMPORT_KINDS),
  preset: z.string().max(64).optional(),
  country: z
    .string()
    .regex(/^[A-Z]{2}$/)
    .optional(),
  zone: z
    .string()
    .max(64)
    .refine((zone) => storeClock(zone) !== undefined, 'an IANA time zone such as Europe/Paris'),
  columns: z
    .array(
      z.strictObject({
        from: name,
        with: name.optional(),
        to: z.string().max(64),
        repair: z.enum(REPAIRS),
      }),
    )
    .max(COLUMNS_MAX),
  values: z.record(z.string().max(64), z.string().max(256)).default({}),
  consents: z
    .array(z.strictObject({ from: name, purpose: z.string().max(64) }))
    .max(COLUMNS_MAX)
    .default([]),
  dropped: z
    .array(z.strictObject({ from: name, reason: z.enum(DROP_REASONS) }))
    .max(COLUMNS_MAX)
    .default([]),
});

/**
 * How the columns of one file become ours. `with` names a column of times of day that belongs to a date; `values` stand in
 * every row for a column that the file has not; `consents` are columns of yes and no with the purpose they speak of;
 * `dropped` columns are read by nobody.
 */
export type Mapping = {
  readonly kind: ImportKind;
  readonly preset?: string | undefined;
  readonly country?: string | undefined;
  readonly zone: string;
  readonly columns: readonly MappedColumn[];
  readonly values: Readonly<Record<string, string>>;
  readonly consents: readonly ConsentColumn[];
  readonly dropped: readonly DroppedColumn[];
};

export type MappedColumn = z.infer<typeof mappingSchema>['columns'][number];
export type ConsentColumn = { readonly from: string; readonly purpose: string };
export type DroppedColumn = { readonly from: string; readonly reason: DropReason };

/** A mapping as it stands in a file, already parsed -> a mapping, or what is wrong with it and where. */
export function readMapping(document: unknown, kind: ImportKind): Result<Mapping, string> {
  const read = mappingSchema.safeParse(document);
  if (!read.success) {
    const [issue] = read.error.issues;
    return refuse(`${issue?.path.join('.') || 'document'}: ${issue?.message ?? 'unreadable'}`);
  }
  const mapping = read.data;
  if (mapping.kind !== kind) return refuse(`kind: ${mapping.kind}, not ${kind}`);
  const known = columnsOf(kind);
  const targets = [...mapping.columns.map(({ to }) => to), ...Object.keys(mapping.values)];
  const unknown = targets.find((column) => !known.includes(column));
  if (unknown !== undefined) return refuse(`${unknown} is no column of ${kind}; one of ${known.join(', ')}`);
  const twice = targets.find((column, at) => targets.indexOf(column) !== at);
  return twice === undefined ? accept(mapping) : refuse(`${twice} is filled twice`);
}
