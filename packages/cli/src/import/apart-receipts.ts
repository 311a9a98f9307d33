import { createApartFinder, type MappedFile, type Mapping, mapFile } from '@filrouge/wire/import';
import type { CsvEnd, CsvRow } from './csv-rows.ts';

/**
 * Receipts of a file whose rows do not stand together, for the reading that sends: of half a ticket nothing is sent, and
 * what was sent cannot be taken back. None for files of other kinds, whose rows are not read. Errors: those of the rows.
 */
export async function apartReceipts(
  rows: () => AsyncIterable<CsvRow | CsvEnd>,
  mapping: Mapping,
): Promise<ReadonlySet<string>> {
  const { kind } = mapping;
  if (kind !== 'tickets' && kind !== 'orders') return new Set();
  const finder = createApartFinder(kind);
  let file: MappedFile | undefined;
  for await (const each of rows()) {
    if (!('row' in each)) break;
    if (file === undefined) {
      const bound = mapFile(mapping, each.row);
      if (!('read' in bound)) break;
      file = bound;
    } else if (each.problem === undefined) finder.see(file.glance(each.row));
  }
  return finder.found();
}
