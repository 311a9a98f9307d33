import { hash } from 'node:crypto';
import { CONSENT_CHANNELS, type ConsentChannel, parsePurposeId } from '@filrouge/domain/consent';
import {
  cellReader,
  identifierCell,
  objectCell,
  present,
  requiredCell,
  someoneIn,
  textCell,
  timeCell,
} from './cell.ts';
import { normalName } from './mapping/normal-name.ts';
import { purposeByName } from './mapping/opt-in-column.ts';
import { type Columns, type NamedRow, type RowProblem, rowProblem } from './row.ts';
import type { RowNote } from './row-note.ts';
import type { ImportStep } from './ticket-reader.ts';

const SUBJECT = ['customer_id', 'loyalty_card', 'email', 'phone', 'anonymous_id', 'device_id'];

export const CONSENT_COLUMNS: Columns = {
  required: ['purpose', 'status'],
  oneOf: [SUBJECT],
  optional: [
    'indicated_at',
    'channel',
    'notice_id',
    'notice_version',
    'notice_text',
    'vendor',
    'basis',
    'basis_reference',
    'evidence_json',
  ],
};

const NEGATIVE = ['refused', 'withdrawn', 'objected'];
const STATUSES = ['given', 'requested', ...NEGATIVE];

const CHANNEL_WORDS: Readonly<Record<string, ConsentChannel>> = {
  site: 'web', 'site web': 'web', internet: 'web', ecommerce: 'web', website: 'web', application: 'app', magasin: 'store', boutique: 'store',
  caisse: 'store', shop: 'store', till: 'store', telephone: 'phone', tel: 'phone', papier: 'paper', formulaire: 'paper', coupon: 'paper',
  terrain: 'field', salon: 'field', partenaire: 'partner', 'e mail': 'email', mail: 'email', courriel: 'email',
}; // biome-ignore format: a table

/**
 * One row of a file of decisions -> an item of `POST /v1/import/consents`. A yes counts only with its proof: when, where
 * and in front of which text. With any of them missing it is sent as `requested`, to be confirmed by the person, and never
 * as given; its evidence is left out, because evidence is what makes a row of a file believed. A no needs no proof and is
 * sent as it stands, and is not lost to a fault elsewhere in its row: what cannot be read of it is left out, and listed.
 * @param spoiled what was wrong with cells of the row that are left out of it
 */
export function consentFromRow(row: NamedRow, country: string, spoiled: readonly RowProblem[] = []): ImportStep {
  const reader = cellReader(row);
  const subject = present({
    userId: identifierCell(reader, 'customer_id', 'user_id', country),
    loyaltyCard: identifierCell(reader, 'loyalty_card', 'loyalty_card', country),
    email: identifierCell(reader, 'email', 'email', country),
    phone: identifierCell(reader, 'phone', 'phone', country),
    anonymousId: identifierCell(reader, 'anonymous_id', 'anonymous_id', country),
    deviceId: identifierCell(reader, 'device_id', 'device_id', country),
  });
  someoneIn(reader, SUBJECT);
  const purpose = purposeOf(requiredCell(reader, 'purpose'));
  if (purpose === undefined) reader.problems.push(rowProblem(row.line, 'purpose', 'purpose-unreadable'));
  const stated = requiredCell(reader, 'status').toLowerCase();
  if (stated !== '' && !STATUSES.includes(stated)) {
    reader.problems.push(rowProblem(row.line, 'status', 'value-not-allowed', STATUSES.join(', ')));
  }
  const indicatedAt = timeCell(reader, 'indicated_at');
  const source = textCell(reader, 'channel', 128);
  const channel = source === undefined ? undefined : channelOf(source);
  const notice = present({
    id: textCell(reader, 'notice_id', 128),
    version: textCell(reader, 'notice_version', 128),
    text: textCell(reader, 'notice_text', 8_192),
  });
  const more = present({
    vendor: textCell(reader, 'vendor', 128),
    basis: textCell(reader, 'basis', 64),
    reference: textCell(reader, 'basis_reference', 128),
  });
  const told = objectCell(reader, 'evidence_json');
  const problems = [...spoiled, ...reader.problems];
  const isNo = purpose !== undefined && NEGATIVE.includes(stated) && Object.keys(subject).length > 0;
  if (problems.length > 0 && !isNo) return { items: [], problems };
  const shown = notice['text'] !== undefined || (notice['id'] !== undefined && notice['version'] !== undefined);
  const proof = indicatedAt !== undefined && channel !== undefined && shown;
  const content = present({
    subject,
    decisions: [{ purpose: purpose ?? '', status: stated === 'given' && !proof ? 'requested' : stated, ...more }],
    channel,
    indicatedAt,
    notice: Object.keys(notice).length === 0 ? undefined : notice,
    claimed: proof || (source ?? told) === undefined ? undefined : present({ source, ...told }),
    evidence: proof ? present({ source, text: notice['text'], ...told }) : undefined,
  });
  const id = hash('sha256', JSON.stringify(content), 'hex').slice(0, 32);
  const item = { line: row.line, json: { messageId: `consent:${id}`, ...content } };
  const notes = notesOf({ yes: stated === 'given', indicatedAt, channel, shown });
  return {
    items: [item],
    problems: problems.map((problem) => ({ ...problem, detail: withRecorded(problem.detail) })),
    ...(notes.length === 0 ? {} : { noted: notes.map((note) => ({ line: row.line, note })) }),
  };
}

/** What of a decision is missing, and what comes of that. */
function notesOf(told: {
  readonly yes: boolean;
  readonly indicatedAt: string | undefined;
  readonly channel: ConsentChannel | undefined;
  readonly shown: boolean;
}): readonly RowNote[] {
  const undated: readonly RowNote[] = told.indicatedAt === undefined ? ['dated-to-receipt'] : [];
  const missing: readonly RowNote[] = [
    ...(told.indicatedAt === undefined ? (['no-date-of-decision'] as const) : []),
    ...(told.channel === undefined ? (['no-channel'] as const) : []),
    ...(told.shown ? [] : (['no-text-shown'] as const)),
  ];
  return told.yes && missing.length > 0 ? ['to-confirm', ...missing, ...undated] : undated;
}

/** What is added to the fault of a row whose no was sent all the same. */
export const NO_IS_RECORDED = 'the no itself is recorded';

function withRecorded(detail: string | undefined): string {
  return detail === undefined ? NO_IS_RECORDED : `${detail}; ${NO_IS_RECORDED}`;
}

function purposeOf(text: string): string | undefined {
  return purposeByName(text) ?? parsePurposeId(text.trim());
}

function channelOf(text: string): ConsentChannel | undefined {
  const word = normalName(text);
  return CONSENT_CHANNELS.find((channel) => channel === word) ?? CHANNEL_WORDS[word];
}
