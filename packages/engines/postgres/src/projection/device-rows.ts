import type { Instant } from '@filrouge/domain/base';
import type { BrandId, SourceId } from '@filrouge/domain/deployment';
import {
  type DeviceLink,
  type DeviceRecord,
  hourOf,
  type LogoutFact,
  type Namespace,
  type Node,
  type NodeId,
  type Presence,
  presencesOf,
} from '@filrouge/domain/identity';
import { type Encounter, encountersOf, type KnownDevices, touchedByHours, type WrittenHour } from '@filrouge/ports';
import { nodeOf, uuidOf } from '../append/node-uuid.ts';
import type { Sql } from '../sql-session.ts';
import { timestamptz } from '../sql-types.ts';

const PUT_PRESENCES = {
  name: 'presences-put',
  text: `with given as (
      select * from unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::timestamptz[], $6::timestamptz[], $7::boolean[],
        $8::boolean[]) as given(device, person, hour, first_t, last_t, verified, kiosk)
    ), known as (
      select sighting.device, sighting.person, sighting.hour, sighting.first_t, sighting.last_t
      from given join sighting using (device, person, hour)
    ), put as (
      insert into sighting (brand, device, person, hour, first_t, last_t, verified, kiosk)
      select $1, given.* from given
      on conflict (device, person, hour) do update set
        first_t = least(sighting.first_t, excluded.first_t),
        last_t = greatest(sighting.last_t, excluded.last_t),
        verified = sighting.verified or excluded.verified,
        kiosk = sighting.kiosk or excluded.kiosk
      returning device, person, hour, first_t, last_t, verified, kiosk
    )
    select put.device, put.person, put.first_t, put.last_t, put.verified, put.kiosk,
      known.first_t as known_first, known.last_t as known_last
    from put left join known using (device, person, hour)`,
};

/** Unites with what is known, hour by hour and pair by pair; answers the nodes around which consent may have moved. */
export async function putPresences(
  sql: Sql,
  brand: BrandId,
  presences: readonly Presence[],
): Promise<readonly NodeId[]> {
  if (presences.length === 0) return [];
  const rows = presencesOf([], presences);
  const united = await sql.query<WrittenRow>(PUT_PRESENCES, [
    brand,
    rows.map(({ device }) => uuidOf(device.id)),
    rows.map(({ person }) => uuidOf(person.id)),
    rows.map(({ first }) => hourOf(first)),
    rows.map(({ first }) => timestamptz(first)),
    rows.map(({ last }) => timestamptz(last)),
    rows.map(({ verified }) => verified),
    rows.map(({ kiosk }) => kiosk),
  ]);
  const written = united.map(writtenHour);
  // From the united hours and not from what was given: in which parts an hour arrives must leave no trace.
  const met = encountersOf(written.map(({ now }) => now));
  const before = await readDevices(sql, [...new Set(met.map(({ device }) => device))]);
  await putEncounters(sql, brand, met);
  const moved = new Set(met.filter(({ device }) => before.blocked.has(device)).map(({ device }) => device));
  const open = written.filter(({ now }) => !before.blocked.has(now.device.id));
  for (const node of touchedByHours(before, open)) moved.add(node);
  return [...moved];
}

type WrittenRow = Omit<PresenceRow, 'namespace'> & {
  readonly known_first: Instant | null;
  readonly known_last: Instant | null;
};

function writtenHour(row: WrittenRow): WrittenHour {
  const { known_first: first, known_last: last } = row;
  return {
    now: {
      device: { id: nodeOf(row.device) },
      person: { id: nodeOf(row.person) },
      first: row.first_t,
      last: row.last_t,
      verified: row.verified,
      kiosk: row.kiosk,
    },
    before: first === null || last === null ? undefined : { first, last },
  };
}

