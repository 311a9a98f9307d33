import type {
  AppendTransaction,
  MemoryDatabase,
  PersonParts,
  ProjectionTransaction,
  SeenAnswer,
  Subject,
} from '@filrouge/ports';
import type { SimProcess } from './sim-process.ts';
import type { Stores } from './stores-of-process.ts';
import type { VirtualTime } from './virtual-time.ts';

/** Mistakes of the kind that such systems have shipped, each in one place behind a port. */
export const PLANTED_BUGS = [
  'answer before commit',
  'ids remembered before commit',
  'no id is known',
  'door never hears of a change',
  'events told later',
  'a lost attempt is forgotten',
  'separations are not read',
  'a no is lost in a merge',
  'tombstones are not met',
  'exports are not asked again',
  'looks are cached',
  'web keys speak for anybody',
  'later decisions are not told to reports',
  'consent states are told once',
  'undoing a file forgets a no',
  'an entry leaves quarantine twice',
  'the first answer stands for all purposes',
  'the journal is cut before a snapshot stands for it',
  'brand left out of a key',
  'commits are not synced',
] as const;
export type PlantedBug = (typeof PLANTED_BUGS)[number];

/** The engines with one mistake between them and the pipeline. */
export function planted(bug: PlantedBug | undefined, stores: Stores, at: Place): Stores {
  return bug === undefined ? stores : { ...stores, ...PLANT[bug](stores, at) };
}

type Place = { readonly process: SimProcess; readonly time: VirtualTime; readonly database: MemoryDatabase };
type Plant = (stores: Stores, at: Place) => Partial<Stores>;

