import { expect, test } from 'vitest';
import { syncedAcks, tracedCalls } from './traced-calls.ts';

const SOCKET = '31<TCP:[127.0.0.1:4400->127.0.0.1:50000]>';
const WAL = '7</data/postgres/cluster/pg_wal/000000010000000000000002>';
const ASK = `10 read(${SOCKET}, "POST /v1/track HTTP/1.1\\r\\nhost"..., 65536) = 412`;
const ANSWER = `10 write(${SOCKET}, "HTTP/1.1 200 OK\\r\\nx-request-id"..., 310) = 310`;
const SYNC = `20 fdatasync(${WAL}) = 0`;

const early = (...lines: readonly string[]): number => syncedAcks(tracedCalls(lines.join('\n'))).tooEarly.length;

test('G2: an answer after a sync of the log holds', () => {
  expect(early(ASK, SYNC, ANSWER)).toBe(0);
  expect(syncedAcks(tracedCalls([ASK, SYNC, ANSWER, ASK, SYNC, ANSWER].join('\n')))).toMatchObject({
    acks: 2,
    syncs: 2,
  });
});

test.each([
  ['no sync at all', [ASK, ANSWER]],
  ['a sync of the request before alone', [ASK, SYNC, ANSWER, ASK, ANSWER]],
  [
    'a sync that began before the request was read',
    [`20 fdatasync(${WAL} <unfinished ...>`, ASK, '20 <... fdatasync resumed>) = 0', ANSWER],
  ],
  [
    'a sync that ends after the answer began',
    [ASK, `20 fdatasync(${WAL} <unfinished ...>`, ANSWER, '20 <... fdatasync resumed>) = 0'],
  ],
  ['a sync of another file', [ASK, '20 fdatasync(7</data/clickhouse/part>) = 0', ANSWER]],
  ['a sync that failed', [ASK, `20 fdatasync(${WAL}) = -1 EIO (Input/output error)`, ANSWER]],
  ['a sync between the head of a request and its body', [ASK, SYNC, ASK, ANSWER]],
])('G2: an answer is found that left after %s', (_what, lines) => {
  expect(early(...lines)).toBe(1);
});

test('G2: calls of several threads that overlap are put together, on IPv6 sockets too', () => {
  const socket = '31<TCPv6:[[::ffff:127.0.0.1]:4400->[::ffff:127.0.0.1]:50000]>';
  const lines = [
    `10 read(${socket},  <unfinished ...>`,
    '11 read(9</proc/stat>, "cpu", 10) = 3',
    '10 <... read resumed>"POST /v1/track"..., 65536) = 412',
    `20 fdatasync(${WAL} <unfinished ...>`,
    `10 epoll_wait(5, [], 1024, 0) = 0`,
    '20 <... fdatasync resumed>)           = 0',
    `10 writev(${socket}, [{iov_base="HTTP/1.1 200 OK"..., iov_len=300}], 1 <unfinished ...>`,
    '10 <... writev resumed>) = 300',
  ];
  expect(syncedAcks(tracedCalls(lines.join('\n')))).toMatchObject({ acks: 1, syncs: 1, tooEarly: [] });
  expect(early(...lines.filter((line) => !line.includes('fdatasync')))).toBe(1);
});
