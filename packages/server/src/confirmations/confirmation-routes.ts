import { judgeSubmission } from '@filrouge/domain/consent';
import { Overloaded } from '@filrouge/pipeline';
import {
  COLLECT_LIMITS,
  type ConfirmationRequest,
  type ProblemCode,
  parseConfirmationRequest,
  problemLanguage,
} from '@filrouge/wire';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { brandFor } from '../access/brand-scope.ts';
import { propertiesOf, withChoices } from '../collect/consent-choices.ts';
import type { ConsentService } from '../collect/consent-routes.ts';
import { boundTo, countryFor, keyOfWitness, tokenSource, witnessOf } from '../collect/consent-witness.ts';
import { decompress } from '../http/decompress.ts';
import { ProblemAnswer, statusOf } from '../http/problem-answer.ts';
import { type Confirmed, confirm, readStanding } from './confirm.ts';
import { type Confirmation, endOf } from './confirmation.ts';
import { confirmationPage, PAGE_HEADERS } from './confirmation-page.ts';
import { openConfirmation, sealConfirmation } from './confirmation-token.ts';
import type { PageKind, PageLanguage } from './confirmation-words.ts';

type ConfirmationService = ConsentService & {
  readonly isEngineFault: (fault: unknown) => boolean;
  readonly newId: () => string;
};

/** A token and the little around it. Unit: bytes. */
const BODY_BYTES_MAX = 16_384;
const CONFIRM_PATH = '/v1/consents/confirm';

/** The way of a double opt-in: the retailer's server asks for a link, the person opens it and presses the button. */
export function registerConfirmationRoutes(app: FastifyInstance, service: ConfirmationService): void {
  app.post('/v1/consents/confirmations', (request, reply) => issue(service, request, reply));
  app.get(CONFIRM_PATH, (request, reply) => show(service, request, reply));
  app.post(CONFIRM_PATH, { bodyLimit: BODY_BYTES_MAX }, (request, reply) => click(service, request, reply));
}

async function issue(
  service: ConfirmationService,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const issuedAt = service.now();
  const witness = await witnessOf(service, request, 'consents:write');
  if (witness.kind === 'source' && witness.source.kind !== 'server') {
    throw new ProblemAnswer('type-not-allowed', {
      detail:
        'A link is asked for with the key of a server source or an API token: its holder could confirm for anybody.',
    });
  }
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const bytes = await decompress(body, request.headers['content-encoding'], COLLECT_LIMITS.bodyBytesMax);
  const parsed = parseConfirmationRequest(bytes, countryFor(service, witness));
  if (!parsed.ok) {
    const { code, pointer, detail } = parsed.refusal;
    throw new ProblemAnswer(code, { pointer, ...(detail === undefined ? {} : { detail }) });
  }
  const asked = parsed.value;
  const brand = brandFor(boundTo(witness), service.deployment, asked.brand, 'body');
  const key = keyOfWitness(witness, brand);
  const { source } = key;
  requireRecordable(service, asked, issuedAt);
  const quota = service.quota.take(key, 1, issuedAt);
  if (!quota.ok) throw new ProblemAnswer('quota-exceeded', { retryAfterSeconds: quota.waitSeconds });
  const confirmation: Confirmation = { ...asked, id: service.newId(), source: source.id, issuedAt };
  const token = await sealConfirmation(service.vault, confirmation);
  const address = service.publicUrl() || `${request.protocol}://${request.host}`;
  return reply
    .code(201)
    .header('cache-control', 'no-store')
    .send({
      token,
      url: `${address}${CONFIRM_PATH}?token=${token}`,
      recordId: confirmation.id,
      expiresAt: new Date(endOf(confirmation)).toISOString(),
    });
}

/** What the ledger would refuse after the click is refused now: the person must not press a button in vain. */
function requireRecordable(
  { deployment }: ConfirmationService,
  asked: ConfirmationRequest,
  now: Confirmation['issuedAt'],
) {
  const { brand, property } = asked;
  if (deployment.properties.get(property)?.brand !== brand) {
    throw new ProblemAnswer('value-not-allowed', { pointer: '/property', detail: propertiesOf(deployment, brand) });
  }
  const said = { ...asked, indicatedAt: now, indicatedBy: { kind: 'subject' as const } };
  const judged = judgeSubmission(said, { kind: 'token', signed: false }, deployment);
  const refusal = judged.ok ? judged.value.left[0] : judged.refusal;
  if (refusal === undefined) return;
  throw new ProblemAnswer(refusal.code, { pointer: refusal.pointer, detail: withChoices(deployment, brand, refusal) });
}

/** Opening a link confirms nothing: scanners of mail open every one. */
async function show(service: ConfirmationService, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { token } = request.query as { readonly token?: unknown };
  const opened = await openConfirmation(service, typeof token === 'string' ? token : '', service.now());
  if (opened.kind === 'unreadable') return page(service, request, reply, 'unreadable');
  const { confirmation } = opened;
  if (opened.kind === 'expired') return page(service, request, reply, 'expired', { confirmation });
  return orUnavailable(service, request, reply, confirmation, async () => {
    requireQuota(service, confirmation);
    const { left, recorded } = await readStanding(service, confirmation);
    if (left.length === 0) return page(service, request, reply, 'overtaken', { confirmation });
    const still = { ...confirmation, decisions: left };
    if (recorded) return page(service, request, reply, 'already-confirmed', { confirmation: still });
    return page(service, request, reply, 'open', { confirmation: still, token: token as string });
  });
}

