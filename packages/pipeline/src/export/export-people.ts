import type { Instant, JsonObject } from '@filrouge/domain/base';
import { BEGINNING, END, type Namespace, type NodeId, threadOf } from '@filrouge/domain/identity';
import type { TraitHistory } from '@filrouge/domain/profile';
import type { ReadingStore, SealedNode } from '@filrouge/ports';
import type { PersonThread } from '../profile/find-person.ts';
import { type PersonPermission, permissionOf } from '../profile/person-permission.ts';
import { openIdentifiers, statedTraits } from '../profile/read-profile.ts';
import { openTraits } from '../projector/profile-step.ts';
import {
  type ExportDeps,
  type Exporter,
  type ExportPage,
  type ExportQuery,
  type ExportRow,
  IDENTIFIER_FIELDS,
  iso,
} from './export-row.ts';

/** Persons that are read in one go. */
const PAGE_PERSONS = 500;
const ALWAYS = [{ from: BEGINNING, to: END }];
/** The strongest first: what a further identifier is tied to the person by. */
const NAMESPACES = ['user_id', 'loyalty_card', 'email', 'phone'] as const satisfies readonly Namespace[];

/**
 * Persons with the identifiers and stated traits that the purpose may see. Computed traits are left out: they are worked
 * out again from tickets and orders. Terminals without a known person are nobody one could name, and come with events.
 */
export function exportPeople(deps: ExportDeps, query: ExportQuery): Exporter {
  return {
    async *pages() {
      let after: NodeId | undefined;
      for (;;) {
        const components = await deps.reading.componentsAfter(query.brand, after, PAGE_PERSONS);
        if (components.length > 0) yield pageOf(deps, query, components);
        if (components.length < PAGE_PERSONS) return;
        after = components.at(-1);
      }
    },
    again: (rows) => again(deps, query, rows),
  };
}

async function pageOf(deps: ExportDeps, query: ExportQuery, components: readonly NodeId[]): Promise<ExportPage> {
  const { persons, permission } = await readPersons(deps, query, components);
  const rows: ExportRow[] = [];
  let [closed, unreadable] = [0, 0];
  for (const person of persons) {
    const row = rowOf(deps, person, permission);
    if (row !== undefined) rows.push(row);
    else if (person.members.some(({ node }) => permission.shows(node.node.id))) unreadable += 1;
    else closed += 1;
  }
  return { rows, seen: persons.length, closed, unreadable, superseded: 0 };
}

/**
 * A person is found again by the identifier it is named after. One that was joined to an older person in the meantime
 * is told under the older one's name, and once.
 */
async function again(
  deps: ExportDeps,
  query: ExportQuery,
  rows: readonly ExportRow[],
): Promise<readonly (ExportRow | undefined)[]> {
  const heads = rows.flatMap(({ basis }) => (basis.kind === 'person' ? [basis.head] : []));
  const nodes = await deps.reading.nodes(heads);
  const components = [...new Set(nodes.flatMap(({ component }) => component ?? []))];
  const { persons, permission } = await readPersons(deps, query, components);
  const byHead = new Map(persons.map((person) => [person.head, person]));
  return rows.map(({ basis }) => {
    const person = basis.kind === 'person' ? byHead.get(basis.head) : undefined;
    return person === undefined ? undefined : rowOf(deps, person, permission);
  });
}

type ReadPerson = {
  /** The oldest of its identifiers, after which it is named. */
  readonly head: NodeId;
  readonly members: readonly PersonThread[];
  readonly histories: readonly { readonly owner: PersonThread; readonly history: TraitHistory }[];
};

