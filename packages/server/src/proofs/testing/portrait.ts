import type { Instant } from '@filrouge/domain/base';
import type { Purpose } from '@filrouge/domain/consent';
import type { BrandId } from '@filrouge/domain/deployment';
import {
  BEGINNING,
  END,
  isDeviceNamespace,
  type Namespace,
  type NodeId,
  personOfThread,
  type ThreadMapEntry,
  type TimeSpan,
  threadOf,
} from '@filrouge/domain/identity';
import {
  measureRopo,
  ROPO_DIRECTIONS,
  ROPO_MATCHES,
  ROPO_WINDOWS,
  type RopoMeasure,
} from '@filrouge/domain/measurement';
import {
  decodeJournaledItem,
  findPerson,
  type PersonPermission,
  permissionOf,
  RIGHTS,
  readConsents,
  readTimeline,
  readTraits,
} from '@filrouge/pipeline';
import type { Engines } from '../../compose.ts';

/** An identifier that the journal names, opened. */
type Named = { readonly brand: BrandId; readonly namespace: Namespace; readonly value: string; readonly id: NodeId };

/**
 * Everything that can be asked of an installation, in words that are the same whatever its keys: who is who by opened
 * identifiers, what each person's profile and timeline show for each purpose, how each stands, and the reports.
 */
export type Portrait = {
  readonly persons: readonly (readonly string[])[];
  readonly profiles: Readonly<Record<string, unknown>>;
  readonly reports: Readonly<Record<string, RopoMeasure>>;
  readonly totals: Readonly<Record<string, unknown>>;
  readonly kept: Readonly<Record<string, number>>;
};

const PURPOSES = ['profiling', 'store_measurement', 'audience_measurement'] as const;
/** A timeline asks the event store; one purpose that looks at terminals and persons, and all that there is. */
const TIMELINES: ReadonlySet<string> = new Set(['store_measurement', RIGHTS.id]);
/** Persons asked about at once. */
const AT_ONCE = 6;
const ALWAYS = { from: BEGINNING, to: END };

/** @param identifiersMax of how many identifiers the profile and the timelines are shown, spread over all; default: of all */
export async function portraitOf(
  engines: Engines,
  now: Instant,
  identifiersMax: number = Number.POSITIVE_INFINITY,
): Promise<Portrait> {
  const named = await namedInJournal(engines);
  const persons = await partition(engines, named);
  return {
    persons: persons.map((members) => [...members].sort()).sort((a, b) => ((a[0] ?? '') < (b[0] ?? '') ? -1 : 1)),
    profiles: await profilesOf(engines, spread(named, identifiersMax), now),
    reports: await reportsOf(engines, now),
    totals: await totalsOf(engines),
    kept: Object.fromEntries(
      Object.entries((await engines.reading.flow()).bySource).map(([source, { kept }]) => [source, kept]),
    ),
  };
}

function spread(named: readonly Named[], max: number): readonly Named[] {
  if (named.length <= max) return named;
  const sorted = [...named].sort((a, b) => (label(a) < label(b) ? -1 : 1));
  const step = Math.ceil(sorted.length / max);
  return sorted.filter((_, at) => at % step === 0);
}

async function namedInJournal({ projections, vault }: Engines): Promise<readonly Named[]> {
  const named = new Map<NodeId, Named>();
  const head = await projections.head();
  for await (const { position, body } of projections.journal(0, head.journalPosition)) {
    for (const { plaintext } of vault.openBatch(position, body)) {
      if (!plaintext.ok) throw new Error(`item of ${position} is ${plaintext.refusal}`);
      const { brand, identifiers, previous } = decodeJournaledItem(plaintext.value);
      for (const { namespace, value, node } of previous === undefined ? identifiers : [...identifiers, previous]) {
        named.set(node, { brand, namespace, value, id: node });
      }
    }
  }
  return [...named.values()];
}

/** Identifiers, and spans of terminals, by the person they are. */
async function partition({ reading }: Engines, named: readonly Named[]): Promise<readonly (readonly string[])[]> {
  const ids = named.map(({ id }) => id);
  const rows = new Map((await reading.nodes(ids)).map((row) => [row.node.id, row]));
  const spans = await reading.spans(ids);
  const persons = new Map<string, string[]>();
  for (const { brand, namespace, value, id } of named) {
    const entries = spans.get(id) ?? [];
    const label = `${brand} ${namespace}:${value}`;
    const blocked = rows.get(id)?.blocked;
    if (blocked !== undefined) put(persons, 'nobody', `${label} (${blocked})`);
    const device = isDeviceNamespace(namespace);
    for (const { person, from, to } of [...entries, ...gaps(id, entries)]) {
      put(persons, person, device ? `${label} ${iso({ from, to })}` : label);
    }
  }
  return [...persons.values()];
}

function put(persons: Map<string, string[]>, person: string, label: string): void {
  const members = persons.get(person);
  if (members === undefined) persons.set(person, [label]);
  else members.push(label);
}

