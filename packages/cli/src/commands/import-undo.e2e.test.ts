import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildDeployment, openOffline, type RunningServer, readEnvironment, startServer } from '@filrouge/server';
import { RETAILER_CONFIG, sourceId } from '@filrouge/simulator';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { filrouge, type Said, temporaryDirectory } from '../testing/run-filrouge.ts';

const BRAND = 'petit-large';
const SERVER = sourceId('petit-large', 'server');
const TILL = sourceId('petit-large', 'till');

let directory: string;
let remove: () => Promise<void>;
let server: RunningServer;
let token: string;
let options: Parameters<typeof startServer>[0];
const keys = new Map<string, string>();

beforeAll(async () => {
  ({ path: directory, remove } = await temporaryDirectory());
  options = {
    environment: readEnvironment({ FILROUGE_PORT: '0', FILROUGE_DATA_DIR: join(directory, 'data') }, directory),
    deployment: buildDeployment(RETAILER_CONFIG, 'the simulated retailer'),
    onProgress: () => undefined,
    onCrash: () => undefined,
  };
  server = await startServer(options);
  token = await server.tokens.create('test', ['imports:read', 'imports:write', 'flow:read']);
  for (const source of [SERVER, TILL]) keys.set(source, await server.keys.create(source as never));
});
afterAll(async () => {
  await server.close();
  await remove();
});

function command(argv: readonly string[], source = SERVER, answer?: string): Promise<Said> {
  const environment = { FILROUGE_URL: server.url, FILROUGE_KEY: keys.get(source) ?? '', FILROUGE_TOKEN: token };
  return filrouge([...argv, '--json'], { directory, environment, ...(answer === undefined ? {} : { answer }) });
}

async function importing(what: string, file: string, source: string): Promise<Record<string, unknown>> {
  const { exitCode, stdout, stderr } = await command(['import', what, file, '--source', source], source);
  expect(exitCode, stderr + stdout).toBe(0);
  await server.drain();
  return JSON.parse(stdout) as Record<string, unknown>;
}

const TICKETS = 'ticket_id,occurred_at,store_id,currency,ticket_total,line_sku,line_amount,loyalty_card,email';

function ticketRows(from: number, count: number): string {
  const rows = Array.from({ length: count }, (_, at) => {
    const n = from + at;
    return `T${n},2026-06-0${(n % 9) + 1}T10:00:00+02:00,S1,EUR,7.00,A${n % 3},7.00,card${n % 40},person${n % 50}@example.com`;
  });
  return [TICKETS, ...rows].join('\n');
}

/** Everything that counts: totals, who is who, what is stored, the flow. */
async function state() {
  const { engines } = server;
  const span = { from: 0, to: 4_102_444_800_000 } as never;
  const totals = await engines.events.totals({
    brand: BRAND as never,
    kinds: ['ticket', 'customer'],
    ...(span as object),
  } as never);
  const { bySource: _, ...flow } = await engines.reading.flow();
  const digests = { ...(await engines.projections.digest()), ...(await engines.events.digest()) };
  return { totals, persons: await engines.reading.persons(), flow, digests };
}

