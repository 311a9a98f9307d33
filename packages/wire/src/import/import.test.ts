import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aSource } from '../testing/a-source.ts';
import { consentFromRow } from './consent-row.ts';
import { CUSTOMER_COLUMNS, customerFromRow } from './customer-row.ts';
import { EVENT_COLUMNS, eventFromRow } from './event-row.ts';
import { itemFromLine } from './json-line.ts';
import { type Columns, isRowProblem, type NamedRow, type RowProblem, readHeader } from './row.ts';
import { createTicketReader, type ImportItem, ORDER_COLUMNS, TICKET_COLUMNS } from './ticket-reader.ts';
import { understandImported, understandRow } from './understand-import.ts';

const store = aSource({ kind: 'store', channel: 'store' });

/** Rows of a small file by hand: no cell of these tests holds a comma. */
function rowsOf(columns: Columns, text: string): (NamedRow | RowProblem)[] {
  const [first = '', ...rest] = text.trim().split('\n');
  const header = readHeader({ line: 1, cells: first.split(',') }, columns);
  if (!header.ok) return [...header.problems];
  return rest.map((line, place) => header.read({ line: place + 2, cells: line.split(',') }));
}

function readTickets(text: string): { items: ImportItem[]; problems: RowProblem[] } {
  const reader = createTicketReader('FR');
  const items: ImportItem[] = [];
  const problems: RowProblem[] = [];
  for (const row of rowsOf(TICKET_COLUMNS, text)) {
    if (isRowProblem(row)) {
      problems.push(row);
      continue;
    }
    const step = reader.push(row);
    items.push(...step.items);
    problems.push(...step.problems);
  }
  const last = reader.end();
  return { items: [...items, ...last.items], problems: [...problems, ...last.problems] };
}

const TICKETS =
  'ticket_id,type,refers_to,occurred_at,store_id,till_id,currency,customer_id,loyalty_card,email,phone,ticket_total,ticket_vat,coupon,researched_online,line_sku,line_name,line_category,line_quantity,line_amount,line_vat_rate';
const row = (ticket: string, changes: Record<string, string> = {}): string => {
  const cells: Record<string, string> = {
    ticket_id: ticket, type: 'sale', occurred_at: '2026-11-21T18:03:00+01:00', store_id: 'S1', till_id: '2', currency: 'EUR',
    loyalty_card: 'L1', ticket_total: '12.50', ticket_vat: '2.08', line_sku: 'A', line_quantity: '1', line_amount: '12.50',
    line_vat_rate: '20', ...changes,
  }; // biome-ignore format: one row
  return TICKETS.split(',')
    .map((name) => cells[name] ?? '')
    .join(',');
};

/** Rows of which those at the places of `unreadable` were refused before the reader of tickets saw them. */
function readSpoilt(rows: readonly string[], unreadable: readonly number[]): (string | undefined)[] {
  const header = readHeader({ line: 1, cells: TICKETS.split(',') }, TICKET_COLUMNS);
  if (!header.ok) return [];
  const reader = createTicketReader('FR');
  const items: ImportItem[] = [];
  for (const [place, text] of rows.entries()) {
    const read = header.glance({ line: place + 2, cells: text.split(',') });
    if (unreadable.includes(place)) reader.spoil(read);
    else items.push(...reader.push(read).items);
  }
  return [...items, ...reader.end().items].map(({ json }) => (json['receipt'] as { number?: string }).number);
}