const PUT_ENCOUNTERS = {
  name: 'encounters-put',
  text: `insert into encounter (brand, device, person, first_t, last_t, verified_t, kiosk)
    select $1, * from unnest($2::uuid[], $3::uuid[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[], $7::boolean[])
    on conflict (device, person) do update set
      first_t = least(encounter.first_t, excluded.first_t),
      last_t = greatest(encounter.last_t, excluded.last_t),
      verified_t = least(encounter.verified_t, excluded.verified_t),
      kiosk = encounter.kiosk or excluded.kiosk`,
};

async function putEncounters(sql: Sql, brand: BrandId, encounters: readonly Encounter[]): Promise<void> {
  await sql.execute(PUT_ENCOUNTERS, [
    brand,
    encounters.map(({ device }) => uuidOf(device)),
    encounters.map(({ person }) => uuidOf(person)),
    encounters.map(({ first }) => timestamptz(first)),
    encounters.map(({ last }) => timestamptz(last)),
    encounters.map(({ verified }) => (verified === undefined ? null : timestamptz(verified))),
    encounters.map(({ kiosk }) => kiosk),
  ]);
}

const ENCOUNTERS = {
  name: 'encounters-at',
  text: `select node.node as device, node.blocked is not null as blocked, encounter.person, encounter.first_t,
      encounter.last_t, encounter.verified_t, encounter.kiosk,
      (select max(logout.t) from logout where logout.device = node.node) as left_at
    from node left join encounter on encounter.device = node.node and node.blocked is null
    where node.node = any($1::uuid[])`,
};

type EncounterRow = {
  readonly device: string;
  readonly blocked: boolean;
  readonly person: string | null;
  readonly first_t: Instant;
  readonly last_t: Instant;
  readonly verified_t: Instant | null;
  readonly kiosk: boolean;
  readonly left_at: Instant | null;
};

/** What is known of the pairs at some devices, none of blocked ones, which are nobody's; and when one last logged out. */
async function readDevices(
  sql: Sql,
  devices: readonly NodeId[],
): Promise<KnownDevices & { readonly blocked: ReadonlySet<NodeId> }> {
  const rows = await sql.query<EncounterRow>(ENCOUNTERS, [devices.map(uuidOf)]);
  const encounters = rows.flatMap(({ device, person, first_t, last_t, verified_t, kiosk }): Encounter[] => {
    if (person === null) return [];
    const pair = { device: nodeOf(device), person: nodeOf(person) };
    return [{ ...pair, first: first_t, last: last_t, verified: verified_t ?? undefined, kiosk }];
  });
  return {
    encounters,
    leftAt: new Map(rows.flatMap((row) => (row.left_at === null ? [] : [[nodeOf(row.device), row.left_at] as const]))),
    blocked: new Set(rows.flatMap(({ device, blocked }) => (blocked ? [nodeOf(device)] : []))),
  };
}

const PUT_LOGOUTS = {
  name: 'logouts-put',
  text: `insert into logout (brand, device, t, message)
    select distinct on (device, t) $1, * from unnest($2::uuid[], $3::timestamptz[], $4::uuid[]) as given(device, t, message)
    order by device, t, message
    on conflict (device, t) do update set message = excluded.message where excluded.message < logout.message
    returning device`,
};

/** Of two logouts of a device at one instant the first by message stays; answers the devices where something is new. */
export async function putLogouts(sql: Sql, brand: BrandId, logouts: readonly LogoutFact[]): Promise<readonly NodeId[]> {
  if (logouts.length === 0) return [];
  const rows = await sql.query<{ device: string }>(PUT_LOGOUTS, [
    brand,
    logouts.map(({ device }) => uuidOf(device.id)),
    logouts.map(({ t }) => timestamptz(t)),
    logouts.map(({ messageId }) => messageId),
  ]);
  return [...new Set(rows.map(({ device }) => nodeOf(device)))];
}

