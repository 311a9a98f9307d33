import { fileURLToPath } from 'node:url';
import { COLLECT_ROUTES, PROBLEMS } from '@filrouge/wire';
import { expect, test } from 'vitest';
import { API_ROUTES } from '../api-routes.ts';
import { apiDocument } from './document-route.ts';

type Operation = {
  readonly operationId?: string;
  readonly parameters?: readonly { readonly name: string; readonly required?: boolean }[];
  readonly responses: Readonly<Record<string, unknown>>;
};
const document = JSON.parse(apiDocument()) as {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
};

test('docs/openapi.json is the document that the server answers (vitest -u writes it)', async () => {
  const committed = fileURLToPath(new URL('../../../../../docs/openapi.json', import.meta.url));
  await expect(apiDocument()).toMatchFileSnapshot(committed);
});

test('every route that is registered is described, and each operation has a name of its own', () => {
  expect(document.openapi).toBe('3.1.0');
  for (const { method, path } of [...API_ROUTES, ...COLLECT_ROUTES]) {
    expect(document.paths[path]?.[method.toLowerCase()], `${method} ${path}`).toBeDefined();
  }
  const ids = Object.values(document.paths).flatMap((path) =>
    Object.values(path).flatMap(({ operationId }) => operationId ?? []),
  );
  expect(ids).toHaveLength(API_ROUTES.length);
  expect(new Set(ids).size).toBe(ids.length);
});

test('reading a person asks for a purpose; the brand may come from the credential', () => {
  const parameters = document.paths['/api/profiles/{namespace}:{value}']?.['get']?.parameters ?? [];
  expect(parameters.map(({ name, required }) => [name, required])).toEqual([
    ['namespace', true],
    ['value', true],
    ['brand', false],
    ['purpose', true],
  ]);
});

test('every code that a route names is one of the catalogue', () => {
  for (const { problems } of API_ROUTES) for (const code of problems) expect(PROBLEMS).toHaveProperty(code);
});
