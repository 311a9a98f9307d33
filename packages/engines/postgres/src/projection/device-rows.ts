import { HOUR_MS, type Instant } from '@filrouge/domain/base';
import type { BrandId, SourceId } from '@filrouge/domain/deployment';
import type {
  DeviceLink,
  DeviceRecord,
  LogoutFact,
  Namespace,
  Node,
  NodeId,
  Presence,
} from '@filrouge/domain/identity';
import { nodeOf, uuidOf } from '../append/node-uuid.ts';
import type { Sql } from '../sql-session.ts';
import { timestamptz } from '../sql-types.ts';

const PUT_PRESENCES = {
  name: 'presences-put',
  text: `insert into sighting (brand, device, person, hour, first_t, last_t, verified, kiosk)
    select $1, * from unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::timestamptz[], $6::timestamptz[], $7::boolean[],
      $8::boolean[])
    on conflict (device, person, hour) do update set
      first_t = least(sighting.first_t, excluded.first_t),
      last_t = greatest(sighting.last_t, excluded.last_t),
      verified = sighting.verified or excluded.verified,
      kiosk = sighting.kiosk or excluded.kiosk`,
};

/** Unites with what is known; the presences given name each (device, person, hour) once. */
export async function putPresences(sql: Sql, brand: BrandId, presences: readonly Presence[]): Promise<void> {
  if (presences.length === 0) return;
  await sql.execute(PUT_PRESENCES, [
    brand,
    presences.map(({ device }) => uuidOf(device.id)),
    presences.map(({ person }) => uuidOf(person.id)),
    presences.map(({ first }) => Math.floor(first / HOUR_MS)),
    presences.map(({ first }) => timestamptz(first)),
    presences.map(({ last }) => timestamptz(last)),
    presences.map(({ verified }) => verified),
    presences.map(({ kiosk }) => kiosk),
  ]);
}

const PUT_LOGOUTS = {
  name: 'logouts-put',
  text: `insert into logout (brand, device, t, message)
    select $1, * from unnest($2::uuid[], $3::timestamptz[], $4::uuid[])
    on conflict (device, t) do update set message = least(logout.message, excluded.message)`,
};

export async function putLogouts(sql: Sql, brand: BrandId, logouts: readonly LogoutFact[]): Promise<void> {
  const distinct = [...new Map(logouts.map((logout) => [`${logout.device.id}${logout.t}`, logout])).values()];
  if (distinct.length === 0) return;
  await sql.execute(PUT_LOGOUTS, [
    brand,
    distinct.map(({ device }) => uuidOf(device.id)),
    distinct.map(({ t }) => timestamptz(t)),
    distinct.map(({ messageId }) => messageId),
  ]);
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
  text: `select node, namespace, blocked is not null as blocked from node where node = any($1::uuid[])`,
};
const LINKS = {
  name: 'device-links',
  text: `select device_link.a, device_link.b, end_a.namespace as namespace_a, end_b.namespace as namespace_b,
      device_link.t, device_link.message, device_link.source
    from device_link join node end_a on end_a.node = device_link.a join node end_b on end_b.node = device_link.b
    where device_link.a = any($1::uuid[]) or device_link.b = any($1::uuid[])`,
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
  text: `select distinct node.node, node.namespace from sighting join node on node.node = sighting.device
    where sighting.person = any($1::uuid[])`,
};

export async function readDevicesOf(sql: Sql, persons: readonly NodeId[]): Promise<readonly Node[]> {
  if (persons.length === 0) return [];
  const rows = await sql.query<{ node: string; namespace: string }>(DEVICES_OF, [persons.map(uuidOf)]);
  return rows.map(({ node, namespace }) => ({ namespace: namespace as Namespace, id: nodeOf(node) }));
}
