import { accept, type Instant, type JsonObject, type Result, refuse } from '@filrouge/domain/base';
import {
  CONSENT_CHANNELS,
  type ConsentChannel,
  type ConsentSubmission,
  importedNotice,
  isNegative,
} from '@filrouge/domain/consent';
import type { Deployment, Source } from '@filrouge/domain/deployment';
import { z } from 'zod';
import type { Frame } from '../collect/frame.ts';
import type { BatchRoute } from '../collect/route.ts';
import { readTime } from '../collect/time.ts';
import { parsedSlices } from '../collect/understand-frame.ts';
import { NO_IS_RECORDED } from '../import/consent-row.ts';
import { bodyHash } from '../json/body-hash.ts';
import { type ItemRefusal, pointerOf, type Refusal, refusalOf } from '../problem/refusal.ts';
import { consentSubmissionOf } from './parse-submission.ts';

/** Where decisions of a file enter. Its items are no events, so it stands beside the table of those routes. */
export const IMPORT_CONSENTS_ROUTE = {
  method: 'POST',
  path: '/v1/import/consents',
  dialect: 'rudderstack',
  answer: 'success',
  shape: 'batch',
} as const satisfies BatchRoute;

const name = z.string().min(1).max(128);
const rowSchema = z.object({
  messageId: z.string().min(1).max(256),
  notice: z.object({ id: name.optional(), version: name.optional(), text: z.string().min(1).optional() }).optional(),
  claimed: z.record(z.string(), z.unknown()).optional(),
  evidence: z.record(z.string(), z.unknown()).optional(),
});

type ConsentsOrigin = { readonly source: Source; readonly r: Instant; readonly notices: Deployment['notices'] };

type UnderstoodConsents = {
  readonly consents: readonly ConsentSubmission[];
  /** Place in the body of each of `consents`. */
  readonly indexes: readonly number[];
  readonly rejected: readonly ItemRefusal[];
};

/** The rows of a `POST /v1/import/consents` -> what the ledger judges; one bad row costs only itself (S2). */
export function understandConsents(frame: Frame, origin: ConsentsOrigin): UnderstoodConsents {
  const consents: ConsentSubmission[] = [];
  const indexes: number[] = [];
  const rejected: ItemRefusal[] = [];
  if (frame.kind !== 'batch') return { consents, indexes, rejected };
  let index = 0;
  for (const parsed of parsedSlices(frame)) {
    const [inexact] = parsed.ok ? parsed.value.inexact : [];
    const read = !parsed.ok
      ? parsed
      : inexact === undefined
        ? importedConsentOf(parsed.value.json, frame.context, origin)
        : refuse(refusalOf('number-not-exact', inexact));
    const left =
      read.ok || !parsed.ok ? undefined : withoutFaults(parsed.value.json, read.refusal, frame.context, origin);
    const taken = read.ok ? read.value : left;
    if (taken !== undefined) {
      consents.push(taken);
      indexes.push(index);
    }
    if (!read.ok) {
      const { code, pointer, detail } = read.refusal;
      const told = detail === undefined ? NO_IS_RECORDED : `${detail}; ${NO_IS_RECORDED}`;
      rejected.push({ index, ...(left === undefined ? read.refusal : refusalOf(code, pointer, told)) });
    }
    index += 1;
  }
  const count = frame.itemsBeyond;
  if (count > 0) rejected.push({ index, count, ...refusalOf('too-many-items', `/batch/${index}`, `${count} items`) });
  return { consents, indexes, rejected };
}

/**
 * One row. A yes is believed only with all of its proof: evidence, date, channel and text; of any other the evidence is
 * kept as a mere claim. What the row leaves out is filled: the date with the receipt, the channel with the source's own.
 */
