import type { Instant } from '@filrouge/domain/base';
import { type ConsentFact, type DeviceStay, isForgotten, placedAt, withStays } from '@filrouge/domain/consent';
import {
  END,
  type Namespace,
  type Node,
  type NodeId,
  type Separation,
  standingSeparations,
} from '@filrouge/domain/identity';
import type { Standing, Subject } from '@filrouge/ports';
import { type FactRow, factOf } from '../fact-row.ts';
import type { Sql } from '../sql-session.ts';
import { timestamptz } from '../sql-types.ts';
import { nodeOf, uuidOf } from './node-uuid.ts';
import { SIGNED, SUBJECTS } from './subject-sql.ts';

type ReachRow = {
  readonly part: 'reach';
  readonly root: string;
  readonly role: 'self' | 'own' | 'neighbour' | 'device' | 'device-verified' | 'kiosk';
  readonly node: string;
  readonly namespace: string | null;
  readonly grp: string | null;
  readonly linked_at: Instant | null;
  readonly since: Instant | null;
  readonly erased_at: Instant | null;
};

type SubjectFactRow = FactRow & { readonly part: 'fact'; readonly node: string; readonly own: boolean };

type CircumstanceRow = {
  readonly part: 'subject';
  readonly node: string;
  readonly is_blocked: boolean;
  readonly last_act_at: Instant | null;
  readonly erased_at: Instant | null;
  readonly lifted_at: Instant | null;
  readonly spans: bigint;
  readonly separations: readonly SeparationRow[] | null;
  readonly ledger_position: bigint;
};

/** A row of `NEIGHBOURHOOD_PARTS`. */
export type NeighbourhoodRow = CircumstanceRow | ReachRow | SubjectFactRow;

type SeparationRow = readonly [id: string, a: string, b: string, t: Instant, stands: boolean];

/** What the statements found: the facts that may fold, by node, and the stays during which one of them was said. */
type Found = {
  readonly facts: ReadonlyMap<string, readonly ConsentFact[]>;
  readonly signed: ReadonlySet<string>;
  /** What was decided on several nodes together: a person may be met at thousands of terminals, and is the same at each. */
  readonly lists: Map<string, readonly ConsentFact[]>;
};

/** Reads the consent neighbourhood of many nodes, whatever their number in two statements; one answer for each node. */
export async function readSubjects(sql: Sql, nodes: readonly NodeId[]): Promise<readonly Subject[]> {
  return nodes.length === 0 ? [] : (await readStanding(sql, nodes)).subjects;
}

/** The same, and where the ledger stood as it was read; the position of a question about nobody is asked by itself. */
export async function readStanding(sql: Sql, nodes: readonly NodeId[]): Promise<Standing> {
  if (nodes.length === 0) return { ledgerPosition: await readLedgerPosition(sql), subjects: [] };
  const rows = await sql.query<NeighbourhoodRow>(SUBJECTS, [nodes.map(uuidOf)]);
  const [first] = rows.filter(({ part }) => part === 'subject') as readonly CircumstanceRow[];
  return { ledgerPosition: Number(first?.ledger_position ?? 0n), subjects: await subjectsFrom(sql, rows) };
}

/** The subjects that rows of the parts tell of. */
export async function subjectsFrom(sql: Sql, rows: readonly NeighbourhoodRow[]): Promise<readonly Subject[]> {
  const circumstances: CircumstanceRow[] = [];
  const reach: ReachRow[] = [];
  const told: SubjectFactRow[] = [];
  for (const row of rows) {
    if (row.part === 'subject') circumstances.push(row);
    else if (row.part === 'reach') reach.push(row);
    else told.push(row);
  }
  const facts = factsByNode(reach, told);
  const found = { facts, signed: await readSigned(sql, reach, facts), lists: new Map() };
  const byRoot = Map.groupBy(reach, (row) => row.root);
  return circumstances.map((row) => subjectOf(row, byRoot.get(row.node) ?? [], found));
}

export async function readLedgerPosition(sql: Sql): Promise<number> {
  const [row] = await sql.query<{ ledger_position: bigint }>('select ledger_position from head');
  return Number(row?.ledger_position ?? 0n);
}

