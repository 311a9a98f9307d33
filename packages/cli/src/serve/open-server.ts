import { createServer } from 'node:net';
import {
  type AccessRooms,
  Accounts,
  BackupRefused,
  type Environment,
  isEngineFault,
  ProjectedElsewhere,
  type RunningServer,
  SnapshotDamaged,
  startServer,
  VaultFault,
} from '@filrouge/server';
import type { CommandContext } from '../command-context.ts';
import { CommandFailure } from '../command-failure.ts';
import type { Installation } from '../config/configuration.ts';
import { EXIT } from '../exit-code.ts';

/** A server of this process, and the moment at which an engine died under it. */
export type OpenServer = {
  readonly server: RunningServer;
  /** Resolves with what happened; never, while all is well. */
  readonly crashed: Promise<string>;
};

/**
 * Starts the server of an installation. Errors: `CommandFailure` for a port that is taken and for engines that do not
 * start, with what the operator can do.
 */
export async function openServer(context: CommandContext, installation: Installation): Promise<OpenServer> {
  const { environment } = installation;
  await demandPort(environment);
  const crash = Promise.withResolvers<string>();
  try {
    const server = await startServer({
      ...installation,
      onProgress: context.progress,
      onCrash: (what) => crash.resolve(what),
    });
    return { server, crashed: crash.promise };
  } catch (fault) {
    throw asFailure(fault, environment.host, environment.port);
  }
}

/** Looks whether the port is free before engines are started for nothing. Errors: `CommandFailure`. */
export async function demandPort({ host, port }: Pick<Environment, 'host' | 'port'>): Promise<void> {
  if (port === 0) return;
  const probe = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      probe.once('error', reject);
      probe.listen({ host, port }, resolve);
    });
  } catch (fault) {
    throw asFailure(fault, host, port);
  }
  await new Promise((resolve) => probe.close(resolve));
}

/** What an operator can mend, as a failure with the way out; other faults as they are. */
export function asFailure(fault: unknown, host: string, port: number): unknown {
  const { code, message, syscall } = fault as {
    readonly code?: unknown;
    readonly message?: string;
    readonly syscall?: unknown;
  };
  // Of files EACCES tells something else.
  switch (syscall === 'listen' ? code : undefined) {
    case 'EADDRINUSE':
      return new CommandFailure(`port ${port} of ${host} is taken`, 'Stop what listens there, or set FILROUGE_PORT');
    case 'EADDRNOTAVAIL':
      return new CommandFailure(`this machine has no address ${host}`, 'Set FILROUGE_HOST to one it has');
    case 'EACCES':
      return new CommandFailure(
        `port ${port} of ${host} may not be used by this user`,
        'Set FILROUGE_PORT to one above 1023',
      );
  }
  if (fault instanceof BackupRefused) {
    return new CommandFailure(fault.message, fault.mend, fault.kind === 'usage' ? EXIT.usage : EXIT.failed);
  }
  if (fault instanceof ProjectedElsewhere) {
    return new CommandFailure(fault.message, 'Stop the servers with role work, and start them again afterwards');
  }
  if (fault instanceof SnapshotDamaged) {
    const [what = fault.message, mend = ''] = fault.message.split(': ');
    return new CommandFailure(what, `Nothing was changed; ${mend}`);
  }
  if (fault instanceof VaultFault) {
    return new CommandFailure(
      fault.message.replace(/\.\s*$/, ''),
      'FILROUGE_MASTER_KEY_FILE names the master key; without it nothing that is stored can be read',
    );
  }
  return isEngineFault(fault)
    ? new CommandFailure((message ?? '').replace(/\.\s*$/, ''), 'Nothing was changed; start again once it is mended')
    : fault;
}

/** Where a running server keeps accounts and tokens. */
export function accessOf({ engines, tokens }: RunningServer): AccessRooms {
  return { access: engines.access, accounts: new Accounts(engines.access, engines.now), tokens };
}

/** Resolves when the stop signal fires. */
export function stopped(signal: AbortSignal): Promise<'stopped'> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve('stopped');
    else signal.addEventListener('abort', () => resolve('stopped'), { once: true });
  });
}
