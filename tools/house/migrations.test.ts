import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../check/run-tool.ts';

/**
 * What installations have applied. A line is added with a new file and never changed: every database remembers the text,
 * and a start on one whose file was edited since is refused.
 */
const APPLIED = readFileSync(new URL('./migrations.sha256', import.meta.url), 'utf8');

test('S17: a migration that was applied anywhere is never edited: a change is a new file, with a line of its own here', () => {
  const files = globSync('packages/engines/*/migrations/*.sql', { cwd: root }).map((file) =>
    file.replaceAll('\\', '/'),
  );
  expect(files.length).toBeGreaterThan(9);
  const lines = files.sort().map((file) => {
    const text = readFileSync(path.join(root, file), 'utf8').replaceAll('\r\n', '\n');
    return `${createHash('sha256').update(text).digest('hex')}  ${file}`;
  });
  expect(lines).toEqual(APPLIED.trimEnd().split('\n'));
});