describe('tickets.csv', () => {
  test.each([
    ['its last row', [row('T1'), row('T1'), row('T2')], [1], ['T2']],
    ['its first row', [row('T1'), row('T2'), row('T2')], [1], ['T1']],
    ['all of its rows', [row('T1'), row('T2'), row('T3')], [1], ['T1', 'T3']],
    ['a row that names no ticket', [row('T1'), '', row('T2'), row('T3')], [1], ['T3']],
  ])('half a ticket is no ticket: %s cannot be read', (_, rows, unreadable, kept) => {
    expect(readSpoilt(rows, unreadable)).toEqual(kept);
  });

  test('a total that is not the sum of its lines is taken and noted, beyond a cent a line', () => {
    const notes = (...rows: readonly string[]): readonly string[] => {
      const reader = createTicketReader('FR');
      const read = rowsOf(TICKET_COLUMNS, [TICKETS, ...rows].join('\n')).map((each) =>
        isRowProblem(each) ? { items: [], problems: [each] } : reader.push(each),
      );
      const steps = [...read, reader.end()];
      expect(steps.flatMap(({ problems }) => problems)).toEqual([]);
      return steps.flatMap(({ noted }) => noted ?? []).map(({ note, line }) => `${line} ${note}`);
    };
    const two = { ticket_total: '25.00' };
    expect(notes(row('T1'), row('T2', two), row('T2', two))).toEqual([]);
    expect(notes(row('T1', { ticket_total: '99.00' }), row('T2'))).toEqual(['2 total-differs']);
    expect(notes(row('T1', { ticket_total: '12.51' }))).toEqual([]);
    expect(notes(row('T1', { ticket_total: '12.52' }))).toEqual(['2 total-differs']);
    expect(notes(row('T1', { type: 'refund', ticket_total: '-12.50' }))).toEqual([]);
    expect(notes(row('T1', { type: 'refund', ticket_total: '-2.50', line_amount: '-12.50' }))).toEqual([
      '2 total-differs',
    ]);
  });

  test('rows of one ticket become one ticket, which the door understands', () => {
    const { items, problems } = readTickets(
      [TICKETS, row('T1'), row('T1', { line_sku: 'B', line_quantity: '0.750', line_vat_rate: '5.5' }), row('T2')].join(
        '\n',
      ),
    );
    expect(problems).toEqual([]);
    expect(items.map(({ line }) => line)).toEqual([2, 4]);
    expect(understandRow(items[0] as ImportItem, store)).toMatchObject({
      ok: true,
      value: {
        kind: 'ticket',
        name: 'Store Ticket',
        messageId: 'ticket:S1:2:T1:2026-11-21:sale',
        identifiers: [{ namespace: 'loyalty_card', value: 'L1' }],
        times: { occurredAt: Date.UTC(2026, 10, 21, 17, 3) },
        marks: [],
        receipt: {
          amountMinor: 1250,
          vatMinor: 208,
          localTime: '2026-11-21T18:03:00+01:00',
          lines: [
            { sku: 'A', quantity: 1, amountMinor: 1250, vatRate: 2000 },
            { sku: 'B', quantity: 750, unit: 'g', vatRate: 550 },
          ],
        },
      },
    });
  });

  test('a refund names what it takes back', () => {
    const { items } = readTickets(
      [
        TICKETS,
        row('T2', {
          type: 'refund',
          refers_to: 'T1',
          ticket_total: '-12.50',
          line_amount: '-12.50',
          line_quantity: '-1',
        }),
      ].join('\n'),
    );
    expect(understandRow(items[0] as ImportItem, store)).toMatchObject({
      value: { name: 'Store Ticket Refunded', receipt: { type: 'refund', refersTo: 'T1', amountMinor: -1250 } },
    });
  });

  test('a total below nothing is a refund where the till writes no type, and no sale where it says so', () => {
    const back = { ticket_total: '-12.50', line_amount: '-12.50', line_quantity: '-1' };
    const rows = [
      row('T1', { ...back, type: '' }),
      row('T1', { ...back, type: '' }),
      row('T2', { ...back, type: 'sale' }),
      row('T3', { ...back, type: 'cancellation' }),
      row('T4', { type: '', ticket_total: '0', line_amount: '0' }),
    ];
    const { items, problems } = readTickets([TICKETS, ...rows].join('\n'));
    const told = items.map(({ json }) => [json['messageId'], (json['receipt'] as { type?: string }).type]);
    expect(told).toEqual([
      ['ticket:S1:2:T1:2026-11-21:refund', 'refund'],
      ['ticket:S1:2:T3:2026-11-21:cancellation', 'cancellation'],
      ['ticket:S1:2:T4:2026-11-21:sale', 'sale'],
    ]);
    expect(understandRow(items[0] as ImportItem, store)).toMatchObject({ value: { name: 'Store Ticket Refunded' } });
    expect(problems).toMatchObject([{ line: 4, column: 'ticket_total', code: 'sale-negative' }]);
  });

  test('what the buyer answered at the till stands on the receipt; where nobody was asked nothing does', () => {
    const rows = ['yes', 'OUI', 'non', '', 'perhaps'].map((said, at) => row(`T${at}`, { researched_online: said }));
    const { items, problems } = readTickets([TICKETS, ...rows].join('\n'));
    const receipts = items.map((each) => understandRow(each, store));
    expect(receipts.map((read) => read.ok && read.value.receipt?.researchedOnline)).toEqual([
      true,
      true,
      false,
      undefined,
    ]);
    expect(problems).toMatchObject([{ line: 6, column: 'researched_online', code: 'value-not-allowed' }]);
  });

  test('a bad row costs its ticket and nobody else’s', () => {
    const { items, problems } = readTickets(
      [TICKETS, row('T1'), row('T1', { line_amount: '12,5' }).replace('12,5', '12;5'), row('T2')].join('\n'),
    );
    expect(items.map(({ line }) => line)).toEqual([4]);
    expect(problems.map(({ line, column, code }) => [line, column, code])).toEqual([
      [3, 'line_amount', 'amount-unreadable'],
      [2, 'ticket_id', 'ticket-row-refused'],
    ]);
  });

  test.each([
    [{ line_amount: '12.345' }, 'line_amount', 'amount-too-precise'],
    [{ ticket_total: '' }, 'ticket_total', 'cell-missing'],
    [{ line_sku: '' }, 'line_sku', 'cell-missing'],
    [{ currency: 'EURO' }, 'currency', 'currency-unknown'],
    [{ occurred_at: '2026-11-21 18:03' }, 'occurred_at', 'time-unreadable'],
    [{ occurred_at: '21/11/2026' }, 'occurred_at', 'time-unreadable'],
    [{ type: 'gift' }, 'type', 'value-not-allowed'],
    [{ email: 'jane' }, 'email', 'email-unreadable'],
    [{ phone: '12' }, 'phone', 'phone-unreadable'],
    [{ line_quantity: 'two' }, 'line_quantity', 'quantity-unreadable'],
    [{ line_quantity: '1.2345' }, 'line_quantity', 'quantity-unreadable'],
    [{ line_vat_rate: '200' }, 'line_vat_rate', 'amount-unreadable'],
  ])('%j is told at %s: %s', (changes, column, code) => {
    const { items, problems } = readTickets([TICKETS, row('T1', changes)].join('\n'));
    expect(items).toEqual([]);
    expect(problems[0]).toMatchObject({ line: 2, column, code, mend: /\w+/ });
  });

  test('rows that contradict each other, and rows that stand apart', () => {
    const differ = readTickets([TICKETS, row('T1'), row('T1', { ticket_total: '13.00' })].join('\n'));
    expect(differ.problems.map(({ code }) => code)).toEqual(['ticket-rows-differ', 'ticket-row-refused']);
    const apart = readTickets([TICKETS, row('T1'), row('T2'), row('T1')].join('\n'));
    expect(apart.problems.map(({ line, code }) => [line, code])).toEqual([[4, 'ticket-rows-apart']]);
    const nextDay = readTickets(
      [TICKETS, row('T1'), row('T2'), row('T1', { occurred_at: '2026-11-22T10:00:00+01:00' })].join('\n'),
    );
    expect(nextDay.items.length).toBe(3);
  });

  test('the first line is checked by name', () => {
    const problems = rowsOf(TICKET_COLUMNS, 'ticket_id,ticket_id,colour');
    expect(problems).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ line: 1, column: 'line_sku', code: 'column-missing' }),
        expect.objectContaining({ column: 'colour', code: 'column-unknown' }),
        expect.objectContaining({ column: 'ticket_id', code: 'column-repeated' }),
      ]),
    );
    const [short, long] = rowsOf({ required: ['a', 'b'], optional: [] }, 'a,b\n1\n1,2,3');
    expect([short, long]).toMatchObject([
      { code: 'row-too-short', line: 2 },
      { code: 'row-too-long', line: 3 },
    ]);
  });
});

