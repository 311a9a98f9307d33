import type { Instant } from '@filrouge/domain/base';
import { isGlobalPrivacyControl } from '@filrouge/domain/consent';
import type { Source } from '@filrouge/domain/deployment';
import type { SubmissionOutcome } from '@filrouge/pipeline';
import {
  COLLECT_LIMITS,
  COLLECT_ROUTES,
  type CollectRoute,
  credentialsOf,
  type Frame,
  frameSize,
  IMPORT_HEADER,
  IMPORT_RUN_HEADER,
  IMPORT_SOURCE_HEADER,
  type Refusal,
  readFrame,
  readImportNote,
  readPixel,
  type ToldImport,
  understandFrame,
} from '@filrouge/wire';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { SourceKey } from '../access/source-keys.ts';
import type { QuotaTaken } from '../access/token-buckets.ts';
import { unknownWriteKey } from '../access/unknown-credential.ts';
import { answerPreflight, FOR_PAGES } from '../http/cross-origin.ts';
import { decompress } from '../http/decompress.ts';
import { describeFault } from '../http/describe-fault.ts';
import { ProblemAnswer, sendProblem, statusOf } from '../http/problem-answer.ts';
import { queryText } from '../http/query-text.ts';
import { type Collected, type CollectService, hearNoes, submitItems } from './collect-service.ts';
import { importOutcome } from './import-outcome.ts';
import { type ItemWarning, itemWarnings } from './item-warnings.ts';
import { ReadingTurns } from './reading-turns.ts';

/** Path under which files and server histories enter: no past limit, t is believed (S4). */
const IMPORT_PATH = '/v1/import';

/** A transparent GIF of one pixel. */
const PIXEL = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');

/** Of what comes in, which may grow when it is decompressed, or be all that it says of itself. */
const BODY_LIMIT = COLLECT_LIMITS.bodyBytesMax * 2;

/** A body of so many items takes a millisecond or more to be read. */
const LARGE_ITEMS = 25;
/** Of the process, as its event loop is. */
const turns = new ReadingTurns();

/** When to come again after a fault of ours. */
const PIXEL_RETRY_SECONDS = 2;

/** Registers every path that takes events, from the table in `wire`. */
export function registerCollectRoutes(app: FastifyInstance, service: CollectService): void {
  const preflighted = new Set<string>();
  for (const route of COLLECT_ROUTES) {
    app.route({
      method: route.method,
      url: route.path,
      bodyLimit: BODY_LIMIT,
      onRequest: [FOR_PAGES.onRequest, (request, reply) => turnAway(service, route, request, reply)],
      handler: (request, reply) => handle(service, route, request, reply),
    });
    if (preflighted.has(route.path)) continue;
    preflighted.add(route.path);
    app.options(route.path, (request, reply) => answerPreflight(request, reply));
  }
}

/**
 * Refuses a key that has nothing left as soon as its headers are there. What then comes of the body is neither kept nor
 * looked at, and the connection goes on; a body that does not say how long it is, or says that it is too long, is read
 * as far as any.
 */
