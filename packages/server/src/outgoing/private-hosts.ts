import { accept, type Result, refuse } from '@filrouge/domain/base';

/** Ports that are asked where a host has none of its own. */
export const OUTGOING_PORTS: ReadonlySet<number> = new Set([80, 443, 8080, 8443]);

/** Host, as a URL spells it -> its ports: the only hosts that may be on a private network. */
export type PrivateHosts = ReadonlyMap<string, ReadonlySet<number>>;

/**
 * Reads `crm.lan,erp.lan:8069,10.0.0.7:9000`: an entry without a port opens the usual ones, one with a port that port
 * alone. Errors: the first entry that is no host.
 */
export function parsePrivateHosts(text: string): Result<PrivateHosts, { readonly entry: string }> {
  const hosts = new Map<string, ReadonlySet<number>>();
  for (const entry of text.split(',').map((each) => each.trim())) {
    if (entry === '') continue;
    const host = hostOf(entry);
    if (host === undefined) return refuse({ entry });
    const ports = host.port === undefined ? OUTGOING_PORTS : [host.port];
    hosts.set(host.name, new Set([...(hosts.get(host.name) ?? []), ...ports]));
  }
  return accept(hosts);
}

/** The URL parser spells the host; a star, a path or a user would make of the entry something else than it looks like. */
function hostOf(entry: string): { readonly name: string; readonly port: number | undefined } | undefined {
  const written = /^(\[[\da-f:.]+\]|[^\s/\\?#@*:[\]%]+)(?::(\d{1,5}))?$/i.exec(entry);
  // No default port: port 80 would be dropped from http:, and 443 from https:.
  const url = written === null ? null : URL.parse(`http://${entry}/`);
  if (url === null) return undefined;
  const port = written?.[2] === undefined ? undefined : Number(written[2]);
  return port === 0 ? undefined : { name: url.hostname, port };
}
