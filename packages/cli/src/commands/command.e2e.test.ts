import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ERRORS_HEADER } from '../import/errors-file.ts';
import { filrouge, freePort, type RunningCommand, startFilrouge, temporaryDirectory } from '../testing/run-filrouge.ts';

type First = {
  readonly url: string;
  readonly apiToken: string;
  readonly admin: { readonly email: string; readonly password: string };
};

let house: Awaited<ReturnType<typeof temporaryDirectory>>;
let environment: Record<string, string>;
let server: RunningCommand | undefined;
let first: First;

/** Starts `filrouge start` in the house and reads the line with which it says that it serves. */
async function start(): Promise<First> {
  server = startFilrouge(['start', '--json'], { directory: house.path, environment });
  return JSON.parse(await server.line(/^\{"url"/)) as First;
}

async function stop(): Promise<number | null> {
  server?.child.kill('SIGTERM');
  const exitCode = (await server?.ended)?.exitCode ?? null;
  server = undefined;
  return exitCode;
}

/** A command of its own against the running server, with the administrator's token. */
function ask(...argv: string[]) {
  return filrouge(argv, { directory: house.path, environment: { ...environment, FILROUGE_TOKEN: first.apiToken } });
}

async function json(...argv: string[]): Promise<Record<string, unknown>> {
  const run = await ask(...argv, '--json');
  expect(run.stderr).toBe('');
  return JSON.parse(run.stdout) as Record<string, unknown>;
}

beforeAll(async () => {
  house = await temporaryDirectory();
  environment = { FILROUGE_PORT: String(await freePort()) };
  await filrouge(['init'], { directory: house.path, environment });
  first = await start();
});

afterAll(async () => {
  await stop();
  await house.remove();
});

const TICKETS = `ticket_id,occurred_at,store_id,currency,ticket_total,line_sku,line_amount,email,line_name
T1,2026-11-20T10:00:00+01:00,S001,EUR,12.50,A,10.00,shopper@example.com,Lampe
T1,2026-11-20T10:00:00+01:00,S001,EUR,12.50,B,2.50,shopper@example.com,"Vis, boîte"
T2,2026-11-20T10:05:00+01:00,S001,EUR,douze,A,12.00,,=cmd()
T3,2026-11-20T10:06:00+01:00,S001,EUR,7.00,A,7.00
T4,2026-11-20T10:07:00+01:00,S001,EUR,7.00,A,7.00,,Bol
T5,31/02/2026,S001,EUR,7.00,A,7.00,,Bol
`;

describe('a first quarter of an hour', () => {
  test('the first start shows an administrator and a token that work, the second none', async () => {
    expect(first.admin.email).toContain('@');
    const session = await fetch(`${first.url}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(first.admin),
    });
    expect(session.status).toBe(201);
    const before = first;
    expect(await stop()).toBe(0);
    expect(Object.keys(await start())).toEqual(['url']);
    first = before;
  });

  test('a till’s file with faulty lines goes in but for those, which errors.csv tells; twice changes nothing; the books balance', async () => {
    await writeFile(join(house.path, 'tickets.csv'), TICKETS);
    const { key } = await json('key', 'create', 'tills');
    environment['FILROUGE_KEY'] = String(key);
    for (const _ of ['once', 'twice']) {
      const run = await ask('import', 'tickets', 'tickets.csv', '--source', 'tills', '--json');
      expect(run.exitCode).toBe(3);
      expect(JSON.parse(run.stdout)).toMatchObject({ rows: 6, refused: 3, items: 2, accepted: 2, rejected: 0 });
    }
    expect(await readFile(join(house.path, 'errors.csv'), 'utf8')).toBe(
      [
        ERRORS_HEADER,
        '4,ticket_total,amount-unreadable,"The amount is not a decimal number. (read with a decimal point, e.g. 1,234.50)","Send digits with a decimal point, for instance 12.50.",tickets tickets.csv',
        '5,,row-too-short,The row has fewer cells than the first line. (9 columns),"Complete the row, or put quotes around cells that contain the separator.",tickets tickets.csv',
        '7,occurred_at,time-unreadable,"The time cannot be read. (read as year-month-day, e.g. 2026-11-21)","Write it in that form, or change how the column is read in the mapping file.",tickets tickets.csv',
        '',
      ].join('\n'),
    );
    const doctor = await ask('doctor', '--json');
    expect(doctor.exitCode).toBe(0);
    expect(JSON.parse(doctor.stdout)).toMatchObject({ balanced: true, ready: true, accepted: 2, duplicates: 2 });
  });

  test('a query reads what its purpose permits, and a refused one shows where', async () => {
    const run = await ask('sql', '--purpose', 'order_fulfilment', 'SELECT count() AS n FROM tickets');
    expect(run).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^n\n *\d+\n$/) });
    expect(run.stderr).toMatch(/^1 row for order_fulfilment, \d+ ms\n$/);
    const refused = await ask('sql', '--purpose', 'order_fulfilment', "SELECT file('/etc/passwd')");
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' });
    expect(refused.stderr).toContain("SELECT file('/etc/passwd')\n         ^ here");
    expect((await json('sql', '--tables'))['tables']).toHaveLength(6);
  });

  test('a key that was revoked lets nothing in', async () => {
    const { id, key } = await json('key', 'create', 'server');
    expect(await json('key', 'revoke', String(id))).toEqual({ id, revoked: true });
    const run = await filrouge(['import', 'tickets', 'tickets.csv', '--source', 'server'], {
      directory: house.path,
      environment: { ...environment, FILROUGE_KEY: String(key) },
    });
    expect(run).toMatchObject({ exitCode: 1, stdout: '' });
    expect(run.stderr).toContain('The write key is not known');
    expect(run.stderr).toContain('it came from FILROUGE_KEY');
    expect((await ask('key', 'list')).stdout).toMatch(new RegExp(`${String(id)} +server .* 20\\d\\d-`));
  });

  test('a token may do what its scopes say and nothing else, until it is revoked', async () => {
    const { id, token } = await json('token', 'create', 'dashboard', '--scope', 'flow:read');
    const held = { directory: house.path, environment: { ...environment, FILROUGE_TOKEN: String(token) } };
    expect(await filrouge(['doctor'], held)).toMatchObject({ exitCode: 0 });
    const beyond = await filrouge(['key', 'list'], held);
    expect(beyond).toMatchObject({ exitCode: 1, stdout: '' });
    expect(beyond.stderr).toContain('keys:write');
    await json('token', 'revoke', String(id));
    expect(await filrouge(['doctor'], held)).toMatchObject({ exitCode: 1 });
  });

  test('an account is made once; a slip is told in the words of the command', async () => {
    const told = async (...argv: string[]): Promise<unknown[]> => {
      const { exitCode, stderr } = await ask(...argv);
      return [exitCode, stderr.replace(/ See .* --help\.\n$/, '').trim()];
    };
    const { email } = first.admin;
    expect(await told('user', 'create', email)).toEqual([
      1,
      `filrouge: there is an account ${email} already. filrouge user password ${email} gives it another password.`,
    ]);
    expect(await told('user', 'password', 'nobody@example.com')).toEqual([
      2,
      'filrouge: there is no account nobody@example.com. filrouge user create nobody@example.com makes it.',
    ]);
    expect(await told('user', 'create', 'notmail')).toEqual([
      2,
      'filrouge: notmail is no e-mail address. Write it like name@company.example.',
    ]);
    expect(await told('key', 'revoke', 'nope')).toEqual([
      2,
      'filrouge: there is no key nope. filrouge key list names them.',
    ]);
    expect(await told('quarantine', 'show', 'nope')).toEqual([
      2,
      'filrouge: nope is no id of an entry in quarantine. filrouge quarantine list names them.',
    ]);
    const id = '019ad000-0000-7000-8000-000000000000';
    for (const argv of [['show'], ['replay', '--dry-run'], ['discard', '--dry-run', '--reason', 'x']]) {
      expect(await told('quarantine', ...argv, id)).toEqual([
        2,
        `filrouge: there is no entry ${id} in quarantine. filrouge quarantine list names them.`,
      ]);
    }
  });

  test('an administrator gets another password, and the old one ends', async () => {
    const { email, password } = await json('user', 'password', first.admin.email);
    const signIn = (secret: unknown): Promise<number> =>
      fetch(`${first.url}/api/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email, password: secret }),
      }).then(({ status }) => status);
    expect([await signIn(first.admin.password), await signIn(password)]).toEqual([401, 201]);
  });

  test('a ticket that comes again with another content waits in quarantine: it is listed, shown, let in or given up', async () => {
    const changed = (id: string, total: string): string =>
      `${TICKETS.split('\n')[0]}\n${id},2026-11-20T10:07:00+01:00,S001,EUR,${total},A,${total},,Bol\n`;
    for (const [id, total] of [
      ['Q1', '7.00'],
      ['Q1', '8.00'],
      ['Q2', '7.00'],
      ['Q2', '9.00'],
    ] as const) {
      await writeFile(join(house.path, 'again.csv'), changed(id, total));
      expect(await ask('import', 'tickets', 'again.csv', '--source', 'tills')).toMatchObject({ exitCode: 0 });
    }
    const { items } = (await json('quarantine', 'list')) as { items: { id: string; name: string }[] };
    expect(items.map(({ name }) => name)).toEqual(['Store Ticket', 'Store Ticket']);
    const [second, first] = items as [(typeof items)[0], (typeof items)[0]];
    expect((await ask('quarantine', 'list')).stdout).toContain(first.id);
    expect(await json('quarantine', 'show', first.id)).toMatchObject({ item: { receipt: { amountMinor: 800 } } });
    expect(await json('quarantine', 'show', first.id)).toMatchObject({
      why: expect.stringContaining('same messageId'),
    });
    expect((await ask('quarantine', 'discard', first.id, '--reason', 'x', '--dry-run')).stdout).toBe(
      `would discard ${first.id}: Store Ticket of tills, held for message-id-reused; nothing was done (--dry-run)\n`,
    );
    expect(await json('quarantine', 'discard', first.id, '--reason', 'printed twice')).toMatchObject({
      state: 'discarded',
    });
    expect(await json('quarantine', 'show', first.id)).toMatchObject({
      item: null,
      decided: { by: expect.stringMatching(/: printed twice$/), at: expect.stringMatching(/Z$/) },
    });
    const decided = await ask('quarantine', 'replay', first.id, '--dry-run');
    expect([decided.exitCode, decided.stderr]).toEqual([1, expect.stringContaining('is discarded already')]);
    expect((await ask('quarantine', 'replay', first.id)).exitCode).toBe(1);
    expect((await ask('quarantine', 'replay', second.id)).stdout).toMatch(/: (in again|withheld .*)\n$/);
    const doctor = JSON.parse((await ask('doctor', '--json')).stdout) as Record<string, unknown>;
    expect(doctor).toMatchObject({ balanced: true, quarantined: 0, discarded: 1 });
  });

  test('decisions of a file: a yes with its proof is given, one without is asked for, a no stands; twice changes nothing', async () => {
    const day = new Date(Date.now() - 864e5).toISOString();
    await writeFile(
      join(house.path, 'consents.csv'),
      'customer_id,purpose,status,indicated_at,channel,notice_text\n' +
        `proven,profiling,given,${day},paper,Vos achats servent à votre profil.\n` +
        'unproven,profiling,given,,,\n' +
        `gone,profiling,withdrawn,${day},phone,\n` +
        `other,mind_reading,given,${day},paper,Texte\n`,
    );
    const { key } = await json('key', 'create', 'server');
    environment['FILROUGE_KEY'] = String(key);
    const told = async (userId: string): Promise<unknown> => {
      const query = new URLSearchParams({ brand: 'my-brand', userId });
      const answer = await fetch(`${first.url}/v1/consents?${query.toString()}`, {
        headers: { authorization: `Bearer ${first.apiToken}` },
      });
      const { purposes } = (await answer.json()) as { readonly purposes: Record<string, unknown> };
      return purposes['profiling'];
    };
    const records: unknown[] = [];
    for (const _ of ['once', 'twice']) {
      const run = await ask('import', 'consents', 'consents.csv', '--source', 'server', '--errors', 'c.csv', '--json');
      expect(run.exitCode).toBe(3);
      expect(JSON.parse(run.stdout)).toMatchObject({ rows: 4, items: 4, accepted: 3, rejected: 1 });
      expect(await readFile(join(house.path, 'c.csv'), 'utf8')).toMatch(/\n5,[^,]*,unknown-purpose,/);
      records.push([await told('proven'), await told('unproven'), await told('gone')]);
    }
    expect(records[0]).toMatchObject([{ status: 'given' }, { status: 'requested' }, { status: 'withdrawn' }]);
    expect(records[1]).toEqual(records[0]);
  });

  test('quarantine, report and openapi answer in their form', async () => {
    expect(await json('quarantine', 'list')).toMatchObject({ items: [] });
    expect(await json('report', 'ropo'), 'the only brand').toMatchObject({ brand: 'my-brand', window: 7 });
    expect((await ask('report', 'ropo', '--brand', 'my-brand', '--csv')).stdout).toMatch(/^key,population,/);
    expect((await json('openapi'))['openapi']).toMatch(/^3\./);
    expect((await ask('quarantine', 'show', 'nope')).exitCode).toBe(2);
    const slip = await ask('report', 'ropo', '--brand', 'nobody');
    expect([slip.exitCode, slip.stderr]).toEqual([2, expect.stringMatching(/^filrouge: .+\. .+\. See .* --help\.\n$/)]);
    expect((await ask('key', 'create', 'nope')).stderr).toContain('one of app, server, tills, web');
    const told = await ask('key', 'create', 'nope', '--json');
    expect(JSON.parse(told.stderr)).toMatchObject({ status: 400, code: 'value-not-allowed', exitCode: 2 });
  });

  test('while it serves, its port and its directory are taken: both are said in a sentence', async () => {
    const port = await ask('start');
    expect(port).toMatchObject({ exitCode: 1, stdout: '' });
    expect(port.stderr).toMatch(/^filrouge: port \d+ of 127\.0\.0\.1 is taken\. /);
    const directory = await ask('verify');
    expect(directory).toMatchObject({ exitCode: 1, stdout: '' });
    expect(directory.stderr).toMatch(/is in use by process \d+/);
  });

  test('after a stop, replay builds the same projections, verify finds the books balanced, and offline desks work', async () => {
    expect(await stop()).toBe(0);
    const plan = await ask('replay', '--dry-run', '--json');
    expect([plan.exitCode, plan.stderr]).toEqual([0, '']);
    expect((await ask('replay', '--dry-run')).stdout).toMatch(
      /^would throw .* from the beginning of the journal, with the [\d,]+ items after it; nothing was done \(--dry-run\)\n$/,
    );
    const replay = await ask('replay', '--json');
    expect(replay.exitCode).toBe(0);
    const { equal, items, before, after } = JSON.parse(replay.stdout) as Record<string, unknown>;
    expect(equal).toBe(true);
    expect(JSON.parse(plan.stdout)).toEqual({ dryRun: true, items });
    expect(items).toBeGreaterThan(2);
    expect(before).toEqual(after);
    expect(Object.keys(before as object)).toEqual(
      expect.arrayContaining(['clickhouse.events', 'clickhouse.threads', 'clickhouse.consents']),
    );
    expect(JSON.parse((await ask('verify', '--json')).stdout)).toMatchObject({ balanced: true, digest: before });
    const { token } = JSON.parse((await ask('token', 'create', 'rescue', '--offline', '--json')).stdout) as {
      token: string;
    };
    expect(token).toMatch(/^api_/);
    const nope = await ask('key', 'create', 'nope', '--offline');
    expect([nope.exitCode, nope.stderr]).toEqual([2, expect.stringContaining('one of: web, app, server, tills')]);
    expect(await ask('migrate', '--json')).toMatchObject({ exitCode: 0, stdout: '{"migrated":true}\n' });
  });
});
