import type { Result } from '@filrouge/domain/base';
import type { Source } from '@filrouge/domain/deployment';
import type { IncomingItem } from '@filrouge/domain/event';
import { incomingFrom, type JournaledItem, openQuarantined, releaseOf, type Unreadable } from '@filrouge/pipeline';
import type { QuarantineItem } from '@filrouge/ports';
import { parseText, problemLanguage, understandItem } from '@filrouge/wire';
import { z } from 'zod';
import { actorOf, type Bearer } from '../../access/api-tokens.ts';
import { mayTouch, optionalBrandFor } from '../../access/brand-scope.ts';
import { ProblemAnswer } from '../../http/problem-answer.ts';
import { type ApiRoute, apiRoute } from '../api-route.ts';
import type { ApiService } from '../api-service.ts';
import { brandParameter, instantShown, wholeNumber } from '../common-schemas.ts';
import { callForm } from './call-form.ts';
import { reasonWords } from './reason-words.ts';

const STATES = ['open', 'released', 'discarded'] as const;

const entryFields = {
  id: z.string(),
  brand: z.string(),
  source: z.string(),
  name: z.string(),
  reason: z.string(),
  receivedAt: instantShown,
  state: z.enum(STATES),
};
const call = z.record(z.string(), z.unknown());
const entryParams = z.strictObject({ id: z.guid() });
const decided = z
  .object({ at: instantShown, by: z.string().optional() })
  .describe('When it was let in or given up, and of one that was given up by whom and why.');
const tag = 'Quarantine';

/** What could not be processed: listed, read, mended, let in again, or discarded by name (S2). */
export const QUARANTINE_ROUTES: readonly ApiRoute[] = [
  apiRoute({
    method: 'GET',
    path: '/api/quarantine',
    tag,
    summary: 'Entries by state, newest first, without their content',
    scope: 'quarantine:read',
    query: z.strictObject({
      brand: brandParameter,
      state: z.enum(STATES).default('open'),
      limit: wholeNumber(1, 500, 100),
      after: z.guid().optional().describe('The `next` of the page before.'),
    }),
    status: 200,
    answer: z.object({ items: z.array(z.object(entryFields)), next: z.string().nullable() }),
    problems: ['brand-not-allowed'],
    async handle({ service, bearer, query }) {
      const { reading, deployment } = service;
      const brand = optionalBrandFor(bearer, deployment, query.brand);
      const { state, limit, after } = query;
      const found = await reading.quarantined({
        state,
        limit: limit + 1,
        ...(brand === undefined ? {} : { brand }),
        ...(after === undefined ? {} : { after }),
      });
      const items = found.slice(0, limit);
      return { items: items.map(shown), next: found.length > limit ? (items.at(-1)?.id ?? null) : null };
    },
  }),
  apiRoute({
    method: 'GET',
    path: '/api/quarantine/{id}',
    tag,
    summary: 'One entry with its content, as a call that can be mended and sent back',
    scope: 'quarantine:read',
    params: entryParams,
    status: 200,
    answer: z.object({
      ...entryFields,
      item: call.nullable(),
      marks: z.array(z.string()),
      unreadable: z.enum(['erased', 'damaged', 'unreadable']).optional(),
      why: z.string().optional().describe('What the reason means and what can be done, in the language asked for.'),
      decided: decided.optional(),
    }),
    problems: ['not-found'],
    async handle({ service, bearer, params, request, audit }) {
      const entry = await entryOf(service, bearer, params.id);
      audit({ action: 'quarantine/read', brand: entry.brand, subject: entry.id });
      const told = { ...shown(entry), ...decision(entry) };
      if (entry.state !== 'open') return { ...told, item: null, marks: [] };
      const language = problemLanguage(request.headers['accept-language']);
      const why = reasonWords(entry.reason, language);
      const head = why === undefined ? told : { ...told, why };
      const opened = openQuarantined(service.vault, entry);
      if (!opened.ok) return { ...head, item: null, marks: [], unreadable: opened.refusal };
      return { ...head, item: callForm(opened.value), marks: opened.value.marks };
    },
  }),
  apiRoute({
    method: 'POST',
    path: '/api/quarantine/{id}/replay',
    tag,
    summary: 'Let an entry in again, as it is or mended: same receipt, new verdict',
    scope: 'quarantine:write',
    params: entryParams,
    body: z.strictObject({ item: call.optional().describe('The mended call, in place of the one that is held.') }),
    bodyOptional: true,
    status: 200,
    answer: z.object({
      id: z.string(),
      outcome: z.object({ kind: z.enum(['pending', 'withheld']), reason: z.string().optional() }),
    }),
    problems: ['not-found', 'entry-decided', 'entry-unreadable', 'source-gone'],
    async handle({ service, bearer, params, body, audit }) {
      const entry = await openEntryOf(service, bearer, params.id);
      audit({ action: 'quarantine/replay', brand: entry.brand, subject: entry.id });
      const held = openQuarantined(service.vault, entry);
      const source = service.deployment.sources.get(entry.source);
      if (source === undefined) throw new ProblemAnswer(entry.source === '' ? 'entry-unreadable' : 'source-gone');
      const item = body?.item === undefined ? asHeld(held) : mended(body.item, held, source);
      const imported = held.ok && held.value.imported;
      const { items } = await service.door.submit(
        releaseOf(entry, item, { source, imported, ...runOf(held), now: service.now() }),
      );
      const [outcome] = items;
      if (outcome === undefined || outcome.kind === 'duplicate') throw new ProblemAnswer('entry-decided');
      if (outcome.kind !== 'pending' && outcome.kind !== 'withheld') throw new ProblemAnswer('internal');
      return { id: entry.id, outcome };
    },
  }),
  apiRoute({
    method: 'POST',
    path: '/api/quarantine/{id}/discard',
    tag,
    summary: 'Give an entry up: its content goes, who decided and why stays',
    scope: 'quarantine:write',
    params: entryParams,
    body: z.strictObject({ reason: z.string().trim().min(1).max(200).describe('Name no customer in it.') }),
    status: 200,
    answer: z.object({ id: z.string(), state: z.literal('discarded'), by: z.string() }),
    problems: ['not-found', 'entry-decided'],
    async handle({ service, bearer, params, body, audit }) {
      const entry = await openEntryOf(service, bearer, params.id);
      audit({ action: 'quarantine/discard', brand: entry.brand, subject: entry.id });
      const by = actorOf(bearer);
      const discarded = await service.reading.discard(entry.id, `${by}: ${body.reason}`, service.now());
      if (!discarded) throw new ProblemAnswer('entry-decided');
      return { id: entry.id, state: 'discarded' as const, by };
    },
  }),
];

