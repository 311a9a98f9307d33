import { FACT_STATUSES, LEDGER_MARKS, LEGAL_BASES } from '@filrouge/domain/consent';
import {
  type BatchRoute,
  COLLECT_ROUTES,
  type CollectRoute,
  consentSubmissionJsonSchema,
  type ItemRoute,
} from '@filrouge/wire';
import { TOKEN_FAULTS } from '../../access/identity-tokens.ts';
import { ALLOWED_MEANS } from '../common-schemas.ts';
import { confirmationPaths } from './confirmation-paths.ts';
import { IMPORT_ANSWER_HEADERS, IMPORT_PARAMETERS, IMPORT_PROBLEMS, referencePaths } from './import-paths.ts';
import { problemAnswers } from './problem-answers.ts';

type Operation = Readonly<Record<string, unknown>>;

const IMPORT_PATH = '/v1/import';
const KEYED = [{ writeKey: [] }];

/** A call of the tracking API, as Segment's and RudderStack's clients send it; more fields are kept as they are. */
const CALL = {
  type: 'object',
  properties: {
    type: { type: 'string', description: 'Where the path does not say it.' },
    event: { type: 'string' },
    messageId: { type: 'string' },
    timestamp: { type: 'string', format: 'date-time' },
    originalTimestamp: { type: 'string', format: 'date-time' },
    sentAt: { type: 'string', format: 'date-time' },
    userId: { type: 'string' },
    anonymousId: { type: 'string' },
    previousId: { type: 'string' },
    identifiers: { type: 'object', additionalProperties: { type: 'string' } },
    traits: { type: 'object' },
    properties: { type: 'object' },
    context: {
      type: 'object',
      properties: {
        identityToken: { type: 'string', description: 'A signed identity token (JWT); it is checked and never kept.' },
      },
      additionalProperties: true,
    },
    receipt: { type: 'object', description: 'A till receipt or an order in the canonical shape.' },
  },
  additionalProperties: true,
};

const BATCH = {
  type: 'object',
  required: ['batch'],
  properties: {
    batch: { type: 'array', items: ref('Call'), maxItems: 2_500 },
    sentAt: { type: 'string', format: 'date-time' },
  },
  additionalProperties: true,
};

const OUTCOME = {
  type: 'object',
  description: 'Of an import: what became of those that were not rejected, each counted once.',
  properties: {
    new: { type: 'integer' },
    duplicates: { type: 'integer', description: 'Here already.' },
    withheld: { type: 'integer' },
    quarantined: { type: 'integer' },
  },
};

const REJECTED = {
  type: 'array',
  items: {
    type: 'object',
    required: ['index', 'pointer', 'code'],
    properties: { index: { type: 'integer' }, pointer: { type: 'string' }, code: { type: 'string' } },
  },
};

const WARNINGS = {
  type: 'array',
  description:
    'Items that were taken, but not as they came; absent where there are none, and from answers that are text.',
  items: {
    type: 'object',
    required: ['index', 'code', 'message'],
    properties: {
      index: { type: 'integer' },
      code: {
        type: 'string',
        description:
          'The mark that the item bears on the timeline: `time-in-future`, `receipt-incomplete`; or `sale-not-trusted`, of a sale that this key may not state.',
      },
      message: { type: 'string' },
    },
  },
};

/** Schemas that many paths share. */
export function collectSchemas(): Readonly<Record<string, object>> {
  const taken = (flag: string): object => ({
    type: 'object',
    required: [flag],
    properties: { [flag]: { const: true }, rejected: REJECTED, warnings: WARNINGS, outcome: OUTCOME },
  });
  return { Call: CALL, Batch: BATCH, Success: taken('success'), Ok: taken('ok') };
}

function ref(name: string): object {
  return { $ref: `#/components/schemas/${name}` };
}

/** Every path that takes events, from the table that the server registers them from. */
export function collectPaths(): ReadonlyMap<string, Readonly<Record<string, Operation>>> {
  const paths = new Map<string, Record<string, Operation>>();
  for (const route of COLLECT_ROUTES) {
    const known = paths.get(route.path) ?? {};
    known[route.method.toLowerCase()] ??= operationOf(route);
    paths.set(route.path, known);
  }
  return new Map([...paths, ...consentPaths(), ...referencePaths(), ...confirmationPaths()]);
}

