import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type DoorAnswer, type DoorCall, openFakeDoor } from '../testing/fake-door.ts';
import { filrouge, temporaryDirectory } from '../testing/run-filrouge.ts';

type Ran = { readonly exitCode: number | null; readonly stdout: string; readonly stderr: string };

/** A directory with files, a door, and the command in between, as often as asked. */
async function place(
  files: Readonly<Record<string, string | Buffer>>,
  answer: (call: DoorCall, rank: number) => DoorAnswer = () => ({ status: 200 }),
) {
  const { path, remove } = await temporaryDirectory();
  const door = await openFakeDoor(answer);
  onTestFinished(() => Promise.all([remove(), door.close()]).then(() => undefined));
  for (const [name, content] of Object.entries(files)) await writeFile(join(path, name), content);
  const environment = { FILROUGE_URL: door.url, FILROUGE_KEY: 'server_key' };
  return {
    path,
    calls: door.calls,
    items: () => door.calls.flatMap(({ batch }) => batch),
    run: (...argv: readonly string[]): Promise<Ran> =>
      filrouge(['import', ...argv, '--source', 'server'], { directory: path, environment }),
    read: (name: string): Promise<string> => readFile(join(path, name), 'utf8'),
    has: (name: string): boolean => existsSync(join(path, name)),
  };
}

const cp1252 = (text: string): Buffer => Buffer.from(text.replaceAll('€', '\x80').replaceAll('œ', '\x9c'), 'latin1');

const LOYALTY = [
  'Code client;N° carte;Nom;Prénom;Adresse mail;Portable;CP;Ville;Date de naissance;Créé le;Newsletter;Mot de passe;Fidélité depuis',
  '00012;2990001;Durand;Zoé;zoe@example.com;639981234;1000;Bourg;29/02/1980;01/02/2020 10:30;oui;$2y$10$abcdefghijklmnopqrstuv;3',
  '00013;2,99E+12;Cœur;Anaïs;anais@example.com;639981235;1400;Belley;13/05/1975;03/04/2021 09:05;non;$2y$10$abcdefghijklmnopqrstuw;2',
  '00014;2990003;Hélène;"Ève\nMarie";eve@example.com;0639981236;75011;Paris;31/02/1975;25/10/2026 02:30;non;;1',
].join('\r\n');

