import { createHash } from 'node:crypto';
import type { Database } from '../database.ts';

/**
 * One statement per projection: its rows in a stable text, hashed in order. Sealed values are left out (their nonces
 * differ at each sealing); what they seal is compared by who can open them.
 */
const PARTS: Readonly<Record<string, string>> = {
  nodes: 'select node, brand, namespace, component, blocked, first_position, last_act_at from node',
  links: 'select brand, a, b, worth, forward, evidence, source_kind, source, t, message from link',
  deviceLinks: 'select brand, a, b, t, message, source from device_link',
  sightings: 'select brand, device, person, hour, first_t, last_t, verified, kiosk from sighting',
  encounters: 'select brand, device, person, first_t, last_t, verified_t, kiosk from encounter',
  logouts: 'select brand, device, t, message from logout',
  spans: 'select brand, node, from_t, to_t, person from thread_span',
  traits: 'select brand, node, key_id from trait_history',
  purchases: `select event_id, brand, node, device, kind, type, number, store, currency, amount_minor, t, c, purposes, terminal,
    source from purchase`,
};

export async function digestProjections(database: Database): Promise<Readonly<Record<string, string>>> {
  const digests: Record<string, string> = {};
  for (const [name, query] of Object.entries(PARTS)) {
    const hash = createHash('sha256');
    const rows = database.copyRows(
      `select line from (select part::text as line from (${query}) as part) as lines order by line collate "C"`,
      { line: 'text' },
    );
    for await (const { line } of rows) {
      hash.update(`${line}\n`);
    }
    digests[name] = hash.digest('hex');
  }
  return digests;
}
