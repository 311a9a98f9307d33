import { PROBLEMS, problemOf } from '@filrouge/wire';
import { expect, test } from 'vitest';
import { failureOfAnswer } from './api-failure.ts';

const failure = (document: object, status = 404) =>
  failureOfAnswer('http://127.0.0.1:4400', { status, body: JSON.stringify(document) });
const plain = (text: string): string => text.replace(/\.$/, '');

test('a refusal in French is told in one language, with what the server adds to it', () => {
  const { message, mend } = PROBLEMS['value-not-allowed'].en;
  const told = failure(problemOf({ code: 'value-not-allowed', pointer: '/brand', detail: 'one of a, b' }, 'fr', 400));
  expect([told.message, told.mend]).toEqual([`${plain(message)} (one of a, b; at /brand)`, plain(mend)]);
  const bare = failure(problemOf({ code: 'not-found', pointer: '' }, 'fr', 404));
  expect([bare.message, bare.mend]).toEqual([
    plain(PROBLEMS['not-found'].en.message),
    plain(PROBLEMS['not-found'].en.mend),
  ]);
});

test('a code of a newer server stands in its own words', () => {
  const told = failure({ code: 'of-a-newer-server', title: 'No.', message: 'No. Mend it.', detail: 'Mend it.' });
  expect([told.message, told.mend]).toEqual(['No', 'Mend it']);
});
