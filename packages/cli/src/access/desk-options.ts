import type { Command } from 'commander';
import { withApiOptions } from '../api/api-options.ts';

/** Adds the options of a command that works at a running server or, with --offline, in the data directory. */
export function withDeskOptions(command: Command): Command {
  return withApiOptions(command).option('--offline', 'work in the data directory itself, while no server runs');
}
