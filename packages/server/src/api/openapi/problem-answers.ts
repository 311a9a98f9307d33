import type { ProblemCode } from '@filrouge/wire';
import { statusOf } from '../../http/problem-answer.ts';

/** The problem answers of an operation by status, each naming its codes. */
export function problemAnswers(codes: readonly ProblemCode[]): Readonly<Record<string, object>> {
  const byStatus = Map.groupBy([...new Set(codes)].sort(), statusOf);
  return Object.fromEntries(
    [...byStatus].map(([status, some]) => [
      String(status),
      {
        description: some.join(', '),
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  );
}
