import type { Purpose, PurposeId } from '@filrouge/domain/consent';
import { BEGINNING, END } from '@filrouge/domain/identity';
import { z } from 'zod';
import type { Bearer } from '../../access/api-tokens.ts';
import { brandFor, oneOf } from '../../access/brand-scope.ts';
import type { ExportJob } from '../../exports/export-job.ts';
import { EXPORT_LIFE_MS } from '../../exports/exports.ts';
import { ProblemAnswer } from '../../http/problem-answer.ts';
import { type ApiRoute, apiRoute, Lines } from '../api-route.ts';
import type { ApiService } from '../api-service.ts';
import { instantOf } from '../common-schemas.ts';
import { exportBody, exportLine, exportParams, exportShown } from './export-schemas.ts';

/** What the ledger is exported for: to show that people consented (GDPR 7(1)). It is nobody's to refuse. */
const CONSENT_PROOF: Purpose = {
  id: 'consent_proof' as PurposeId,
  bit: 0,
  basis: 'legal-obligation',
  scope: { device: true, person: true },
};

const common = { tag: 'Exports', scope: 'exports:write' } as const;
const one = { ...common, params: exportParams } as const;

/** Rows that leave for a stated purpose: begun, looked at, fetched, removed. */
export const EXPORT_ROUTES: readonly ApiRoute[] = [
  apiRoute({
    ...common,
    method: 'POST',
    path: '/api/exports',
    summary: 'Begins an export for a stated purpose; consents need the scope consents:read too',
    body: exportBody,
    status: 202,
    answer: exportShown,
    problems: ['brand-not-allowed', 'purpose-missing', 'unknown-purpose', 'exports-busy', 'disk-nearly-full'],
    async handle({ service, bearer, body, audit }) {
      const { what, format, dryRun } = body;
      const brand = brandFor(bearer, service.deployment, body.brand, 'body');
      const purpose = purposeFor(service, bearer, body);
      audit({ action: `export/${what}/begin`, brand, purpose: purpose.id, detail: { format } });
      const query = { kind: what, brand, purpose, span: spanOf(body) };
      const job = await service.exports.begin({ bearer: bearer.id, query, format, dryRun });
      if (job === undefined) throw new ProblemAnswer('exports-busy', { retryAfterSeconds: 5 });
      return shown(job);
    },
  }),
  apiRoute({
    ...one,
    method: 'GET',
    path: '/api/exports/{id}',
    summary: 'How far an export is, and what it came to',
    status: 200,
    answer: exportShown,
    problems: ['export-not-found'],
    handle: async (call) => shown(jobOf(call.service, call.bearer, call.params.id)),
  }),
  apiRoute({
    ...one,
    method: 'GET',
    path: '/api/exports/{id}/rows',
    summary: 'The rows, without whoever said no until the first byte; read its state afterwards',
    status: 200,
    answer: exportLine,
    linesAs: 'application/x-ndjson',
    problems: ['export-not-found', 'export-not-ready'],
    async handle({ service, bearer, params, audit }) {
      const job = jobOf(service, bearer, params.id);
      const { query, format, dryRun, id } = job.order;
      if (dryRun || job.state === 'running' || job.state === 'failed') {
        throw new ProblemAnswer('export-not-ready', { detail: dryRun ? 'dryRun' : job.state });
      }
      await job.settle();
      const { rows, subjects, withdrawn } = job.counts;
      audit({
        action: `export/${query.kind}`,
        brand: query.brand,
        purpose: query.purpose.id,
        detail: { export: id, rows, subjects, withdrawn, format },
      });
      return new Lines(job.lines());
    },
  }),
  apiRoute({
    ...one,
    method: 'DELETE',
    path: '/api/exports/{id}',
    summary: 'Removes an export before its time',
    status: 200,
    answer: z.object({ id: z.string() }),
    problems: ['export-not-found'],
    async handle({ service, bearer, params }) {
      await service.exports.remove(jobOf(service, bearer, params.id));
      return { id: params.id };
    },
  }),
];

function purposeFor({ deployment }: ApiService, bearer: Bearer, body: z.output<typeof exportBody>): Purpose {
  const { what, purpose: asked } = body;
  if (what === 'consents') {
    if (!bearer.scopes.includes('consents:read')) throw new ProblemAnswer('scope-missing', { detail: 'consents:read' });
    if (asked === undefined || asked === CONSENT_PROOF.id) return CONSENT_PROOF;
    throw new ProblemAnswer('value-not-allowed', { pointer: '/purpose', detail: CONSENT_PROOF.id });
  }
  const names = oneOf(deployment.purposes.keys());
  if (asked === undefined) throw new ProblemAnswer('purpose-missing', { pointer: '/purpose', detail: names });
  const purpose = deployment.purposes.get(asked as PurposeId);
  if (purpose === undefined) throw new ProblemAnswer('unknown-purpose', { pointer: '/purpose', detail: names });
  return purpose;
}

function spanOf({ what, from, to }: z.output<typeof exportBody>) {
  const asked = from !== undefined || to !== undefined;
  if (asked && (what === 'people' || what === 'consents')) {
    const pointer = from === undefined ? '/to' : '/from';
    throw new ProblemAnswer('value-not-allowed', { pointer, detail: 'for events, tickets and orders' });
  }
  const span = { from: instantOf(from, BEGINNING), to: instantOf(to, END) };
  if (span.from >= span.to) throw new ProblemAnswer('value-not-allowed', { pointer: '/from', detail: 'before `to`' });
  return span;
}

function jobOf({ exports }: ApiService, { id: bearer }: Bearer, id: string): ExportJob {
  const job = exports.find(id, bearer);
  if (job === undefined) throw new ProblemAnswer('export-not-found');
  return job;
}

function shown({ order, state, counts, ledgerPosition }: ExportJob): z.input<typeof exportShown> {
  const { closed, ...told } = counts;
  return {
    id: order.id,
    what: order.query.kind,
    brand: order.query.brand,
    purpose: order.query.purpose.id,
    state,
    dryRun: order.dryRun,
    ...told,
    notPermitted: closed,
    until: new Date(order.begunAt + EXPORT_LIFE_MS).toISOString(),
    asOf: { ledgerPosition: ledgerPosition ?? null },
  };
}