function operationOf(route: CollectRoute): Operation {
  const base = { tags: ['Collect'], summary: summaryOf(route), security: KEYED };
  const headers = route.path === IMPORT_PATH ? { headers: IMPORT_ANSWER_HEADERS } : {};
  const responses = {
    '200': { description: 'Durable, or counted as withheld.', ...headers, content: contentOf(route) },
  };
  if (route.shape === 'ignored') return { ...base, responses };
  const problems = problemAnswers([
    'write-key-missing',
    'write-key-unknown',
    'source-disabled',
    ...(route.path === IMPORT_PATH ? IMPORT_PROBLEMS : []),
    'origin-not-allowed',
    'type-not-allowed',
    'body-too-large',
    'json-malformed',
    'quota-exceeded',
    'person-quota-exceeded',
    'overloaded',
    'storage-unavailable',
    'disk-nearly-full',
  ]);
  if (route.shape === 'pixel' && route.form === undefined) {
    const data = { name: 'data', in: 'query', required: true, schema: { type: 'string' } };
    return { ...base, parameters: [{ ...data, description: 'The call as base64url of its JSON.' }], responses };
  }
  if (route.shape === 'pixel') return { ...base, responses: { ...responses, ...problems } };
  const schema = schemaOf(route);
  return {
    ...base,
    ...(route.path === IMPORT_PATH ? { parameters: IMPORT_PARAMETERS } : {}),
    requestBody: { required: true, content: { 'application/json': { schema }, 'text/plain': { schema } } },
    responses: { ...responses, ...problems },
  };
}

/** What a body may hold. */
function schemaOf(route: ItemRoute | BatchRoute): object {
  if (route.shape === 'batch') return ref('Batch');
  return route.form === undefined ? ref('Call') : route.form === 'merge' ? MERGE : { type: 'object' };
}

const MERGE = {
  type: 'object',
  required: ['mergeProperties'],
  properties: {
    mergeProperties: {
      type: 'array',
      minItems: 2,
      maxItems: 2,
      items: {
        type: 'object',
        required: ['type', 'value'],
        properties: { type: { type: 'string' }, value: { type: 'string' } },
      },
    },
  },
  additionalProperties: true,
};

const WEBHOOK = 'What another product posts: a call as it is, anything else as the event webhook_source_event';

function summaryOf(route: CollectRoute): string {
  const dialect = `in the manner of ${route.dialect} clients`;
  switch (route.shape) {
    case 'item':
      if (route.form === 'merge') return `Two identifiers that are one person’s ${dialect}`;
      if (route.form === 'webhook') return WEBHOOK;
      return `One ${route.type ?? 'call'} ${dialect}`;
    case 'batch':
      return `A batch of calls ${dialect}`;
    case 'pixel':
      if (route.form === 'webhook') return `${WEBHOOK}, in the query`;
      return `One ${route.type} by an image ${dialect}`;
    case 'ignored':
      return `Telemetry of the client itself ${dialect}: answered, never read`;
  }
}

function contentOf({ answer }: CollectRoute): object {
  switch (answer) {
    case 'gif':
      return { 'image/gif': { schema: { type: 'string', format: 'binary' } } };
    case 'ok-text':
      return { 'text/plain': { schema: { type: 'string' } } };
    case 'success':
      return json(ref('Success'));
    case 'ok-json':
      return json(ref('Ok'));
  }
}

const STATUS = { type: 'string', enum: [...FACT_STATUSES, 'requested', 'expired', 'unknown'] };

const OF_A_RECORD = [
  'channel-not-allowed',
  'identity-token-refused',
  'unknown-purpose',
  'unknown-notice',
  'purpose-not-in-notice',
  'brand-not-joint',
  'brand-not-in-notice',
  'no-shared-subject',
  'field-missing',
  // A record without any no.
  'quota-exceeded',
  'person-quota-exceeded',
  'disk-nearly-full',
] as const;