describe('orders.csv', () => {
  const HEAD = 'order_id,occurred_at,currency,order_total,email,line_sku,line_price,line_quantity,line_discount';
  const readOrders = (...lines: readonly string[]): ReturnType<typeof readTickets> => {
    const reader = createTicketReader('FR', 'orders');
    const steps = rowsOf(ORDER_COLUMNS, [HEAD, ...lines].join('\n')).map((each) =>
      isRowProblem(each) ? { items: [], problems: [each] } : reader.push(each),
    );
    const all = [...steps, reader.end()];
    return { items: all.flatMap(({ items }) => [...items]), problems: all.flatMap(({ problems }) => [...problems]) };
  };

  test('rows that leave out what the first row says are of its order; price, pieces and discount make the amount', () => {
    const { items, problems } = readOrders(
      '#1001,2026-11-20 10:00:00 +0100,EUR,62.80,jane@example.com,A,19.95,3,5.00',
      '#1001,,,,,B,7.95,1,',
      '#1002,2026-11-20 11:00:00 +0100,EUR,7.95,,B,7.95,1,',
    );
    expect(problems).toEqual([]);
    expect(items.map(({ line }) => line)).toEqual([2, 4]);
    expect(understandRow(items[0] as ImportItem, aSource({ kind: 'server' }))).toMatchObject({
      value: {
        kind: 'order',
        messageId: 'order:#1001:sale',
        identifiers: [{ namespace: 'email', value: 'jane@example.com' }],
        receipt: {
          kind: 'order',
          number: '#1001',
          amountMinor: 6280,
          lines: [
            { sku: 'A', quantity: 3, amountMinor: 5485 },
            { sku: 'B', quantity: 1, amountMinor: 795 },
          ],
        },
      },
    });
  });

  test.each([
    ['1,2026-11-20T10:00:00Z,EUR,5,,A,x,1,', 'line_price', 'amount-unreadable'],
    ['1,2026-11-20T10:00:00Z,EUR,5,,A,5,1,x', 'line_discount', 'amount-unreadable'],
    ['1,2026-11-20T10:00:00Z,EUR,5,,A,5,x,', 'line_quantity', 'quantity-unreadable'],
    ['1,2026-11-20T10:00:00Z,EUR,5,,A,,1,', 'line_amount', 'cell-missing'],
    ['1,,EUR,5,,A,5,1,', 'occurred_at', 'cell-missing'],
  ])('%s is told at %s: %s', (line, column, code) => {
    const { items, problems } = readOrders(line);
    expect(items).toEqual([]);
    expect(problems).toMatchObject([{ line: 2, column, code }]);
  });
});

