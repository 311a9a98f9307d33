import { expect, test } from 'vitest';
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
  [['version', '--nope'], "filrouge: unknown option '--nope'. See filrouge --help.\n"],
  [['--jso', 'version'], "filrouge: unknown option '--jso' (Did you mean --json?). See filrouge --help.\n"],
])('a usage fault is one sentence on stderr and exit code 2: %j', async (argv, sentence) => {
  expect(await filrouge(...argv)).toEqual({ exitCode: 2, stdout: '', stderr: sentence });
});

test('no command at all prints the help on stderr, with exit code 2', async () => {
  const run = await filrouge();
  expect(run).toMatchObject({ exitCode: 2, stdout: '' });
  expect(run.stderr).toContain('Usage: filrouge');
});
