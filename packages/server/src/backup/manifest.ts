import { createHash } from 'node:crypto';
import { accept, type Result, refuse } from '@filrouge/domain/base';
import { z } from 'zod';

/** Written last: a directory without it is no backup. */
export const MANIFEST_FILE = 'manifest.json';
/** Its hash, in the form that `sha256sum --check` reads. */
export const MANIFEST_HASH_FILE = 'manifest.json.sha256';
/** 2: says which migrations its database has. */
const FORMAT = 2;
/** How a refusal is worded for a manifest that only a later version reads. */
export const LATER_VERSION = 'was written by a later version of filrouge';

/** Below the directory of the backup, whatever a manifest says: no way up, no way out, no name of another system. */
const relativePath = z
  .string()
  .max(1_024)
  .refine((path) => path.split('/').every((part) => part !== '' && part !== '.' && part !== '..'))
  .refine((path) => !/[\\\0]/.test(path));
const position = z.number().int().nonnegative();
const range = z.strictObject({ from: position, to: position });

const manifestSchema = z.strictObject({
  format: z.union([z.literal(1), z.literal(FORMAT)]),
  madeAt: z.iso.datetime(),
  postgres: z.strictObject({ version: z.string(), startedAt: z.string(), stoppedAt: z.string() }),
  /** What is restored ends between the two. */
  journal: range,
  ledger: range,
  /** Number of the last migration of its database; backups of format 1 do not say. */
  migrations: position.optional(),
  /** Journal rows up to here may be gone (S17): the events that they told are in the backup then. */
  prunedUpTo: position,
  keys: z.strictObject({
    /** Says which key folder belongs to this backup, and nothing about the keys. */
    fingerprint: z.string(),
    buckets: z.array(position),
  }),
  directories: z.array(relativePath),
  files: z.array(z.strictObject({ path: relativePath, bytes: position, sha256: z.string().regex(/^[0-9a-f]{64}$/) })),
});

/** What a backup holds, and of which moment. */
export type BackupManifest = Readonly<z.infer<typeof manifestSchema>>;
export type BackupFile = BackupManifest['files'][number];

/** The two files that close a backup. */
export function sealManifest(manifest: Omit<BackupManifest, 'format'>): {
  readonly manifest: Buffer;
  readonly hash: Buffer;
} {
  const bytes = Buffer.from(`${JSON.stringify({ format: FORMAT, ...manifest }, null, 1)}\n`);
  return { manifest: bytes, hash: Buffer.from(`${sha256(bytes)}  ${MANIFEST_FILE}\n`) };
}

/** The manifest of a backup; refusal: a sentence without full stop that says what is wrong with it. */
export function readManifest(manifest: Buffer, hash: Buffer | undefined): Result<BackupManifest, string> {
  if (hash === undefined) return refuse(`${MANIFEST_HASH_FILE} is missing`);
  if (hash.toString().slice(0, 64) !== sha256(manifest)) {
    return refuse(`${MANIFEST_FILE} is not what it was: its hash is another than ${MANIFEST_HASH_FILE} says`);
  }
  let said: unknown;
  try {
    said = JSON.parse(manifest.toString());
  } catch {
    return refuse(`${MANIFEST_FILE} is not JSON`);
  }
  const format = (said as { readonly format?: unknown } | null)?.format;
  if (typeof format === 'number' && format > FORMAT) {
    return refuse(`${MANIFEST_FILE} ${LATER_VERSION} (format ${format})`);
  }
  const read = manifestSchema.safeParse(said);
  if (read.success) return accept(read.data);
  return refuse(`${MANIFEST_FILE} is not the manifest of a backup (at ${read.error.issues[0]?.path.join('.') ?? ''})`);
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
