import type { NodeId } from '@filrouge/domain/identity';
import type { Snapshot } from '@filrouge/ports';
import { uuidOf } from '../append/node-uuid.ts';
import type { Sql } from '../sql-session.ts';
import { copyOf, PROJECTIONS, type Projection } from './reset-projections.ts';

/** The columns of each projection that name what a row is about. */
const NAMING: Readonly<Record<Projection, readonly string[]>> = {
  node: ['node'],
  link: ['a', 'b'],
  device_link: ['a', 'b'],
  sighting: ['device', 'person'],
  encounter: ['device', 'person'],
  logout: ['device'],
  thread_span: ['node'],
  trait_history: ['node'],
  purchase: ['node'],
};

/** Takes the rows of some nodes out of the projections, and puts back what a snapshot held of them. */
export async function forgetNodes(sql: Sql, nodes: readonly NodeId[], base: Snapshot | undefined): Promise<void> {
  if (nodes.length === 0) return;
  const ids = nodes.map(uuidOf);
  for (const name of PROJECTIONS) {
    // One statement for each column, so that each finds its index.
    for (const column of NAMING[name]) {
      if (name === 'sighting' && column === 'person') await forgetSightings(sql, ids);
      else await sql.execute(`delete from ${name} where ${column} = any($1::uuid[])`, [ids]);
    }
    if (base === undefined) continue;
    const speaks = NAMING[name].map((column) => `${column} = any($1::uuid[])`).join(' or ');
    await sql.execute(
      `insert into ${name} select * from ${copyOf(base.id, name)} where ${speaks} on conflict do nothing`,
      [ids],
    );
  }
}

/** Sightings are found by device: where a person was seen stands in the encounters, which go after them. */
async function forgetSightings(sql: Sql, ids: readonly string[]): Promise<void> {
  await sql.execute(
    `delete from sighting using encounter
     where encounter.person = any($1::uuid[]) and sighting.device = encounter.device and sighting.person = encounter.person`,
    [ids],
  );
}
