import { newPassword } from '@filrouge/server';
import { withDeskOptions } from '../access/desk-options.ts';
import { type DeskOptions, withDesk } from '../access/with-desk.ts';
import { filled } from '../api/server-address.ts';
import type { Register, Work } from '../command.ts';
import { EXIT } from '../exit-code.ts';

/** `filrouge user create|password`: people who may sign in; until roles come, administrators. */
export const registerUser: Register = (program, perform) => {
  const user = program.command('user').description('make administrators and give them passwords');
  const hint = '\nThe password is the one in FILROUGE_PASSWORD; without it one is made, and shown this once.';
  withDeskOptions(
    user.command('create').description('make an administrator').argument('<email>').addHelpText('after', hint),
  ).action(perform<DeskOptions, [email: string]>(userWork('createAccount')));
  withDeskOptions(
    user
      .command('password')
      .description('give an administrator another password')
      .argument('<email>')
      .addHelpText('after', hint),
  ).action(perform<DeskOptions, [email: string]>(userWork('renewAccount')));
};

/** What a dry run says: whether there is such an account is not looked up. */
const WOULD = {
  createAccount: (email: string) =>
    `would make the account ${email}, unless there is one already; nothing was done (--dry-run)`,
  renewAccount: (email: string) =>
    `would give ${email} another password, if there is such an account; nothing was done (--dry-run)`,
} as const;

const userWork =
  (does: 'createAccount' | 'renewAccount'): Work<DeskOptions, [email: string]> =>
  (context, options, email) =>
    withDesk(context, options, async (desk) => {
      const given = filled(context.environment['FILROUGE_PASSWORD']);
      const password = given ?? newPassword();
      if (!context.dryRun) await desk[does](email, password);
      const told = given === undefined && !context.dryRun ? { password } : {};
      if (context.json) context.data(JSON.stringify({ email, ...told }));
      else {
        context.data(context.dryRun ? WOULD[does](email) : `${email} can sign in`);
        if ('password' in told) context.data(`password ${password}`);
      }
      return EXIT.done;
    });