describe('filrouge import of files as retailers have them', () => {
  test('cp1252, semicolons, French names of columns: a mapping is proposed, written and told; secrets are named', async () => {
    const here = await place({ 'clients.csv': cp1252(LOYALTY) });
    const run = await here.run('customers', 'clients.csv');
    expect(run.exitCode).toBe(3);
    expect(here.items()).toMatchObject([
      {
        identifiers: { userId: '00012', loyaltyCard: '2990001', email: 'zoe@example.com', phone: '+33639981234' },
        traits: {
          firstName: 'Zoé',
          address: { postalCode: '01000' },
          birthday: '1980-02-29',
          createdAt: '2020-02-01T10:30:00+01:00',
        },
      },
    ]);
    expect(JSON.stringify(here.calls)).not.toContain('$2y$');
    expect((await here.read('errors.csv')).split('\n').map((line) => line.split(',').slice(0, 3))).toEqual([
      ['line', 'column', 'code'],
      ['3', 'N° carte', 'scientific-notation'],
      ['4', 'Date de naissance', 'no-such-day'],
      [''],
    ]);
    expect(run.stderr).toContain('kept out: Mot de passe (passwords and tokens are never read)');
    expect(run.stderr).toContain('kept out: Fidélité depuis (no column of ours)');
    expect(run.stderr).toContain('opt-ins: Newsletter');
    expect((await here.run('customers', 'clients.csv', '--quiet')).stderr).toContain('opt-ins: Newsletter');
    expect(run.stdout).toMatch(/leading-zero-restored +2\n/);
    const mapping = await here.read('clients.csv.mapping.yaml');
    expect(mapping).toContain('{ from: Code client, to: customer_id, repair: code }');
    expect(mapping).toContain('{ from: Mot de passe, reason: secret }');
  });

  test('an edited mapping is used again; what it has answered is not asked twice', async () => {
    const here = await place({ 'c.csv': 'ref;mail perso\nA1;a@example.com\n' });
    expect((await here.run('customers', 'c.csv')).exitCode).toBe(0);
    const proposed = await here.read('c.csv.mapping.yaml');
    await writeFile(
      join(here.path, 'c.csv.mapping.yaml'),
      proposed
        .replace('columns:', 'columns:\n  - { from: ref, to: customer_id, repair: code }')
        .replace(/dropped:[\s\S]*$/, ''),
    );
    expect((await here.run('customers', 'c.csv')).exitCode).toBe(0);
    const brought = here.items().map(({ identifiers }) => identifiers);
    expect(brought).toEqual([{ email: 'a@example.com' }, { userId: 'A1', email: 'a@example.com' }]);
    expect(await here.run('customers', 'c.csv', '--dates', 'dmy')).toMatchObject({ exitCode: 2 });
    expect(await here.run('customers', 'c.csv', '--country', 'be')).toMatchObject({ exitCode: 2 });
    expect(await here.run('customers', 'c.csv', '--country', 'fr')).toMatchObject({ exitCode: 0 });
    await writeFile(join(here.path, 'm.yaml'), 'kind: customers\ncolumns: {');
    const broken = await here.run('customers', 'c.csv', '--mapping', 'm.yaml');
    expect([broken.exitCode, broken.stderr]).toEqual([1, expect.stringContaining('m.yaml is no YAML')]);
    await writeFile(
      join(here.path, 'm.yaml'),
      'kind: customers\nzone: Europe/Paris\ncolumns: [{ from: x, to: y, repair: text }]',
    );
    expect((await here.run('customers', 'c.csv', '--mapping', 'm.yaml')).stderr).toContain(
      'y is no column of customers',
    );
    expect((await here.run('customers', 'c.csv', '--mapping', 'none.yaml')).stderr).toContain('there is no file');
  });

  test('an open question is refused with the option that answers it, and leaves no mapping behind', async () => {
    const here = await place({ 'c.csv': 'id;date naissance\n1;01/02/1980\n2;03/04/1990\n' });
    expect((await here.run('customers', 'c.csv')).exitCode).toBe(1);
    expect(await here.read('errors.csv')).toContain('1,date naissance,dates-ambiguous');
    expect([here.calls, here.has('c.csv.mapping.yaml')]).toEqual([[], false]);
    expect((await here.run('customers', 'c.csv', '--dates', 'mdy')).exitCode).toBe(0);
    expect(here.items()[0]).toMatchObject({ traits: { birthday: '1980-01-02' } });
  });

  test('how to mend is said for the file as it is: its separator, its columns, its dates, its decimals', async () => {
    const here = await place({
      'c.csv': [
        'Code client;Adresse mail;Ville;Date de naissance',
        '1;a@example.com;Lyon;13/05/1975',
        ';;Lyon;13/05/1975',
        '3;c@example.com;Lyon;05/13/1975',
        '4;d@example.com;Lyon;13/05/1975;more',
        '5;e@example.com;Lyon;31/02/1975',
      ].join('\n'),
      't.csv': [
        'ticket_id;occurred_at;store_id;currency;ticket_total;line_sku;line_amount',
        'T1;2026-11-20T10:00:00+01:00;S1;EUR;1 234,50;A;1 234,50',
        'T2;2026-11-20T10:00:00+01:00;S1;EUR;douze;A;12,00',
      ].join('\n'),
    });
    expect((await here.run('customers', 'c.csv', '--errors', 'c.errors.csv')).exitCode).toBe(3);
    const mends = (await here.read('c.errors.csv')).split('\n').slice(1);
    expect(mends).toEqual([
      expect.stringContaining(',"Fill one of the columns: Code client, Adresse mail.",'),
      expect.stringContaining('Write it in that form, or change how the column is read'),
      expect.stringContaining(',Put quotes around cells that contain the separator.,'),
      expect.stringMatching(
        /no-such-day,"There is no such day in the calendar\. .+","Write the day that is meant; where/,
      ),
      '',
    ]);
    await here.run('tickets', 't.csv', '--errors', 't.errors.csv');
    expect(await here.read('t.errors.csv')).toContain('Write digits with a decimal comma, for instance 12,50.');
  });

  test('all faults of a row are told at once, a line each; the row counts once', async () => {
    const head = 'N° ticket;Date;Magasin;Total TTC;Code article;Montant ligne;Carte;Mail';
    const here = await place({
      'c.csv': [
        'Code client;Adresse mail;Carte;Créé le;Date de naissance',
        '1;nobody;2,99E+12;hier;31/02/1980',
        ';;2,99E+12;13/05/2020;13/05/1975',
        '3;c@example.com;1;14/05/2020;29/02/1980',
      ].join('\n'),
      't.csv': [
        head,
        'T1;31/02/2026;S1;douze;A1;12,00;2990001;x@',
        'T1;;;;;seize;;',
        'T1;;;;A2;16,00;;',
        'T2;21/11/2026;S1;12,00;A1;12.00;2990001;b@example.com',
        'T3;21/11/2026;S1;12,00;A1;12,00;2990001;',
        'T3;21/11/2026;S1;douze;;12,00;2990002;',
      ].join('\n'),
    });
    const listed = async (kind: string, file: string): Promise<readonly string[]> => {
      const { stdout } = await here.run(kind, file, '--errors', `${kind}.errors.csv`, '--dates', 'dmy', '--json');
      const { rows, refused } = JSON.parse(stdout) as Readonly<Record<string, number>>;
      const lines = (await here.read(`${kind}.errors.csv`)).trimEnd().split('\n').slice(1);
      return [`${refused} of ${rows}`, ...lines.map((line) => line.split(',').slice(0, 3).join(' '))];
    };
    expect(await listed('customers', 'c.csv')).toEqual([
      '2 of 3',
      '2 Carte scientific-notation',
      '2 Créé le time-unreadable',
      '2 Date de naissance no-such-day',
      '2 Adresse mail email-unreadable',
      // A card that cannot be read is told; it does not mean besides that nobody is named.
      '3 Carte scientific-notation',
    ]);
    expect(await listed('tickets', 't.csv')).toEqual([
      '6 of 6',
      '2 Date no-such-day',
      '2 Total TTC amount-unreadable',
      '2 Mail email-unreadable',
      // The rows under a first one leave out what it says: that is no fault of theirs.
      '3 Montant ligne amount-unreadable',
      '3 Code article cell-missing',
      '4 N° ticket ticket-row-refused',
      '5 Montant ligne amount-unreadable',
      '6 N° ticket ticket-row-refused',
      '7 Total TTC amount-unreadable',
      '7 Code article cell-missing',
      '7 Carte ticket-rows-differ',
    ]);
    expect(here.items()).toMatchObject([{ identifiers: { userId: '3' } }]);
  });

  test('errors.csv speaks French on a French terminal', async () => {
    const { path, remove } = await temporaryDirectory();
    onTestFinished(remove);
    await writeFile(join(path, 'c.csv'), 'id;carte;né le\n1;2,99E+12;31/02/1980\n2;2;13/05/1975\n');
    await filrouge(['import', 'customers', 'c.csv', '--source', 's', '--dry-run'], {
      directory: path,
      environment: { LANG: 'fr_FR' },
    });
    const told = await readFile(join(path, 'errors.csv'), 'utf8');
    expect(told).toContain('Un tableur a abrégé ce nombre');
    expect(told).toMatch(/^2,né le,no-such-day,"Ce jour n’existe pas.+","Écrivez le bon jour/m);
  });

  test('--dry-run shows the proposal and the first items, and sends nothing', async () => {
    const here = await place({ 'clients.csv': cp1252(LOYALTY) });
    const run = await here.run('customers', 'clients.csv', '--dry-run');
    expect(here.calls).toEqual([]);
    expect(run.stdout).toContain('{ from: CP, to: postal_code, repair: postal-code }');
    expect(run.stdout).toContain('would send: {"type":"customer"');
    const json = JSON.parse((await here.run('customers', 'clients.csv', '--dry-run', '--json')).stdout) as Record<
      string,
      unknown
    >;
    expect(json).toMatchObject({
      repairs: { 'leading-zero-restored': 2 },
      mapping: { kind: 'customers' },
      first: [{ type: 'customer' }],
    });
  });

  test('what was taken and should be known is counted, in words and for programs', async () => {
    const here = await place({
      'c.csv': 'email;Objet;Choix;Canal\na@example.com;profiling;oui;web\nb@example.com;profiling;non;web\n',
      't.csv':
        'N° ticket;Date;Magasin;Total TTC;Code article;Montant ligne\nT1;21/11/2026 18:03;LYON2;12,50;A1;12,50\nT2;21/11/2026 18:04;LYON2;99,00;A1;12,50\n',
    });
    for (const more of [['--dry-run'], []]) {
      const consents = await here.run('consents', 'c.csv', ...more);
      expect(consents.stdout).toContain(
        '1 of the yeses to be confirmed, not given: 1 without indicated_at, 1 without notice_text (or notice_id and notice_version)\n2 decisions without a date, taken as of their receipt',
      );
    }
    const json = async (...argv: readonly string[]) =>
      JSON.parse((await here.run(...argv, '--dry-run', '--json')).stdout) as Record<string, unknown>;
    expect(await json('consents', 'c.csv')).toMatchObject({
      notes: { 'to-confirm': { times: 1, line: 2 }, 'dated-to-receipt': { times: 2, line: 2 } },
      toConfirm: 1,
      toConfirmReasons: { indicated_at: 1, 'notice_text (or notice_id and notice_version)': 1 },
    });
    expect((await here.run('tickets', 't.csv')).stdout).toContain('1 ticket taken with a total that is not the sum');
    expect((await json('tickets', 't.csv'))['notes']).toEqual({ 'total-differs': { times: 1, line: 3 } });
  });

  test.each([
    ['UTF-16, little end first', Buffer.from(`\uFEFF${LOYALTY}`, 'utf16le')],
    ['UTF-16, big end first', Buffer.from(`\uFEFF${LOYALTY}`, 'utf16le').swap16()],
    ['UTF-8 with a mark', Buffer.from(`\uFEFF${LOYALTY}`)],
    ['tabs and a first line that says so', cp1252(`sep=\t\r\n${LOYALTY.replaceAll(';', '\t')}`)],
    ['bars', cp1252(LOYALTY.replaceAll(';', '|'))],
  ])('the same file as %s brings the same items', async (_, content) => {
    const plain = await place({ 'clients.csv': cp1252(LOYALTY) });
    const other = await place({ 'clients.csv': content });
    for (const here of [plain, other]) await here.run('customers', 'clients.csv');
    expect(other.items()).toEqual(plain.items());
    expect(plain.items()).toHaveLength(1);
  });

  test('an encoding or delimiter that is said wins over what is found', async () => {
    const here = await place({ 'c.csv': Buffer.from('id,nom\n1,Zo\xc3\xa9\n', 'latin1') });
    await here.run('customers', 'c.csv', '--encoding', 'cp1252', '--delimiter', 'comma');
    expect(here.items()[0]).toMatchObject({ traits: { lastName: 'ZoÃ©' } });
    expect(await here.run('customers', 'c.csv', '--delimiter', 'x')).toMatchObject({ exitCode: 2 });
    expect(await here.run('customers', 'c.csv', '--zone', 'Europe/Lyon')).toMatchObject({ exitCode: 2 });
  });

  test('a spreadsheet or an archive is told for what it is', async () => {
    const here = await place({ 'c.xlsx': Buffer.from('504b030414000600', 'hex') });
    expect((await here.run('customers', 'c.xlsx')).stderr).toContain('Save the sheet as CSV');
  });

  test.each([
    ['random bytes', Buffer.from(Array.from({ length: 4_096 }, (_, at) => (at * 167 + (at >> 3) * 89) & 0xff))],
    ['UTF-16 that does not say so', Buffer.from(LOYALTY, 'utf16le')],
  ])('%s are no text: nothing of them is shown, sent or kept', async (_, content) => {
    const here = await place({ 'c.csv': content });
    const run = await here.run('customers', 'c.csv');
    expect(run).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining('c.csv is no text file') });
    expect(/[^ -~\n’–—]/.test(run.stderr)).toBe(false);
    expect([here.calls, here.has('c.csv.mapping.yaml'), here.has('errors.csv')]).toEqual([[], false, false]);
  });

  test('of a ticket whose rows stand apart nothing is sent; sorted, it comes in whole', async () => {
    const head = 'N° ticket;Date;Magasin;Total TTC;Code article;Montant ligne';
    const line = (ticket: string, article: string): string =>
      `${ticket};21/11/2026 18:03;LYON2;25,00;${article};${ticket === 'T1' ? '12,50' : '25,00'}`;
    const here = await place({ 't.csv': [head, line('T1', 'A'), line('T2', 'A'), line('T1', 'B')].join('\n') });
    expect((await here.run('tickets', 't.csv')).exitCode).toBe(3);
    expect(here.items()).toMatchObject([{ receipt: { number: 'T2' } }]);
    expect((await here.read('errors.csv')).match(/^\d,[^,]*,[^,]*/gm)).toEqual([
      '2,N° ticket,ticket-rows-apart',
      '4,N° ticket,ticket-rows-apart',
    ]);
    await writeFile(join(here.path, 't.csv'), [head, line('T1', 'A'), line('T1', 'B'), line('T2', 'A')].join('\n'));
    expect((await here.run('tickets', 't.csv')).exitCode).toBe(0);
    expect(here.items()[1]).toMatchObject({ receipt: { number: 'T1', lines: [{ sku: 'A' }, { sku: 'B' }] } });
  });

  test('a zero byte in one row spoils no file', async () => {
    const rows = Array.from({ length: 50 }, (_, at) => `A${at};a${at}@example.com`);
    const here = await place({ 'c.csv': `id;email\n${rows.join('\n')}\nA\0;z@example.com\n` });
    expect((await here.run('customers', 'c.csv')).stderr).not.toContain('no text');
    expect(here.items().length).toBeGreaterThanOrEqual(50);
  });

  test('a file of a first line alone is warned about, however quiet', async () => {
    const here = await place({ 'c.csv': 'id;email\n' });
    const run = await here.run('customers', 'c.csv', '--quiet');
    expect([run.exitCode, run.stderr]).toEqual([0, expect.stringContaining('c.csv holds no rows: nothing to import')]);
  });

  test('a till’s file: one row a line, day and hour apart, decimal commas', async () => {
    const here = await place({
      't.csv': cp1252(
        [
          'N° ticket;Date;Heure;Magasin;Caisse;Carte fidélité;Total TTC;Code article;Désignation;Qté;Montant TTC',
          'T1;21/11/2026;18:03;LYON2;1;2990001;1 020,45 €;A1;Écharpe;1;1 012,50 €',
          'T1;21/11/2026;18:03;LYON2;1;2990001;1 020,45 €;B1;Gants;1;7,95 €',
        ].join('\n'),
      ),
    });
    expect((await here.run('tickets', 't.csv')).exitCode).toBe(0);
    expect(here.items()).toMatchObject([
      {
        messageId: 'ticket:LYON2:1:T1:2026-11-21:sale',
        receipt: {
          amountMinor: 102_045,
          localTime: '2026-11-21T18:03:00+01:00',
          currency: 'EUR',
          lines: [{ amountMinor: 101_250 }, { amountMinor: 795 }],
        },
      },
    ]);
  });

  test('decisions go to the door for decisions; a yes without proof is to be confirmed', async () => {
    const here = await place({ 'c.csv': 'Email,Newsletter,Optin SMS\na@example.com,1,0\nb@example.com,,\n' });
    expect((await here.run('consents', 'c.csv')).exitCode).toBe(0);
    expect(here.calls.map(({ path }) => path)).toEqual(['/v1/import/consents']);
    expect(here.items()).toMatchObject([
      { subject: { email: 'a@example.com' }, decisions: [{ purpose: 'email_marketing', status: 'requested' }] },
      { subject: { email: 'a@example.com' }, decisions: [{ purpose: 'sms_marketing', status: 'refused' }] },
    ]);
    expect((await here.run('customers', 'c.csv')).exitCode).toBe(0);
    expect([here.has('c.csv.mapping.yaml'), here.has('c.csv.consents.mapping.yaml')]).toEqual([true, true]);
    const old = await place({ 'c.csv': 'email,purpose,status\na@example.com,newsletter,oui\n' }, () => ({
      status: 404,
    }));
    expect((await old.run('consents', 'c.csv')).stderr).toContain('takes no decisions from files');
  });
});