function factsByNode(reach: readonly ReachRow[], rows: readonly SubjectFactRow[]): Found['facts'] {
  const erased = new Map(reach.map(({ node, erased_at }) => [node, erased_at]));
  const facts = new Map<string, ConsentFact[]>();
  for (const row of rows) {
    const fact: ConsentFact = { ...factOf(row), standing: row.own ? 'own' : 'named' };
    const erasedAt = erased.get(row.node) ?? undefined;
    if (isForgotten(fact, erasedAt === undefined ? undefined : { erasedAt })) continue;
    const known = facts.get(row.node);
    if (known === undefined) facts.set(row.node, [fact]);
    else known.push(fact);
  }
  return facts;
}

/** Asks nothing where nothing was decided on a device that a person was seen at. */
async function readSigned(sql: Sql, reach: readonly ReachRow[], facts: Found['facts']): Promise<Found['signed']> {
  const moments = new Map<string, readonly [device: string, component: string, t: Instant]>();
  for (const { role, node, grp } of reach) {
    if (grp === null || (role !== 'device' && role !== 'device-verified')) continue;
    for (const fact of facts.get(node) ?? []) moments.set(momentKey(node, grp, fact), [node, grp, placedAt(fact)]);
  }
  if (moments.size === 0) return new Set();
  const asked = [...moments.values()];
  const rows = await sql.query<{ at: bigint }>(SIGNED, [
    asked.map(([device]) => device),
    asked.map(([, component]) => component),
    asked.map(([, , t]) => timestamptz(t)),
  ]);
  const keys = [...moments.keys()];
  return new Set(rows.map(({ at }) => keys[Number(at) - 1] as string));
}

function momentKey(device: string, component: string, fact: ConsentFact): string {
  return `${device} ${component} ${placedAt(fact)}`;
}

function subjectOf(row: CircumstanceRow, reach: readonly ReachRow[], found: Found): Subject {
  const own = reach.filter(({ role }) => role === 'own');
  const neighbours = Map.groupBy(
    reach.filter(({ role }) => role === 'neighbour'),
    ({ grp }) => grp,
  );
  const devices = reach.filter(({ role }) => role === 'device' || role === 'device-verified');
  const factsOf = (rows: readonly { readonly node: string }[]): readonly ConsentFact[] => listOf(found, rows);
  return {
    node: nodeOf(row.node),
    self: factsOf([row]),
    ...withStays(
      {
        own: factsOf(own.length > 0 ? own : [row]),
        neighbours: [...neighbours.values()].map(factsOf),
      },
      devices.map((device) => stayOf(device, found)),
    ),
    ...(row.last_act_at === null ? {} : { lastActAt: row.last_act_at }),
    ...(row.erased_at === null
      ? {}
      : {
          tombstone: {
            erasedAt: row.erased_at,
            ...(row.lifted_at === null ? {} : { liftedAt: row.lifted_at }),
          },
        }),
    members: own.map(({ node, namespace }): Node => ({ namespace: namespace as Namespace, id: nodeOf(node) })),
    provenOn: devices.flatMap(({ role, node }) => (role === 'device-verified' ? [nodeOf(node)] : [])).sort(),
    separations: standingSeparations((row.separations ?? []).map(separationOf)),
    blocked: row.is_blocked,
    spans: Number(row.spans),
    dependsOn: [...new Set(reach.map(({ node }) => nodeOf(node)))],
  };
}

function listOf({ facts, lists }: Found, rows: readonly { readonly node: string }[]): readonly ConsentFact[] {
  const nodes = rows.map(({ node }) => node);
  const name = nodes.join(' ');
  const list = lists.get(name) ?? nodes.flatMap((node) => facts.get(node) ?? []);
  lists.set(name, list);
  return list;
}

function stayOf({ node, role, grp, linked_at, since }: ReachRow, { facts, signed }: Found): DeviceStay {
  return {
    verified: role === 'device-verified',
    linkedAt: linked_at ?? END,
    ...(since === null ? {} : { since }),
    facts: (facts.get(node) ?? []).map((fact) => ({ fact, signedIn: signed.has(momentKey(node, grp ?? '', fact)) })),
  };
}

function separationOf([id, a, b, t, stands]: SeparationRow): Separation {
  return { a: { id: nodeOf(a) }, b: { id: nodeOf(b) }, stands, t, id };
}
