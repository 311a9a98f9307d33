import { createHash } from 'node:crypto';
import type { Database } from '../database.ts';

/**
 * One statement per projection: its rows in a stable text, hashed in order. Sealed values are left out (their nonces
 * differ at each sealing); what they seal is compared by who can open them.
 */
const PARTS: Readonly<Record<string, string>> = {
  nodes: `select node::text || component::text || coalesce(blocked, '') || coalesce(last_act_at::text, '') as line
    from node where component is not null union all select node::text || coalesce(blocked, '') from node where component is null`,
  links: `select a::text || b::text || worth || t::text || message::text as line from link`,
  deviceLinks: `select a::text || b::text || t::text || message::text as line from device_link`,
  sightings: `select device::text || person::text || hour::text || first_t::text || last_t::text || verified::text as line from sighting`,
  logouts: `select device::text || t::text as line from logout`,
  spans: `select node::text || from_t::text || to_t::text || person::text as line from thread_span`,
  purchases: `select event_id::text || node::text || amount_minor::text || t::text || purposes::text as line from purchase`,
};

export async function digestProjections(database: Database): Promise<Readonly<Record<string, string>>> {
  const digests: Record<string, string> = {};
  for (const [name, query] of Object.entries(PARTS)) {
    const hash = createHash('sha256');
    const rows = database.copyRows(`select line from (${query}) as lines order by line collate "C"`, { line: 'text' });
    for await (const { line } of rows) {
      hash.update(`${line}\n`);
    }
    digests[name] = hash.digest('hex');
  }
  return digests;
}
