import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { SourceId } from '@filrouge/domain/deployment';
import { TOKEN_SCOPES } from '@filrouge/ports';
import { pino } from 'pino';
import { buildDeployment } from '../../config/build-deployment.ts';
import { readEnvironment } from '../../config/environment.ts';
import { startServer } from '../../start-server.ts';

/** What the parent asks of a server in a process of its own. */
export type ChildQuestion = 'drain' | 'flow' | 'sweep' | 'stop';

// The body of the child: it says where it listens, answers questions, and writes its log to its own standard error.
const { config, directory, environment } = JSON.parse(process.env['PROOF_CHILD'] ?? '{}') as {
  readonly config: unknown;
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
};
const deployment = buildDeployment(config, 'proof');
const server = await startServer({
  environment: readEnvironment(
    { FILROUGE_DATA_DIR: `${directory}/data`, FILROUGE_PORT: '0', ...environment },
    directory,
  ),
  deployment,
  onProgress: (line) => process.stdout.write(`${line}\n`),
  onCrash: (what) => {
    process.stderr.write(`${what}\n`);
    process.exit(1);
  },
  logger: pino({ level: 'trace' }, pino.destination({ fd: 2, sync: true })),
});
const keys: Record<string, string> = {};
for (const id of deployment.sources.keys()) keys[id] = await server.keys.create(id as SourceId);

/** Everything that nobody holds is let go of at once. */
function sweep(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}

async function answer(question: ChildQuestion): Promise<void> {
  if (question === 'drain') {
    await server.drain();
    process.send?.({ kind: 'drain' });
  } else if (question === 'flow') {
    process.send?.({ kind: 'flow', flow: await server.engines.reading.flow() });
  } else if (question === 'sweep') {
    sweep();
    process.send?.({ kind: 'sweep' });
  } else {
    await server.close();
    process.disconnect();
  }
}

process.on('message', (question: ChildQuestion) => void answer(question));
const token = await server.tokens.create('proof', TOKEN_SCOPES);
process.send?.({ kind: 'ready', url: server.url, keys, token });
