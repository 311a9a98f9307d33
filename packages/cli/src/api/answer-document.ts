/** What an answer is read with: members of other versions are passed over, missing ones are undefined. */
export type AnswerDocument = Readonly<Record<string, unknown>>;

export function documentOf(value: unknown): AnswerDocument {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as AnswerDocument) : {};
}

export function listOf(value: unknown): readonly AnswerDocument[] {
  return Array.isArray(value) ? value.map(documentOf) : [];
}

export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