type Ends = { readonly a: string; readonly b: string; readonly namespace_a: string; readonly namespace_b: string };
type DeviceLinkRow = Ends & { readonly t: Instant; readonly message: string; readonly source: string };
type PresenceRow = {
  readonly device: string;
  readonly person: string;
  readonly namespace: string;
  readonly first_t: Instant;
  readonly last_t: Instant;
  readonly verified: boolean;
  readonly kiosk: boolean;
};
type LogoutRow = { readonly device: string; readonly t: Instant; readonly message: string };

const DEVICES = {
  name: 'device-nodes',
  text: `select node, namespace, blocked is not null as blocked from node
    where node = any($1::uuid[]) and component is null`,
};
const LINKS = {
  name: 'device-links',
  text: `select device_link.a, device_link.b, end_a.namespace as namespace_a, end_b.namespace as namespace_b,
      device_link.t, device_link.message, device_link.source
    from (
      select * from device_link where a = any($1::uuid[])
      union
      select * from device_link where b = any($1::uuid[])
    ) as device_link
    join node end_a on end_a.node = device_link.a join node end_b on end_b.node = device_link.b`,
};
const PRESENCES = {
  name: 'device-presences',
  text: `select sighting.device, sighting.person, node.namespace, sighting.first_t, sighting.last_t, sighting.verified,
      sighting.kiosk
    from sighting join node on node.node = sighting.person where sighting.device = any($1::uuid[])`,
};
const LOGOUTS = {
  name: 'device-logouts',
  text: `select device, t, message from logout where device = any($1::uuid[])`,
};

/** Everything that decides whose a device is when, four statements for any number of devices. */
export async function readDeviceRecords(sql: Sql, ids: readonly NodeId[]): Promise<readonly DeviceRecord[]> {
  if (ids.length === 0) return [];
  const wanted = [ids.map(uuidOf)];
  const nodes = await sql.query<{ node: string; namespace: string; blocked: boolean }>(DEVICES, wanted);
  const links = await sql.query<DeviceLinkRow>(LINKS, wanted);
  const presences = Map.groupBy(await sql.query<PresenceRow>(PRESENCES, wanted), ({ device }) => device);
  const logouts = Map.groupBy(await sql.query<LogoutRow>(LOGOUTS, wanted), ({ device }) => device);
  return nodes.map(({ node, namespace, blocked }) => {
    const device: Node = { namespace: namespace as Namespace, id: nodeOf(node) };
    return {
      device,
      blocked,
      links: links.filter(({ a, b }) => a === node || b === node).map(deviceLink),
      presences: (presences.get(node) ?? []).map((row) => presence(device, row)),
      logouts: (logouts.get(node) ?? []).map(({ t, message }) => ({ device, t, messageId: message })),
    };
  });
}

function deviceLink(row: DeviceLinkRow): DeviceLink {
  return {
    a: { namespace: row.namespace_a as Namespace, id: nodeOf(row.a) },
    b: { namespace: row.namespace_b as Namespace, id: nodeOf(row.b) },
    t: row.t,
    messageId: row.message,
    ...(row.source === '' ? {} : { source: row.source as SourceId }),
  };
}

function presence(device: Node, row: PresenceRow): Presence {
  return {
    device,
    person: { namespace: row.namespace as Namespace, id: nodeOf(row.person) },
    first: row.first_t,
    last: row.last_t,
    verified: row.verified,
    kiosk: row.kiosk,
  };
}

const DEVICES_OF = {
  name: 'devices-of',
  text: `select distinct node.node, node.namespace from encounter join node on node.node = encounter.device
    where encounter.person = any($1::uuid[])`,
};

export async function readDevicesOf(sql: Sql, persons: readonly NodeId[]): Promise<readonly Node[]> {
  if (persons.length === 0) return [];
  const rows = await sql.query<{ node: string; namespace: string }>(DEVICES_OF, [persons.map(uuidOf)]);
  return rows.map(({ node, namespace }) => ({ namespace: namespace as Namespace, id: nodeOf(node) }));
}
