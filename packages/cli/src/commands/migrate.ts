import type { Register } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { withInstallation } from '../offline/open-installation.ts';

/** `filrouge migrate`: the schemas brought up to date, and nothing else. */
export const registerMigrate: Register = (program, perform) => {
  program
    .command('migrate')
    .description('bring the schemas of the engines up to date, without serving')
    .action(
      perform(async (context) => {
        if (context.dryRun) {
          context.data('would open the engines and apply the migrations that are missing');
          return EXIT.done;
        }
        await withInstallation(context, async () => undefined);
        context.data(context.json ? JSON.stringify({ migrated: true }) : 'the schemas are up to date');
        return EXIT.done;
      }),
    );
};
