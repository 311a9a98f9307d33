import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { columnsOf, IMPORT_KINDS, type ImportKind } from '../import-kind.ts';
import type { NamedRow } from '../row.ts';
import { type MappedFile, mapFile, surplusOf } from './mapped-file.ts';
import { type Mapping, readMapping } from './mapping.ts';
import { type MappingHints, type Proposal, proposeMapping } from './propose-mapping.ts';
import { REPAIRS } from './repair.ts';

const HINTS = { country: 'FR', zone: 'Europe/Paris' };

function propose(kind: ImportKind, text: string, more: Partial<MappingHints> = {}): Proposal {
  const [header = [], ...rows] = text
    .trim()
    .split('\n')
    .map((line) => line.split(';'));
  return proposeMapping({ header, rows }, { ...HINTS, kind, ...more });
}

function meant({ mapping }: Proposal): Record<string, string> {
  return Object.fromEntries(mapping.columns.map(({ from, to, repair }) => [from, `${to} ${repair}`]));
}

function bind(mapping: Mapping, header: string): MappedFile {
  const file = mapFile(mapping, { line: 1, cells: header.split(';') });
  if (!('read' in file)) throw new Error(JSON.stringify(file));
  return file;
}

function cellsOf(file: MappedFile, line: string, columns: readonly string[]): readonly (string | undefined)[] {
  const read = file.read({ line: 2, cells: line.split(';') });
  const problems = 'rows' in read ? read.problems : read;
  if (problems !== undefined || !('rows' in read))
    return (problems ?? []).map(({ column, code }) => `${column} ${code}`);
  const [row] = read.rows as readonly NamedRow[];
  return columns.map((column) => row?.cell(column));
}