describe('consents.csv', () => {
  const HEAD = [
    'customer_id',
    'email',
    'purpose',
    'status',
    'indicated_at',
    'channel',
    'notice_id',
    'notice_version',
    'notice_text',
  ];
  const one = (fields: Readonly<Record<string, string>>): ReturnType<typeof consentFromRow> =>
    consentFromRow({ line: 2, cell: (column) => fields[column] }, 'FR');

  test('what of a yes is missing is noted, and of any decision that it has no date', () => {
    const notes = (fields: Readonly<Record<string, string>>): readonly string[] =>
      one({ email: 'a@example.com', purpose: 'profiling', ...fields }).noted?.map(({ note }) => note) ?? [];
    expect(notes({ status: 'given' })).toEqual([
      'to-confirm',
      'no-date-of-decision',
      'no-channel',
      'no-text-shown',
      'dated-to-receipt',
    ]);
    const proof = { indicated_at: '2026-11-21T18:03:00+01:00', channel: 'web', notice_text: 'I agree.' };
    expect(notes({ status: 'given', ...proof })).toEqual([]);
    expect(notes({ status: 'given', ...proof, channel: 'Julie' })).toEqual(['to-confirm', 'no-channel']);
    expect(notes({ status: 'refused' })).toEqual(['dated-to-receipt']);
    expect(notes({ status: 'refused', ...proof, notice_text: '' })).toEqual([]);
  });
  const yes = { email: 'jane@example.com', purpose: 'newsletter', status: 'given' };
  const proof = {
    indicated_at: '2026-09-10T10:00:00+02:00',
    channel: 'papier',
    notice_id: 'carte',
    notice_version: '3',
  };
  const statusOf = (fields: Readonly<Record<string, string>>): unknown => {
    const item = one(fields);
    return (item.items[0]?.json['decisions'] as { status: string }[] | undefined)?.[0]?.status;
  };

  test('a yes with its date, its source and its text is given, with evidence', () => {
    const item = one({ ...yes, ...proof });
    expect(item.items[0]?.json).toMatchObject({
      subject: { email: 'jane@example.com' },
      decisions: [{ purpose: 'email_marketing', status: 'given' }],
      channel: 'paper',
      indicatedAt: '2026-09-10T10:00:00+02:00',
      notice: { id: 'carte', version: '3' },
      evidence: { source: 'papier' },
    });
  });

  test('a yes without all of its proof is to be confirmed, and never given; a no is always taken', () => {
    const columns = HEAD.slice(4);
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...columns), fc.constantFrom('2026-09-10T10:00:00Z', 'web', 'salon 2024', 'x')),
        fc.constantFrom('given', 'requested', 'refused', 'withdrawn', 'objected'),
        (cells, status) => {
          const item = one({ ...yes, ...cells, status });
          const [read] = item.items;
          const isNo = !['given', 'requested'].includes(status);
          if (item.problems.length > 0) {
            return (read !== undefined) === isNo && item.problems.some(({ column }) => column === 'indicated_at');
          }
          const shown = 'notice_text' in cells || ('notice_id' in cells && 'notice_version' in cells);
          const proven = 'indicated_at' in cells && cells['channel'] === 'web' && shown;
          const [decision] = (read?.json['decisions'] ?? []) as { status: string }[];
          expect(decision?.status).toBe(status === 'given' && !proven ? 'requested' : status);
          expect('evidence' in (read?.json ?? {})).toBe(proven);
          return true;
        },
      ),
    );
    for (const missing of Object.keys(proof)) {
      expect(
        statusOf(Object.fromEntries(Object.entries({ ...yes, ...proof }).filter(([name]) => name !== missing))),
      ).toBe('requested');
    }
  });

  test.each([
    [{ purpose: 'newsletter', status: 'given' }, 'customer_id'],
    [{ ...yes, email: 'jane' }, 'email'],
    [{ ...yes, status: 'peut-être' }, 'status'],
    [{ ...yes, purpose: 'Ma finalité !' }, 'purpose'],
    [{ ...yes, indicated_at: 'hier' }, 'indicated_at'],
  ])('%j is told at %s', (fields, column) => {
    const item = one(fields);
    expect(item.items).toEqual([]);
    expect(item.problems[0]?.column).toBe(column);
  });

  test.each([
    [{ indicated_at: 'hier' }, 'indicated_at', {}],
    [{ phone: '12' }, 'phone', {}],
    [{ notice_id: 'x'.repeat(200), channel: 'papier' }, 'notice_id', { channel: 'paper' }],
  ])('S6: a no is not lost to %j: it is sent without that, and the fault is listed', (fields, column, rest) => {
    const { items, problems } = one({ ...yes, status: 'withdrawn', ...fields });
    expect(problems).toMatchObject([{ column, detail: expect.stringContaining('the no itself is recorded') }]);
    const { messageId: _, ...json } = items[0]?.json ?? {};
    const decisions = [{ purpose: 'email_marketing', status: 'withdrawn' }];
    expect(json).toMatchObject({ subject: { email: yes.email }, decisions, ...rest });
    expect(json).not.toHaveProperty('indicatedAt');
    expect(one({ ...yes, ...fields }).items, 'a yes is').toEqual([]);
  });

  test('a no of nobody, or for nothing one can read, is only listed', () => {
    for (const fields of [{ email: 'jane' }, { purpose: 'Ma finalité !' }]) {
      expect(one({ ...yes, status: 'refused', ...fields })).toMatchObject({ items: [], problems: [{}] });
    }
  });

  test('the same row is the same item, another decision another', () => {
    expect(one(yes)).toEqual(one(yes));
    expect(one(yes)).not.toEqual(one({ ...yes, status: 'refused' }));
  });
});

