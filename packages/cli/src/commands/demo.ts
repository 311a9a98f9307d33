import { type Administrator, buildDeployment, createAdministrator, readEnvironment } from '@filrouge/server';
import { BRANDS, RETAILER_CONFIG, SHOPPERS_MAX, sourceId } from '@filrouge/simulator';
import { createApiClient } from '../api/api-client.ts';
import { filled } from '../api/server-address.ts';
import type { Register } from '../command.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandFailure } from '../command-failure.ts';
import type { Installation } from '../config/configuration.ts';
import { type DemoDirectory, type DemoWorld, openDemoDirectory } from '../demo/demo-directory.ts';
import { type DemoWords, demoWords } from '../demo/demo-words.ts';
import { fillDemo } from '../demo/fill-demo.ts';
import { playLive } from '../demo/live-demo.ts';
import { PURPOSE_TO_TRY, personToTry } from '../demo/person-to-try.ts';
import { createStandTeller, type StandTeller } from '../demo/stand-teller.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { ropoReportOf, ropoSentence } from '../report/ropo-report.ts';
import { accessOf, demandPort, type OpenServer, openServer, stopped } from '../serve/open-server.ts';
import { wholeNumber } from '../whole-number.ts';
import { type Language, languageOf } from '../words/figures.ts';

type DemoOptions = {
  readonly shoppers: string;
  readonly seed: string;
  readonly days: string;
  readonly traffic: boolean;
  readonly keep?: true;
};

const SHOPPERS_DEFAULT = 20_000;
const DAYS_DEFAULT = 21;
/** The brand that scripts get the keys of. */
const FIRST_BRAND = BRANDS[0] as (typeof BRANDS)[number];
const LIVE_TOLD_EVERY_MS = 30_000;

/** `filrouge demo`: a simulated retailer through the public door of a real server, then live traffic. */
export const registerDemo: Register = (program, perform) => {
  program
    .command('demo')
    .description('a simulated retailer on a real server, with everything embedded and live traffic')
    .option('--shoppers <number>', 'how many people live in it', String(SHOPPERS_DEFAULT))
    .option('--seed <number>', 'another seed, another retailer', '1')
    .option('--days <number>', 'length of its history', String(DAYS_DEFAULT))
    .option('--no-traffic', 'no live traffic after the history')
    .option('--keep', 'keep the temporary data directory at the end')
    .addHelpText(
      'after',
      `
Serves at FILROUGE_HOST and FILROUGE_PORT (127.0.0.1, 4400). Its data go into a temporary directory that is removed at
the end, or into FILROUGE_DATA_DIR, which stays: the next demo there goes on at once. It speaks French where LANG does.
With --json one line on stdout says when it is ready: {"url","keys":{"web","app","server","store"},"apiToken","admin"}.`,
    )
    .action(perform<DemoOptions>(demo));
};

async function demo(context: CommandContext, options: DemoOptions): Promise<ExitCode> {
  const wanted = {
    shoppers: wholeNumber('--shoppers', options.shoppers, 2, SHOPPERS_MAX),
    seed: wholeNumber('--seed', options.seed, 0, 2 ** 31 - 1),
    days: wholeNumber('--days', options.days, 1, 400),
  };
  const language = languageOf(context.environment);
  const words = demoWords(language);
  if (context.dryRun) {
    context.data(words.begins(wanted.shoppers, wanted.days, wanted.seed));
    return EXIT.done;
  }
  const begun = performance.now();
  const named = filled(context.environment['FILROUGE_DATA_DIR']);
  const directory = await openDemoDirectory(named, context.directory, options.keep === true);
  try {
    const world = directory.found ?? { ...wanted, until: Date.now(), settled: false };
    const installation = installationOf(context, directory.path);
    // Before a word is said: whoever finds the port taken has nothing to wait for.
    await demandPort(installation.environment);
    context.progress(introduction(words, directory));
    // Before anything else is in it: an interrupted start is a demo's directory too.
    if (!world.settled) await directory.note(world);
    const open = await openServer(context, installation);
    try {
      context.progress(words.up(performance.now() - begun));
      return await run(context, { options, world, directory, open, words, language, begun });
    } finally {
      context.progress(words.stops);
      await open.server.close();
    }
  } finally {
    await directory.leave();
  }

  function introduction(spoken: DemoWords, { found }: DemoDirectory): string {
    if (found === undefined) return spoken.begins(wanted.shoppers, wanted.days, wanted.seed);
    return found.settled ? spoken.resumes(found.shoppers) : spoken.goesOn;
  }
}

type Stage = {
  readonly options: DemoOptions;
  readonly world: DemoWorld;
  readonly directory: DemoDirectory;
  readonly open: OpenServer;
  readonly words: DemoWords;
  readonly language: Language;
  readonly begun: number;
};

