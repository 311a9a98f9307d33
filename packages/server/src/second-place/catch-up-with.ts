import type { Logger } from 'pino';
import { type Engines, fingerprintOf, keysGone } from '../compose.ts';
import type { Environment } from '../config/environment.ts';
import { describeFault } from '../http/describe-fault.ts';
import { type CaughtUp, catchUp } from './catch-up.ts';
import { ConsentCopy } from './consent-copy.ts';

/** `catchUp` on open engines; nothing where no second place is configured. */
export async function catchUpWith(
  { ledger, places, vault }: Pick<Engines, 'ledger' | 'places' | 'vault'>,
  { consentsDir }: Pick<Environment, 'consentsDir'>,
): Promise<CaughtUp> {
  if (consentsDir === undefined) return { facts: 0, voided: 0 };
  const fingerprint = fingerprintOf(vault);
  const gone = (ids: readonly number[]): Promise<readonly number[]> => keysGone(places.vault, ids);
  return catchUp({ ledger, directory: consentsDir, fingerprint, keysGone: gone });
}

/** The second place of a server, where one is configured; it follows the ledger whatever process writes that. */
export async function openConsentCopy(
  { ledger, vault }: Pick<Engines, 'ledger' | 'vault'>,
  { consentsDir: directory }: Pick<Environment, 'consentsDir'>,
  logger: Logger,
): Promise<ConsentCopy | undefined> {
  if (directory === undefined) return undefined;
  const fingerprint = fingerprintOf(vault);
  return ConsentCopy.open({
    ledger,
    directory,
    fingerprint,
    onFault: (fault) =>
      logger.error({ fault: describeFault(fault) }, 'the second place of the consents was not written'),
  });
}
