import type { Deployment } from '@filrouge/domain/deployment';
import type { Register } from '../command.ts';
import type { CommandContext } from '../command-context.ts';
import { readInstallation } from '../config/configuration.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { amount } from '../words/figures.ts';

/** `filrouge config check|print`: what the server would run with. */
export const registerConfig: Register = (program, perform) => {
  const config = program.command('config').description('read filrouge.config.ts as the server would');
  config
    .command('check')
    .description('say what it holds, or what is wrong with it and where')
    .action(perform((context) => check(context)));
  config
    .command('print')
    .description('print it as JSON, with every default filled in')
    .action(perform((context) => print(context)));
};

async function check(context: CommandContext): Promise<ExitCode> {
  const { environment, deployment } = await readInstallation(context);
  const counts = countsOf(deployment);
  if (context.json) context.data(JSON.stringify({ file: environment.configFile, ...counts }));
  else {
    const parts = Object.entries(counts).map(([what, number]) => amount(number, ONE_OF[what] ?? what, what));
    context.data(`${environment.configFile} is right: ${parts.join(', ')}`);
  }
  return EXIT.done;
}

async function print(context: CommandContext): Promise<ExitCode> {
  const { deployment } = await readInstallation(context);
  const shown = {
    brands: [...deployment.brands.values()],
    properties: [...deployment.properties.values()],
    sources: [...deployment.sources.values()],
    purposes: [...deployment.purposes.values()],
    notices: deployment.notices,
    jointControllers: deployment.jointControllers,
    stores: [...deployment.stores.values()],
  };
  context.data(context.json ? JSON.stringify(shown) : JSON.stringify(shown, undefined, 2));
  return EXIT.done;
}

const ONE_OF: Readonly<Record<string, string>> = {
  brands: 'brand',
  properties: 'property',
  sources: 'source',
  purposes: 'purpose',
  notices: 'notice',
  stores: 'store',
};

function countsOf(deployment: Deployment): Readonly<Record<string, number>> {
  return {
    brands: deployment.brands.size,
    properties: deployment.properties.size,
    sources: deployment.sources.size,
    purposes: deployment.purposes.size,
    notices: deployment.notices.length,
    stores: deployment.stores.size,
  };
}
