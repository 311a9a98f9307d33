import { type ApiOptions, apiClientOf } from '../api/api-client.ts';
import type { CommandContext } from '../command-context.ts';
import { withInstallation } from '../offline/open-installation.ts';
import type { AccessDesk } from './access-desk.ts';
import { offlineDesk } from './offline-desk.ts';
import { onlineDesk } from './online-desk.ts';

export type DeskOptions = ApiOptions & { readonly offline?: true };

/** The desk that the options ask for, for the time of `work`. */
export async function withDesk<T>(
  context: CommandContext,
  options: DeskOptions,
  work: (desk: AccessDesk) => Promise<T>,
): Promise<T> {
  if (options.offline !== true) return work(onlineDesk(apiClientOf(context, options)));
  return withInstallation(context, (offline, { deployment }) => work(offlineDesk(offline, deployment)));
}
