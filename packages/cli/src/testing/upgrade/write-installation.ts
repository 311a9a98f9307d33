import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { freePort, startProgram } from '../run-filrouge.ts';
import { houseAt, outputOf } from './house.ts';
import { CONFIG_OF_THEN, liveThen } from './life-of-then.ts';
import { lookAround } from './look-around.ts';
import { packDirectory } from './packed-directory.ts';

// Writes what upgrade.e2e.test.ts begins with: a version of the product starts, lives a little, tells of itself, and
// stops; its data directory and what it told are put away in two files. Run it with the version that is to be put away,
// never again for the same one:
//   node packages/cli/src/testing/upgrade/write-installation.ts --main CHECKOUT/packages/cli/src/main.ts --name NAME

const FIXTURES = new URL('fixtures/', import.meta.url);

const { values } = parseArgs({ options: { main: { type: 'string' }, name: { type: 'string' } } });
if (values.main === undefined || !/^[a-z0-9-]+$/.test(values.name ?? '')) {
  throw new Error('give --main, the program of the version, and --name, how it is called');
}
const command = [process.execPath, resolve(values.main)] as const;
const directory = await mkdtemp(join(tmpdir(), 'filrouge-then-'));
try {
  await writeFile(join(directory, 'filrouge.config.ts'), `export default ${JSON.stringify(CONFIG_OF_THEN)};\n`);
  const port = await freePort();
  const env = { FILROUGE_PORT: String(port) };
  const server = startProgram([command[1], 'start', '--json'], { directory, environment: env });
  const { url, apiToken: token = '' } = JSON.parse(await server.line(/^\{"url"/)) as Record<string, string>;
  const now = Date.now();
  const bare = { url: String(url), directory, now, token, command };
  const { ask } = houseAt({ ...bare, keys: {} });
  const keys: Record<string, string> = {};
  for (const { id } of CONFIG_OF_THEN.sources)
    keys[id] = String((await ask('POST', '/api/keys', { source: id }))['key']);
  const house = houseAt({ ...bare, keys });
  await liveThen(house);
  const told = await lookAround(house);
  server.child.kill('SIGTERM');
  await server.ended;
  const verified = JSON.parse(await outputOf([...command, 'verify', '--json'], { cwd: directory, env: process.env }));
  const expected = { writtenAt: new Date(now).toISOString(), token, keys, verified, told };
  const name = String(values.name);
  await writeFile(new URL(`${name}.json`, FIXTURES), `${JSON.stringify(expected, null, 1)}\n`);
  const packed = new URL(`${name}.br`, FIXTURES);
  const bytes = await packDirectory(join(directory, '.filrouge'), packed.pathname);
  console.log(`${name}: ${bytes} bytes, ${(await readFile(new URL(`${name}.json`, FIXTURES))).length} of what it told`);
} finally {
  await rm(directory, { recursive: true, force: true });
}
