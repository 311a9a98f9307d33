import type { Instant } from '@filrouge/domain/base';
import { ImportTooOld, undoBase } from '@filrouge/pipeline';
import type { ImportRun } from '@filrouge/ports';
import { z } from 'zod';
import { actorOf, type Bearer } from '../../access/api-tokens.ts';
import { mayTouch, optionalBrandFor } from '../../access/brand-scope.ts';
import { ProblemAnswer } from '../../http/problem-answer.ts';

import { type ApiRoute, apiRoute } from '../api-route.ts';
import type { ApiService } from '../api-service.ts';
import { brandParameter, instantShown, wholeNumber } from '../common-schemas.ts';

const count = z.int();
const STATES = ['open', 'undoing', 'undone'] as const;

const runFields = {
  number: z.int().describe('Of this run: the same file imported again after it was undone is another.'),
  import: z.string().describe('The same for every run of the same file into the same source.'),
  brand: z.string(),
  source: z.string(),
  kind: z.string().describe('What the rows are; empty where nobody said.'),
  file: z.string(),
  content: z.string().describe('SHA-256 of the file.'),
  begunAt: instantShown,
  lastAt: instantShown,
  accepted: count.describe('Items that the door took, duplicates not among them.'),
  withheld: count,
  quarantined: count,
  consents: count.describe('Consent records.'),
  reference: count.describe('Products, stores or campaigns.'),
  state: z.enum(STATES),
  undo: z
    .object({
      askedAt: instantShown,
      askedBy: z.string(),
      doneAt: instantShown.optional(),
      read: count.describe('Items of the journal that were read so far.'),
      total: count,
    })
    .optional(),
};
const oneRun = z.strictObject({
  id: z.string().min(1).max(64).describe('The id of an import, or the number of a run.'),
});
const tag = 'Imports';

/** Files that were imported: what each brought, and the way back. */
export const IMPORT_ROUTES: readonly ApiRoute[] = [
  apiRoute({
    method: 'GET',
    path: '/api/imports',
    tag,
    summary: 'Imports, latest first: what each brought, and whether it was undone',
    scope: 'imports:read',
    query: z.strictObject({
      brand: brandParameter,
      state: z.enum(STATES).optional(),
      import: z.string().max(64).optional(),
      content: z.string().max(64).optional().describe('SHA-256 of a file.'),
      limit: wholeNumber(1, 500, 100),
      before: z.coerce.number().int().min(1).max(2_147_483_647).optional().describe('The `next` of the page before.'),
    }),
    status: 200,
    answer: z.object({ items: z.array(z.object(runFields)), next: z.int().nullable() }),
    problems: ['brand-not-allowed'],
    async handle({ service, bearer, query }) {
      const brand = optionalBrandFor(bearer, service.deployment, query.brand);
      const { limit, state, before, content } = query;
      const found = await service.projections.imports.list({
        limit: limit + 1,
        ...(brand === undefined ? {} : { brand }),
        ...(state === undefined ? {} : { state }),
        ...(query.import === undefined ? {} : { import: query.import }),
        ...(content === undefined ? {} : { content }),
        ...(before === undefined ? {} : { before }),
      });
      const items = found.slice(0, limit);
      return { items: items.map(shown), next: found.length > limit ? (items.at(-1)?.number ?? null) : null };
    },
  }),
  apiRoute({
    method: 'GET',
    path: '/api/imports/{id}',
    tag,
    summary: 'One import; while it is undone, how far that is',
    scope: 'imports:read',
    params: oneRun,
    status: 200,
    answer: z.object(runFields),
    problems: ['not-found', 'import-ambiguous'],
    handle: async ({ service, bearer, params }) => shown(await runNamed(service, bearer, params.id)),
  }),
  apiRoute({
    method: 'POST',
    path: '/api/imports/{id}/undo',
    tag,
    summary: 'Take back all that an import brought; a no that it recorded stays. Goes on after the answer',
    scope: 'imports:write',
    params: oneRun,
    status: 202,
    answer: z.object(runFields),
    problems: ['not-found', 'import-ambiguous', 'import-undone', 'import-too-old'],
    async handle({ service, bearer, params, audit }) {
      const run = await runNamed(service, bearer, params.id);
      audit({ action: 'imports/undo', brand: run.brand, subject: `${run.import}/${run.number}` });
      if (run.state === 'undone') throw new ProblemAnswer('import-undone');
      if (run.state === 'open') {
        await requireReachable(service, run);
        await service.projections.imports.close(run.number, actorOf(bearer), service.now());
      }
      service.wake();
      return shown((await service.projections.imports.run(run.number)) ?? run);
    },
  }),
];

/** The run of a number, or the one of an import that stands, or its last. */
async function runNamed({ projections }: ApiService, bearer: Bearer, id: string): Promise<ImportRun> {
  const { imports } = projections;
  const byNumber = /^\d{1,9}$/.test(id) ? await imports.run(Number(id)) : undefined;
  const named = byNumber === undefined ? await imports.list({ import: id, limit: 100 }) : [byNumber];
  const runs = named.filter(({ brand }) => mayTouch(bearer, brand));
  const standing = runs.filter(({ state }) => state !== 'undone');
  if (standing.length > 1) throw new ProblemAnswer('import-ambiguous');
  const run = standing[0] ?? runs[0];
  if (run === undefined) throw new ProblemAnswer('not-found');
  return run;
}

async function requireReachable({ projections, events }: ApiService, run: ImportRun): Promise<void> {
  try {
    await undoBase(projections, events, run);
  } catch (fault) {
    if (fault instanceof ImportTooOld) throw new ProblemAnswer('import-too-old');
    throw fault;
  }
}

function shown({ journal: _journal, begunAt, lastAt, undo, ...run }: ImportRun) {
  return {
    ...run,
    begunAt: text(begunAt),
    lastAt: text(lastAt),
    ...(undo === undefined ? {} : { undo: undoShown(undo) }),
  };
}

function undoShown({ askedAt, doneAt, ...undo }: NonNullable<ImportRun['undo']>) {
  return { ...undo, askedAt: text(askedAt), ...(doneAt === undefined ? {} : { doneAt: text(doneAt) }) };
}

function text(at: Instant): string {
  return new Date(at).toISOString();
}
