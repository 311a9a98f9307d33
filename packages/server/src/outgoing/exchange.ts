import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { accept, type Result, refuse } from '@filrouge/domain/base';
import type { OutgoingPhase, OutgoingRefusal } from './outgoing-refusal.ts';
import type { OutgoingAnswer, OutgoingLimits, OutgoingRequest, Resolve } from './outgoing-request.ts';
import { mayBeAsked, type OutgoingTarget } from './outgoing-target.ts';
import { AnswerTooLarge, readAnswer } from './read-answer.ts';

const REDIRECTS = [300, 301, 302, 303, 305, 307, 308];
const HEADER_BYTES_MAX = 16 * 1024;

/** One request over a connection of its own, and its answer. */
export async function exchange(
  target: OutgoingTarget,
  request: OutgoingRequest,
  limits: OutgoingLimits,
  resolve: Resolve,
): Promise<Result<OutgoingAnswer, OutgoingRefusal>> {
  // The first reason stands: what fails after it fails because of it.
  let reason: OutgoingRefusal | undefined;
  const because = (refusal: OutgoingRefusal): void => {
    reason ??= refusal;
  };
  const sent = open(target, request, judgedLookup(target, resolve, because));
  const giveUp = (refusal: OutgoingRefusal): void => {
    because(refusal);
    sent.destroy();
  };
  const within = (phase: OutgoingPhase, ms: number): NodeJS.Timeout =>
    setTimeout(giveUp, ms, { kind: 'too-slow', phase, ms });
  const connection = within('connection', limits.connectionMs);
  const headers = within('headers', limits.headersMs);
  const answer = within('answer', limits.answerMs);
  const stop = (): void => giveUp({ kind: 'stopped' });
  request.signal?.addEventListener('abort', stop);
  if (request.signal?.aborted === true) stop();
  try {
    sent.once('socket', (socket) =>
      socket.once(target.secure ? 'secureConnect' : 'connect', () => clearTimeout(connection)),
    );
    const response = await responseTo(sent, request.body);
    clearTimeout(headers);
    const status = response.statusCode ?? 0;
    if (REDIRECTS.includes(status)) return refuse({ kind: 'redirect', status });
    const body = await readAnswer(response, limits.answerBytes);
    return accept({ status, headers: response.headers, body });
  } catch (fault) {
    return refuse(reason ?? refusalOf(fault, target.host, limits));
  } finally {
    for (const timer of [connection, headers, answer]) clearTimeout(timer);
    request.signal?.removeEventListener('abort', stop);
    sent.destroy();
  }
}

function open(target: OutgoingTarget, request: OutgoingRequest, lookup: LookupFunction): ClientRequest {
  const { request: send } = target.secure ? https : http;
  return send({
    hostname: target.host,
    port: target.port,
    path: target.path,
    method: request.method ?? 'GET',
    headers: { 'user-agent': 'filrouge', ...request.headers, 'accept-encoding': 'gzip, deflate, br' },
    // A connection that stays open would outlive the judgement of its address. And the environment's proxy, if any,
    // would look names up by itself: only agents that are told of it use it.
    agent: false,
    lookup,
    maxHeaderSize: HEADER_BYTES_MAX,
    rejectUnauthorized: true,
  });
}

/**
 * What the socket asks for a name's addresses: those it hears are those it connects to, so that a name that answers
 * otherwise the next time gains nothing. One address that may not be asked spoils the name.
 */
function judgedLookup(
  target: OutgoingTarget,
  resolve: Resolve,
  because: (refusal: OutgoingRefusal) => void,
): LookupFunction {
  return (host, options, answer) => {
    const refused = (refusal: OutgoingRefusal): void => {
      because(refusal);
      answer(new Error(refusal.kind), []);
    };
    resolve(host).then(
      (found) => {
        const [first] = found;
        if (first === undefined) return refused({ kind: 'unknown-host', host });
        if (!found.every(({ address }) => mayBeAsked(address, target.mayBePrivate))) {
          return refused({ kind: 'address', host });
        }
        if (options.all === true) answer(null, [...found]);
        else answer(null, first.address, first.family);
      },
      () => refused({ kind: 'unknown-host', host }),
    );
  };
}

function responseTo(sent: ClientRequest, body: string | Uint8Array | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    sent.once('response', resolve);
    // It stays: the socket may fail once more after the answer.
    sent.on('error', reject);
    sent.once('close', () => reject(new Error('closed without an answer')));
    sent.end(body);
  });
}

/** Codes alone are told on: the messages of some faults quote the answer. */
function refusalOf(fault: unknown, host: string, limits: OutgoingLimits): OutgoingRefusal {
  if (fault instanceof AnswerTooLarge) return { kind: 'too-large', bytesMax: limits.answerBytes };
  const code = (fault as NodeJS.ErrnoException).code;
  if (code === undefined || /^(HPE|Z|ERR__ERROR|ERR_BROTLI|ERR_STREAM)_/.test(code))
    return { kind: 'answer-unreadable' };
  return { kind: 'unreachable', host, code };
}
