import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Register } from '../command.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandFailure } from '../command-failure.ts';
import { environmentOf } from '../config/configuration.ts';
import { FIRST_CONFIG } from '../config/first-config.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';

/** `filrouge init`: a configuration to begin with. */
export const registerInit: Register = (program, perform) => {
  program
    .command('init')
    .description('write a filrouge.config.ts to begin with; --yes replaces the one there is')
    .action(perform((context) => init(context)));
};

async function init(context: CommandContext): Promise<ExitCode> {
  const { configFile } = environmentOf(context);
  const file = resolve(context.directory, configFile);
  if (existsSync(file) && !context.yes) {
    throw new CommandFailure(`${configFile} is there already`, 'Edit it, or give --yes to replace it');
  }
  if (!context.dryRun) await writeFile(file, FIRST_CONFIG);
  if (context.json) context.data(JSON.stringify({ file, written: !context.dryRun }));
  else {
    context.data(`${context.dryRun ? 'would write' : 'wrote'} ${file}`);
    // npx leaves no command behind it.
    const npx = context.environment['npm_command'] === 'exec' ? 'npx ' : '';
    context.progress(`Next: put your brand into it, then ${npx}filrouge start`);
  }
  return EXIT.done;
}
