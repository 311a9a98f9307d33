import { expect, test } from 'vitest';
import { logSegments, parseBackupLabel, parseLogPosition } from './log-segments.ts';

const MEGABYTE = 1024 * 1024;

test.each([
  ['one segment', '0/2000028', '0/2000158', ['000000010000000000000002']],
  ['an end on the edge belongs to the segment before', '0/2000028', '0/3000000', ['000000010000000000000002']],
  ['over the edge of the lower half', '0/FF000028', '1/28', ['0000000100000000000000FF', '000000010000000100000000']],
])('G19: the log of a backup is named without gaps: %s', (_what, start, stop, names) => {
  expect(logSegments('00000001', { start, stop }, 16 * MEGABYTE)).toEqual(names);
});

test('the label says where the log begins; another form is an error, not a backup without log', () => {
  const label = 'START WAL LOCATION: A/2000028 (file 000000010000000A00000002)\nCHECKPOINT LOCATION: A/2000080\n';
  expect(parseBackupLabel(label)).toEqual({ timeline: '00000001', start: 'A/2000028' });
  expect(() => parseBackupLabel('BACKUP METHOD: streamed\n')).toThrow('another form');
  expect(() => parseLogPosition('0')).toThrow('not a position');
});
