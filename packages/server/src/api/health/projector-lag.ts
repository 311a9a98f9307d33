import type { Instant } from '@filrouge/domain/base';
import type { ProjectionStore } from '@filrouge/ports';

/** How far the projections are behind the journal. */
export type ProjectorLag = {
  /** Group commits of the journal that wait. */
  readonly commits: number;
  /** Age of the oldest of them; 0 when none waits. */
  readonly seconds: number;
};

export async function projectorLag(projections: ProjectionStore, now: () => Instant): Promise<ProjectorLag> {
  const { position } = await projections.position();
  const { journalPosition } = await projections.head();
  const commits = Math.max(0, journalPosition - position);
  if (commits === 0) return { commits, seconds: 0 };
  for await (const { receivedAt } of projections.journal(position, position + 1)) {
    return { commits, seconds: Math.max(0, now() - receivedAt) / 1_000 };
  }
  return { commits, seconds: 0 };
}