const PLANT: Readonly<Record<PlantedBug, Plant>> = {
  'answer before commit': ({ append }, { process, time }) => ({
    append: {
      ...append,
      append: (work, claiming) =>
        new Promise((answer, fail) => {
          const committed = append.append(async (transaction) => {
            const result = await work(transaction);
            answer(result);
            await Promise.race([time.sleep(30), process.death]);
            return result;
          }, claiming);
          committed.catch(fail);
        }),
    },
  }),
  'ids remembered before commit': ({ append }) => {
    const known = new Set<string>();
    const remembering = (ids: readonly { readonly id: string }[], answers: readonly SeenAnswer[]) =>
      answers.map((answer, at): SeenAnswer => {
        const id = ids[at]?.id ?? '';
        const isKnown = known.has(id);
        known.add(id);
        return isKnown ? 'duplicate' : answer;
      });
    return {
      append: {
        ...append,
        append: (work, claiming = []) =>
          append.append(
            (transaction) =>
              work(
                overlaid(transaction, {
                  claimed: remembering(claiming, transaction.claimed),
                  claim: async (keys) => remembering(keys, await transaction.claim(keys)),
                }),
              ),
            claiming,
          ),
      },
    };
  },
  'no id is known': ({ append }) => ({
    append: inAppend(append, (transaction) => ({
      claimed: transaction.claimed.map(() => 'new'),
      claim: async (keys) => keys.map(() => 'new'),
    })),
  }),
  'door never hears of a change': ({ append }) => ({
    append: inAppend(append, () => ({ changedSince: async () => [] })),
  }),
  'events told later': ({ events }, { process, time }) => ({
    events: {
      ...events,
      async insertRange(range, rows) {
        void (async () => {
          await Promise.race([time.sleep(200), process.death]);
          await events.insertRange(range, rows);
        })().catch(() => undefined);
      },
    },
  }),
  'a lost attempt is forgotten': ({ projection }) => ({
    projection: {
      ...projection,
      position: async () => ({ ...(await projection.position()), planned: undefined, lost: false }),
      begin: async (at, upTo) => projection.begin({ ...at, lost: (await projection.position()).lost }, upTo),
    },
  }),
  'separations are not read': ({ projection }) => ({
    projection: inProjection(projection, (transaction) => ({
      personRecords: async (nodes) =>
        (await transaction.personRecords(nodes)).map((record) => ({ ...record, separations: [] })),
    })),
  }),
  'a no is lost in a merge': ({ append, reading }) => ({
    append: inAppend(append, (transaction) => ({
      subjects: async (nodes) => (await transaction.subjects(nodes)).map(withoutOthersNoes),
    })),
    reading: {
      ...reading,
      subjects: async (nodes) => (await reading.subjects(nodes)).map(withoutOthersNoes),
      standing: async (nodes) => {
        const standing = await reading.standing(nodes);
        return { ...standing, subjects: standing.subjects.map(withoutOthersNoes) };
      },
      person: async (node, whose) => {
        const parts = await reading.person(node, whose);
        return parts === undefined ? undefined : withStanding(parts, withoutOthersNoes);
      },
    },
  }),
  'tombstones are not met': ({ append }) => ({
    append: inAppend(append, (transaction) => ({
      subjects: async (nodes) =>
        (await transaction.subjects(nodes)).map(({ tombstone: _tombstone, ...subject }) => subject),
    })),
  }),
  // Planted where exports are read.
  'exports are not asked again': () => ({}),
  'looks are cached': ({ reading }) => {
    const known = new Map<string, PersonParts | undefined>();
    return {
      reading: {
        ...reading,
        async person(node, whose) {
          if (!known.has(node)) known.set(node, await reading.person(node, whose));
          return known.get(node);
        },
      },
    };
  },
  'web keys speak for anybody': ({ append }) => ({
    append: inAppend(append, (transaction) => ({
      record: (records, receivedAt) =>
        transaction.record(
          records.map((record) => ({
            ...record,
            nodes: record.nodes.map(({ node }) => ({ node, standing: 'own' as const })),
          })),
          receivedAt,
        ),
    })),
  }),
  'later decisions are not told to reports': ({ projection }) => ({
    projection: inProjection(projection, (transaction) => ({
      async factNodesAfter(position, factsMax) {
        const facts = await transaction.factNodesAfter(position, factsMax);
        return position > 0 ? { nodes: [], head: facts.head } : facts;
      },
    })),
  }),
  'consent states are told once': ({ events }) => {
    const told = new Set<string>();
    return {
      events: {
        ...events,
        putConsentStates: (entries, version) => {
          const fresh = entries.filter(({ brand, thread, bit }) => !told.has(`${brand} ${thread} ${bit}`));
          for (const { brand, thread, bit } of fresh) told.add(`${brand} ${thread} ${bit}`);
          return events.putConsentStates(fresh, version);
        },
      },
    };
  },
  'undoing a file forgets a no': ({ projection }, { database }) => ({
    projection: {
      ...projection,
      imports: {
        ...projection.imports,
        async finish(number, at) {
          await projection.imports.finish(number, at);
          await database.transaction((draft) => {
            for (const { record, position } of draft.fact.values()) {
              if (record.run === number) draft.voidFact.put(String(position), { position });
            }
          });
        },
      },
    },
  }),
  'an entry leaves quarantine twice': ({ append }, { database }) => ({
    append: inAppend(append, (transaction) => ({
      stillOpen: async (ids) => ids,
      write: (batch) =>
        transaction.write({
          ...batch,
          released: batch.released.filter((id) => database.view.quarantine.get(id)?.state === 'open'),
        }),
    })),
  }),
  'the first answer stands for all purposes': ({ append }) => ({
    append: inAppend(append, (transaction) => ({
      record: (records, receivedAt) =>
        transaction.record(
          records.map((record) => {
            const [first] = record.decisions;
            const status = first?.status ?? 'given';
            return { ...record, decisions: record.decisions.map((decision) => ({ ...decision, status })) };
          }),
          receivedAt,
        ),
    })),
  }),
  'the journal is cut before a snapshot stands for it': ({ projection }, { database }) => ({
    projection: {
      ...projection,
      snapshots: {
        ...projection.snapshots,
        prune: (beforeDay) =>
          database.transaction((draft) => {
            for (const { position, receivedAt } of draft.journal.values()) {
              if (new Date(receivedAt).toISOString() >= beforeDay) continue;
              draft.journal.delete(String(position));
              database.prunedUpTo = Math.max(database.prunedUpTo, position);
            }
            return { days: [], snapshots: 0 };
          }),
      },
    },
  }),
  // Planted in the vault, and in the disk.
  'brand left out of a key': () => ({}),
  'commits are not synced': () => ({}),
};

function overlaid<Transaction extends object>(transaction: Transaction, change: Partial<Transaction>): Transaction {
  return Object.assign(Object.create(transaction), change) as Transaction;
}

function inAppend(
  append: Stores['append'],
  change: (transaction: AppendTransaction) => Partial<AppendTransaction>,
): Stores['append'] {
  return {
    ...append,
    append: (work, claiming) =>
      append.append((transaction) => work(overlaid(transaction, change(transaction))), claiming),
  };
}

function inProjection(
  projection: Stores['projection'],
  change: (transaction: ProjectionTransaction) => Partial<ProjectionTransaction>,
): Stores['projection'] {
  return {
    ...projection,
    project: (work) => projection.project((transaction) => work(overlaid(transaction, change(transaction)))),
  };
}

function withStanding(parts: PersonParts, change: (subject: Subject) => Subject): PersonParts {
  return { ...parts, standing: { ...parts.standing, subjects: parts.standing.subjects.map(change) } };
}

/** What others of the person refused is left out, as where each channel keeps a list of its own. */
function withoutOthersNoes(subject: Subject): Subject {
  const mine = new Set(subject.self.map(({ position }) => position));
  const isKept = ({ position, status }: Subject['own'][number]): boolean => mine.has(position) || status === 'given';
  return { ...subject, own: subject.own.filter(isKept) };
}
