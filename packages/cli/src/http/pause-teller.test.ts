import { expect, test } from 'vitest';
import type { Pause } from './patience.ts';
import { createPauseTeller } from './pause-teller.ts';

const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
const pause = (tries: number, ms: number, status?: number): Pause => ({
  status,
  fault: status === undefined ? refused : undefined,
  tries,
  triesMax: 9,
  ms,
  msLeft: 60_000 - tries * 1_000,
});

test('a server that does not answer is told at once, by one request of several, and so is its return', () => {
  const said: string[] = [];
  const teller = createPauseTeller('http://there', (line) => said.push(line));
  for (let request = 0; request < 4; request += 1) teller.paused(pause(1, 250));
  teller.paused(pause(2, 500));
  for (let request = 0; request < 4; request += 1) teller.paused(pause(3, 2_000));
  teller.answered();
  teller.answered();
  expect(said).toEqual([
    'http://there does not answer (ECONNREFUSED): next try at once, 2 of 9; given up in 59 s',
    'http://there does not answer (ECONNREFUSED): next try in 2 s, 4 of 9; given up in 57 s',
    'http://there answers again',
  ]);
});

test('a server that asks to wait for less than a second is no news', () => {
  const said: string[] = [];
  const teller = createPauseTeller('http://there', (line) => said.push(line));
  teller.paused(pause(1, 250, 503));
  teller.answered();
  teller.paused(pause(1, 3_000, 429));
  expect(said).toEqual(['http://there cannot take more just now (429): next try in 3 s, 2 of 9; given up in 59 s']);
});
