import { accept, type Result, refuse } from '@filrouge/domain/base';
import {
  answerCell,
  cellReader,
  identifierCell,
  objectCell,
  present,
  requiredCell,
  someoneIn,
  textCell,
  timeCell,
} from './cell.ts';
import { type Columns, type NamedRow, type RowProblem, rowProblem } from './row.ts';
import type { ImportItem } from './ticket-reader.ts';

export const EVENT_COLUMNS: Columns = {
  required: ['message_id', 'type', 'occurred_at'],
  optional: [
    'event', 'user_id', 'anonymous_id', 'email', 'loyalty_card', 'phone', 'device_id', 'terminal', 'properties', 'traits',
  ], // biome-ignore format: a table
};

const IDENTIFYING = ['user_id', 'anonymous_id', 'email', 'loyalty_card', 'phone', 'device_id'];

/** Kinds that a file of events may bring; tickets and customers have files of their own. */
const EVENT_TYPES = ['track', 'page', 'screen', 'identify', 'group', 'alias', 'mail-open', 'mail', 'call', 'location'];

/** One row of `events.csv` (JSON objects in `properties` and `traits`) -> an item of the tracking API. */
export function eventFromRow(row: NamedRow, country: string): Result<ImportItem, readonly RowProblem[]> {
  const reader = cellReader(row);
  const type = requiredCell(reader, 'type');
  if (type !== '' && !EVENT_TYPES.includes(type)) {
    reader.problems.push(rowProblem(row.line, 'type', 'value-not-allowed', EVENT_TYPES.join(', ')));
  }
  const event = textCell(reader, 'event');
  if (type === 'track' && event === undefined)
    reader.problems.push(rowProblem(row.line, 'event', 'event-name-missing'));
  const timestamp = timeCell(reader, 'occurred_at');
  if (timestamp === undefined) requiredCell(reader, 'occurred_at');
  const identifiers = present({
    email: identifierCell(reader, 'email', 'email', country),
    loyaltyCard: identifierCell(reader, 'loyalty_card', 'loyalty_card', country),
    phone: identifierCell(reader, 'phone', 'phone', country),
    deviceId: identifierCell(reader, 'device_id', 'device_id', country),
  });
  const json = present({
    type,
    event,
    messageId: requiredCell(reader, 'message_id'),
    timestamp,
    userId: identifierCell(reader, 'user_id', 'user_id', country),
    anonymousId: identifierCell(reader, 'anonymous_id', 'anonymous_id', country),
    identifiers: Object.keys(identifiers).length === 0 ? undefined : identifiers,
    terminal: answerCell(reader, 'terminal'),
    properties: objectCell(reader, 'properties'),
    traits: objectCell(reader, 'traits'),
  });
  someoneIn(reader, IDENTIFYING);
  return reader.problems.length > 0 ? refuse(reader.problems) : accept({ line: row.line, json });
}
