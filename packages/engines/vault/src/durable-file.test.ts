import { linkSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createDurably, createDurablySync, destroyFile } from './durable-file.ts';
import { filesIn, temporaryFolder } from './testing/place.ts';

const CREATE = {
  'with waiting': createDurably,
  'without waiting': async (path: string, bytes: Uint8Array) => createDurablySync(path, bytes),
};

describe('a durable file', () => {
  test.each(Object.entries(CREATE))(
    'is made whole for its owner alone, and never over another, %s',
    async (_, create) => {
      const folder = temporaryFolder();
      const path = join(folder, 'file');
      expect(await create(path, Buffer.from('first'))).toBe(true);
      expect(await create(path, Buffer.from('second'))).toBe(false);
      expect(filesIn(folder)).toEqual(new Map([['file', Buffer.from('first')]]));
      expect(statSync(path).mode & 0o777).toBe(0o600);
    },
  );

  test('that is destroyed is overwritten, not only unlinked', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'file');
    writeFileSync(path, 'the seed of a key');
    linkSync(path, join(folder, 'same-blocks'));
    await destroyFile(path);
    expect(filesIn(folder)).toEqual(new Map([['same-blocks', Buffer.alloc('the seed of a key'.length)]]));
    await destroyFile(path);
    expect(readFileSync(join(folder, 'same-blocks'))).toHaveLength('the seed of a key'.length);
  });

  test('whose folder is missing is an error, not a refusal', async () => {
    await expect(createDurably(join(temporaryFolder(), 'none', 'file'), Buffer.from('x'))).rejects.toThrow('ENOENT');
  });
});
