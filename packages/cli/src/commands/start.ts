import { ensureAdministrator } from '@filrouge/server';
import type { Register } from '../command.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandFailure } from '../command-failure.ts';
import { readInstallation } from '../config/configuration.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { accessOf, openServer, stopped } from '../serve/open-server.ts';

/** `filrouge start`: the server, until a signal. */
export const registerStart: Register = (program, perform) => {
  program
    .command('start')
    .description('start the server of filrouge.config.ts and serve until SIGINT or SIGTERM')
    .addHelpText(
      'after',
      `
Prints "ready <url>" when it serves. The very first start makes an administrator and an API token, and prints them once.
Variables: FILROUGE_DATA_DIR (./.filrouge), FILROUGE_HOST (127.0.0.1), FILROUGE_PORT (4400), FILROUGE_PUBLIC_URL,
FILROUGE_POSTGRES_URL, FILROUGE_CLICKHOUSE_URL (absent: embedded), FILROUGE_MASTER_KEY_FILE, FILROUGE_ROLES
(collect,work,api,console), FILROUGE_CONFIG (filrouge.config.ts), FILROUGE_CONSENTS_DIR (a directory on another disk
where every consent is written a second time; it outlives what a backup is restored from).`,
    )
    .action(perform((context) => start(context)));
};

async function start(context: CommandContext): Promise<ExitCode> {
  const installation = await readInstallation(context);
  if (context.dryRun) {
    context.data(
      `would serve ${installation.deployment.sources.size} sources from ${installation.environment.dataDir}`,
    );
    return EXIT.done;
  }
  const { server, crashed } = await openServer(context, installation);
  try {
    for (const warning of server.warnings) context.warn(`filrouge: ${warning}`);
    const { url } = server;
    const first = installation.environment.roles.has('api') ? await ensureAdministrator(accessOf(server)) : undefined;
    if (context.json) {
      const { apiToken, ...admin } = first ?? {};
      context.data(JSON.stringify(first === undefined ? { url } : { url, apiToken, admin }));
    } else {
      if (first !== undefined) {
        context.data(`administrator ${first.email}, password ${first.password}`);
        context.data(`API token ${first.apiToken}`);
        context.warn('filrouge: the password and the token above are shown this once; keep them');
      }
      context.data(`ready ${url}`);
    }
    const end = await Promise.race([stopped(context.stop), crashed.then((what) => ({ what }))]);
    if (end === 'stopped') return EXIT.done;
    throw new CommandFailure(end.what.replace(/\.?\s*$/, ''), 'Start it again');
  } finally {
    await server.close();
  }
}
