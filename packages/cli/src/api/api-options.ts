import type { Command } from 'commander';

/** Adds the options of a command that asks a running server. */
export function withApiOptions(command: Command): Command {
  return command
    .option('--url <address>', 'the server (default: FILROUGE_URL, or this machine’s)')
    .option('--token <token>', 'an API token (better: FILROUGE_TOKEN, which no process list shows)');
}
