import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DAY_MS } from '@filrouge/domain/base';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ERRORS_HEADER } from '../import/errors-file.ts';
import { type DoorAnswer, type DoorCall, openFakeDoor } from '../testing/fake-door.ts';
import { filrouge, freePort, temporaryDirectory } from '../testing/run-filrouge.ts';

const HEADER = 'ticket_id,occurred_at,store_id,currency,ticket_total,line_sku,line_amount,phone';
const AT = '2026-11-20T10:00:00+01:00';
const ticket = (id: string, changes: { total?: string; phone?: string } = {}): string =>
  `${id},${AT},S1,EUR,${changes.total ?? '7.00'},A,7.00,${changes.phone ?? ''}`;

async function importing(
  files: Readonly<Record<string, string>>,
  argv: readonly string[],
  answer: (call: DoorCall, rank: number) => DoorAnswer = () => ({ status: 200 }),
) {
  const { path, remove } = await temporaryDirectory();
  const door = await openFakeDoor(answer);
  onTestFinished(() => Promise.all([remove(), door.close()]).then(() => undefined));
  for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text);
  const environment = { FILROUGE_URL: door.url, FILROUGE_KEY: 'server_key' };
  const run = await filrouge(['import', ...argv, '--source', 'server', '--json'], { directory: path, environment });
  const errors = join(path, 'errors.csv');
  return {
    ...run,
    summary: run.stdout === '' ? undefined : (JSON.parse(run.stdout) as Record<string, unknown>),
    calls: door.calls,
    errors: existsSync(errors) ? (await readFile(errors, 'utf8')).trimEnd().split('\n').slice(1) : undefined,
    path,
  };
}

