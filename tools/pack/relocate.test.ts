import { expect, test } from 'vitest';
import { relocate } from './relocate.ts';

const source = 'packages/engines/clickhouse/src/embedded/server.ts';
const nameOf = (program: string): string => program.replace(/\W+/g, '-');
const moved = (text: string) => relocate(source, text, nameOf);

test('a program started by URL is built, and started by its built name', () => {
  expect(moved("fork(new URL('./child.ts', import.meta.url))")).toEqual({
    text: "fork(new URL('./packages-engines-clickhouse-src-embedded-child-ts.js', import.meta.url))",
    programs: ['packages/engines/clickhouse/src/embedded/child.ts'],
  });
  expect(moved('new Worker(\n  new URL("../worker.ts", import.meta.url),\n)').programs).toEqual([
    'packages/engines/clickhouse/src/worker.ts',
  ]);
});

test('an asset is found below the built files, where it lay in the checkout', () => {
  const { text, programs } = moved("readdir(new URL('../../migrations/', import.meta.url))");
  expect(programs).toEqual([]);
  expect(text).toBe(`readdir(new URL('../../migrations/', new URL('./${source}', import.meta.url).href))`);
  // As Node would evaluate it in node_modules/filrouge/dist/chunk-1.js:
  const chunk = 'file:///a/node_modules/filrouge/dist/chunk-1.js';
  expect(new URL('../../migrations/', new URL(`./${source}`, chunk).href).href).toBe(
    'file:///a/node_modules/filrouge/dist/packages/engines/clickhouse/migrations/',
  );
});

test('dirname and filename say the place the source had', () => {
  expect(moved('join(import.meta.dirname, import.meta.filename)').text).toBe(
    "join((import.meta.dirname + '/packages/engines/clickhouse/src/embedded'), (import.meta.dirname + '/packages/engines/clickhouse/src/embedded/server.ts'))",
  );
});

test('the rest of a source is left alone', () => {
  const text = "import { a } from './a.ts';\nimport.meta.resolve('pg');\n";
  expect(moved(text)).toEqual({ text, programs: [] });
});

test.each([
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a source
  'fork(new URL(`./child${extname(import.meta.url)}`, import.meta.url))',
  'fork(new URL(program, import.meta.url))',
  "fork(new URL('./' + name, import.meta.url))",
])('a place that is computed stops the build: %s', (text) => {
  expect(() => moved(text)).toThrow(/server\.ts: new URL\(.* in full$/);
});

test('a URL that is no place of ours may be computed', () => {
  const text = "fetch(new URL(address, base)); f(new URL(name), new URL(file, new URL('../sql/', import.meta.url)))";
  expect(moved(text).programs).toEqual([]);
});
