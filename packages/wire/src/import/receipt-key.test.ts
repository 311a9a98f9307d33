import { expect, test } from 'vitest';
import { createApartFinder } from './receipt-key.ts';
import type { NamedRow } from './row.ts';
import { createTicketReader } from './ticket-reader.ts';

const row = (line: number, ticket: string, day = '21', changes: Readonly<Record<string, string>> = {}): NamedRow => {
  const cells: Readonly<Record<string, string>> = {
    ticket_id: ticket, occurred_at: `2026-11-${day}T18:03:00+01:00`, store_id: 'S1', till_id: '1', currency: 'EUR',
    ticket_total: '12.50', line_sku: 'A', line_amount: '12.50', ...changes,
  }; // biome-ignore format: one row
  return { line, cell: (column) => (cells[column] === '' ? undefined : cells[column]) };
};

function read(rows: readonly NamedRow[]): { readonly sent: readonly number[]; readonly refused: readonly string[] } {
  const finder = createApartFinder('tickets');
  for (const each of rows) finder.see(each);
  const reader = createTicketReader('FR', 'tickets', finder.found());
  const steps = [...rows.map((each) => reader.push(each)), reader.end()];
  return {
    sent: steps.flatMap(({ items }) => items.map(({ line }) => line)),
    refused: steps.flatMap(({ problems }) => problems.map(({ line, code }) => `${line} ${code}`)),
  };
}

test('of a ticket whose rows stand apart nothing is sent, not even the rows that came first', () => {
  const rows = [row(2, 'T1'), row(3, 'T1'), row(4, 'T2'), row(5, 'T1'), row(6, 'T3')];
  expect(read(rows)).toEqual({
    sent: [4, 6],
    refused: ['2 ticket-rows-apart', '3 ticket-row-refused', '5 ticket-rows-apart'],
  });
});

test('a till that begins its numbers anew each day makes other tickets; rows without a time go on with theirs', () => {
  const rest = { occurred_at: '', store_id: '', till_id: '', ticket_total: '' };
  expect(read([row(2, 'T1'), row(3, 'T1', '21', rest), row(4, 'T2'), row(5, 'T1', '22')])).toEqual({
    sent: [2, 4, 5],
    refused: [],
  });
});
