import { REFERENCE_KINDS } from '@filrouge/domain/reference';
import {
  IMPORT_HEADER,
  IMPORT_RUN_HEADER,
  IMPORT_SOURCE_HEADER,
  REFERENCE_ROUTES,
  REFERENCE_SCHEMAS,
} from '@filrouge/wire';
import { z } from 'zod';
import { problemAnswers } from './problem-answers.ts';

type Operation = Readonly<Record<string, unknown>>;

/** Headers of a request that brings a file. */
export const IMPORT_PARAMETERS: readonly object[] = [
  {
    name: IMPORT_SOURCE_HEADER,
    in: 'header',
    required: false,
    schema: { type: 'string' },
    description: 'The source whose rows these are: a key of another is refused. Absent, the key alone says it.',
  },
  {
    name: IMPORT_HEADER,
    in: 'header',
    required: false,
    schema: { type: 'string' },
    description:
      'The import that the rows belong to, form-encoded: `import` (its id), `kind`, `file`, `content` (SHA-256), `run`. A whole import can be undone. Absent, `context.import.id` of the body.',
  },
];

/** Headers of its answer. */
export const IMPORT_ANSWER_HEADERS: object = {
  [IMPORT_RUN_HEADER]: {
    schema: { type: 'integer' },
    description: 'The run of the import that took the rows in; absent where no import was named.',
  },
};

export const IMPORT_PROBLEMS = ['key-of-other-source', 'import-undone'] as const;

/** The paths that take products, stores and campaigns. */
export function referencePaths(): ReadonlyMap<string, Readonly<Record<string, Operation>>> {
  return new Map(
    REFERENCE_KINDS.map((kind) => {
      const { $schema: _, ...items } = z.toJSONSchema(REFERENCE_SCHEMAS[kind], { io: 'input' }) as Record<
        string,
        unknown
      >;
      const batch = { type: 'array', items, maxItems: 2_500 };
      const schema = { type: 'object', required: ['batch'], properties: { batch }, additionalProperties: true };
      const post = {
        tags: ['Reference'],
        summary: `Tell ${kind}, as filrouge import ${kind} sends them: what is told last stands`,
        security: [{ writeKey: [] }],
        parameters: IMPORT_PARAMETERS,
        requestBody: { required: true, content: { 'application/json': { schema } } },
        responses: {
          '200': {
            description: 'Durable; each that could not be read is listed.',
            headers: IMPORT_ANSWER_HEADERS,
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Success' } } },
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
      };
      return [REFERENCE_ROUTES[kind].path, { post }] as const;
    }),
  );
}