describe('decisions of a file', () => {
  const GOOD = 'a@example.com;0639981234;newsletter;oui;21/11/2026\nd@example.com;;newsletter;non;20/11/2026\n';
  const NO = `Email;Téléphone;Finalité;Statut;Date\nzoe@example.com;0639;newsletter;désinscrit;32/13/2026\n${GOOD}`;

  test('S6: a no whose row is at fault elsewhere is sent without that, and its faults are listed', async () => {
    const here = await place({ 'c.csv': `${NO}ben@example.com;;newsletter;oui;32/13/2026\n` });
    const run = await here.run('consents', 'c.csv', '--dates', 'dmy');
    expect(run.exitCode).toBe(3);
    expect(here.items()).toHaveLength(3);
    expect(here.items().slice(0, 1)).toMatchObject([
      { subject: { email: 'zoe@example.com' }, decisions: [{ purpose: 'email_marketing', status: 'withdrawn' }] },
    ]);
    const lines = (await here.read('errors.csv')).trimEnd().split('\n').slice(1);
    expect(lines.map((line) => line.split(',').slice(0, 3))).toEqual([
      ['2', 'Date', 'time-unreadable'],
      ['2', 'Téléphone', 'phone-unreadable'],
      ['5', 'Date', 'time-unreadable'],
    ]);
    expect(lines.map((line) => line.includes('the no itself is recorded'))).toEqual([true, true, false]);
  });

  test('a dry run without a configuration says that purposes and notices were not checked, in one line', async () => {
    const here = await place({ 'c.csv': 'email,purpose,status\na@example.com,no_such_purpose,refused\n' });
    const looked = await here.run('consents', 'c.csv', '--dry-run', '--quiet');
    expect([looked.exitCode, looked.stderr]).toEqual([
      0,
      'there is no configuration here: whether it has these purposes and notices was not checked; give the command in its directory, or set FILROUGE_CONFIG\n',
    ]);
    expect((await here.run('consents', 'c.csv', '--quiet')).stderr).toBe('');
    const customers = await place({ 'c.csv': 'customer_id\n1\n' });
    expect((await customers.run('customers', 'c.csv', '--dry-run', '--quiet')).stderr).toBe('');
  });

  test('a dry run judges them as the server would, where the configuration is here', async () => {
    const config = new URL('../../../simulator/src/retailer-config.ts', import.meta.url).pathname;
    const here = await place({
      'filrouge.config.ts': `import { RETAILER_CONFIG } from '${config}';\nexport default RETAILER_CONFIG;\n`,
      'c.csv':
        'email,purpose,status,indicated_at,channel,notice_id,notice_version\n' +
        'a@example.com,email_marketing,given,2026-09-01T10:00:00Z,paper,nowhere,1\n' +
        'b@example.com,no_such_purpose,given,2026-09-01T10:00:00Z,paper,nowhere,1\n' +
        'c@example.com,email_marketing,refused,,,,\n',
    });
    const run = await filrouge(
      ['import', 'consents', 'c.csv', '--source', 'petit-large-server', '--dry-run', '--json'],
      { directory: here.path, environment: {} },
    );
    expect(run.stderr).not.toContain('not checked');
    const { rejected, items } = JSON.parse(run.stdout) as { readonly rejected: number; readonly items: number };
    expect([run.exitCode, items, rejected]).toEqual([3, 3, 2]);
    expect(here.calls).toEqual([]);
    expect(await here.read('errors.csv')).toMatch(/^2,.*unknown-notice.*\n3,.*unknown-(purpose|notice)/m);
  });
});