async function entryOf({ reading }: ApiService, bearer: Bearer, id: string): Promise<QuarantineItem> {
  const entry = await reading.quarantineItem(id);
  if (entry === undefined || !mayTouch(bearer, entry.brand)) throw new ProblemAnswer('not-found');
  return entry;
}

async function openEntryOf(service: ApiService, bearer: Bearer, id: string): Promise<QuarantineItem> {
  const entry = await entryOf(service, bearer, id);
  if (entry.state !== 'open') throw new ProblemAnswer('entry-decided');
  return entry;
}

function shown({ id, brand, source, name, reason, receivedAt, state }: QuarantineItem) {
  return { id, brand, source, name, reason, receivedAt: new Date(receivedAt).toISOString(), state };
}

function decision({ decided }: QuarantineItem) {
  return decided === undefined ? {} : { decided: { ...decided, at: new Date(decided.at).toISOString() } };
}

type Held = Result<JournaledItem, Unreadable>;

function runOf(held: Held): { readonly run?: number } {
  return held.ok && held.value.run !== undefined ? { run: held.value.run } : {};
}

function asHeld(held: Held): IncomingItem {
  if (!held.ok) throw new ProblemAnswer('entry-unreadable', { detail: held.refusal });
  return incomingFrom(held.value);
}

/**
 * A mended call, understood by the same rules as one that a client sends. What it leaves out of id and time stays as
 * it was, and so does the claim of another CMP: mending content gives no consent.
 */
function mended(call: Readonly<Record<string, unknown>>, held: Held, source: Source): IncomingItem {
  const known = held.ok ? { messageId: held.value.messageId, timestamp: new Date(held.value.t).toISOString() } : {};
  const parsed = parseText(JSON.stringify({ ...known, ...call }));
  const understood = parsed.ok ? understandItem(parsed.value, { source }) : parsed;
  if (!understood.ok) {
    const { code, pointer, detail } = understood.refusal;
    throw new ProblemAnswer(code, { pointer: `/item${pointer}`, ...(detail === undefined ? {} : { detail }) });
  }
  const stamp = held.ok ? held.value.stamp : undefined;
  const item = understood.value;
  return { ...item, marks: [...new Set([...item.marks, ...botMark(held)])], ...(stamp === undefined ? {} : { stamp }) };
}

/** Whether it was a bot stood in the request, which a mended call has not. */
function botMark(held: Held): IncomingItem['marks'] {
  return held.ok ? held.value.marks.filter((mark) => mark === 'bot') : [];
}
