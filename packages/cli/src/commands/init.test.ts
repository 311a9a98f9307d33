import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { filrouge, startFilrouge, temporaryDirectory } from '../testing/run-filrouge.ts';

async function place(): Promise<string> {
  const { path, remove } = await temporaryDirectory();
  onTestFinished(remove);
  return path;
}

describe('filrouge init and config', () => {
  test('what init writes is a right configuration with one of everything', async () => {
    const directory = await place();
    expect(await filrouge(['init'], { directory })).toMatchObject({ exitCode: 0 });
    const check = await filrouge(['config', 'check', '--json'], { directory });
    expect(check.exitCode).toBe(0);
    expect(JSON.parse(check.stdout)).toMatchObject({ brands: 1, properties: 3, sources: 4, stores: 1 });
    const print = await filrouge(['config', 'print', '--json'], { directory });
    const { sources, notices } = JSON.parse(print.stdout) as {
      sources: { kind: string }[];
      notices: { text: object }[];
    };
    expect(sources.map(({ kind }) => kind)).toEqual(['web', 'app', 'server', 'store']);
    expect(Object.keys(notices[0]?.text ?? {})).toEqual(['fr', 'en']);
  });

  test('an existing one is left as it is, unless --yes', async () => {
    const directory = await place();
    const file = join(directory, 'filrouge.config.ts');
    await writeFile(file, 'mine');
    const kept = await filrouge(['init'], { directory });
    expect(kept).toMatchObject({ exitCode: 1, stdout: '' });
    expect(kept.stderr).toContain('--yes');
    expect(await readFile(file, 'utf8')).toBe('mine');
    expect(await filrouge(['init', '--yes', '--dry-run'], { directory })).toMatchObject({ exitCode: 0 });
    expect(await readFile(file, 'utf8')).toBe('mine');
    expect(await filrouge(['init', '--yes'], { directory })).toMatchObject({ exitCode: 0 });
    expect(await readFile(file, 'utf8')).toContain('my-brand');
  });

  test.each([
    ['no file', undefined, 'there is no such file'],
    ['no default export', 'export const a = 1;', 'it has no default export'],
    ['a word nobody knows', 'export default { brands: [], shops: [] };', '/brands'],
    [
      'a list of problems, and then what to do',
      'export default { brands: [], shops: [] };',
      '.\nMend it and run the command again.\n',
    ],
    ['no TypeScript', 'export default {', 'cannot be run'],
  ])('a configuration that cannot be used is told with its place: %s', async (_, text, sentence) => {
    const directory = await place();
    if (text !== undefined) await writeFile(join(directory, 'filrouge.config.ts'), text);
    const run = await filrouge(['config', 'check'], { directory });
    expect(run).toMatchObject({ exitCode: 1, stdout: '' });
    expect(run.stderr).toContain(sentence);
    expect(run.stderr).not.toContain('    at ');
  });

  // In a process of its own: it is Node that knows the place, and here another loader stands before it.
  test.each([
    [
      'a comma left out',
      'export default {\n  brands: [{ id: "a" name: "b" }],\n};',
      'run: line 2, column 22: Expected',
    ],
    [
      'a name nobody declared',
      'export default {\n  brands: [\n    { id: mine }],\n};',
      'run: line 3, column 11: mine is',
    ],
  ])('a configuration that cannot be run is told with line and column: %s', async (_, text, sentence) => {
    const directory = await place();
    await writeFile(join(directory, 'filrouge.config.ts'), text);
    const { exitCode, stderr } = await startFilrouge(['config', 'check'], { directory }).ended;
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining(sentence)]);
  });

  test('a variable that cannot be used is told by name', async () => {
    const run = await filrouge(['start'], {
      directory: await place(),
      environment: { FILROUGE_PORT: 'http', FILROUGE_NATS_URL: 'x' },
    });
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toMatch(/FILROUGE_NATS_URL[\s\S]*FILROUGE_PORT/);
  });
});