describe('a mapping is proposed', () => {
  const CUSTOMERS = [
    'Code client;N° carte;Civilité;Nom;Prénom;Adresse mail;Portable;Téléphone fixe;CP;Ville;Date de naissance;Créé le;Newsletter;Opt-in;Mot de passe',
    '00012;2990001;Mme;Durand;Jeanne;jeanne@example.com;639981234;;1000;Bourg;29/02/1980;01/02/2020 10:30;oui;non;$2y$10$abcdefghijklmnopqrstuv',
    '00013;2990002;M.;Dubois;Paul;paul@example.com;639981235;;1400;Belley;13/05/1975;03/04/2021 09:05;non;;$2y$10$abcdefghijklmnopqrstuw',
  ].join('\n');

  test('customers of a French loyalty file: every column has a meaning or a reason', () => {
    const proposal = propose('customers', CUSTOMERS);
    expect(proposal.problems).toEqual([]);
    expect(meant(proposal)).toEqual({
      'Code client': 'customer_id code',
      'N° carte': 'loyalty_card code',
      Nom: 'last_name text',
      Prénom: 'first_name text',
      'Adresse mail': 'email text',
      Portable: 'phone phone',
      CP: 'postal_code postal-code',
      Ville: 'city text',
      'Date de naissance': 'birth_date date-dmy',
      'Créé le': 'created_at date-dmy',
    });
    expect(proposal.mapping.consents).toEqual([{ from: 'Newsletter', purpose: 'email_marketing' }]);
    expect(proposal.mapping.dropped).toEqual([
      { from: 'Opt-in', reason: 'opt-in' },
      { from: 'Mot de passe', reason: 'secret' },
      { from: 'Civilité', reason: 'unknown' },
      { from: 'Téléphone fixe', reason: 'second' },
    ]);
  });

  test('a till’s file: date and time of day in two columns, decimal commas, the currency of the country', () => {
    const proposal = propose(
      'tickets',
      [
        'N° ticket;Date;Heure;Magasin;Caisse;Carte fidélité;Total TTC;Code article;Désignation;Qté;Montant TTC;Taux TVA;Type',
        'T1;21/11/2026;18:03;LYON2;1;2990001;1 012,50;A1;Écharpe;1;1 012,50;20,0;Vente',
        'T2;21/11/2026;18:04;LYON2;1;;-7,95;B1;Gants;-1;-7,95;20,0;Retour',
      ].join('\n'),
    );
    expect(proposal.problems).toEqual([]);
    expect(proposal.mapping.values).toEqual({ currency: 'EUR' });
    const file = bind(
      proposal.mapping,
      'N° ticket;Date;Heure;Magasin;Caisse;Carte fidélité;Total TTC;Code article;Désignation;Qté;Montant TTC;Taux TVA;Type',
    );
    expect(
      cellsOf(file, 'T2;21/11/2026;18:04;LYON2;1;;-7,95;B1;Gants;-1;-7,95;20,0;Retour', [
        'occurred_at',
        'ticket_total',
        'line_vat_rate',
        'type',
        'currency',
        'loyalty_card',
      ]),
    ).toEqual(['2026-11-21T18:04:00+01:00', '-7.95', '20.0', 'refund', 'EUR', undefined]);
    expect(cellsOf(file, 'T3;21/11/2026;18:04;LYON2;1;2,99E+12;7.95;B1;Gants;1;7,95;20,0;Vente', [])).toEqual([
      'Carte fidélité scientific-notation',
      'Total TTC amount-unreadable',
    ]);
  });

  test('two readings of a date are a question, which another column or an option answers', () => {
    const ambiguous = 'code client;date de naissance;cree le\n1;01/02/1980;03/04/2020\n2;05/06/1990;07/08/2021';
    expect(propose('customers', ambiguous).problems.map(({ column, code }) => [column, code])).toEqual([
      ['date de naissance', 'dates-ambiguous'],
      ['cree le', 'dates-ambiguous'],
    ]);
    expect(meant(propose('customers', ambiguous, { dates: 'mdy' }))['cree le']).toBe('created_at date-mdy');
    const answered = ambiguous.replace('05/06/1990', '25/06/1990');
    expect(propose('customers', answered).problems).toEqual([]);
    expect(meant(propose('customers', answered))['cree le']).toBe('created_at date-dmy');
    const pointed = 'code client;cree le\n1;03.04.20\n';
    expect(meant(propose('customers', pointed))['cree le']).toBe('created_at date-dmy');
    const serial = 'code client;cree le\n1;44927\n2;44928,5';
    expect(meant(propose('customers', serial))['cree le']).toBe('created_at excel-serial');
  });

  test('1,234 alone is a question, which another amount or an option answers', () => {
    const head = 'order id;date;total;email;sku;line amount';
    const ambiguous = `${head}\n1;2026-11-21;1,234;a@example.com;A;1,234`;
    expect(propose('orders', ambiguous).problems.map(({ code }) => code)).toEqual([
      'decimals-ambiguous',
      'decimals-ambiguous',
    ]);
    expect(propose('orders', ambiguous, { decimals: 'comma' }).problems).toEqual([]);
    expect(meant(propose('orders', `${ambiguous}\n2;2026-11-21;1,50;;A;1,234`))['line amount']).toBe(
      'line_amount decimal-comma',
    );
  });

  test('short French headers of decisions, tickets and campaigns; a text of one word is the name of a text', () => {
    const head = 'Réf. client;Objet;Choix;Le;Recueilli par;Texte;Version';
    const named = propose('consents', `${head}\nC1;profiling;oui;21/11/2026 10:00;web;preferences;1`);
    expect(meant(named)).toEqual({
      'Réf. client': 'customer_id code',
      Objet: 'purpose text',
      Choix: 'status consent-status',
      Le: 'indicated_at date-dmy',
      'Recueilli par': 'channel text',
      Texte: 'notice_id text',
      Version: 'notice_version text',
    });
    const shown = propose('consents', `${head}\nC1;profiling;oui;21/11/2026;web;J’accepte de recevoir vos offres;1`);
    expect(meant(shown)['Texte']).toBe('notice_text text');
    expect(
      meant(propose('consents', 'Mail;Objet;Choix;Recueilli le;Canal\na@example.com;sms;oui;21/11/2026;web')),
    ).toMatchObject({ 'Recueilli le': 'indicated_at date-dmy', Canal: 'channel text' });
    expect(meant(propose('tickets', 'N° ticket;Dont TVA\nT1;2,08'))).toMatchObject({
      'Dont TVA': 'ticket_vat decimal-comma',
    });
    expect(meant(propose('campaigns', 'Code;Libellé;Budget HT\nC1;Noël;1000,50'))).toMatchObject({
      'Budget HT': 'spend decimal-comma',
    });
  });

  const orders = (name: string, ...values: readonly string[]): Proposal =>
    propose(
      'orders',
      [
        `Commande;Date;${name};Total TTC;Article;Montant ligne`,
        ...values.map((value, at) => `W${at};21/11/2026;${value};12,50;A1;12,50`),
      ].join('\n'),
    );

  test.each([
    'Client',
    'CLIENT',
    'Client (n°)',
    'Customer',
    'Acheteur',
    'id_customer',
    'Client n°',
    'Customer No',
    'NumClient',
    'Référence client',
  ])('orders: the numbers under %s are those of customers', (name) => {
    const proposal = orders(name, 'C-00012', '10023');
    expect(proposal.problems).toEqual([]);
    expect(meant(proposal)[name]).toBe('customer_id code');
  });

  test.each([
    ['names', ['Jeanne Durand', 'DUBOIS'], undefined],
    ['names and a number here and there', ['Durand', 'Dubois', 'Lemoine', '10023'], undefined],
    ['nothing that can be looked at', [], undefined],
    ['addresses', ['a1@example.com', 'b@example.com'], 'email text'],
    ['telephone numbers', ['0639981234', '0639981235'], 'phone phone'],
  ])('orders: %s under Client are never taken for numbers of customers', (_, values, meaning) => {
    const proposal = orders('Client', ...values);
    expect(meant(proposal)['Client']).toBe(meaning);
    const dropped = proposal.mapping.dropped.find(({ from }) => from === 'Client');
    expect(dropped?.reason).toBe(meaning === undefined ? 'does-not-fit' : undefined);
  });

  test('a number beside the name is the customer’s', () => {
    const customers = propose('customers', 'Client;id;Nom\nJeanne Durand;7;Durand');
    expect(meant(customers)).toMatchObject({ id: 'customer_id code', Nom: 'last_name text' });
    const named = orders('Code client;Client', 'C12;Jeanne Durand', 'C13;Dubois');
    expect(meant(named)).toMatchObject({ 'Code client': 'customer_id code' });
    expect(meant(named)['Client']).toBeUndefined();
  });

  test('a name is found without the remark behind it, unless the remark makes another amount of it', () => {
    const customers = propose(
      'customers',
      'Réf. client (interne);Courriel [perso];Newsletter (oui/non)\nC1;a@example.com;oui\nC2;b@example.com;non',
    );
    expect(meant(customers)).toEqual({ 'Réf. client (interne)': 'customer_id code', 'Courriel [perso]': 'email text' });
    expect(customers.mapping.consents).toEqual([{ from: 'Newsletter (oui/non)', purpose: 'email_marketing' }]);
    const head = 'N° ticket;Date;Magasin;Code article;Total TTC (€)';
    const row = 'T1;21/11/2026;LYON2;A1;12,50';
    expect(meant(propose('tickets', `${head};Montant ligne en euros\n${row};12,50`))).toMatchObject({
      'Total TTC (€)': 'ticket_total decimal-comma',
      'Montant ligne en euros': 'line_amount decimal-comma',
    });
    const untaxed = propose('tickets', `${head};Montant ligne (HT)\n${row};10,42`);
    expect(untaxed.problems.map(({ column, code }) => `${column} ${code}`)).toEqual(['line_amount column-missing']);
    const both = propose('customers', 'Email (conjoint);Email\nb@example.com;a@example.com');
    expect(meant(both)).toEqual({ Email: 'email text' });
  });

  test.each([
    ['Inscrit à la newsletter', 'email_marketing'],
    ['Offres par SMS ?', 'sms_marketing'],
    ['Offres partenaires (O/N)', 'partner_sharing'],
    ['Accord e-mail et SMS', undefined],
    ['Consentement RGPD', undefined],
    // A yes to these would be a no.
    ['Newsletter (refus)', undefined],
    ['STOP SMS', undefined],
    ['Désabonné', undefined],
  ])('a box of yes and no named %s asks about %s', (name, purpose) => {
    const { mapping } = propose('customers', `Email;${name}\na@example.com;oui\nb@example.com;non`);
    expect(mapping.consents).toEqual(purpose === undefined ? [] : [{ from: name, purpose }]);
    expect(mapping.dropped).toEqual(purpose === undefined ? [{ from: name, reason: 'opt-in' }] : []);
  });

  test('words of agreement make no box of a column that holds something else, or counts', () => {
    const { mapping } = propose(
      'customers',
      'Email;Newsletter envoyée le;Nb SMS;Offres\na@example.com;21/11/2026;1;fleurs\nb@example.com;20/11/2026;0;oui',
    );
    expect(mapping.consents).toEqual([]);
    expect(mapping.dropped.map(({ reason }) => reason)).toEqual(['unknown', 'unknown', 'unknown']);
  });

  test('content speaks where the name does not, and contradicts it where it lies', () => {
    const proposal = propose(
      'customers',
      'ref;contact;mail;champ 7\nx1;a@example.com;oui;0639981234\nx2;b@example.com;non;+33639981235',
    );
    expect(meant(proposal)).toEqual({ contact: 'email text', 'champ 7': 'phone phone' });
    expect(proposal.mapping.dropped).toEqual([
      { from: 'ref', reason: 'unknown' },
      { from: 'mail', reason: 'does-not-fit' },
    ]);
  });

  test('an id of an order or a decision is no customer’s', () => {
    for (const kind of ['orders', 'consents'] as const) {
      expect(propose(kind, 'Id;Email\n5;a@example.com').mapping.columns.map(({ to }) => to)).toEqual(['email']);
    }
    expect(meant(propose('customers', 'Id;Email\n5;a@example.com'))['Id']).toBe('customer_id code');
  });

  test('codes that kept their zero show that no zero was lost', () => {
    const file = (codes: readonly string[]): string => `id;cp\n${codes.map((code, at) => `${at};${code}`).join('\n')}`;
    expect(meant(propose('customers', file(['1000', '75011'])))['cp']).toBe('postal_code postal-code');
    expect(meant(propose('customers', file(['1000', '01400'])))['cp']).toBe('postal_code code');
    // A telephone number in a shifted row has kept no postal code's 0.
    expect(meant(propose('customers', file(['1000', '0639980009'])))['cp']).toBe('postal_code postal-code');
  });

  test.each([
    ['password_hash', 'x', 'secret'],
    ['rp_token', '', 'secret'],
    ['champ', '$argon2id$v=19$m=65536$abc', 'secret'],
    ['champ', '5f4dcc3b5aa765d61d8327deb882cf99:salt', 'secret'],
    ['IBAN', '', 'payment'],
    ['compte', 'FR7630006000011234567890189', 'payment'],
  ])('%s with %j is dropped as %s, and named', (name, value, reason) => {
    expect(propose('customers', `id;${name}\n1;${value}`).mapping.dropped).toEqual([{ from: name, reason }]);
  });

  test('a required column that is missing is told; columns of which one is enough are told together', () => {
    expect(
      propose('tickets', 'n° ticket;date\n1;2026-11-21 10:00').problems.map(({ column, code }) => `${column} ${code}`),
    ).toEqual([
      'store_id column-missing',
      'ticket_total column-missing',
      'line_sku column-missing',
      'line_amount column-missing',
    ]);
  });

  test('no file makes it throw, each column has one fate, and what is proposed can be read back', () => {
    const name = fc.oneof(
      fc.constantFrom('Date', 'Montant TTC', 'CP', 'mail', 'Newsletter', 'rp_token', 'Total', 'Qté', 'id'),
      fc.string(),
    );
    const cell = fc.oneof(
      fc.constantFrom('', '1,5', '01/02/2020', 'a@example.com', 'oui', '1,2E+9', '46347'),
      fc.string(),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...IMPORT_KINDS),
        fc.uniqueArray(name, { maxLength: 12, selector: (each) => each.trim() }),
        fc.array(fc.array(cell, { maxLength: 14 }), { maxLength: 6 }),
        (kind, header, rows) => {
          const { mapping } = proposeMapping({ header, rows }, { ...HINTS, kind });
          const fates = [
            ...mapping.columns.flatMap((column) =>
              column.with === undefined ? [column.from] : [column.from, column.with],
            ),
            ...mapping.consents.map(({ from }) => from),
            ...mapping.dropped.map(({ from }) => from),
          ];
          const named = header.map((each) => each.trim()).filter((each) => each !== '');
          const unused = mapping.columns.some(({ to }) => to === 'occurred_at') ? 0 : 1;
          expect(named.filter((each) => !fates.includes(each)).length).toBeLessThanOrEqual(unused);
          expect(new Set(fates).size).toBe(fates.length);
          expect(readMapping(JSON.parse(JSON.stringify(mapping)), kind)).toMatchObject({ ok: true });
          const file = mapFile(mapping, { line: 1, cells: header });
          for (const cells of rows) if ('read' in file) file.read({ line: 2, cells });
        },
      ),
    );
  });
});

