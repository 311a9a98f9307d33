import type { Projector } from '@filrouge/pipeline';
import type { ApiService } from '../api-service.ts';
import { untilProjected } from '../reports/until-projected.ts';

/**
 * A separation in a process that projects nothing: it is written down, and the process that does takes it in. Two that
 * project at once would count twice. Rejects with 503 when no process takes it in; it stays written and will hold.
 */
export function separateElsewhere(service: Pick<ApiService, 'projections' | 'wake'>): Projector['separate'] {
  return async (brand, separation) => {
    await service.projections.project((transaction) => transaction.putSeparation(brand, separation));
    await untilProjected(service);
  };
}
