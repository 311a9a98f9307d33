import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { describePublished } from './data.ts';

describePublished('.', 'the public data is complete', (folder) => {
  const table = readFileSync(path.join(folder, 'README.md'), 'utf8').matchAll(/^\| ((?:[\w-]+\/(?:, )?)+) \|/gm);
  const named = [...table].flatMap(([, cell = '']) => cell.split(', '));

  test('its README names folders', () => {
    expect(named.length).toBeGreaterThan(9);
  });

  test.each(named)('%s is there, with its origin and licence', (name) => {
    expect(existsSync(path.join(folder, name, 'SOURCE.txt'))).toBe(true);
  });
});
