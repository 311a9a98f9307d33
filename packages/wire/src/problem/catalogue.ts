import { ACCESS_PROBLEMS } from './access-problems.ts';
import { API_PROBLEMS } from './api-problems.ts';
import { BODY_PROBLEMS } from './body-problems.ts';
import { CONSENT_PROBLEMS } from './consent-problems.ts';
import { FILE_PROBLEMS } from './file-problems.ts';
import { ITEM_PROBLEMS } from './item-problems.ts';
import { SQL_PROBLEMS } from './sql-problems.ts';

/** Every code that an answer, an `errors.csv` or `rejected` may carry. */
export const PROBLEMS = {
  ...BODY_PROBLEMS,
  ...ITEM_PROBLEMS,
  ...FILE_PROBLEMS,
  ...CONSENT_PROBLEMS,
  ...ACCESS_PROBLEMS,
  ...API_PROBLEMS,
  ...SQL_PROBLEMS,
} as const;

export type ProblemCode = keyof typeof PROBLEMS;