describe('customers.csv', () => {
  const head =
    'customer_id,loyalty_card,email,phone,first_name,last_name,postal_code,city,country,birth_date,created_at,updated_at';
  const one = (line: string): ReturnType<typeof customerFromRow> => {
    const [first] = rowsOf(CUSTOMER_COLUMNS, `${head}\n${line}`);
    if (first === undefined || isRowProblem(first)) throw new Error('no row');
    return customerFromRow(first, 'FR');
  };

  test('a row becomes a customer item, and the same row the same message', () => {
    const line =
      'C1,L1,Jane@Example.com,0470 12 34 56,Jane,Durand,1000,Bruxelles,be,1980-02-29,2020-01-01T00:00:00Z,2026-11-20T09:00:00+01:00';
    const item = one(line);
    expect(item.ok && understandRow(item.value, store)).toMatchObject({
      value: {
        kind: 'customer',
        identifiers: [
          { namespace: 'user_id', value: 'C1' },
          { namespace: 'loyalty_card', value: 'L1' },
          { namespace: 'email', value: 'jane@example.com' },
          { namespace: 'phone', value: '+32470123456' },
        ],
        times: { occurredAt: Date.UTC(2026, 10, 20, 8) },
        traits: { firstName: 'Jane', address: { country: 'BE', postalCode: '1000' }, birthday: '1980-02-29' },
      },
    });
    expect(one(line)).toEqual(item);
    expect(one(line.replace('Durand', 'Dubois'))).not.toEqual(item);
  });

  test('a customer is known by any one identifier, and by none is nobody', () => {
    const mail = one(',,jane@example.com,,,,,,,,,');
    expect(mail.ok && mail.value.json['identifiers']).toEqual({ email: 'jane@example.com' });
    const nobody = one(',,,,Jane,,,,,,,');
    expect(!nobody.ok && nobody.refusal.map(({ column, code }) => [column, code])).toEqual([
      ['customer_id', 'no-identifier'],
    ]);
  });

  test('each bad cell is told', () => {
    const item = one(',,jane,12,,,,,,1980-02-31,x,2026-02-31T10:00:00+01:00');
    expect(!item.ok && item.refusal.map(({ column, code }) => [column, code])).toEqual([
      ['email', 'email-unreadable'],
      ['phone', 'phone-unreadable'],
      ['created_at', 'time-unreadable'],
      ['updated_at', 'no-such-day'],
      ['birth_date', 'no-such-day'],
    ]);
  });
});

