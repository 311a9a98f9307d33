import type { ApiService } from '../api-service.ts';
import { untilProjected } from '../reports/until-projected.ts';

/**
 * A separation is written down, and the projector takes it in, in whichever process it works. Rejects with 503 when none
 * does in time; it stays written and will hold.
 */
export function separating(service: Pick<ApiService, 'projections' | 'wake'>): ApiService['separate'] {
  return async (brand, separation) => {
    await service.projections.project((transaction) => transaction.putSeparation(brand, separation));
    await untilProjected(service);
  };
}