async function click(
  service: ConfirmationService,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const now = service.now();
  const opened = await openConfirmation(service, tokenOf(request), now);
  const asPage = wantsPage(request);
  if (opened.kind !== 'valid') {
    const kind = opened.kind;
    if (!asPage) throw new ProblemAnswer(PROBLEM_OF[kind]);
    return page(service, request, reply, kind, opened.kind === 'expired' ? { confirmation: opened.confirmation } : {});
  }
  const { confirmation } = opened;
  if (!asPage) {
    requireQuota(service, confirmation);
    return sendConfirmed(reply, confirmation, await confirm(service, confirmation, now));
  }
  return orUnavailable(service, request, reply, confirmation, async () => {
    requireQuota(service, confirmation);
    const confirmed = await confirm(service, confirmation, now);
    // The notice or a purpose has left the configuration: what the link stands for cannot be recorded any more.
    if (confirmed.kind === 'refused') {
      return page(service, request, reply, 'outdated', { confirmation, status: statusOf('confirmation-overtaken') });
    }
    const { decisions } = 'decisions' in confirmed ? confirmed : confirmation;
    return page(service, request, reply, confirmed.kind, { confirmation: { ...confirmation, decisions } });
  });
}

function sendConfirmed(reply: FastifyReply, { id }: Confirmation, confirmed: Confirmed): FastifyReply {
  switch (confirmed.kind) {
    case 'overtaken':
      throw new ProblemAnswer('confirmation-overtaken');
    case 'refused':
      throw new ProblemAnswer(confirmed.refusal.code, { detail: confirmed.refusal.message });
    case 'confirmed':
    case 'already-confirmed':
      return reply.header('cache-control', 'no-store').send({
        state: confirmed.kind,
        recordId: id,
        decisions: confirmed.decisions.map(({ purpose, vendor, status }) => ({ purpose, vendor, status })),
      });
  }
}

function requireQuota(service: ConfirmationService, { source: id, brand }: Confirmation): void {
  const source = service.deployment.sources.get(id) ?? tokenSource(brand);
  const quota = service.quota.take({ id: `confirmed:${id}`, source }, 1, service.now());
  if (!quota.ok) throw new ProblemAnswer('quota-exceeded', { retryAfterSeconds: quota.waitSeconds });
}

/** The token of a form or of a JSON body; empty where there is none. */
function tokenOf(request: FastifyRequest): string {
  const text = Buffer.isBuffer(request.body) ? request.body.toString('utf8') : '';
  if (!text.trimStart().startsWith('{')) return new URLSearchParams(text).get('token') ?? '';
  try {
    const { token } = JSON.parse(text) as { readonly token?: unknown };
    return typeof token === 'string' ? token : '';
  } catch {
    return '';
  }
}

/** A browser's form is answered with a page, a program with JSON. */
function wantsPage({ headers }: FastifyRequest): boolean {
  return (headers.accept ?? '').includes('text/html');
}

const PROBLEM_OF = {
  unreadable: 'confirmation-unreadable',
  expired: 'confirmation-expired',
  overtaken: 'confirmation-overtaken',
} as const satisfies Partial<Record<PageKind, ProblemCode>>;

function statusOfPage(kind: PageKind): number {
  return kind in PROBLEM_OF ? statusOf(PROBLEM_OF[kind as keyof typeof PROBLEM_OF]) : 200;
}

type Shown = { readonly confirmation?: Confirmation; readonly token?: string; readonly status?: number };

function page(
  { deployment }: ConfirmationService,
  request: FastifyRequest,
  reply: FastifyReply,
  kind: PageKind,
  { status = statusOfPage(kind), ...shown }: Shown = {},
): FastifyReply {
  const language: PageLanguage = problemLanguage(request.headers['accept-language']);
  return reply
    .code(status)
    .headers(PAGE_HEADERS)
    .send(confirmationPage(kind, { deployment, language, ...shown }));
}

/** Nobody who was sent a link is answered with a document for machines: whoever may come back later is told so. */
async function orUnavailable(
  service: ConfirmationService,
  request: FastifyRequest,
  reply: FastifyReply,
  confirmation: Confirmation,
  answer: () => Promise<FastifyReply>,
): Promise<FastifyReply> {
  try {
    return await answer();
  } catch (fault) {
    const passing = fault instanceof Overloaded || fault instanceof ProblemAnswer || service.isEngineFault(fault);
    if (!passing) throw fault;
    request.log.warn(
      { fault: fault instanceof Error ? fault.name : 'unknown' },
      'a confirmation could not be answered',
    );
    const status = fault instanceof ProblemAnswer ? statusOf(fault.code) : 503;
    reply.header('retry-after', '60');
    return page(service, request, reply, 'unavailable', { confirmation, status });
  }
}