test('an import is undone while others stay, a replay builds the same, and the file comes in again whole', async () => {
  await writeFile(join(directory, 'kept.csv'), ticketRows(0, 60));
  await writeFile(join(directory, 'wrong.csv'), ticketRows(1_000, 400));
  await importing('tickets', 'kept.csv', TILL);
  const before = await state();

  const brought = await importing('tickets', 'wrong.csv', TILL);
  expect(brought).toMatchObject({ accepted: 400 });
  const during = await state();
  expect(during.totals).toMatchObject([{ kind: 'ticket', count: 460, amountMinor: 322_000 }]);

  const listed = JSON.parse((await command(['import', 'list'])).stdout) as { readonly items: readonly object[] };
  expect(listed.items).toMatchObject([
    {
      number: 2,
      import: brought['import'],
      kind: 'tickets',
      file: 'wrong.csv',
      source: TILL,
      accepted: 400,
      state: 'open',
    },
    { number: 1, kind: 'tickets', file: 'kept.csv', accepted: 60 },
  ]);
  const looked = await command(['import', 'undo', 'wrong.csv', '--dry-run']);
  expect(JSON.parse(looked.stdout)).toMatchObject({ dryRun: true, number: 2, state: 'open' });

  const unasked = await command(['import', 'undo', 'wrong.csv']);
  expect([unasked.exitCode, JSON.parse(unasked.stderr)]).toMatchObject([2, { code: 'usage' }]);
  expect(unasked.stderr).toMatch(/Undo run 2 of imp_.+wrong.csv.+400 rows will count nowhere.+Give --yes/);
  const refused = await command(['import', 'undo', 'wrong.csv'], TILL, 'n');
  expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining('[y/N] ')]);
  expect((await state()).totals).toEqual(during.totals);
  const nobody = await command(['import', 'undo', '999', '--yes']);
  expect([nobody.exitCode, JSON.parse(nobody.stderr)]).toMatchObject([
    2,
    {
      code: 'not-found',
      title: 'there is no import 999, and no file of this name.',
      detail: expect.stringMatching(/^filrouge import list names them/),
    },
  ]);

  const undone = await command(['import', 'undo', 'wrong.csv', '--yes']);
  // A slow machine tells how far it is.
  expect([undone.exitCode, undone.stderr.replaceAll(/^undoing: .*\n/gm, '')]).toEqual([0, '']);
  expect(JSON.parse(undone.stdout)).toMatchObject({
    number: 2,
    state: 'undone',
    undo: { askedBy: expect.stringContaining('test') },
  });
  const after = await state();
  expect(after.totals).toEqual(before.totals);
  expect(after.persons).toBe(before.persons);
  expect(after.digests).toEqual(before.digests);
  expect(after.flow).toEqual(during.flow);
  expect((await command(['import', 'undo', 'wrong.csv'])).exitCode).toBe(1);

  await server.close();
  const offline = await openOffline(options);
  await offline.replay(() => undefined);
  await offline.close();
  server = await startServer(options);
  expect((await state()).digests).toEqual(before.digests);

  const again = await importing('tickets', 'wrong.csv', TILL);
  expect(again).toMatchObject({ import: brought['import'], accepted: 400, rejected: 0 });
  const twice = await state();
  expect([twice.totals, twice.persons]).toEqual([during.totals, during.persons]);
  const { accepted, pending, kept, withheld, quarantined, discarded, duplicates } = twice.flow;
  expect([accepted, duplicates]).toEqual([860, 0]);
  expect(pending + kept + withheld + quarantined + discarded).toBe(accepted);
});

test('stores are told, read back, named and undone; a yes of a file goes with it, a no stays', async () => {
  await writeFile(
    join(directory, 'stores.csv'),
    'Code magasin;Nom magasin;CP;Ville;Pays\nS1;Bourg;1000;Bourg;France\n',
  );
  await writeFile(
    join(directory, 'decisions.csv'),
    'email;purpose;status;indicated_at;channel;notice_text\n' +
      'yes@example.com;email_marketing;given;2026-05-01T10:00:00Z;paper;the text\n' +
      'no@example.com;email_marketing;refused;2026-05-01T10:00:00Z;paper;the text\n',
  );
  await importing('stores', 'stores.csv', SERVER);
  await importing('consents', 'decisions.csv', SERVER);
  const ask = async (path: string): Promise<unknown> => {
    const reader = await server.tokens.create('reader', ['reports:read', 'consents:read']);
    const answer = await fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${reader}` } });
    return answer.json();
  };
  const said = async (email: string): Promise<unknown> => {
    const answer = (await ask(`/v1/consents?brand=${BRAND}&email=${email}`)) as {
      readonly purposes: Readonly<Record<string, { readonly status: string }>>;
    };
    return answer.purposes['email_marketing']?.status;
  };
  expect(await ask(`/api/stores?brand=${BRAND}&text=bourg`)).toMatchObject({
    items: [{ id: 'S1', name: 'Bourg', postalCode: '01000', country: 'FR', source: SERVER }],
    next: null,
  });
  const ropo = `/api/reports/ropo?brand=${BRAND}&from=2026-06-01&to=2026-07-01`;
  expect(await ask(ropo)).toMatchObject({ rows: [{ key: 'S1', name: 'Bourg' }] });
  expect([await said('yes@example.com'), await said('no@example.com')]).toEqual(['given', 'refused']);
  for (const file of ['stores.csv', 'decisions.csv'])
    expect((await command(['import', 'undo', file], SERVER, 'y')).exitCode).toBe(0);
  expect(await ask(`/api/stores?brand=${BRAND}`)).toMatchObject({ items: [] });
  expect(await ask(ropo)).toMatchObject({ rows: [{ key: 'S1', name: null }] });
  expect([await said('yes@example.com'), await said('no@example.com')]).toEqual(['unknown', 'refused']);
});
