import { brandOf, type SourceRole, sourceId } from './brands.ts';
import { iso } from './calls.ts';
import type { Decision } from './decision.ts';
import { NOTICE_VERSION, NOTICES, propertyOf } from './retailer-config.ts';
import type { CallsTrace, ConsentTrace } from './trace.ts';

/** One HTTP request of the retailer's: POST `body` to `path` with the key of `source`. */
export type SimulatedRequest = {
  readonly kind: 'calls' | 'consents';
  /** Id of the source whose key it carries. */
  readonly source: string;
  readonly path: string;
  /** JSON text, byte for byte: some of it is malformed on purpose and would not survive a parser. */
  readonly body: string;
  /** True instant of its arrival, ms. */
  readonly at: number;
  /** Calls in it, or 1. */
  readonly items: number;
};

/** A receiver whose clock is not the simulated one: everything reaches it at its own now. */
export type Backfill = {
  /** The receiver's clock, ms: clients state their departure by it, so that event times survive (S4). */
  readonly now: () => number;
  /** Calls of one source put together in a request, 2 to 500; absent: each request as it was sent. */
  readonly batch?: number;
};

/** Calls as a request; under backfill `sentAt` is the receiver's now plus the client's own error. */
export function callsRequest(trace: CallsTrace, backfill?: Backfill): SimulatedRequest {
  const { source, path, at, calls } = trace;
  const sentAt = iso((backfill === undefined ? trace.sentAt : backfill.now()) + trace.skewMs);
  const body =
    trace.single === true
      ? withSentAt(calls[0] ?? '{}', sentAt)
      : `{"batch":[${calls.join(',')}],"sentAt":"${sentAt}"}`;
  return { kind: 'calls', source, path, body, at, items: calls.length };
}

/** Calls of one source, by several clients, in one request: each call states its own client's departure. */
export function mergedRequest(traces: readonly CallsTrace[], backfill: Backfill): SimulatedRequest | undefined {
  const last = traces.at(-1);
  if (last === undefined) return undefined;
  const now = backfill.now();
  const calls = traces.flatMap((trace) => {
    const sentAt = iso(now + trace.skewMs);
    return trace.calls.map((call) => withSentAt(call, sentAt));
  });
  const body = `{"batch":[${calls.join(',')}]}`;
  return { kind: 'calls', source: last.source, path: last.path, body, at: last.at, items: calls.length };
}

/** Appended to the text, because a malformed call would not survive a parser. */
function withSentAt(call: string, sentAt: string): string {
  return `${call.slice(0, -1)},"sentAt":"${sentAt}"}`;
}

/**
 * A decision as `POST /v1/consents`. Under backfill all go by the brand's server key, which may date them back (S6): a
 * retailer that moves house hands over the records of its former system, not its visitors' browsers.
 */
export function consentRequest(trace: ConsentTrace, backfill?: Backfill): SimulatedRequest {
  const { brand: key, subject, decision } = trace;
  const brand = brandOf(key);
  const role: SourceRole = backfill === undefined ? decision.role : 'server';
  const body = JSON.stringify({
    subject,
    brand: brand.id,
    property: propertyOf(brand, decision.role),
    decisions: Object.entries(decision.statuses).map(([purpose, status]) => ({ purpose, status })),
    notice: { id: `${key}-${NOTICES[decision.notice]}`, version: NOTICE_VERSION },
    ...(decision.sequence === undefined ? {} : { sequence: decision.sequence }),
    channel: decision.channel,
    indicatedAt: iso(decision.indicatedAt),
    indicatedBy: indicatedBy(decision),
    ...(backfill === undefined ? {} : { evidence: { import: 'former consent register' } }),
  });
  return { kind: 'consents', source: sourceId(key, role), path: '/v1/consents', body, at: trace.at, items: 1 };
}

function indicatedBy(decision: Decision) {
  return decision.agent === undefined ? { kind: 'subject' } : { kind: 'agent', id: decision.agent };
}

/** One line of a requests file; `body` comes last and verbatim. */
export function requestLine(request: SimulatedRequest): string {
  const { kind, source, path, at, items, body } = request;
  return `{"kind":"${kind}","source":"${source}","path":"${path}","at":${at},"items":${items},"body":${body}}\n`;
}

const LINE =
  /^\{"kind":"(calls|consents)","source":"([^"]+)","path":"([^"]+)","at":(\d+),"items":(\d+),"body":(.*)\}$/s;

/** Reads a line that `requestLine` wrote, the body untouched. Errors: SyntaxError. */
export function parseRequestLine(line: string): SimulatedRequest {
  const found = LINE.exec(line.trimEnd());
  if (found === null) throw new SyntaxError(`not a line of a requests file: ${line.slice(0, 80)}`);
  const [, kind, source, path, at, items, body] = found as unknown as [
    string,
    'calls' | 'consents',
    string,
    string,
    string,
    string,
    string,
  ];
  return { kind, source, path, at: Number(at), items: Number(items), body };
}