/** What the map does not say is the thread's own. */
function gaps(id: NodeId, entries: readonly ThreadMapEntry[]): readonly (TimeSpan & { readonly person: string })[] {
  const person = personOfThread(threadOf(id));
  const left: (TimeSpan & { readonly person: string })[] = [];
  let from: Instant = ALWAYS.from;
  for (const entry of [...entries].sort((a, b) => a.from - b.from)) {
    if (from < entry.from) left.push({ from, to: entry.from, person });
    from = entry.to;
  }
  if (from < ALWAYS.to) left.push({ from, to: ALWAYS.to, person });
  return left;
}

function iso({ from, to }: TimeSpan): string {
  return `[${new Date(from).toISOString()}, ${new Date(to).toISOString()})`;
}

/** For each identifier the person it stands for now. */
async function profilesOf(
  engines: Engines,
  named: readonly Named[],
  now: Instant,
): Promise<Readonly<Record<string, unknown>>> {
  const profiles = new Map<string, unknown>();
  const shown = new Map<string, Promise<unknown>>();
  const waiting = named.values();
  const worker = async (): Promise<void> => {
    for (const one of waiting) {
      const person = await findPerson(engines.reading, one.brand, one.id, now);
      if (person !== undefined && !shown.has(person.id)) shown.set(person.id, shownOf(engines, person, now));
      const statuses = await statusesOf(engines, one, now);
      profiles.set(label(one), { statuses, shown: person === undefined ? null : await shown.get(person.id) });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return Object.fromEntries([...profiles].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The record that decides is named by an id of its own in each installation. */
async function statusesOf({ deployment, reading }: Engines, one: Named, now: Instant): Promise<unknown> {
  const consents = await readConsents(reading, one, deployment.purposes.values(), now);
  return Object.fromEntries(
    Object.entries(consents).map(([purpose, { recordId: _, ...standing }]) => [purpose, standing]),
  );
}

function label({ brand, namespace, value }: Pick<Named, 'brand' | 'namespace' | 'value'>): string {
  return `${brand} ${namespace}:${value}`;
}

type Found = NonNullable<Awaited<ReturnType<typeof findPerson>>>;

async function shownOf(engines: Engines, person: Found, now: Instant): Promise<unknown> {
  const { deployment, reading, vault } = engines;
  const all = [...deployment.purposes.values()];
  const asked: readonly Purpose[] = [...all.filter(({ id }) => (PURPOSES as readonly string[]).includes(id)), RIGHTS];
  const shown: Record<string, unknown> = {};
  for (const purpose of asked) {
    const permission = permissionOf(reading, person, purpose, now);
    const traits = await readTraits({ reading, vault }, person, permission);
    shown[purpose.id] = {
      traits: Object.fromEntries(Object.entries(traits).map(([name, { value }]) => [name, value])),
      ...(TIMELINES.has(purpose.id) ? { timeline: await timelineOf(engines, person, permission) } : {}),
    };
  }
  return shown;
}

async function timelineOf(
  { deployment, events, reading, vault }: Engines,
  person: Found,
  permission: PersonPermission,
): Promise<readonly unknown[]> {
  const deps = { reading, events, vault, purposes: [...deployment.purposes.values()] };
  const page = await readTimeline(deps, person, permission, { limit: 1_000 });
  const timeline = page.items.map(({ value: { receivedAt: _, ...event } }) => event);
  return timeline.sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

/** Events of one instant stand in the order of their keyed ids, which is another in another installation. */
function order({ at, source, id }: { readonly at: string; readonly source: string; readonly id: string }): string {
  return `${at} ${source} ${id}`;
}

async function reportsOf(
  { deployment, events }: Engines,
  now: Instant,
): Promise<Readonly<Record<string, RopoMeasure>>> {
  const purpose = [...deployment.purposes.values()].find(({ id }) => id === 'store_measurement') as Purpose;
  const reports: Record<string, RopoMeasure> = {};
  for (const brand of deployment.brands.keys()) {
    for (const direction of ROPO_DIRECTIONS) {
      for (const match of ROPO_MATCHES) {
        for (const window of ROPO_WINDOWS) {
          const question = { direction, match, window };
          const permission = { purpose, use: 'aggregate', now } as const;
          const cells = await events.ropoCells({ ...question, ...ALWAYS, brand, by: 'store', permission });
          reports[[brand, direction, match, window].join(' ')] = measureRopo(cells);
        }
      }
    }
  }
  return reports;
}

async function totalsOf({ deployment, events }: Engines): Promise<Readonly<Record<string, unknown>>> {
  const totals: Record<string, unknown> = {};
  for (const brand of deployment.brands.keys()) {
    const rows = await events.totals({ ...ALWAYS, brand, kinds: ['ticket', 'order', 'page', 'track'] });
    totals[brand] = [...rows].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  return totals;
}
