import type { Register } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { VERSION } from '../version.ts';

/** `filrouge version`: which filrouge runs here, and on which Node. */
export const registerVersion: Register = (program, perform) => {
  program
    .command('version')
    .description('say which filrouge runs here, and on which Node')
    .action(
      perform(async (context) => {
        const versions = { filrouge: VERSION, node: process.versions.node };
        if (context.json) context.data(JSON.stringify(versions));
        else context.data(`filrouge ${versions.filrouge}, Node ${versions.node}`);
        return EXIT.done;
      }),
    );
};
