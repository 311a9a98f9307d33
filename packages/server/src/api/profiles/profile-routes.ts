import { ITEM_KINDS, type ItemKind } from '@filrouge/domain/event';
import { isDeviceNamespace } from '@filrouge/domain/identity';
import {
  explainIdentity,
  heldEntries,
  openIdentifiers,
  openNode,
  RIGHTS,
  readConsents,
  readTimeline,
  readTraits,
} from '@filrouge/pipeline';
import { TIMELINE_ROWS_MAX } from '@filrouge/ports';
import type { ProblemCode } from '@filrouge/wire';
import { z } from 'zod';
import { ProblemAnswer } from '../../http/problem-answer.ts';
import { type ApiRoute, apiRoute } from '../api-route.ts';
import type { ApiService } from '../api-service.ts';
import { wholeNumber } from '../common-schemas.ts';
import { callForm } from '../quarantine/call-form.ts';
import { type AskedPerson, answerHead, askedPerson, personParams, personQuery } from './asked-person.ts';
import {
  consentsAnswer,
  eventsAnswer,
  explainAnswer,
  identifiersAnswer,
  profileAnswer,
  traitsAnswer,
} from './profile-schemas.ts';
import { shownExplanation } from './shown-explanation.ts';
import { readCursor, writeCursor } from './timeline-cursor.ts';

const PATH = '/api/profiles/{namespace}:{value}';
const PROBLEMS: readonly ProblemCode[] = [
  'brand-not-allowed',
  'unknown-purpose',
  'purpose-missing',
  'purpose-not-permitted',
  'profile-not-found',
];
/** Decisions shown of a person's history, newest first. */
const HISTORY_MAX = 1_000;

const common = {
  method: 'GET',
  tag: 'Profiles',
  scope: 'profiles:read',
  onlyReads: true,
  status: 200,
  params: personParams,
} as const;

const eventsQuery = personQuery.extend({
  limit: wholeNumber(1, TIMELINE_ROWS_MAX, 100),
  cursor: z.string().max(256).optional().describe('The `next` of the page before.'),
  kind: z
    .string()
    .max(256)
    .optional()
    .describe(`One or more of ${ITEM_KINDS.join(', ')}, by commas.`),
});

/** Reading a person: every answer names the purpose it was given for and what allowed it (S10). */
export const PROFILE_ROUTES: readonly ApiRoute[] = [
  apiRoute({
    ...common,
    path: PATH,
    summary: 'One person: identifiers and traits that the purpose may see',
    query: personQuery,
    answer: profileAnswer,
    problems: PROBLEMS,
    async handle(call) {
      const asked = await askedPerson(call, 'profile');
      const { person, permission } = asked;
      const identifiers = openIdentifiers(call.service.vault, person, permission);
      const traits = await traitsOf(call.service, asked);
      const held = permission.purpose === RIGHTS ? { held: await heldOf(call.service, asked) } : {};
      return { ...answerHead(asked), identifiers, traits, ...held };
    },
  }),
  apiRoute({
    ...common,
    path: `${PATH}/traits`,
    summary: 'Traits, stated and computed, each with source and time',
    query: personQuery,
    answer: traitsAnswer,
    problems: PROBLEMS,
    async handle(call) {
      const asked = await askedPerson(call, 'profile/traits');
      return { ...answerHead(asked), traits: await traitsOf(call.service, asked) };
    },
  }),
  apiRoute({
    ...common,
    path: `${PATH}/identifiers`,
    summary: 'Identifiers that are this person',
    query: personQuery,
    answer: identifiersAnswer,
    problems: PROBLEMS,
    async handle(call) {
      const asked = await askedPerson(call, 'profile/identifiers');
      return { ...answerHead(asked), identifiers: openIdentifiers(call.service.vault, asked.person, asked.permission) };
    },
  }),
  eventsRoute(),
  apiRoute({
    ...common,
    path: `${PATH}/consents`,
    summary: 'How the person stands on each purpose, and every decision that led there',
    query: personQuery,
    answer: consentsAnswer,
    problems: PROBLEMS,
    handle: async (call) => consentsOf(call.service, await askedPerson(call, 'profile/consents')),
  }),
  apiRoute({
    ...common,
    path: `${PATH}/explain`,
    summary: 'Why these identifiers are one person, and which others were not joined',
    query: personQuery,
    answer: explainAnswer,
    problems: PROBLEMS,
    async handle(call) {
      const asked = await askedPerson(call, 'profile/explain');
      const told = await explainIdentity(call.service.reading, asked.person);
      return { ...answerHead(asked), ...shownExplanation(call.service.vault, asked, told) };
    },
  }),
];