describe('a mapping file', () => {
  const GOOD = { kind: 'customers', zone: 'Europe/Paris', columns: [{ from: 'a', to: 'email', repair: 'text' }] };

  test('is read, with what it leaves out', () => {
    expect(readMapping(GOOD, 'customers')).toMatchObject({
      ok: true,
      value: { values: {}, consents: [], dropped: [] },
    });
    for (const repair of REPAIRS) {
      expect(readMapping({ ...GOOD, columns: [{ from: 'a', to: 'email', repair }] }, 'customers').ok).toBe(true);
    }
  });

  test.each([
    [{ ...GOOD, kind: 'tickets' }, 'kind: tickets, not customers'],
    [{ ...GOOD, zone: 'Europe/Lyon' }, 'zone: an IANA time zone'],
    [{ ...GOOD, columns: [{ from: 'a', to: 'mail', repair: 'text' }] }, 'mail is no column of customers'],
    [{ ...GOOD, columns: [{ from: 'a', to: 'email', repair: 'guess' }] }, 'columns.0.repair'],
    [{ ...GOOD, values: { email: 'a@example.com' } }, 'email is filled twice'],
    [{ ...GOOD, colums: [] }, 'document'],
    [null, 'document'],
  ])('%j is refused: %s', (document, reason) => {
    const read = readMapping(document, 'customers');
    expect(!read.ok && read.refusal).toContain(reason);
  });

  test('speaks of columns that the file has, once each', () => {
    const mapping = { ...GOOD, kind: 'customers', values: {}, consents: [], dropped: [] } as const;
    const codes = (header: string): unknown => {
      const file = mapFile(mapping as unknown as Mapping, { line: 1, cells: header.split(';') });
      return 'read' in file ? 'bound' : file.map(({ code, column }) => `${column} ${code}`);
    };
    expect(codes('b;a')).toBe('bound');
    expect(codes('b')).toEqual(['a mapping-column-absent']);
    expect(codes('a;a')).toEqual(['a column-repeated']);
  });

  test('a row’s own country decides how its postal code is repaired; one cell too many is one too many', () => {
    const { mapping } = propose('customers', 'id;cp;pays\n1;1000;France\n2;1000;Belgique');
    const file = bind(mapping, 'id;cp;pays');
    expect(cellsOf(file, '1;1000;France', ['postal_code', 'country'])).toEqual(['01000', 'FR']);
    expect(cellsOf(file, '2;1000;Belgique', ['postal_code', 'country'])).toEqual(['1000', 'BE']);
    expect(cellsOf(file, '2;Lyon;1000;', [])).toEqual([' row-too-long']);
    expect(cellsOf(file, '2;1000', [])).toEqual([' row-too-short']);
    expect(cellsOf(file, '2;1000;FR;x', [])).toEqual([' row-too-long']);
  });

  test('an empty cell too many is forgiven where every row has it, and only there', () => {
    const header = ['id', 'cp'];
    expect(
      surplusOf(header, [
        ['1', '01000', ''],
        ['2', '75011', ''],
      ]),
    ).toBe(1);
    expect(
      surplusOf(header, [
        ['1', '01000', ''],
        ['2', '75011'],
      ]),
    ).toBe(0);
    expect(
      surplusOf(header, [
        ['1', 'x', '01000'],
        ['2', 'y', '75011'],
      ]),
    ).toBe(0);
    expect(surplusOf(header, [['1', '01000', '']])).toBe(0);
    const { mapping } = propose('customers', 'id;cp\n1;01000');
    const file = mapFile(mapping, { line: 1, cells: header }, 1);
    if (!('read' in file)) throw new Error(JSON.stringify(file));
    expect(cellsOf(file, '1;01000;', ['postal_code'])).toEqual(['01000']);
    expect(cellsOf(file, '1;01000', [])).toEqual([' row-too-short']);
    expect(cellsOf(file, '1;Lyon;01000;', [])).toEqual([' row-too-long']);
  });

  test('what a database writes for no value is an empty cell, and no name', () => {
    const { mapping } = propose('customers', 'id;nom;date naissance;tel\n1;Null;1980-02-29;0639981234');
    const file = bind(mapping, 'id;nom;date naissance;tel');
    const columns = ['last_name', 'birth_date', 'phone'];
    expect(cellsOf(file, '1;NULL;0000-00-00;NULL', columns)).toEqual(['NULL', undefined, undefined]);
    expect(cellsOf(file, '1;\\N;\\N;\\N', columns)).toEqual([undefined, undefined, undefined]);
  });

  test('columns of yes and no each make a decision, an empty one none', () => {
    const { mapping } = propose('consents', 'Email;Newsletter;Optin SMS\na@example.com;1;0');
    const file = bind(mapping, 'Email;Newsletter;Optin SMS');
    const read = file.read({ line: 2, cells: ['a@example.com', '1', '0'] });
    const said =
      'rows' in read ? read.rows.map((row) => [row.cell('email'), row.cell('purpose'), row.cell('status')]) : read;
    expect(said).toEqual([
      ['a@example.com', 'email_marketing', 'given'],
      ['a@example.com', 'sms_marketing', 'refused'],
    ]);
    expect(file.read({ line: 3, cells: ['a@example.com', '', ''] })).toMatchObject({ rows: [] });
  });

  test('every column of every kind can be named as it is ours', () => {
    for (const kind of IMPORT_KINDS) {
      const header = columnsOf(kind);
      const { mapping } = proposeMapping({ header, rows: [] }, { ...HINTS, kind });
      expect(mapping.columns.map(({ from, to }) => [from, to]).filter(([from, to]) => from !== to)).toEqual([]);
      expect(mapping.columns).toHaveLength(header.length);
    }
  });
});
