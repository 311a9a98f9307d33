import { setTimeout as pause } from 'node:timers/promises';
import { hasReached } from '@filrouge/pipeline';
import type { ProjectorPosition } from '@filrouge/ports';
import { ProblemAnswer } from '../../http/problem-answer.ts';
import type { ApiService } from '../api-service.ts';

/** How long a report waits for what was accepted before it was asked. Unit: ms. */
const WAIT_MS_MAX = 10_000;
const LOOK_MS = 50;

/**
 * Waits until everything that was accepted before this call is in the projections, a withdrawal just answered
 * included, and answers where they stand. Throws 503 with Retry-After when they do not get there in time.
 */
export async function untilProjected({
  projections,
  wake,
}: Pick<ApiService, 'projections' | 'wake'>): Promise<ProjectorPosition> {
  const goal = await projections.head();
  const until = performance.now() + WAIT_MS_MAX;
  for (;;) {
    const at = await projections.position();
    if (hasReached(at, goal)) return at;
    if (performance.now() >= until) throw new ProblemAnswer('projector-behind', { retryAfterSeconds: 5 });
    wake();
    await pause(LOOK_MS);
  }
}