describe('products, stores and campaigns', () => {
  test('go where they belong, each in its shape; a row that cannot be read is listed', async () => {
    const here = await place({
      'magasins.csv': cp1252(
        'Code magasin;Nom magasin;CP;Ville;Pays;Latitude\n17;Bourg;1000;Bourg-en-Bresse;France;46,2051\n18;;1400;Belley;France;95,1\n',
      ),
      'articles.csv': 'sku,name,category,price,active\nA1,Pull,Femme > Mailles,49.90,yes\nA2,Jean,,39.00,archived\n',
      'operations.ndjson': '{"type":"campaign","id":"OP1","name":"Soldes"}\n{"type":"ticket","id":"T1"}\n',
    });
    expect((await here.run('stores', 'magasins.csv')).exitCode).toBe(3);
    expect((await here.run('products', 'articles.csv')).exitCode).toBe(0);
    expect((await here.run('campaigns', 'operations.ndjson')).exitCode).toBe(3);
    expect(here.calls.map(({ path }) => path)).toEqual([
      '/v1/import/stores',
      '/v1/import/products',
      '/v1/import/campaigns',
    ]);
    expect(here.items()).toEqual([
      {
        type: 'store',
        id: '17',
        name: 'Bourg',
        postalCode: '01000',
        city: 'Bourg-en-Bresse',
        country: 'FR',
        lat: 46.2051,
      },
      {
        type: 'product',
        sku: 'A1',
        name: 'Pull',
        category: ['Femme', 'Mailles'],
        priceMinor: 4990,
        currency: 'EUR',
        active: true,
      },
      { type: 'product', sku: 'A2', name: 'Jean', category: [], priceMinor: 3900, currency: 'EUR', active: false },
      { type: 'campaign', id: 'OP1', name: 'Soldes' },
    ]);
    expect(await here.read('errors.csv')).toMatch(/^3,Nom magasin,cell-missing.*\n3,Latitude,value-not-allowed/m);
  });
});

