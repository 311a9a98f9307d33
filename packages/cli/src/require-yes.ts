import type { CommandContext } from './command-context.ts';
import { CommandFailure } from './command-failure.ts';
import { EXIT } from './exit-code.ts';

/** Asks before something is destroyed. Errors: `CommandFailure` for a no, and where there is nobody to ask and no --yes. */
export async function requireYes({ yes, ask }: CommandContext, question: string): Promise<void> {
  if (yes) return;
  if (ask === undefined) {
    throw new CommandFailure(`${question} There is no terminal to ask on`, 'Give --yes to say yes', EXIT.usage);
  }
  const answer = (await ask(`${question} [y/N] `)).trim().toLowerCase();
  if (!['y', 'yes', 'o', 'oui'].includes(answer))
    throw new CommandFailure('nothing was done', 'Answer y, or give --yes');
}
