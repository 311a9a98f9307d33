import { GLOBAL_PRIVACY_CONTROL_NOTICE } from '@filrouge/domain/consent';
import type { BrandId, Deployment } from '@filrouge/domain/deployment';
import { oneOf } from '../access/brand-scope.ts';

/** What the ledger says of a refusal, and where it was a name that is not configured, the names that are. */
export function withChoices(
  deployment: Deployment,
  brand: BrandId,
  { code, message }: { readonly code: string; readonly message: string },
): string {
  if (code === 'unknown-purpose') return `${message} Name ${oneOf(deployment.purposes.keys())}.`;
  if (code !== 'unknown-notice') return message;
  // A browser's standing signal is recorded by the door: nobody names its notice.
  const shown = deployment.notices.filter(
    (notice) => notice.brand === brand && notice.id !== GLOBAL_PRIVACY_CONTROL_NOTICE.id,
  );
  return `${message} Name ${oneOf(shown.map(({ id, version }) => `${id} in version ${version}`))}.`;
}

/** The properties of a brand, to choose from. */
export function propertiesOf(deployment: Deployment, brand: BrandId): string {
  return oneOf([...deployment.properties.values()].filter((each) => each.brand === brand).map(({ id }) => id));
}
