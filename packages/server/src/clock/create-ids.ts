import type { Instant } from '@filrouge/domain/base';
import { V7Generator } from 'uuidv7';

/** All that the 48 bits of an id's time can hold: no clock goes back farther. Unit: ms. */
const ROLLBACK_MS_MAX = 2 ** 48 - 1;

/** UUIDs of version 7, each greater than all before it in this process, whatever the clock does. */
export function createIds(now: () => Instant): () => string {
  const generator = new V7Generator();
  generator.setRollbackAllowance(ROLLBACK_MS_MAX);
  return () => generator.generateOrResetWithTs(now()).toString();
}
