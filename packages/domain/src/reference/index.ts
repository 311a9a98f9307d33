export {
  type Campaign,
  type Product,
  REFERENCE_KINDS,
  type ReferenceEntry,
  type ReferenceKind,
  type Store,
} from './reference-entry.ts';
