import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { filrouge, type Said } from '../testing/run-filrouge.ts';

const SUMS = {
  accepted: 20,
  pending: 0,
  kept: 20,
  withheld: 0,
  quarantined: 0,
  discarded: 0,
  duplicates: 3,
  refused: 1,
};

/** What the doctor says of a server that answers these. */
async function examined(
  answers: Readonly<Record<string, { readonly status?: number; readonly body: string }>>,
): Promise<Said> {
  const server = createServer((request, response) => {
    const { status = 200, body } = answers[request.url ?? ''] ?? { status: 404, body: '{}' };
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return filrouge(['doctor', '--url', url, '--token', 'secret']);
}

const figures = (unresolved: number) => ({
  '/metrics': { body: `# TYPE filrouge_identity_unresolved gauge\nfilrouge_identity_unresolved ${unresolved}\n` },
});
const ready = { '/readyz': { body: '{"status":"ready"}' }, ...figures(0) };
const flow = (said: object) => ({ '/api/flow': { body: JSON.stringify({ ...SUMS, ...said }) } });

test('--help says what each figure of --json means', async () => {
  const { stdout } = await filrouge(['doctor', '--help']);
  for (const word of ['damaged', 'unresolved', 'warnings']) expect(stdout).toMatch(new RegExp(`^${word} `, 'm'));
});

test('all is well: the books, and nothing to warn of', async () => {
  const { exitCode, stdout } = await examined({ ...ready, ...flow({ damaged: 0 }) });
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^balanced: /m);
  expect(stdout).not.toContain('warning');
});

test('why items were withheld is told, over all sources', async () => {
  const bySource = {
    web: { withheldBy: { unknown: { 'Page Viewed': 3, Identify: 1 } } },
    app: { withheldBy: { refused: { 'Page Viewed': 1 }, unknown: { 'Screen Viewed': 1 } } },
  };
  const { stdout } = await examined({ ...ready, ...flow({ damaged: 0, kept: 14, withheld: 6, bySource }) });
  expect(stdout).toContain('withheld for  items\nunknown           5\nrefused           1\n');
});

test('S2: books that do not balance, and a server that is not ready, are differences', async () => {
  expect((await examined({ ...ready, ...flow({ kept: 19 }) })).exitCode).toBe(3);
  const behind = { ...figures(0), '/readyz': { status: 503, body: '{"detail":"projector: 61 s behind"}' } };
  const { exitCode, stdout } = await examined({ ...behind, ...flow({}) });
  expect([exitCode, stdout]).toEqual([3, expect.stringContaining('warning: not ready: projector: 61 s behind')]);
});

test('S2: items that were damaged in the journal are named, with what to do', async () => {
  const { stdout } = await examined({ ...ready, ...flow({ kept: 12, quarantined: 8, damaged: 7 }) });
  expect(stdout).toMatch(/^warning: 7 accepted items cannot be read in the journal any more: .*filrouge replay/m);
  expect(stdout).toMatch(/^warning: 8 items wait in quarantine/m);
});

test('S13: who could not be resolved is named; figures that are not shown are', async () => {
  const { exitCode, stdout } = await examined({ ...ready, ...figures(12), ...flow({}) });
  expect([exitCode, stdout]).toEqual([
    0,
    expect.stringMatching(/^warning: new facts met .* 12 times since its start/m),
  ]);
  const hidden = await examined({
    ...ready,
    '/metrics': { status: 403, body: '{"code":"scope-missing"}' },
    ...flow({}),
  });
  expect(hidden.stdout).toContain('warning: its figures cannot be read');
});
