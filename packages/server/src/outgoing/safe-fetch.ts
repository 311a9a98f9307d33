import { lookup } from 'node:dns/promises';
import { validateHeaderName, validateHeaderValue } from 'node:http';
import { type Result, refuse } from '@filrouge/domain/base';
import { exchange } from './exchange.ts';
import type { OutgoingRefusal } from './outgoing-refusal.ts';
import {
  OUTGOING_LIMITS,
  type OutgoingAnswer,
  type OutgoingLimits,
  type OutgoingRequest,
  type Resolve,
} from './outgoing-request.ts';
import { type OutgoingPolicy, readOutgoingTarget } from './outgoing-target.ts';
import { OUTGOING_PORTS, type PrivateHosts } from './private-hosts.ts';

export type SafeFetchOptions = Partial<OutgoingPolicy> & {
  readonly limits?: OutgoingLimits;
  readonly resolve?: Resolve;
};

export type SafeFetch = (request: OutgoingRequest) => Promise<Result<OutgoingAnswer, OutgoingRefusal>>;

const NO_PRIVATE_HOSTS: PrivateHosts = new Map();

/** Of the connection itself: they would let a request say one thing to a proxy and another to the host behind it. */
const OF_THE_CONNECTION = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * The one way out for HTTP. Nothing private is reached but the hosts that a setting names: neither by an address in
 * any notation, nor by a name, nor by a name whose answers change; no redirect is followed; everything has a limit.
 * Every expected failure is a refusal.
 */
export function createSafeFetch(options: SafeFetchOptions = {}): SafeFetch {
  const { ports = OUTGOING_PORTS, privateHosts = NO_PRIVATE_HOSTS, limits = OUTGOING_LIMITS } = options;
  const resolve = options.resolve ?? ((host: string) => lookup(host, { all: true }));
  return async function safeFetch(request) {
    const target = readOutgoingTarget(request.url, { ports, privateHosts });
    if (!target.ok) return target;
    const unfit = Object.entries(request.headers ?? {}).find(([name, value]) => !isFitHeader(name, value));
    if (unfit !== undefined) return refuse({ kind: 'header', name: unfit[0] });
    return exchange(target.value, request, limits, resolve);
  };
}

function isFitHeader(name: string, value: string): boolean {
  const plain = name.toLowerCase();
  if (OF_THE_CONNECTION.has(plain) || plain.startsWith('proxy-')) return false;
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}
