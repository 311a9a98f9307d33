import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Deployment } from '@filrouge/domain/deployment';
import { ConfigError, type Environment, loadDeployment, readEnvironment } from '@filrouge/server';
import type { CommandContext } from '../command-context.ts';
import { CommandFailure } from '../command-failure.ts';
import { placeOfFault } from './place-of-fault.ts';

/** What this process runs with: the variables and `filrouge.config.ts`. */
export type Installation = { readonly environment: Environment; readonly deployment: Deployment };

/** Reads both. Errors: `CommandFailure` with every problem and its place. */
export async function readInstallation(context: CommandContext): Promise<Installation> {
  const environment = environmentOf(context);
  return { environment, deployment: await deploymentOf(environment.configFile, context.directory) };
}

/** The variables alone. Errors: `CommandFailure`. */
export function environmentOf({ environment, directory }: CommandContext): Environment {
  try {
    return readEnvironment(environment, directory);
  } catch (fault) {
    throw asFailure(fault);
  }
}

/** The configuration where there is one; a command that sends to another machine may do without. Errors: `CommandFailure`. */
export async function findDeployment(context: CommandContext): Promise<Deployment | undefined> {
  const { configFile } = environmentOf(context);
  if (!existsSync(resolve(context.directory, configFile))) return undefined;
  return deploymentOf(configFile, context.directory);
}

async function deploymentOf(file: string, directory: string): Promise<Deployment> {
  try {
    return await loadDeployment(file, directory);
  } catch (fault) {
    // Beside our own refusals, whatever the file throws while it runs, or its syntax: the user's text, no fault of ours.
    if (fault instanceof ConfigError || !(fault instanceof Error)) throw asFailure(fault);
    const [what = ''] = fault.message.split('\n');
    const place = placeOfFault(fault, resolve(directory, file));
    throw new CommandFailure(
      `${file} cannot be run: ${place === undefined ? '' : `${place}: `}${what.replace(/\.$/, '')}`,
      'Mend it and run the command again',
    );
  }
}

function asFailure(fault: unknown): unknown {
  if (!(fault instanceof ConfigError)) return fault;
  return new CommandFailure(fault.message.replace(/\.$/, ''), 'Mend it and run the command again');
}
