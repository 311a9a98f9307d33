import { hash } from 'node:crypto';
import { accept, type Result, refuse } from '@filrouge/domain/base';
import { cellReader, dayCell, identifierCell, objectCell, present, someoneIn, textCell, timeCell } from './cell.ts';
import type { Columns, NamedRow, RowProblem } from './row.ts';
import type { ImportItem } from './ticket-reader.ts';

const IDENTIFYING = ['customer_id', 'loyalty_card', 'email', 'phone'];

export const CUSTOMER_COLUMNS: Columns = {
  required: [],
  oneOf: [IDENTIFYING],
  optional: [
    'first_name',
    'last_name',
    'postal_code',
    'city',
    'country',
    'birth_date',
    'created_at',
    'updated_at',
    'traits',
  ],
};

/** Cells that carry over as traits, under the names that Segment reserves for them. */
const TRAIT_COLUMNS: readonly (readonly [column: string, trait: string])[] = [
  ['first_name', 'firstName'],
  ['last_name', 'lastName'],
];

/**
 * One row of `customers.csv` -> a `customer` item, dated to its last change. The messageId is made of the row's content,
 * so that the same row twice is one item and a changed row another.
 */
export function customerFromRow(row: NamedRow, country: string): Result<ImportItem, readonly RowProblem[]> {
  const reader = cellReader(row);
  const home = textCell(reader, 'country')?.toUpperCase();
  const region = home !== undefined && /^[A-Z]{2}$/.test(home) ? home : country;
  const identifiers = present({
    userId: identifierCell(reader, 'customer_id', 'user_id', country),
    loyaltyCard: identifierCell(reader, 'loyalty_card', 'loyalty_card', country),
    email: identifierCell(reader, 'email', 'email', country),
    phone: identifierCell(reader, 'phone', 'phone', region),
  });
  someoneIn(reader, IDENTIFYING);
  const createdAt = timeCell(reader, 'created_at');
  const updatedAt = timeCell(reader, 'updated_at');
  const address = present({
    postalCode: textCell(reader, 'postal_code', 16),
    city: textCell(reader, 'city', 128),
    country: home,
  });
  const traits = present({
    ...Object.fromEntries(TRAIT_COLUMNS.map(([column, trait]) => [trait, textCell(reader, column)])),
    email: identifiers['email'],
    phone: identifiers['phone'],
    address: Object.keys(address).length === 0 ? undefined : address,
    birthday: dayCell(reader, 'birth_date'),
    createdAt,
    ...objectCell(reader, 'traits'),
  });
  if (reader.problems.length > 0) return refuse(reader.problems);
  const content = { identifiers, traits, updatedAt: updatedAt ?? null };
  return accept({
    line: row.line,
    json: present({
      type: 'customer',
      messageId: `customer:${hash('sha256', JSON.stringify(content), 'hex').slice(0, 32)}`,
      timestamp: updatedAt ?? createdAt,
      identifiers,
      traits,
    }),
  });
}