function eventsRoute(): ApiRoute {
  return apiRoute({
    ...common,
    path: `${PATH}/events`,
    summary: 'One timeline over web, app, store, mail and calls, newest first',
    query: eventsQuery,
    answer: eventsAnswer,
    problems: [...PROBLEMS, 'cursor-unreadable'],
    async handle(call) {
      const { limit, cursor, kind } = call.query;
      const page = {
        limit,
        ...(cursor === undefined ? {} : { after: readCursor(cursor) }),
        ...(kind === undefined ? {} : { kinds: kindsOf(kind) }),
      };
      const asked = await askedPerson(call, 'profile/events');
      const purposes = [...call.service.deployment.purposes.values()];
      const { items, next } = await readTimeline({ ...call.service, purposes }, asked.person, asked.permission, page);
      return {
        ...answerHead(asked),
        items: items.map(({ value }) => value),
        next: next === undefined ? null : writeCursor(next),
      };
    },
  });
}

function kindsOf(text: string): readonly ItemKind[] {
  return text.split(',').map((word) => {
    const kind = ITEM_KINDS.find((each) => each === word.trim());
    if (kind === undefined) {
      throw new ProblemAnswer('value-not-allowed', { pointer: '/kind', detail: ITEM_KINDS.join(', ') });
    }
    return kind;
  });
}

async function traitsOf(service: ApiService, { person, permission }: AskedPerson) {
  const traits = await readTraits(service, person, permission);
  return Object.fromEntries(Object.entries(traits).map(([name, { value }]) => [name, value]));
}

async function heldOf(service: ApiService, { person }: AskedPerson) {
  return (await heldEntries(service, person)).map(({ entry, item }) => ({
    id: entry.id,
    reason: entry.reason,
    receivedAt: new Date(entry.receivedAt).toISOString(),
    item: callForm(item),
  }));
}

async function consentsOf(service: ApiService, asked: AskedPerson) {
  const { reading, vault, deployment } = service;
  const { person, permission } = asked;
  const { now } = permission;
  const all = [...deployment.purposes.values()];
  const threads = [...person.members, ...person.devices];
  const [first] = threads;
  const self = asked.node !== undefined && !isDeviceNamespace(asked.node.namespace) ? asked.node : first?.node.node;
  const onTerminals = all.filter(({ scope }) => scope.device);
  const devices = await Promise.all(
    person.devices.map(async ({ node }) => {
      const value = permission.shows(node.node.id) ? openNode(vault, node) : undefined;
      const purposes = await readConsents(reading, node.node, onTerminals, now);
      return { namespace: node.node.namespace, ...(value === undefined ? {} : { value }), purposes };
    }),
  );
  const entries = await reading.ledger(
    threads.map(({ node }) => node.node.id),
    HISTORY_MAX,
  );
  return {
    ...answerHead(asked),
    purposes: self === undefined ? {} : await readConsents(reading, self, all, now),
    devices,
    history: entries.map(({ indicatedAt, receivedAt, brands, marks, noticeId, noticeVersion, own, ...entry }) => ({
      ...entry,
      brands: [...brands],
      marks: [...marks],
      indicatedAt: new Date(indicatedAt).toISOString(),
      receivedAt: new Date(receivedAt).toISOString(),
      notice: { id: noticeId, version: noticeVersion },
      standing: own ? ('own' as const) : ('named' as const),
    })),
  };
}
