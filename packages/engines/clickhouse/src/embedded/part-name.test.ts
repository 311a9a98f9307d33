import { expect, test } from 'vitest';
import { standingParts } from './part-name.ts';

test.each([
  [
    'parts beside each other',
    ['202611_1_1_0', '202611_2_2_0', '202612_1_1_0'],
    ['202611_1_1_0', '202611_2_2_0', '202612_1_1_0'],
  ],
  ['a merged part stands for those it was made of', ['202611_1_1_0', '202611_2_2_0', '202611_1_2_1'], ['202611_1_2_1']],
  [
    'a mutated part stands for what it was',
    ['202611_1_2_1', '202611_1_2_1_5', '202611_4_4_0'],
    ['202611_1_2_1_5', '202611_4_4_0'],
  ],
  [
    'what is no part is none',
    ['detached', 'tmp_merge_202611_1_2_1', 'deduplication_logs', '202611_1_1_0'],
    ['202611_1_1_0'],
  ],
])('G19: rows are copied once: %s', (_what, names, standing) => {
  expect(standingParts(names)).toEqual(standing);
});