describe('events.csv and NDJSON', () => {
  const read = (line: string): ReturnType<typeof eventFromRow> => {
    const header = readHeader(
      {
        line: 1,
        cells: [
          'message_id',
          'type',
          'event',
          'occurred_at',
          'user_id',
          'anonymous_id',
          'email',
          'properties',
          'traits',
        ],
      },
      EVENT_COLUMNS,
    );
    const first = header.ok ? header.read({ line: 2, cells: line.split('|') }) : undefined;
    if (first === undefined || isRowProblem(first)) throw new Error('no row');
    return eventFromRow(first, 'FR');
  };

  test('a row becomes an item', () => {
    const item = read('m1|track|Product Viewed|2025-01-01T00:00:00Z|u|a|jane@example.com|{"price":1.5}|');
    expect(item.ok && understandRow(item.value, store)).toMatchObject({
      value: {
        kind: 'track',
        messageId: 'm1',
        properties: { price: 1.5 },
        session: 'login',
        identifiers: { length: 3 },
      },
    });
  });

  test.each([
    ['m|track||2025-01-01T00:00:00Z|u||||', 'event', 'event-name-missing'],
    ['m|ticket|x|2025-01-01T00:00:00Z|u||||', 'type', 'value-not-allowed'],
    ['|page||2025-01-01T00:00:00Z|u||||', 'message_id', 'cell-missing'],
    ['m|page|||u||||', 'occurred_at', 'cell-missing'],
    ['m|page||2025-01-01T00:00:00Z|||||', 'user_id', 'no-identifier'],
    ['m|page||2025-01-01T00:00:00Z|u|||{"a":1,"a":2}|', 'properties', 'duplicate-key'],
    ['m|page||2025-01-01T00:00:00Z|u|||[]|', 'properties', 'field-wrong-type'],
    ['m|page||2025-01-01T00:00:00Z|u|||{|', 'properties', 'json-malformed'],
  ])('%s is told at %s: %s', (line, column, code) => {
    const item = read(line);
    expect(!item.ok && item.refusal).toMatchObject([{ line: 2, column, code }]);
  });

  test('a line of NDJSON passes the rules of the door', () => {
    const good = itemFromLine(Buffer.from('{"type":"page","userId":"u"}'), 3);
    expect(good.ok && understandImported(good.value, 3, store)).toMatchObject({ value: { kind: 'page' } });
    const nobody = itemFromLine(Buffer.from('{"type":"page"}'), 4);
    expect(nobody.ok && understandImported(nobody.value, 4, store)).toMatchObject({
      refusal: { line: 4, code: 'no-identifier' },
    });
    expect(itemFromLine(Buffer.from('{"a":1,"a":2}'), 5)).toMatchObject({
      refusal: { line: 5, column: '/a', code: 'duplicate-key' },
    });
    expect(itemFromLine(Buffer.from('nope'), 6)).toMatchObject({ refusal: { line: 6, code: 'json-malformed' } });
  });
});
