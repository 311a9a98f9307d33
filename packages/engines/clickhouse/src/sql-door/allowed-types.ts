/** Words of the types that a query may name. States of aggregates are not among them: their bytes are trusted. */
const TYPE_WORDS = new Set([
  'String',
  'FixedString',
  'Bool',
  'UUID',
  'Date',
  'Date32',
  'DateTime',
  'DateTime64',
  'Float32',
  'Float64',
  'Decimal',
  'Decimal32',
  'Decimal64',
  'Decimal128',
  ...['8', '16', '32', '64', '128', '256'].flatMap((bits) => [`Int${bits}`, `UInt${bits}`]),
  'Array',
  'Tuple',
  'Map',
  'Nullable',
  'LowCardinality',
]);

/** `Array(Nullable(DateTime64(3, 'UTC')))` is allowed; what names any other type, or a table, is not. */
export function isAllowedType(type: string): boolean {
  if (!/^(?:[\w(), ]|'[\w/+-]*')+$/.test(type)) return false;
  const words = type.replaceAll(/'[^']*'/g, '').match(/\w+/g) ?? [];
  return words.length > 0 && words.every((word) => TYPE_WORDS.has(word) || /^\d+$/.test(word));
}
