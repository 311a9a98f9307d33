import { isIP } from 'node:net';
import { accept, type Result, refuse } from '@filrouge/domain/base';
import { addressReach } from './address-reach.ts';
import type { OutgoingRefusal } from './outgoing-refusal.ts';
import type { PrivateHosts } from './private-hosts.ts';

const URL_CHARACTERS_MAX = 8_192;

export type OutgoingPolicy = { readonly ports: ReadonlySet<number>; readonly privateHosts: PrivateHosts };

/** What is connected to: nothing parses the URL a second time, so nothing can read another host out of it. */
export type OutgoingTarget = {
  readonly secure: boolean;
  /** A name or an address, without the brackets of IPv6. */
  readonly host: string;
  readonly port: number;
  readonly path: string;
  /** Whether a setting names this host and port: its address may then be private. */
  readonly mayBePrivate: boolean;
};

/** Whether a URL may be asked, as far as its text tells. A name's addresses are judged when the socket looks them up. */
export function readOutgoingTarget(text: string, policy: OutgoingPolicy): Result<OutgoingTarget, OutgoingRefusal> {
  const url = text.length > URL_CHARACTERS_MAX ? null : URL.parse(text);
  if (url === null) return refuse({ kind: 'url-unreadable' });
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return refuse({ kind: 'scheme' });
  if (url.username !== '' || url.password !== '') return refuse({ kind: 'credentials' });
  const secure = url.protocol === 'https:';
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  const ownPorts = policy.privateHosts.get(url.hostname);
  const mayBePrivate = ownPorts?.has(port) === true;
  if (!mayBePrivate && !policy.ports.has(port)) return refuse({ kind: 'port', port });
  const host = url.hostname.replace(/^\[|\]$/g, '');
  // A socket asks no resolver about an address, so it is judged here.
  if (isIP(host) !== 0 && !mayBeAsked(host, mayBePrivate)) return refuse({ kind: 'address', host });
  return accept({ secure, host, port, path: `${url.pathname}${url.search}`, mayBePrivate });
}

/** Whether a connection to this address may be opened. */
export function mayBeAsked(address: string, mayBePrivate: boolean): boolean {
  const reach = addressReach(address);
  return reach === 'public' || (reach === 'private' && mayBePrivate);
}
