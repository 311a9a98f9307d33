import { instant } from '@filrouge/domain/base';
import { expect, test } from 'vitest';
import { ATTEMPTS_PER_ACCOUNT_MAX, ATTEMPTS_PER_ADDRESS_MAX, ATTEMPTS_WINDOW_MS, Attempts } from './attempts.ts';

const NOON = instant(1_763_726_400_000);

test('an account can be tried so often from everywhere together, and again after the window', () => {
  const attempts = new Attempts();
  for (let at = 0; at < ATTEMPTS_PER_ACCOUNT_MAX; at += 1) {
    expect(attempts.take('a@example.com', `192.0.2.${at}`, NOON)).toBeUndefined();
  }
  expect(attempts.take('a@example.com', '192.0.2.99', instant(NOON + 60_000))).toEqual({
    waitSeconds: (ATTEMPTS_WINDOW_MS - 60_000) / 1_000,
  });
  expect(attempts.take('b@example.com', '192.0.2.99', NOON)).toBeUndefined();
  expect(attempts.take('a@example.com', '192.0.2.99', instant(NOON + ATTEMPTS_WINDOW_MS))).toBeUndefined();
});

test('an address can try so many accounts together, and a right password frees the account alone', () => {
  const attempts = new Attempts();
  for (let at = 0; at < ATTEMPTS_PER_ADDRESS_MAX; at += 1) {
    expect(attempts.take(`${at}@example.com`, '192.0.2.1', NOON)).toBeUndefined();
  }
  expect(attempts.take('new@example.com', '192.0.2.1', NOON)).toBeDefined();
  attempts.succeeded('new@example.com');
  expect(attempts.take('new@example.com', '192.0.2.1', NOON)).toBeDefined();
  expect(attempts.take('new@example.com', '192.0.2.2', NOON)).toBeUndefined();
});
