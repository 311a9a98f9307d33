import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'vitest';
import { root } from '../check/run-tool.ts';

/** Where the public data lies: `FILROUGE_SHARED_DATA`, else `../shared/data` from the project's root. */
function publishedDataFolder(): string {
  return path.resolve(root, process.env['FILROUGE_SHARED_DATA'] ?? '../shared/data');
}

/**
 * Tests against published results: `folder` is their folder of the public data, `what` says in a few words what they
 * cover. Where the data is absent one skipped test says what goes uncovered, and the run stays green.
 */
export function describePublished(folder: string, what: string, body: (folder: string) => void): void {
  const place = path.join(publishedDataFolder(), folder);
  if (existsSync(place)) {
    describe(what, () => {
      body(place);
    });
    return;
  }
  // oxlint-disable-next-line vitest/expect-expect
  test(`not covered here, for want of ${folder}: ${what}`, (context) => {
    context.skip(`${place} does not exist; FILROUGE_SHARED_DATA names the folder of the public data`);
  });
}