describe('filrouge import', () => {
  test('a good file goes in whole, with the key of its source, and leaves no errors.csv', async () => {
    const run = await importing({ 't.csv': [HEADER, ticket('T1'), ticket('T1'), ticket('T2')].join('\n') }, [
      'tickets',
      't.csv',
    ]);
    expect(run).toMatchObject({ exitCode: 0, errors: undefined });
    expect(run.summary).toMatchObject({ rows: 3, items: 2, accepted: 2, rejected: 0, refused: 0, errors: null });
    expect(run.calls.map(({ path, writeKey, source }) => [path, writeKey, source])).toEqual([
      ['/v1/import', 'server_key', 'server'],
    ]);
    expect(run.calls[0]?.batch.map(({ messageId }) => messageId)).toEqual([
      'ticket:S1::T1:2026-11-20:sale',
      'ticket:S1::T2:2026-11-20:sale',
    ]);
  });

  test('what is refused here and what the door rejects stand in errors.csv, by line; the rest goes in; exit code 3', async () => {
    const text = [HEADER, ticket('T1'), ticket('T2', { total: 'douze' }), ticket('T3'), 'T4,short', ticket('T5')].join(
      '\n',
    );
    const rejected = [{ index: 1, code: 'time-unreadable', pointer: '/timestamp', message: 'x', mend: 'y' }];
    const run = await importing({ 't.csv': text }, ['tickets', 't.csv'], () => ({
      status: 200,
      body: { success: true, rejected },
    }));
    expect(run.exitCode).toBe(3);
    expect(run.summary).toMatchObject({ rows: 5, refused: 2, items: 3, accepted: 2, rejected: 1 });
    expect(run.errors?.map((line) => line.split(',').slice(0, 3))).toEqual([
      ['3', 'ticket_total', 'amount-unreadable'],
      ['4', 'occurred_at', 'time-unreadable'],
      ['5', '', 'row-too-short'],
    ]);
  });

  test('a batch of which nothing is acceptable answers 400: its items are told like others', async () => {
    const rejected = [{ index: 0, code: 'time-unreadable', pointer: '/timestamp' }];
    const run = await importing({ 't.csv': `${HEADER}\n${ticket('T1')}\n` }, ['tickets', 't.csv'], () => ({
      status: 400,
      body: { code: 'time-unreadable', rejected },
    }));
    expect(run.exitCode).toBe(3);
    expect(run.errors?.map((line) => line.slice(0, 2))).toEqual(['2,']);
  });

  test('S4: tickets of a time to come are counted, for a run and for a rehearsal', async () => {
    const warnings = [{ index: 0, code: 'time-in-future', message: 'x' }];
    const ahead = ticket('T1').replace(AT, new Date(Date.now() + 2 * DAY_MS).toISOString());
    const run = await importing({ 't.csv': [HEADER, ahead, ticket('T2')].join('\n') }, ['tickets', 't.csv'], () => ({
      status: 200,
      body: { success: true, warnings },
    }));
    expect(run.summary).toMatchObject({ accepted: 2, datedAhead: 1 });
    const { stdout } = await filrouge(['import', 'tickets', 't.csv', '--source', 'server', '--dry-run'], {
      directory: run.path,
    });
    expect(stdout).toMatch(/^1 dated ahead: to be taken as of their receipt$/m);
  });

  test('--dry-run reads everything, with the eyes of the door, and sends nothing', async () => {
    const lines = [
      '{"type":"track","event":"A","messageId":"1","userId":"u","timestamp":"2026-11-20T10:00:00Z"}',
      '{"type":"track","event":"A","messageId":"2"}',
      '{"type":"track","event":"A","event":"B","messageId":"3","userId":"u"}',
      '{"type":"ticket","messageId":"4","userId":"u"}',
    ];
    const run = await importing({ 'e.ndjson': lines.join('\n') }, ['events', 'e.ndjson', '--dry-run']);
    expect(run.calls).toEqual([]);
    expect(run.exitCode).toBe(3);
    expect(run.summary).toMatchObject({ dryRun: true, rows: 4, refused: 2, items: 2, rejected: 1, accepted: 0 });
    expect(run.errors?.map((line) => line.split(',').slice(0, 3))).toEqual([
      ['2', '', 'no-identifier'],
      ['3', '/event', 'duplicate-key'],
      ['4', '/type', 'item-of-other-file'],
    ]);
  });

  test('a telephone number is read in the country given', async () => {
    const run = await importing({ 't.csv': `${HEADER}\n${ticket('T1', { phone: '06 39 98 12 34' })}\n` }, [
      'tickets',
      't.csv',
    ]);
    expect(run.calls[0]?.batch[0]).toMatchObject({ identifiers: { phone: '+33639981234' } });
  });

  test('an overloaded door is waited for', async () => {
    const run = await importing({ 't.csv': `${HEADER}\n${ticket('T1')}\n` }, ['tickets', 't.csv'], (_, rank) =>
      rank === 0 ? { status: 503, headers: { 'retry-after': '0' } } : { status: 200 },
    );
    expect(run).toMatchObject({ exitCode: 0, summary: { accepted: 1 } });
    expect(run.calls).toHaveLength(2);
  });

  test('a server that never answers: that it is tried again is told at once, then what to do', async () => {
    const { path, remove } = await temporaryDirectory();
    onTestFinished(remove);
    await writeFile(join(path, 't.csv'), `${HEADER}\n${ticket('T1')}\n`);
    const environment = { FILROUGE_URL: `http://127.0.0.1:${await freePort()}`, FILROUGE_KEY: 'k' };
    const argv = ['import', 'tickets', 't.csv', '--source', 'server'];
    const told = await filrouge(argv, { directory: path, environment });
    expect([told.exitCode, told.stderr.trimEnd().split('\n')]).toEqual([
      1,
      [
        expect.stringMatching(/^http:.+ does not answer \(ECONNREFUSED\): next try at once, 2 of 3; given up in 1 s$/),
        expect.stringMatching(
          /^filrouge: no server answers at http:.+ \(ECONNREFUSED\)\. Start it with filrouge start/,
        ),
      ],
    ]);
    const quiet = await filrouge([...argv, '--quiet'], { directory: path, environment });
    expect(quiet.stderr).toMatch(/^filrouge: no server answers [^\n]+\n$/);
  });

  test.each([
    [
      'a wrong key',
      'T',
      401,
      { title: 'The write key is not known.', message: 'The write key is not known. Check it.' },
      'The write key is not known. Check it; it came from FILROUGE_KEY.',
    ],
    ['something else that answers', 'T', 404, 'hello', 'answered 404 without saying why'],
  ])('%s ends the import with one sentence and exit code 1', async (_, id, status, body, sentence) => {
    const run = await importing({ 't.csv': `${HEADER}\n${ticket(id)}\n` }, ['tickets', 't.csv'], () => ({
      status,
      body,
    }));
    expect(run).toMatchObject({ exitCode: 1, stdout: '', errors: undefined });
    expect(run.stderr).toContain(sentence);
    expect(run.stderr).not.toContain('    at ');
  });

  test('required columns that are missing are told by name before anything is sent', async () => {
    const run = await importing({ 't.csv': 'ticket,total\n1,2\n' }, ['tickets', 't.csv']);
    expect(run.exitCode).toBe(1);
    expect(run.calls).toEqual([]);
    expect(run.errors).toContainEqual(expect.stringMatching(/^1,occurred_at,column-missing,/));
    expect(run.summary).toMatchObject({ rows: 0, refused: 0, items: 0, complete: false });
    expect(run.summary?.['reasons']).toContainEqual({
      code: 'column-missing',
      column: 'occurred_at',
      lines: 1,
      line: 1,
    });
    expect(JSON.parse(run.stderr.split('\n').at(-2) ?? '')).toMatchObject({
      title: 'nothing of the file could be read.',
      exitCode: 1,
    });
    const mapping = await readFile(join(run.path, 't.csv.mapping.yaml'), 'utf8');
    expect(mapping).toContain('NOT COMPLETE');
    expect(mapping).toMatch(/- \{ from: \?, to: occurred_at, repair: date-dmy \}/);
    expect(run.stderr).toContain('mapping proposed in part');
  });

  test('a mapping that was written in part is completed by hand, and used', async () => {
    const header = 'N° ticket;Date;Magasin;Article;Bidule;Machin';
    const files = { 't.csv': `${header}\nT1;21/11/2026 10:00;17;A;7,00;7,00\n` };
    const first = await importing(files, ['tickets', 't.csv']);
    expect(first.exitCode).toBe(1);
    expect(first.errors?.join('\n')).toContain('not recognised: Bidule, Machin');
    const mapping = await readFile(join(first.path, 't.csv.mapping.yaml'), 'utf8');
    expect(mapping).toContain('- { from: Bidule, reason: unknown }');
    const completed = mapping.replace(
      'columns:\n',
      `columns:
  - { from: Bidule, to: line_amount, repair: decimal-comma }
  - { from: Machin, to: ticket_total, repair: decimal-comma }
`,
    );
    const again = await importing({ ...files, 't.csv.mapping.yaml': completed }, ['tickets', 't.csv']);
    expect([again.exitCode, again.summary?.['items']]).toEqual([0, 1]);
  });

  test.each([
    [['tickets', 'nope.csv'], 'there is no file', 2],
    [['tickets', '.'], 'is no file', 2],
    [['receipts', 't.csv'], 'customers, orders, tickets, events, consents', 2],
    [['tickets', 't.csv', '--country', 'France'], 'is no country', 2],
    [['tickets', 'errors.csv'], 'the list of refused lines itself', 2],
    [['tickets', 't.csv', '--url', 'ftp://x'], 'is no address of a server', 2],
  ])('a slip is one sentence: %j', async (argv, sentence, exitCode) => {
    const files = { 't.csv': `${HEADER}\n`, 'errors.csv': `${ERRORS_HEADER}\n` };
    const run = await importing(files, argv);
    expect(run.stderr).toContain(sentence);
    expect(run.exitCode).toBe(exitCode);
  });

  test('each import has a list of its own beside its file, and takes away no other', async () => {
    const { path, remove } = await temporaryDirectory();
    const door = await openFakeDoor(() => ({ status: 200 }));
    onTestFinished(() => Promise.all([remove(), door.close()]).then(() => undefined));
    const run = async (file: string, ...rows: string[]): Promise<string> => {
      await writeFile(join(path, file), [HEADER, ...rows].join('\n'));
      const environment = { FILROUGE_URL: door.url, FILROUGE_KEY: 'server_key' };
      const argv = ['import', 'tickets', file, '--source', 'server', '--json'];
      const { errors } = JSON.parse((await filrouge(argv, { directory: path, environment })).stdout) as {
        readonly errors: string | null;
      };
      return errors === null ? '' : basename(errors);
    };
    const bad = ticket('T1', { total: 'douze' });
    const left = async (): Promise<readonly string[]> =>
      (await readdir(path)).filter((name) => name.includes('errors'));
    expect([await run('may.csv', bad), await run('june.csv', bad)]).toEqual(['errors.csv', 'june.errors.csv']);
    expect(await readFile(join(path, 'errors.csv'), 'utf8')).toMatch(/,tickets may\.csv\n$/);
    expect([await run('july.csv', ticket('T1')), await left()]).toEqual(['', ['errors.csv', 'june.errors.csv']]);
    expect([await run('may.csv', ticket('T1')), await left()]).toEqual(['', ['june.errors.csv']]);
    expect([await run('june.csv', bad), await left()]).toEqual(['june.errors.csv', ['june.errors.csv']]);
    await writeFile(join(path, 'errors.csv'), 'mine');
    expect(await run('may.csv', bad)).toBe('may.errors.csv');
    expect(await readFile(join(path, 'errors.csv'), 'utf8')).toBe('mine');
  });

  test('why lines were refused is told on the terminal, and the counts add up', async () => {
    const { path, remove } = await temporaryDirectory();
    onTestFinished(remove);
    const rows = [ticket('T1', { total: 'douze' }), ticket('T2', { total: 'seize' }), 'T3,short', ticket('T4')];
    await writeFile(join(path, 't.csv'), [HEADER, ...rows].join('\n'));
    const run = await filrouge(['import', 'tickets', 't.csv', '--source', 'server', '--dry-run'], { directory: path });
    expect(run.stdout.slice(run.stdout.indexOf('4 rows')).split('\n')).toEqual([
      '4 rows read in 0 s: 3 refused, 1 made 1 ticket',
      '1 would be sent; nothing was (--dry-run)',
      'refused  first line  column        why',
      '      2           2  ticket_total  The amount is not a decimal number.',
      '      1           4                The row has fewer cells than the first line.',
      `each with its mend: ${join(path, 'errors.csv')}`,
      '',
    ]);
  });

  test('every row and every item is told once: refused, kept back with its ticket, new, there already, withheld', async () => {
    const { path, remove } = await temporaryDirectory();
    const door = await openFakeDoor(() => ({
      status: 200,
      body: {
        rejected: [{ index: 4, code: 'time-unreadable', pointer: '/timestamp' }],
        outcome: { new: 1, duplicates: 1, withheld: 1, quarantined: 1 },
      },
    }));
    onTestFinished(() => Promise.all([remove(), door.close()]).then(() => undefined));
    const rows = [
      ticket('T1', { phone: '639981234' }),
      ticket('T1', { total: 'douze', phone: '639981234' }),
      ticket('T2', { phone: '639981234' }),
      ...[3, 4, 5, 6].map((n) => ticket(`T${n}`)),
    ];
    await writeFile(join(path, 't.csv'), [HEADER, ...rows].join('\n'));
    const environment = { FILROUGE_URL: door.url, FILROUGE_KEY: 'server_key' };
    const told = await filrouge(['import', 'tickets', 't.csv', '--source', 'server'], { directory: path, environment });
    expect(told.stdout.split('\n').slice(0, 2)).toEqual([
      expect.stringMatching(
        /^7 rows read in \d s: 1 refused, 1 kept back with a refused row of the same ticket, 5 made 5 tickets$/,
      ),
      'of these the server says: 1 new, 1 there already, 1 withheld for want of permission, 1 in quarantine, 1 refused',
    ]);
    expect(told.stdout).toMatch(/^leading-zero-restored +1$/m);
    const again = await filrouge(['import', 'tickets', 't.csv', '--source', 'server', '--json'], {
      directory: path,
      environment,
    });
    expect(JSON.parse(again.stdout)).toMatchObject({
      rows: 7,
      refused: 2,
      keptBack: 1,
      accepted: 4,
      outcome: { new: 1, duplicates: 1, withheld: 1, quarantined: 1 },
      repairs: { 'leading-zero-restored': 1 },
    });
  });

  test('of a file whose first line says nothing only the reasons are told', async () => {
    const { path, remove } = await temporaryDirectory();
    onTestFinished(remove);
    await writeFile(join(path, 't.csv'), 'ticket,total\n1,2\n');
    const run = await filrouge(['import', 'tickets', 't.csv', '--source', 'server', '--dry-run'], { directory: path });
    expect(run.stdout.split('\n').slice(0, 2)).toEqual([
      'refused  first line  column       why',
      expect.stringMatching(/^ +1 +1 +occurred_at +[A-Z].+\.$/),
    ]);
    expect(run.stdout).not.toContain('rows read');
    expect([run.exitCode, run.stderr]).toEqual([1, expect.stringContaining('nothing of the file could be read')]);
  });

  test('50,000 rows pass in batches that the door takes', async () => {
    const rows = Array.from({ length: 50_000 }, (_, at) => ticket(`T${at}`));
    const run = await importing({ 't.csv': [HEADER, ...rows].join('\n') }, ['tickets', 't.csv']);
    expect(run.summary).toMatchObject({ rows: 50_000, accepted: 50_000 });
    expect(Math.max(...run.calls.map(({ batch }) => batch.length))).toBeLessThanOrEqual(2_500);
    expect(run.calls.flatMap(({ batch }) => batch.map(({ messageId }) => messageId))).toHaveLength(50_000);
  });
});
