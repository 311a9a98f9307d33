import { type AnswerDocument, documentOf, numberOf } from './answer-document.ts';

/** The sums of S2, as `GET /api/flow` answers them. */
export const FLOW_SUMS = [
  'accepted',
  'pending',
  'kept',
  'withheld',
  'quarantined',
  'discarded',
  'duplicates',
  'refused',
] as const;
export type Flow = Readonly<Record<(typeof FLOW_SUMS)[number], number>> & {
  /** Of `quarantined`: damaged in the journal after they were accepted. */
  readonly damaged: number;
};

export function flowOf(answer: unknown): Flow {
  const document: AnswerDocument = documentOf(answer);
  return Object.fromEntries([...FLOW_SUMS, 'damaged'].map((name) => [name, numberOf(document[name]) ?? 0])) as Flow;
}

/** S2: `accepted = pending + kept + withheld + quarantined + discarded`, at every instant. */
export function isBalanced({ accepted, pending, kept, withheld, quarantined, discarded }: Flow): boolean {
  return accepted === pending + kept + withheld + quarantined + discarded;
}
