import { PROBLEMS, type ProblemCode } from './catalogue.ts';

/**
 * Why something was not accepted. `pointer` is a JSON pointer (RFC 6901) into the item or body; `detail` adds figures
 * and places and never repeats the input, which may be personal. Texts are in English; `problemOf` gives others.
 */
export type Refusal = {
  readonly code: ProblemCode;
  readonly pointer: string;
  readonly message: string;
  readonly mend: string;
  readonly detail?: string;
};

/** A refused item of a batch, as listed in `rejected` of the answer (S2). */
export type ItemRefusal = Refusal & {
  readonly index: number;
  /** How many items this entry stands for, when more than one: those beyond the limit of a batch. */
  readonly count?: number;
};

export function refusalOf(code: ProblemCode, pointer: string, detail?: string): Refusal {
  const { en } = PROBLEMS[code];
  const refusal = { code, pointer, message: en.message, mend: en.mend };
  return detail === undefined ? refusal : { ...refusal, detail };
}

/** One step of a JSON pointer: `~` and `/` escaped (RFC 6901). */
export function pointerStep(key: string | number): string {
  return `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

export function pointerOf(path: readonly (string | number)[]): string {
  return path.map(pointerStep).join('');
}
