import { stat } from 'node:fs/promises';
import type { ImportKind } from '@filrouge/wire/import';
import { openRowFile } from './file-rows.ts';
import type { ImportJob } from './import-file.ts';
import { propose, sampleOf } from './import-plan.ts';
import { itemsOfRows } from './import-rows.ts';

/** A CSV file that Filrouge wrote itself: UTF-8, commas, our columns. Errors: those of the file system. */
export async function openOwnFile(
  path: string,
  { kind, country, signal }: { readonly kind: ImportKind; readonly country: string; readonly signal: AbortSignal },
): Promise<Pick<ImportJob, 'steps' | 'share'>> {
  const { size } = await stat(path);
  const rows = await openRowFile({ path, size, format: 'csv', sha256: '', encoding: 'utf-8' }, { delimiter: ',' });
  const { mapping } = propose(await sampleOf(rows, signal), { kind, country, zone: 'UTC' });
  return { steps: () => itemsOfRows(rows.rows(signal), mapping, country), share: rows.share };
}