describe('an import that was interrupted', () => {
  const HEADER = 'customer_id,email';
  const rows = Array.from({ length: 12_000 }, (_, at) =>
    at % 3_000 === 1 ? `c${at},nobody` : `c${at},c${at}@example.com`,
  );
  const text = [HEADER, ...rows].join('\n');

  test('goes on where it stopped, with its counts and its list of refused lines', async () => {
    let broken = true;
    const answer = (_: DoorCall, rank: number): DoorAnswer =>
      broken && rank >= 3 ? { status: 401, body: { title: 'Not now.' } } : { status: 200 };
    const here = await place({ 'c.csv': text }, answer);
    expect((await here.run('customers', 'c.csv')).exitCode).toBe(1);
    expect(here.has('c.csv.customers.import.json')).toBe(true);
    const before = here.calls.filter((_, rank) => rank < 3).flatMap(({ batch }) => batch);
    const heard = here.calls.length;
    broken = false;
    const again = await here.run('customers', 'c.csv', '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({
      rows: 12_000,
      items: 11_996,
      refused: 4,
      resumed: expect.any(Number),
    });
    const after = here.calls.slice(heard).flatMap(({ batch }) => batch);
    expect(after.length).toBeLessThan(11_996);
    expect(new Set([...before, ...after].map(({ messageId }) => messageId)).size).toBe(11_996);
    expect(
      (await here.read('errors.csv'))
        .trimEnd()
        .split('\n')
        .map((line) => line.split(',')[0]),
    ).toEqual(['line', '3', '3003', '6003', '9003']);
    expect(here.has('c.csv.customers.import.json')).toBe(false);
  });

  test('begins anew when another import has written its list over the one it left', async () => {
    let broken = true;
    const here = await place({ 'c.csv': text, 'd.csv': `${HEADER}\n${'x,nobody\n'.repeat(50)}` }, (_, rank) =>
      broken && rank >= 3 ? { status: 401 } : { status: 200 },
    );
    await here.run('customers', 'c.csv');
    broken = false;
    await here.run('customers', 'd.csv', '--errors', 'errors.csv');
    const again = await here.run('customers', 'c.csv', '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({ rows: 12_000, resumed: 0, refused: 4 });
    expect((await here.read('c.errors.csv')).trimEnd().split('\n')).toHaveLength(5);
  });

  test('begins anew when the file, its meaning or the server is another', async () => {
    let broken = true;
    const here = await place({ 'c.csv': text }, (_, rank) => (broken && rank >= 3 ? { status: 401 } : { status: 200 }));
    await here.run('customers', 'c.csv');
    broken = false;
    await writeFile(join(here.path, 'c.csv'), `${text}\nc12000,c12000@example.com`);
    const again = await here.run('customers', 'c.csv', '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({ rows: 12_001, resumed: 0 });
  });

  test('each request names the import, the same at every run, and no item does', async () => {
    const here = await place({ 'c.csv': `${HEADER}\n1,a@example.com\n` });
    const ids = [];
    for (let run = 0; run < 2; run += 1) {
      ids.push((JSON.parse((await here.run('customers', 'c.csv', '--json')).stdout) as { import: string }).import);
    }
    expect(ids[0]).toMatch(/^imp_[0-9a-f]{26}$/);
    expect(ids[1]).toBe(ids[0]);
    expect(JSON.stringify(here.items())).not.toContain('imp_');
  });
});
