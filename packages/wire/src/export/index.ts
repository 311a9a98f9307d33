export { EXPORT_COLUMNS, EXPORTED_AS, type ExportedKind, exportRows } from './export-rows.ts';
