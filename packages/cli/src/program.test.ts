import { expect, test } from 'vitest';
import { EXIT } from './exit-code.ts';
import { filrouge as runFilrouge } from './testing/run-filrouge.ts';
import { VERSION } from './version.ts';

const filrouge = (...argv: string[]): ReturnType<typeof runFilrouge> => runFilrouge(argv);

test('--version and --help are data on stdout, with exit code 0', async () => {
  expect(await filrouge('--version')).toEqual({ exitCode: 0, stdout: `${VERSION}\n`, stderr: '' });
  const help = await filrouge('--help');
  expect(help).toMatchObject({ exitCode: 0, stderr: '' });
  expect(help.stdout).toMatch(/^Usage: filrouge [\s\S]*--dry-run[\s\S]* version /);
});

test.each([[['version', '--json']], [['--json', 'version']]])(
  'a global option is read wherever it stands: %j',
  async (argv) => {
    const run = await filrouge(...argv);
    expect(run).toMatchObject({ exitCode: 0, stderr: '' });
    expect(JSON.parse(run.stdout)).toEqual({ filrouge: VERSION, node: process.versions.node });
  },
);

test.each([
  [['nope'], "filrouge: unknown command 'nope'. See filrouge --help.\n"],
  [['version', '--nope'], "filrouge: unknown option '--nope'. See filrouge version --help.\n"],
  [['key', '--quiet', 'create'], "filrouge: missing required argument 'source'. See filrouge key create --help.\n"],
  [
    ['demo', '--days', '0'],
    'filrouge: --days 0 is no whole number from 1 to 400. Give one. See filrouge demo --help.\n',
  ],
  [['--jso', 'version'], "filrouge: unknown option '--jso' (Did you mean --json?). See filrouge version --help.\n"],
])('a usage fault is one sentence on stderr and exit code 2: %j', async (argv, sentence) => {
  expect(await filrouge(...argv)).toEqual({ exitCode: 2, stdout: '', stderr: sentence });
});

test.each([
  [['nope'], 2, 'usage', "unknown command 'nope'."],
  [['doctor', '--url', 'ftp://x'], 2, 'usage', 'ftp://x is no address of a server.'],
  [
    ['doctor', '--url', 'http://127.0.0.1:1', '--token', 'x'],
    1,
    'server-unreachable',
    expect.stringContaining('no server answers'),
  ],
])('with --json a failure is a problem document on stderr: %j', async (argv, exitCode, code, title) => {
  const run = await filrouge(...argv, '--json');
  expect(run).toMatchObject({ exitCode, stdout: '' });
  expect(run.stderr.trimEnd().split('\n')).toHaveLength(1);
  const problem = JSON.parse(run.stderr) as Record<string, string>;
  expect(problem).toMatchObject({ type: `urn:filrouge:problem:${code}`, code, title, exitCode, pointer: '' });
  expect(problem['message']).toBe(`${problem['title']} ${problem['detail']}`);
});

test('the help of all names every exit code', async () => {
  const { stdout } = await filrouge('--help');
  for (const code of Object.values(EXIT)) expect(stdout).toMatch(new RegExp(`[ :]${code} \\w`));
});

test('no command at all prints the help on stderr, with exit code 2', async () => {
  const run = await filrouge();
  expect(run).toMatchObject({ exitCode: 2, stdout: '' });
  expect(run.stderr).toContain('Usage: filrouge');
});