function importedConsentOf(
  json: JsonObject,
  context: JsonObject | undefined,
  { source, r, notices }: ConsentsOrigin,
): Result<ConsentSubmission, Refusal> {
  const row = rowSchema.safeParse(json);
  if (!row.success) {
    const path = (row.error.issues[0]?.path ?? []).map(String);
    const missing = path[0] === 'messageId' && json['messageId'] === undefined;
    return refuse(refusalOf(missing ? 'field-missing' : 'field-wrong-type', pointerOf(path)));
  }
  const asked = decisionsOf(json['decisions']);
  const { evidence: _, sequence: __, brands: ___, ...rest } = json;
  const read = consentSubmissionOf(
    {
      ...rest,
      brand: source.brand,
      property: source.property,
      decisions: asked.decisions as JsonObject[string],
      notice: { id: 'told', version: 'apart' },
      channel: json['channel'] ?? channelOf(source),
      indicatedAt: json['indicatedAt'] ?? new Date(r).toISOString(),
      indicatedBy: { kind: 'subject' },
    },
    source.country,
  );
  if (!read.ok) return read;
  const statuses = read.value.decisions.map(({ status }) => status);
  const told = json['notice'] as JsonObject | undefined;
  const notice = importedNotice(row.data.notice, statuses, source.brand, notices);
  const evidence = json['evidence'] as JsonObject | undefined;
  const whole = json['indicatedAt'] !== undefined && json['channel'] !== undefined && !asked.requested;
  const proves = evidence !== undefined && (whole || statuses.every(isNegative));
  const claimed: JsonObject = {
    ...(json['claimed'] as JsonObject | undefined),
    ...(told === undefined ? {} : { notice: told }),
    ...(evidence === undefined || proves ? {} : { evidence }),
    ...(context?.['import'] === undefined ? {} : { import: context['import'] }),
  };
  const day = typeof json['indicatedAt'] === 'string' ? readTime(json['indicatedAt']) : undefined;
  return accept({
    ...read.value,
    notice,
    ...(proves ? { evidence } : {}),
    ...(Object.keys(claimed).length === 0 ? {} : { claimed }),
    row: { messageId: row.data.messageId, body: bodyHash(json), ...(day === undefined ? {} : { day }) },
  });
}

/** What a row may lack without becoming another decision. */
const DISPENSABLE = /^\/(?:indicatedAt|channel|subject\/[a-zA-Z]+)$/;
const FAULTS_MAX = 8;

/** A no whose row is at fault elsewhere, without that; undefined where nothing of a no is left. */
function withoutFaults(
  json: JsonObject,
  first: Refusal,
  context: JsonObject | undefined,
  origin: ConsentsOrigin,
): ConsentSubmission | undefined {
  let left = json;
  let fault = first;
  for (let n = 0; n < FAULTS_MAX && DISPENSABLE.test(fault.pointer); n += 1) {
    left = without(left, fault.pointer);
    const read = importedConsentOf(left, context, origin);
    if (read.ok) return read.value.decisions.every(({ status }) => isNegative(status)) ? read.value : undefined;
    fault = read.refusal;
  }
  return undefined;
}

function without(json: JsonObject, pointer: string): JsonObject {
  const [, name = '', inner] = pointer.split('/');
  const { [name]: gone, ...rest } = json;
  if (inner === undefined || typeof gone !== 'object' || gone === null) return rest;
  const { [inner]: _, ...others } = gone as JsonObject;
  return { ...rest, [name]: others };
}

/** `requested` is a yes that its file itself does not call proven. */
function decisionsOf(decisions: unknown): { readonly decisions: unknown; readonly requested: boolean } {
  if (!Array.isArray(decisions)) return { decisions, requested: false };
  let requested = false;
  const plain = decisions.map((each: unknown) => {
    if ((each as { readonly status?: unknown } | null)?.status !== 'requested') return each;
    requested = true;
    return { ...(each as object), status: 'given' };
  });
  return { decisions: plain, requested };
}

function channelOf({ kind, channel }: Source): ConsentChannel {
  return CONSENT_CHANNELS.find((one) => one === channel) ?? (kind === 'store' ? 'store' : 'web');
}
