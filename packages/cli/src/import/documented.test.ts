import { readFileSync } from 'node:fs';
import {
  COLUMNS_OF,
  columnsOf,
  DROP_REASONS,
  IMPORT_KINDS,
  PRESETS,
  REPAIR_NOTES,
  REPAIRS,
  ROW_NOTES,
} from '@filrouge/wire/import';
import { describe, expect, test } from 'vitest';

const paper = readFileSync(new URL('../../../../docs/import.md', import.meta.url), 'utf8');

/** The rows of the first table under a heading, cell by cell. */
function tableUnder(heading: string): readonly (readonly string[])[] {
  const text = paper.slice(paper.indexOf(`\n${heading}\n`) + heading.length + 2).split(/\n#{2,3} /)[0] ?? '';
  const lines = text.split('\n').filter((line) => line.startsWith('| '));
  return lines.slice(2).map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const coded = (heading: string, from: number, count: number): readonly string[] =>
  tableUnder(heading)
    .slice(from, from + count)
    .map(([name = '']) => name.replaceAll('`', ''));

describe('docs/import.md says what the code does', () => {
  test.each(IMPORT_KINDS)('the columns of %s, and which of them are required', (kind) => {
    const rows = tableUnder(`### ${kind}`);
    expect(rows.map(([name]) => name)).toEqual(expect.arrayContaining([...columnsOf(kind)]));
    expect(rows).toHaveLength(columnsOf(kind).length);
    const { required, oneOf = [] } = COLUMNS_OF[kind];
    const marked = (mark: string): unknown => new Set(rows.filter(([, each]) => each === mark).map(([name]) => name));
    expect(marked('**required**')).toEqual(new Set(required));
    expect(marked('*one of*')).toEqual(new Set(oneOf.flat()));
  });

  test('every repair, note, reason and preset', () => {
    expect(coded('## Repairs', 0, REPAIRS.length)).toEqual([...REPAIRS]);
    // The second table of the section, after its own head.
    expect(coded('## Repairs', REPAIRS.length + 2, 99)).toEqual([...REPAIR_NOTES]);
    expect(coded('## Notes on rows', 0, 99)).toEqual([...ROW_NOTES]);
    expect([...coded('## The mapping', 0, 99)].sort()).toEqual([...DROP_REASONS].sort());
    expect(tableUnder('## Presets').map(([name, brings]) => [name, brings])).toEqual(
      PRESETS.map(({ name, kinds }) => [`\`${name}\``, kinds.join(', ')]),
    );
  });
});
