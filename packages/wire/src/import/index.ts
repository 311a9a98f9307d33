export { consentFromRow } from './consent-row.ts';
export { COLUMNS_OF, columnsOf, IMPORT_KINDS, type ImportKind } from './import-kind.ts';
export { type MappedFile, type MappedRow, mapFile, surplusOf } from './mapping/mapped-file.ts';
export { type ConsentColumn, DROP_REASONS, type DroppedColumn, type Mapping, readMapping } from './mapping/mapping.ts';
export { detailWords, mendWords } from './mapping/notation-words.ts';
export { PRESETS } from './mapping/presets.ts';
export {
  type MappingHints,
  missingColumns,
  type Proposal,
  presetOf,
  proposeMapping,
  repairExpected,
} from './mapping/propose-mapping.ts';
export { REPAIRS } from './mapping/repair.ts';
export { REPAIR_NOTES, type RepairNote } from './mapping/repaired.ts';
export { storeClock } from './mapping/store-clock.ts';
export { type ApartFinder, createApartFinder } from './receipt-key.ts';
export { campaignFromRow, productFromRow, storeFromRow } from './reference-row.ts';
export { type NotedRow, ROW_NOTES, type RowNote } from './row-note.ts';
export { csvCell } from './text/csv-cell.ts';
export { DELIMITERS, type Delimiter, detectDelimiter } from './text/delimiter.ts';
export { createEncodingWitness, DECODER_LABELS, ENCODINGS, type Encoding } from './text/encoding.ts';