async function run(context: CommandContext, stage: Stage): Promise<ExitCode> {
  const { options, world, directory, words, language, begun } = stage;
  const { server, crashed } = stage.open;
  const { url, engines } = server;
  context.stop.throwIfAborted();
  const keys = new Map<string, string>();
  for (const id of engines.deployment.sources.keys()) keys.set(id, await server.keys.create(id));
  const admin = await createAdministrator(accessOf(server));
  const client = createApiClient(url, admin.apiToken, context.stop, language);
  const persons = (): Promise<number> => engines.reading.persons();
  const stand = createStandTeller(
    { client, persons, now: () => performance.now() },
    { words, language },
    context.progress,
  );
  const ended = new AbortController();
  const signal = AbortSignal.any([context.stop, ended.signal]);
  const crash = crashed.then((what) => {
    ended.abort();
    throw new CommandFailure(what.replace(/\.?\s*$/, ''), 'Start the demo again');
  });
  const work = async (): Promise<void> => {
    let toTry = world.toTry;
    if (!world.settled) {
      const { customers } = await fillDemo(world, directory, {
        url,
        keys,
        words,
        language,
        say: context.progress,
        stand,
        drain: server.drain,
        signal,
      });
      toTry = await personToTry(client, FIRST_BRAND.id, customers);
      await directory.note({ ...world, settled: true, ...(toTry === undefined ? {} : { toTry }) });
    }
    await tellRopo(context, stage, client.call);
    context.progress(words.took(performance.now() - begun));
    tellReady(context, words, url, keys, admin, toTry);
    await stayUp(context, { world, url, keys, stand, words, traffic: options.traffic, signal });
  };
  await Promise.race([work(), crash]);
  return EXIT.done;
}

async function tellRopo(
  context: CommandContext,
  { language, words }: Stage,
  call: ReturnType<typeof createApiClient>['call'],
): Promise<void> {
  for (const { id, name } of BRANDS) {
    const report = ropoReportOf(await call('GET', `/api/reports/ropo?brand=${id}&window=7`), language);
    context.progress(words.ropo(name, ropoSentence(report, { direction: 'online-to-store', window: 7 }, language)));
  }
}

function tellReady(
  context: CommandContext,
  words: DemoWords,
  url: string,
  keys: ReadonlyMap<string, string>,
  { email, password, apiToken }: Administrator,
  toTry: string | undefined,
): void {
  if (context.json) {
    const { key } = FIRST_BRAND;
    const shown = Object.fromEntries(
      (['web', 'app', 'server', 'till'] as const).map((role) => [
        role === 'till' ? 'store' : role,
        keys.get(sourceId(key, role)),
      ]),
    );
    context.data(JSON.stringify({ url, keys: shown, apiToken, admin: { email, password } }));
    return;
  }
  for (const line of words.signIn(email, password, apiToken)) context.data(line);
  context.data(`ready ${url}`);
  for (const line of words.ready(linesToTry(url, apiToken, toTry))) context.progress(line);
}

/** Commands that can be pasted as they stand: into a shell, the last one in the directory of the demo. */
function linesToTry(url: string, token: string, person: string | undefined): readonly string[] {
  const asked = `?brand=${FIRST_BRAND.id}&purpose=${PURPOSE_TO_TRY}`;
  const curl = (part: string): string =>
    `curl -H 'Authorization: Bearer ${token}' '${url}/api/profiles/${person}${part}${asked}'`;
  return [
    ...(person === undefined ? [] : [curl(''), curl('/events'), curl('/explain')]),
    `FILROUGE_URL=${url} FILROUGE_TOKEN=${token} npx filrouge report ropo --brand ${FIRST_BRAND.id}`,
  ];
}

type Uptime = {
  readonly world: DemoWorld;
  readonly url: string;
  readonly keys: ReadonlyMap<string, string>;
  readonly stand: StandTeller;
  readonly words: DemoWords;
  readonly traffic: boolean;
  readonly signal: AbortSignal;
};

/** Serves until the signal. After `ready`, a signal is how a demo ends: no interruption. */
async function stayUp(
  context: CommandContext,
  { world, url, keys, stand, words, traffic, signal }: Uptime,
): Promise<void> {
  if (!traffic) {
    await stopped(signal);
    return;
  }
  context.progress(words.live);
  const endTelling = stand.tellEvery(LIVE_TOLD_EVERY_MS);
  try {
    await playLive(world, url, keys, signal);
  } finally {
    endTelling();
  }
}

/** The environment of a demo: engines are always embedded, and the configuration is the simulated retailer's. */
function installationOf(context: CommandContext, dataDir: string): Installation {
  const { FILROUGE_HOST, FILROUGE_PORT, FILROUGE_PUBLIC_URL } = context.environment;
  const variables = { FILROUGE_HOST, FILROUGE_PORT, FILROUGE_PUBLIC_URL, FILROUGE_DATA_DIR: dataDir };
  const environment = readEnvironment(variables, context.directory);
  const deployment = buildDeployment(RETAILER_CONFIG, 'the simulated retailer');
  return { environment, deployment };
}