async function readPersons(
  { reading, vault }: Pick<ExportDeps, 'reading' | 'vault'>,
  { brand, purpose, now }: ExportQuery,
  components: readonly NodeId[],
): Promise<{ readonly persons: readonly ReadPerson[]; readonly permission: PersonPermission }> {
  const nodes = (await membersOf(reading, components)).filter((node) => node.brand === brand);
  const threads = nodes.map((node): PersonThread => ({ node, thread: threadOf(node.node.id), spans: ALWAYS }));
  const standing = await reading.standing(nodes.map(({ node }) => node.id));
  const permission = permissionOf(reading, { members: threads, devices: [], standing }, purpose, now);
  const shown = threads.filter(({ node }) => permission.shows(node.node.id));
  const sealed = await reading.traits(shown.map(({ node }) => node.node.id));
  const histories = Map.groupBy(sealed, ({ node }) => node);
  const opened = new Map([...histories].map(([node, rows]) => [node, rows.map((row) => openTraits(vault, row))]));
  await permission.meet([...new Set([...opened.values()].flat().flatMap(terminalsIn))]);
  const persons = [...Map.groupBy(threads, ({ node }) => node.component).values()].flatMap((members) => {
    const [first] = members;
    if (first === undefined) return [];
    const own = members.flatMap((owner) =>
      (opened.get(owner.node.node.id) ?? []).map((history) => ({ owner, history })),
    );
    return [{ head: first.node.node.id, members, histories: own }];
  });
  return { persons, permission };
}

async function membersOf(reading: ReadingStore, components: readonly NodeId[]): Promise<readonly SealedNode[]> {
  return (await reading.members(components)).filter(({ blocked }) => blocked === undefined);
}

function terminalsIn(history: TraitHistory): readonly NodeId[] {
  return Object.values(history).flatMap((entries) => entries.flatMap(({ device }) => device ?? []));
}

function rowOf(
  { vault }: Pick<ExportDeps, 'vault'>,
  person: ReadPerson,
  permission: PersonPermission,
): ExportRow | undefined {
  const identifiers = openIdentifiers(vault, { members: person.members, devices: [] }, permission);
  if (identifiers.length === 0) return undefined;
  const traits = statedTraits(person.histories, permission);
  const times = [...traits.values()].map(({ value }) => Date.parse(value.at));
  const terminals = person.histories.flatMap(({ history }) => terminalsIn(history));
  return {
    items: itemsOf(
      identifiers,
      Object.fromEntries([...traits].map(([name, { value }]) => [name, value.value])),
      times.length === 0 ? undefined : (Math.max(...times) as Instant),
    ),
    rests: [...new Set([...person.members.map(({ node }) => node.node.id), ...terminals])],
    basis: { kind: 'person', head: person.head },
  };
}

/**
 * One item with the first identifier of each kind and all traits; each further identifier in one more, with the
 * strongest of another kind that ties it to the person, dated just before so that it states no newer trait.
 */
function itemsOf(
  identifiers: readonly { readonly namespace: Namespace; readonly value: string }[],
  traits: JsonObject,
  at: Instant | undefined,
): readonly JsonObject[] {
  const values = new Map(
    NAMESPACES.map((namespace) => {
      const own = identifiers.filter((each) => each.namespace === namespace).map(({ value }) => value);
      // The address that the person states of itself comes first.
      return [
        namespace,
        own.sort((a, b) => Number(b === traits[namespace]) - Number(a === traits[namespace])),
      ] as const;
    }),
  );
  const named = (pairs: readonly (readonly [Namespace, string])[]): JsonObject =>
    Object.fromEntries(pairs.map(([namespace, value]) => [IDENTIFIER_FIELDS[namespace] ?? namespace, value]));
  const firsts = NAMESPACES.flatMap((namespace) => {
    const value = values.get(namespace)?.[0];
    return value === undefined ? [] : [[namespace, value] as const];
  });
  const item = (who: JsonObject, what: JsonObject, when: Instant | undefined): JsonObject => ({
    type: 'customer',
    ...(when === undefined ? {} : { timestamp: iso(when) }),
    identifiers: who,
    ...(Object.keys(what).length === 0 ? {} : { traits: what }),
  });
  const further = NAMESPACES.flatMap((namespace) =>
    (values.get(namespace) ?? []).slice(1).map((value) => {
      const tie = firsts.find(([other]) => other !== namespace);
      const who = named([...(tie === undefined ? [] : [tie]), [namespace, value]]);
      return item(who, {}, at === undefined ? undefined : ((at - 1) as Instant));
    }),
  );
  return [item(named(firsts), traits, at), ...further];
}
