import { PROBLEMS, type ProblemCode } from '@filrouge/wire';
import { z } from 'zod';
import type { ApiRoute } from '../api-route.ts';
import { collectPaths, collectSchemas } from './collect-paths.ts';
import { problemAnswers } from './problem-answers.ts';

/** Version of the outside contract; fields are added and never renamed within one. */
const CONTRACT_VERSION = '1.0.0';

type Operation = Readonly<Record<string, unknown>>;

/** The OpenAPI 3.1 document of everything that the server answers, made from the schemas that its routes check with. */
export function openApiDocument(routes: readonly ApiRoute[]): object {
  const paths = new Map<string, Record<string, Operation>>();
  for (const route of routes) {
    const known = paths.get(route.path) ?? {};
    known[route.method.toLowerCase()] = operationOf(route);
    paths.set(route.path, known);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Filrouge',
      version: CONTRACT_VERSION,
      description:
        'Collect, resolve, ask permission, remember, report. Errors are RFC 9457 problem documents. Bodies are read as ' +
        'JSON whatever their Content-Type says; Content-Encoding may be gzip, deflate or br.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    paths: Object.fromEntries([...collectPaths(), ...paths, ...operatorPaths()]),
    components: {
      securitySchemes: {
        writeKey: {
          type: 'http',
          scheme: 'basic',
          description: 'The write key as user name, with an empty password; X-Write-Key and "writeKey" are taken too.',
        },
        apiToken: {
          type: 'http',
          scheme: 'bearer',
          description: 'An API token with the scope that the operation names.',
        },
      },
      schemas: { ...collectSchemas(), Problem: problemSchema() },
    },
  };
}

function operationOf(route: ApiRoute): Operation {
  const open = route.scope === 'nobody';
  const parameters = [...parametersOf(route.params, 'path'), ...parametersOf(route.query, 'query')];
  const credentials: readonly ProblemCode[] = open ? [] : ['token-missing', 'token-unknown', 'scope-missing'];
  const input: readonly ProblemCode[] =
    route.params === undefined && route.query === undefined && route.body === undefined
      ? []
      : ['field-missing', 'field-wrong-type', 'value-not-allowed', 'parameter-unknown'];
  // As input: an answer may bear more fields tomorrow than this document names today.
  const schema = schemaOf(route.answer, 'input');
  const content = Object.fromEntries([
    [route.linesAs ?? 'application/json', { schema }],
    ...(route.alsoAs ?? []).map((type) => [type, { schema: { type: 'string' } }]),
  ]);
  return {
    operationId: operationIdOf(route),
    tags: [route.tag],
    summary: route.summary,
    ...(open ? { security: [] } : { security: [{ apiToken: [] }], 'x-scope': route.scope }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === undefined
      ? {}
      : {
          requestBody: {
            required: route.bodyOptional !== true,
            content: { 'application/json': { schema: schemaOf(route.body, 'input') } },
          },
        }),
    responses: {
      [String(route.status)]: { description: route.summary, content },
      ...problemAnswers([...credentials, ...input, ...route.problems, 'storage-unavailable']),
    },
  };
}

/** `GET /api/profiles/{namespace}:{value}/traits` -> `getProfilesNamespaceValueTraits`. */
function operationIdOf({ method, path }: ApiRoute): string {
  const words = path.split(/[^A-Za-z]+/).filter((word) => word !== '' && word !== 'api');
  return method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

type Parameter = Readonly<Record<string, unknown>>;

function parametersOf(schema: z.ZodType | undefined, place: 'path' | 'query'): readonly Parameter[] {
  if (!(schema instanceof z.ZodObject)) return [];
  return Object.entries(schema.shape as Readonly<Record<string, z.ZodType>>).map(([name, field]) => {
    const { description, ...shape } = schemaOf(field, 'output') as { readonly description?: string };
    return {
      name,
      in: place,
      required: place === 'path' || !field.safeParse(undefined).success,
      ...(description === undefined ? {} : { description }),
      schema: shape,
    };
  });
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): object {
  const { $schema: _, ...shape } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    // Every whole number of JavaScript is bounded so; saying it tells nobody anything.
    override({ jsonSchema }) {
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    },
  });
  return shape;
}

function problemSchema(): object {
  return {
    type: 'object',
    required: ['type', 'title', 'status', 'code', 'message', 'detail', 'pointer'],
    properties: {
      type: { type: 'string', description: '`urn:filrouge:problem:` and the code' },
      title: { type: 'string' },
      status: { type: 'integer' },
      code: { type: 'string', enum: Object.keys(PROBLEMS).sort() },
      message: {
        type: 'string',
        description: 'What is wrong, and how to mend it; French or English by Accept-Language.',
      },
      detail: { type: 'string' },
      pointer: { type: 'string', description: 'JSON pointer to the fault; of a parameter, its name.' },
    },
  };
}

function operatorPaths(): ReadonlyMap<string, Readonly<Record<string, Operation>>> {
  const get = (summary: string, type: string, codes: readonly ProblemCode[]): Readonly<Record<string, Operation>> => ({
    get: {
      tags: ['Operation'],
      summary,
      security: [],
      responses: { '200': { description: summary, content: { [type]: { schema: {} } } }, ...problemAnswers(codes) },
    },
  });
  return new Map([
    ['/api/openapi.json', get('This document', 'application/json', [])],
    ['/healthz', get('The process answers', 'application/json', [])],
    ['/readyz', get('Every part that an event passes through works', 'application/json', ['not-ready'])],
    [
      '/metrics',
      get('Figures for Prometheus; from another machine with the scope flow:read', 'text/plain', [
        'token-missing',
        'token-unknown',
        'scope-missing',
      ]),
    ],
  ]);
}
