import { expect, test } from 'vitest';
import { filrouge } from '../testing/run-filrouge.ts';

test.each([
  ['create', 'would make the account a@example.com, unless there is one already; nothing was done (--dry-run)\n'],
  [
    'password',
    'would give a@example.com another password, if there is such an account; nothing was done (--dry-run)\n',
  ],
])('a dry run of user %s claims no more than it knows', async (does, sentence) => {
  const run = await filrouge([
    'user',
    does,
    'a@example.com',
    '--dry-run',
    '--token',
    'x',
    '--url',
    'http://127.0.0.1:9',
  ]);
  expect(run).toEqual({ exitCode: 0, stdout: sentence, stderr: '' });
});
