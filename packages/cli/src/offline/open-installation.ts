import { type Offline, openOffline } from '@filrouge/server';
import type { CommandContext } from '../command-context.ts';
import { type Installation, readInstallation } from '../config/configuration.ts';
import { asFailure } from '../serve/open-server.ts';

/**
 * Opens the engines of this environment for the time of `work`, and closes them whatever happens. Errors:
 * `CommandFailure`, among others when a running server holds the data directory; those of `work`.
 */
export async function withInstallation<T>(
  context: CommandContext,
  work: (offline: Offline, installation: Installation) => Promise<T>,
): Promise<T> {
  const installation = await readInstallation(context);
  const { environment } = installation;
  const offline = await openOffline({ ...installation, onProgress: context.progress }).catch((fault: unknown) => {
    throw asFailure(fault, environment.host, environment.port);
  });
  try {
    for (const warning of offline.warnings) context.warn(`filrouge: ${warning}`);
    context.stop.throwIfAborted();
    return await work(offline, installation);
  } catch (fault) {
    throw context.stop.aborted ? fault : asFailure(fault, environment.host, environment.port);
  } finally {
    await offline.close();
  }
}