function consentPaths(): ReadonlyMap<string, Readonly<Record<string, Operation>>> {
  const { $schema: _, ...body } = consentSubmissionJsonSchema() as Record<string, unknown>;
  const security = [{ writeKey: [] }, { apiToken: [] }];
  const subject = ['userId', 'loyaltyCard', 'email', 'phone', 'anonymousId', 'deviceId', 'pushToken', 'subjectToken'];
  const credentials = ['write-key-missing', 'write-key-unknown', 'scope-missing', 'brand-not-allowed'] as const;
  return new Map<string, Readonly<Record<string, Operation>>>([
    [
      '/v1/import/consents',
      {
        post: {
          tags: ['Consents'],
          summary: 'Record decisions from a file, as filrouge import consents sends them',
          security: KEYED,
          parameters: IMPORT_PARAMETERS,
          requestBody: { required: true, content: json(ref('Batch')) },
          responses: {
            '200': {
              description: 'Durable; rows that were recorded before change nothing.',
              headers: IMPORT_ANSWER_HEADERS,
              content: json(ref('Success')),
            },
            ...problemAnswers([
              'write-key-missing',
              'write-key-unknown',
              ...IMPORT_PROBLEMS,
              'type-not-allowed',
              'body-too-large',
              'disk-nearly-full',
            ]),
          },
        },
      },
    ],
    [
      '/v1/consents',
      {
        post: {
          tags: ['Consents'],
          summary: 'Record what a person decided',
          security,
          requestBody: { required: true, content: { 'application/json': { schema: body } } },
          responses: {
            '200': {
              description: 'Durable; in force for everything that is decided from now on.',
              content: json(RECORDED),
            },
            ...problemAnswers([...credentials, ...OF_A_RECORD]),
          },
        },
        get: {
          tags: ['Consents'],
          summary: 'How a subject stands on each purpose',
          security,
          parameters: ['brand', ...subject].map((name) => ({ name, in: 'query', schema: { type: 'string' } })),
          responses: {
            '200': { description: 'As of now.', content: json(STANDINGS) },
            ...problemAnswers([...credentials, 'subject-not-allowed', 'no-identifier']),
          },
        },
      },
    ],
  ]);
}

function json(schema: object): object {
  return { 'application/json': { schema } };
}

const RECORDED = {
  type: 'object',
  required: ['recordId', 'position', 'decisions'],
  properties: {
    recordId: { type: 'string' },
    position: { type: 'integer' },
    subjectToken: {
      type: 'string',
      description: 'Of whom the key may speak for; absent where it merely names somebody.',
    },
    decisions: {
      type: 'array',
      items: {
        type: 'object',
        required: ['purpose', 'status', 'effective'],
        properties: { purpose: { type: 'string' }, status: { type: 'string', enum: FACT_STATUSES }, effective: STATUS },
      },
    },
    rejected: {
      type: 'array',
      description: 'Decisions that cannot stand, beside a no that can; without such a no the whole record is refused.',
      items: {
        type: 'object',
        required: ['code', 'pointer'],
        properties: { code: { type: 'string' }, pointer: { type: 'string' }, detail: { type: 'string' } },
      },
    },
    identityToken: {
      type: 'string',
      description: 'Where one was sent: `verified`, or why it proves nothing.',
      enum: ['verified', ...TOKEN_FAULTS],
    },
    marks: {
      type: 'array',
      description: '`dated-ahead`: the date lay in the future, so the record is dated to its receipt.',
      items: { type: 'string', enum: LEDGER_MARKS },
    },
    brands: {
      type: 'array',
      description: 'The record in the ledger of each other brand that was listed.',
      items: {
        type: 'object',
        required: ['brand', 'recordId', 'position'],
        properties: { brand: { type: 'string' }, recordId: { type: 'string' }, position: { type: 'integer' } },
      },
    },
  },
};

const STANDINGS = {
  type: 'object',
  required: ['subject', 'brand', 'purposes'],
  properties: {
    subject: { type: 'object', additionalProperties: { type: 'string' } },
    brand: { type: 'string' },
    purposes: {
      type: 'object',
      additionalProperties: {
        type: 'object',
        required: ['status', 'basis', 'allowed'],
        properties: {
          status: { ...STATUS, description: 'What was said last; `unknown` where nothing was.' },
          basis: { type: 'string', enum: LEGAL_BASES },
          allowed: { type: 'boolean', description: ALLOWED_MEANS },
          since: { type: 'string', format: 'date-time' },
          until: { type: 'string', format: 'date-time' },
          recordId: { type: 'string' },
          vendors: { type: 'object', additionalProperties: STATUS },
        },
      },
    },
  },
};
