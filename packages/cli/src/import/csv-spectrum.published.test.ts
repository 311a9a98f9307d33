import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { describePublished } from '../../../../tools/published/data.ts';
import { openRowFile } from './file-rows.ts';
import { inspectFile } from './inspect-file.ts';

const signal = new AbortController().signal;

/** A file through our reader, its form found and not told, as objects by the names of the first line. */
async function objectsOf(file: string): Promise<readonly Record<string, string>[]> {
  const rows = await openRowFile(await inspectFile(file, {}, signal), {});
  const found: (readonly string[])[] = [];
  for await (const each of rows.rows(signal)) {
    if (!('row' in each) || each.problem !== undefined) throw new Error(each.problem?.code);
    found.push(each.row.cells);
  }
  const [names = [], ...rest] = found;
  return rest.map((cells) => Object.fromEntries(names.map((name, at) => [name, cells[at] ?? ''])));
}

describePublished('naughty/csv', 'csv-spectrum: 11 files and what is in them', (folder) => {
  const files = readdirSync(path.join(folder, 'csvs')).sort();

  test.each(files)('%s', async (name) => {
    const expected = readFileSync(path.join(folder, 'json', name.replace(/\.csv$/, '.json')), 'utf8');
    expect(await objectsOf(path.join(folder, 'csvs', name))).toEqual(JSON.parse(expected));
  });

  test('the corpus is whole', () => {
    expect(files).toHaveLength(11);
  });
});
