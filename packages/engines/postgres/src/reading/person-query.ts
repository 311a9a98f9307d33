import type { Instant } from '@filrouge/domain/base';
import type { BrandId } from '@filrouge/domain/deployment';
import { type NodeId, type PersonNumber, type ThreadMapEntry, threadOf } from '@filrouge/domain/identity';
import type { PersonParts, SealedNode, SealedTraits, Subject } from '@filrouge/ports';
import { uuidOf } from '../append/node-uuid.ts';
import { type NeighbourhoodRow, subjectsFrom } from '../append/subject-query.ts';
import { sealedTraits, type TraitsRow } from '../projection/profile-rows.ts';
import type { Sql } from '../sql-session.ts';
import { timestamptz } from '../sql-types.ts';
import { PERSONS } from './person-sql.ts';
import { type SealedNodeRow, sealedNode } from './sealed-node.ts';

type WhoRow = {
  readonly part: 'who';
  readonly place: bigint;
  readonly brand: string;
  readonly number: bigint;
  readonly ledger_position: bigint;
};
type Span = { readonly from_t: Instant | null; readonly to_t: Instant | null; readonly person: bigint | null };
type NodeOf = { readonly place: bigint } & SealedNodeRow;
type OwnRow = ({ readonly part: 'identifier' } & NodeOf) | ({ readonly part: 'terminal' } & NodeOf & Span);
type StatedRow = { readonly part: 'stated' } & TraitsRow;

/** What is told once of all who are asked for. */
type Told = {
  readonly subjects: ReadonlyMap<NodeId, Subject>;
  readonly traits: ReadonlyMap<NodeId, readonly SealedTraits[]>;
};

/** By which identifier a person is asked for, and as whose. */
export type PersonQuestion = {
  readonly node: NodeId;
  readonly whose: { readonly at: Instant } | { readonly number: PersonNumber };
};

/** Answers undefined for an identifier that was never seen, and for one that is nobody's. */
export async function readPersons(
  sql: Sql,
  questions: readonly PersonQuestion[],
): Promise<readonly (PersonParts | undefined)[]> {
  const rows = await sql.query<WhoRow | OwnRow | StatedRow | NeighbourhoodRow>(PERSONS, [
    questions.map(({ node }) => uuidOf(node)),
    questions.map(({ whose }) => ('number' in whose ? whose.number : null)),
    questions.map(({ whose }) => ('at' in whose ? timestamptz(whose.at) : null)),
  ]);
  const persons: (WhoRow | OwnRow)[] = [];
  const stated: SealedTraits[] = [];
  const around: NeighbourhoodRow[] = [];
  for (const row of rows) {
    if (row.part === 'who' || row.part === 'identifier' || row.part === 'terminal') persons.push(row);
    else if (row.part === 'stated') stated.push(sealedTraits(row));
    else around.push(row);
  }
  const told: Told = {
    subjects: new Map((await subjectsFrom(sql, around)).map((subject) => [subject.node, subject])),
    traits: Map.groupBy(stated, ({ node }) => node),
  };
  const byPlace = Map.groupBy(persons, ({ place }) => Number(place) - 1);
  return questions.map((_, place) => personOf(byPlace.get(place) ?? [], told));
}

function personOf(rows: readonly (WhoRow | OwnRow)[], { subjects, traits }: Told): PersonParts | undefined {
  const members: SealedNode[] = [];
  const devices = new Map<string, SealedNode & { readonly spans: ThreadMapEntry[] }>();
  let who: WhoRow | undefined;
  for (const row of rows) {
    if (row.part === 'who') who = row;
    else if (row.part === 'identifier') members.push(sealedNode(row));
    else {
      const device = devices.get(row.node) ?? { ...sealedNode(row), spans: [] };
      devices.set(row.node, device);
      const { from_t: from, to_t: to, person } = row;
      if (from === null || to === null || person === null) continue;
      const thread = threadOf(device.node.id);
      device.spans.push({ thread, from, to, person: person.toString() as PersonNumber });
    }
  }
  if (who === undefined) return undefined;
  const all = [...members, ...devices.values()].map(({ node }) => node.id);
  return {
    brand: who.brand as BrandId,
    number: who.number.toString() as PersonNumber,
    members: members.sort(byAge),
    devices: [...devices.values()].sort(byAge),
    standing: {
      ledgerPosition: Number(who.ledger_position),
      subjects: all.flatMap((node) => subjects.get(node) ?? []),
    },
    traits: all.flatMap((node) => traits.get(node) ?? []),
  };
}

function byAge(a: SealedNode, b: SealedNode): number {
  return a.firstPosition - b.firstPosition || (a.node.id < b.node.id ? -1 : 1);
}
