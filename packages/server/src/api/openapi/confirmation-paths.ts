import { confirmationJsonSchema } from '@filrouge/wire';
import { problemAnswers } from './problem-answers.ts';

type Operation = Readonly<Record<string, unknown>>;

const LINK = {
  type: 'object',
  required: ['token', 'url', 'recordId', 'expiresAt'],
  properties: {
    token: { type: 'string', description: 'Encrypted; it names nobody to who sees it.' },
    url: { type: 'string', format: 'uri', description: 'The page to be linked to from the message.' },
    recordId: { type: 'string', format: 'uuid', description: 'The id that the record will bear once it is confirmed.' },
    expiresAt: { type: 'string', format: 'date-time' },
  },
};

const CONFIRMED = {
  type: 'object',
  required: ['state', 'recordId', 'decisions'],
  properties: {
    state: { type: 'string', enum: ['confirmed', 'already-confirmed'] },
    recordId: { type: 'string', format: 'uuid' },
    decisions: {
      type: 'array',
      items: {
        type: 'object',
        required: ['purpose', 'vendor', 'status'],
        properties: { purpose: { type: 'string' }, vendor: { type: 'string' }, status: { const: 'given' } },
      },
    },
  },
};

const TOKEN = { type: 'object', required: ['token'], properties: { token: { type: 'string' } } };
const PAGE = { 'text/html': { schema: { type: 'string' } } };
const PROBLEMS = [
  'confirmation-unreadable',
  'confirmation-expired',
  'confirmation-overtaken',
  'quota-exceeded',
  'disk-nearly-full',
] as const;

/** The way of a double opt-in: a link is asked for, the page behind it is opened, the button is pressed. */
export function confirmationPaths(): ReadonlyMap<string, Readonly<Record<string, Operation>>> {
  const { $schema: _, ...body } = confirmationJsonSchema() as Record<string, unknown>;
  const tags = ['Consents'];
  return new Map<string, Readonly<Record<string, Operation>>>([
    [
      '/v1/consents/confirmations',
      {
        post: {
          tags,
          summary: 'Ask for a link by which a person confirms a decision; the message around it is yours to send',
          security: [{ writeKey: [] }, { apiToken: [] }],
          requestBody: { required: true, content: { 'application/json': { schema: body } } },
          responses: {
            '201': { description: 'Nothing is recorded yet.', content: { 'application/json': { schema: LINK } } },
            ...problemAnswers([
              'write-key-missing',
              'write-key-unknown',
              'scope-missing',
              'brand-not-allowed',
              'type-not-allowed',
              'unknown-purpose',
              'unknown-notice',
              'purpose-not-in-notice',
              'value-not-allowed',
              'field-missing',
              'quota-exceeded',
            ]),
          },
        },
      },
    ],
    [
      '/v1/consents/confirm',
      {
        get: {
          tags,
          summary: 'The page with the button; opening it confirms nothing',
          security: [],
          parameters: [{ name: 'token', in: 'query', required: true, schema: { type: 'string' } }],
          responses: {
            '200': { description: 'In French or English, by Accept-Language.', content: PAGE },
            ...pages({ '400': 'Not a link of ours.', '409': 'A no came since.', '410': 'Expired.' }),
          },
        },
        post: {
          tags,
          summary: 'Confirm: a page for a browser, JSON for a program',
          security: [],
          requestBody: {
            required: true,
            content: { 'application/json': { schema: TOKEN }, 'application/x-www-form-urlencoded': { schema: TOKEN } },
          },
          responses: {
            '200': {
              description: 'Durable; recorded once, however often it is sent.',
              content: { 'application/json': { schema: CONFIRMED }, ...PAGE },
            },
            ...problemAnswers(PROBLEMS),
          },
        },
      },
    ],
  ]);
}

function pages(told: Readonly<Record<string, string>>): Readonly<Record<string, object>> {
  return Object.fromEntries(
    Object.entries(told).map(([status, description]) => [status, { description, content: PAGE }]),
  );
}