async function turnAway(
  service: CollectService,
  route: CollectRoute,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply | undefined> {
  if (route.shape === 'ignored' || route.answer === 'gif') return undefined;
  const length = Number(request.headers['content-length'] ?? Number.NaN);
  if (!(length <= BODY_LIMIT)) return undefined;
  const left = await lookAt(service, request, service.now());
  return left.ok ? undefined : sendProblem(request, reply, beyondQuota(left));
}

async function handle(
  service: CollectService,
  route: CollectRoute,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (route.shape === 'ignored') return reply.send({ success: true });
  if (route.answer !== 'gif') {
    const taken = await collect(service, route, request);
    tellRun(reply, taken.outcomes);
    return answer(reply, route, taken, namesAFile(request));
  }
  const fault = await collect(service, route, request).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (fault !== undefined) blamePixel(fault, request, reply);
  return reply.header('content-type', 'image/gif').header('cache-control', 'no-store').send(PIXEL);
}

/**
 * An image tag cannot read an answer: what is refused is counted, and the page gets its pixel as if all were well. Not
 * so where nothing could be written, or not yet: a status of success would say that it is on disk.
 */
function blamePixel(fault: unknown, request: FastifyRequest, reply: FastifyReply): void {
  if (!(fault instanceof ProblemAnswer)) {
    request.log.error({ fault: describeFault(fault) }, 'a pixel failed');
    reply.code(503).header('retry-after', String(PIXEL_RETRY_SECONDS));
    return;
  }
  request.log.info({ code: fault.code }, 'pixel refused');
  if (fault.retryAfterSeconds === undefined) return;
  reply.code(statusOf(fault.code)).header('retry-after', String(fault.retryAfterSeconds));
}

type TakingRoute = Exclude<CollectRoute, { readonly shape: 'ignored' }>;
type Taken = Collected & { readonly warnings: readonly ItemWarning[] };

async function collect(service: CollectService, route: TakingRoute, request: FastifyRequest): Promise<Taken> {
  const receivedAt = service.now();
  await requireUnspent(service, request, receivedAt);
  const frame = await frameOf(route, request).catch(async (fault: unknown) => {
    await countUnreadable(service, request, receivedAt, fault);
    throw fault;
  });
  const key = await keyOf(service, request, frame.writeKey);
  const { source } = key;
  const { origin } = request.headers;
  if (origin !== undefined && source.allowedOrigins.length > 0 && !source.allowedOrigins.includes(origin)) {
    throw new ProblemAnswer('origin-not-allowed');
  }
  const imported = route.path === IMPORT_PATH;
  if (imported) requireImportingKey(request, source);
  const globalPrivacyControl = isGlobalPrivacyControl(request.headers['sec-gpc']);
  const quota = service.quota.take(key, frameSize(frame), receivedAt);
  if (!quota.ok && !mayCarryNo(source, request)) throw beyondQuota(quota);
  const userAgent = request.headers['user-agent'];
  const anonymousIdHeader = request.headers['anonymousid'];
  const note = imported ? importNoteOf(request, frame) : undefined;
  if (frameSize(frame) >= LARGE_ITEMS) await turns.next();
  const understood = understandFrame(frame, {
    source,
    r: receivedAt,
    ...(userAgent === undefined ? {} : { userAgent }),
    ...(typeof anonymousIdHeader === 'string' ? { anonymousIdHeader } : {}),
  });
  const circumstances = { receivedAt, imported, globalPrivacyControl, ...(note === undefined ? {} : { import: note }) };
  if (!quota.ok) {
    await hearNoes(service, key, understood, circumstances);
    throw beyondQuota(quota);
  }
  const collected = await submitItems(service, key, understood, circumstances);
  const { rejected, waitSeconds } = collected;
  if (collected.accepted === 0 && rejected[0] !== undefined) {
    const first = rejected.find(({ code }) => code === 'person-quota-exceeded') ?? rejected[0];
    throw refusalAnswer(first, { rejected }, waitSeconds);
  }
  const left = new Set(rejected.map(({ index }) => index));
  const warnings = itemWarnings(understood, { source, r: receivedAt, imported }).filter(
    ({ index }) => !left.has(index),
  );
  return { ...collected, warnings };
}

async function requireUnspent(service: CollectService, request: FastifyRequest, now: Instant): Promise<void> {
  const left = await lookAt(service, request, now);
  if (!left.ok) throw beyondQuota(left);
}

/** Whether a request is worth reading: its key has something left, or a no may stand in it. */
async function lookAt(service: CollectService, request: FastifyRequest, now: Instant): Promise<QuotaTaken> {
  const key = await keyOf(service, request, undefined).catch(() => undefined);
  return key === undefined || mayCarryNo(key.source, request) ? { ok: true } : service.quota.look(key, now);
}

function mayCarryNo({ stamps }: Source, { headers }: FastifyRequest): boolean {
  return stamps !== undefined || isGlobalPrivacyControl(headers['sec-gpc']);
}

function beyondQuota({ waitSeconds }: { readonly waitSeconds: number }): ProblemAnswer {
  return new ProblemAnswer('quota-exceeded', { retryAfterSeconds: waitSeconds });
}

async function frameOf(route: TakingRoute, request: FastifyRequest): Promise<Frame> {
  if (route.shape === 'pixel') {
    const query = request.url.includes('?') ? request.url.slice(request.url.indexOf('?') + 1) : '';
    return orThrow(readPixel(route, query));
  }
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const bytes = await decompress(body, request.headers['content-encoding'], COLLECT_LIMITS.bodyBytesMax);
  return orThrow(readFrame(route, bytes));
}

function orThrow(read: ReturnType<typeof readFrame>): Frame {
  if (!read.ok) throw refusalAnswer(read.refusal);
  return read.value;
}

/**
 * Throws where the source of a key takes no files, and where the request says that its rows are of another source: whoever
 * took the wrong key would find them under the wrong shop, with its rules.
 */
export function requireImportingKey(request: FastifyRequest, { id, kind, allowedOrigins }: Source): void {
  const { origin } = request.headers;
  if (origin !== undefined && allowedOrigins.length > 0 && !allowedOrigins.includes(origin)) {
    throw new ProblemAnswer('origin-not-allowed');
  }
  if (kind !== 'server' && kind !== 'store') {
    throw new ProblemAnswer('type-not-allowed', { detail: 'Imports need the key of a server or store source.' });
  }
  const said = request.headers[IMPORT_SOURCE_HEADER];
  if (said !== undefined && said !== id) {
    throw new ProblemAnswer('key-of-other-source', { detail: `This key is of ${id}, not of ${String(said)}.` });
  }
}

/** The import that the rows of a request belong to. Throws where it is not said as it should be. */
export function importNoteOf(request: FastifyRequest, frame: Frame): ToldImport | undefined {
  const header = request.headers[IMPORT_HEADER];
  const note = readImportNote(header === undefined ? undefined : String(header), frame.context);
  if (!note.ok) throw refusalAnswer(note.refusal);
  return note.value;
}

/** Which run of its import took a request in. */
export function tellRun(reply: FastifyReply, { run }: Pick<SubmissionOutcome, 'run'>): void {
  if (run !== undefined) reply.header(IMPORT_RUN_HEADER, String(run));
}

export function refusalAnswer(
  refusal: Refusal,
  extra: Readonly<Record<string, unknown>> = {},
  waitSeconds?: number,
): ProblemAnswer {
  const { code, pointer, detail } = refusal;
  return new ProblemAnswer(code, {
    pointer,
    extra,
    ...(detail === undefined ? {} : { detail }),
    ...(waitSeconds === undefined ? {} : { retryAfterSeconds: waitSeconds }),
  });
}

/** A body that cannot be read is one refusal of whoever's key stands beside it (S2); a body without such a key is nobody's. */
async function countUnreadable(
  service: CollectService,
  request: FastifyRequest,
  receivedAt: Instant,
  fault: unknown,
): Promise<void> {
  if (!(fault instanceof ProblemAnswer)) return;
  const key = await keyOf(service, request, undefined).catch(() => undefined);
  if (key === undefined || !service.quota.take(key, 1, receivedAt).ok) return;
  const refused = new Map([[fault.code, 1]]);
  await service.door.submit({
    source: key.source,
    items: [],
    consents: [],
    receivedAt,
    imported: false,
    globalPrivacyControl: false,
    refused,
  });
}

/** The key that a request carries; throws where it carries none that is known. */
export async function keyOf(
  service: CollectService,
  request: FastifyRequest,
  bodyWriteKey: string | undefined,
): Promise<SourceKey> {
  const xWriteKey = request.headers['x-write-key'];
  const offered = credentialsOf({
    authorization: request.headers.authorization,
    xWriteKey: typeof xWriteKey === 'string' ? xWriteKey : undefined,
    bodyWriteKey,
    queryWriteKey: queryText(request, 'writeKey'),
  });
  if (offered.length === 0) throw new ProblemAnswer('write-key-missing');
  for (const credentials of offered) {
    const key = await service.keys.find(credentials.writeKey);
    if (key?.source.disabled) throw new ProblemAnswer('source-disabled');
    if (key !== undefined) return key;
  }
  throw unknownWriteKey(offered.map(({ writeKey: key }) => key));
}

/** Who sends a file wants to hear what became of its rows; a client of the same path wants the two letters of its dialect. */
function namesAFile({ headers }: FastifyRequest): boolean {
  return headers[IMPORT_SOURCE_HEADER] !== undefined || headers[IMPORT_HEADER] !== undefined;
}

/** What a client of another product reads stays as it is: more is said only where there is more to say. */
function answer(
  reply: FastifyReply,
  route: TakingRoute,
  { rejected, warnings, outcomes, waitSeconds }: Taken,
  isOfFile: boolean,
): FastifyReply {
  if (waitSeconds !== undefined) reply.header('retry-after', String(waitSeconds));
  if (route.answer === 'ok-text' && rejected.length === 0 && !isOfFile) {
    return reply.header('content-type', 'text/plain; charset=utf-8').send('ok');
  }
  const done = route.answer === 'ok-json' ? { ok: true } : { success: true };
  return reply.send({
    ...done,
    ...(rejected.length === 0 ? {} : { rejected }),
    ...(warnings.length === 0 ? {} : { warnings }),
    ...(route.path === IMPORT_PATH ? { outcome: importOutcome(outcomes) } : {}),
  });
}
