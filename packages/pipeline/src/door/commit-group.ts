import { DAY_MS, later } from '@filrouge/domain/base';
import type { NodeId } from '@filrouge/domain/identity';
import type { AppendTransaction, ConsentRecord, Head, SeenAnswer, SeenKey } from '@filrouge/ports';
import { claimRows } from './claim-rows.ts';
import { claimedEarly, claimSeen } from './claim-seen.ts';
import { decideHashedItem } from './decide-hashed-item.ts';
import type { DoorDeps, DoorMemory } from './door-deps.ts';
import { countFlow } from './flow-counts.ts';
import type { HashedItem, HashedSubmission } from './hashed-item.ts';
import { importRuns, runIn, tallyRuns, underRun } from './import-runs.ts';
import {
  hashSubmittedConsents,
  type JudgedConsent,
  judgeConsents,
  outcomeOf,
  type PlannedRecord,
} from './judge-consents.ts';
import { type Claim, KeyRing } from './key-ring.ts';
import { liftsOf } from './lifts.ts';
import { sealGroup } from './seal-group.ts';
import { recordsFromSignals } from './signal-records.ts';
import type { SubjectBook } from './subject-book.ts';
import type { ItemOutcome, Submission, SubmissionOutcome } from './submission.ts';

/**
 * One group commit, in the order that semantics.md asks for: duplicates first, then consents, then the verdict on each
 * item with the facts and links known at this instant, then sealing, then one durable write (S2, S3, S9). It calls
 * `written` when nothing is left but the commit: the next group may begin, and waits for the lock.
 */
export async function commitGroup(
  deps: DoorDeps,
  memory: DoorMemory,
  group: readonly HashedSubmission[],
  written: () => void = () => undefined,
): Promise<readonly SubmissionOutcome[]> {
  const days = [...Map.groupBy(group, ({ submission }) => Math.floor(submission.receivedAt / DAY_MS)).values()];
  if (days.length === 1) return commitTogether(deps, memory, group, written);
  const outcomes = new Map<HashedSubmission, SubmissionOutcome>();
  // Counters are kept by day of receipt: what midnight divides is committed apart.
  for (const ofDay of days) {
    const done = await commitTogether(deps, memory, ofDay);
    for (const [at, hashed] of ofDay.entries()) outcomes.set(hashed, done[at] as SubmissionOutcome);
  }
  return group.map((hashed) => outcomes.get(hashed) as SubmissionOutcome);
}

async function commitTogether(
  deps: DoorDeps,
  memory: DoorMemory,
  group: readonly HashedSubmission[],
  written: () => void = () => undefined,
): Promise<readonly SubmissionOutcome[]> {
  let settle = (): void => undefined;
  try {
    const done = await deps.store.append(async (transaction) => {
      const { settled } = memory;
      const mine = Promise.withResolvers<void>();
      memory.settled = mine.promise;
      settle = mine.resolve;
      // Who had the lock before has committed or not, but may not have heard of it yet.
      await settled;
      const result = await writeGroup(deps, memory, group, transaction);
      written();
      return result;
    }, earlyClaims(group));
    deps.vault.remember([...done.ring.created, ...done.ring.renewed]);
    memory.known = done.head;
    return done.outcomes;
  } catch (fault) {
    // What the book learned inside the lost transaction may never have happened.
    memory.book.drop('everything');
    throw fault;
  } finally {
    settle();
  }
}

/** What imports bring is claimed under the lock, with the run that it then has; so is what enters again. */
function earlyClaims(group: readonly HashedSubmission[]): readonly SeenKey[] {
  const plain = group.every(({ submission }) => submission.import === undefined && submission.releases === undefined);
  return plain ? claimedEarly(group.flatMap(({ items }) => items)) : [];
}

type Written = { readonly outcomes: readonly SubmissionOutcome[]; readonly ring: KeyRing; readonly head: Head };

async function writeGroup(
  deps: DoorDeps,
  memory: DoorMemory,
  arrived: readonly HashedSubmission[],
  transaction: AppendTransaction,
): Promise<Written> {
  await forgetWhatMoved(memory, transaction);
  const group = arrived.map(({ submission }) => submission);
  const runs = await importRuns(transaction, group);
  const hashed = runs.size === 0 ? arrived : arrived.map((one) => underRun(one, runs.get(one.submission)));
  const items = hashed.flatMap((one) => one.items);
  const open = await openEntries(group, transaction);
  const answers = await answersFor(deps.vault, items, open, transaction);
  const fresh = items.filter((_, at) => answers[at] !== 'duplicate');
  const submitted = judgeConsents(deps, hashSubmittedConsents(deps, group, runs));
  const judged = await claimRows(deps.vault, submitted, (keys) => transaction.claim(keys));
  const overheard = hashed.flatMap((one) => one.overheard);
  const nodes = [...nodesOf(fresh), ...nodesOf(overheard)];
  await load(memory, transaction, nodes);

  const ring = new KeyRing(deps.vault);
  // The signals of a quarantined item were heard when it first came.
  const heard = fresh.filter(({ submission }) => submission.releases === undefined);
  const signals = recordsFromSignals(deps, memory.book, heard, overheard);
  const { head, records } = await record(memory, transaction, ring, plannedOf([...judged, ...signals]));
  // A decision drops every subject that rests on its own: the person at the terminal is looked at again too.
  if (records.length > 0) await load(memory, transaction, [...nodes, ...decidedOn(judged)]);

  const lifts = liftsOf(memory.book, fresh, records);
  const told = answers.filter((answer) => answer !== 'duplicate');
  const decided = fresh.map((item, at) =>
    decideHashedItem(deps.deployment, memory.book, item, told[at] as SeenAnswer, lifts),
  );
  const claims = decided.flatMap((one) => one.claim ?? []);
  await ring.prepare(transaction, claims);
  for (const claim of claims) if (wasErased(memory.book, claim)) ring.renew(claim);
  const receivedAt = latestReceipt(group);
  const sealed = sealGroup(deps, ring, transaction.head.journalPosition + 1, decided);
  const lifted = [...lifts.values()];
  const outcomes = withDuplicates(answers, sealed.outcomes);
  await transaction.write({
    receivedAt,
    journal: sealed.journal,
    withheld: sealed.withheld,
    quarantined: sealed.quarantined,
    keys: ring.created,
    renewed: ring.renewed,
    flow: countFlow(group, items, outcomes),
    lifted,
    released: [...open],
    ...(runs.size === 0 ? {} : { imports: tallyRuns(runs, items, outcomes, judged) }),
  });
  const consents = judged.map((consent) => outcomeOf(deps, consent, memory.book, receivedAt));
  const journalPosition = transaction.head.journalPosition + (sealed.journal === undefined ? 0 : 1);
  if (lifted.length > 0) memory.book.drop(lifted.map((lift) => lift.node));
  return {
    outcomes: withConsents(bySubmission(hashed, outcomes), judged, consents, (at) => runIn(runs, group[at])),
    ring,
    head: { ...head, journalPosition },
  };
}

async function forgetWhatMoved(memory: DoorMemory, transaction: AppendTransaction): Promise<void> {
  const { head } = transaction;
  const { known } = memory;
  if (head.ledgerPosition === known.ledgerPosition && head.identityVersion === known.identityVersion) return;
  memory.book.drop(known.identityVersion < 0 ? 'everything' : await transaction.changedSince(known));
}

/** The quarantined entries that this group lets out: those on which nobody has decided yet. */
async function openEntries(group: readonly Submission[], transaction: AppendTransaction): Promise<ReadonlySet<string>> {
  const asked = group.flatMap((submission) => submission.releases ?? []);
  return new Set(asked.length === 0 ? [] : await transaction.stillOpen([...new Set(asked)]));
}

/**
 * A quarantined entry that enters again was seen before by design: it is not a duplicate of itself. It is one where
 * somebody else was faster, in an earlier commit or in this one.
 */
async function answersFor(
  vault: DoorDeps['vault'],
  items: readonly HashedItem[],
  open: ReadonlySet<string>,
  transaction: AppendTransaction,
): Promise<readonly SeenAnswer[]> {
  if (open.size === 0 && items.every((item) => item.submission.releases === undefined)) {
    return claimSeen(vault, items, (keys) => transaction.claim(keys), transaction.claimed);
  }
  const first = items.filter((item) => item.submission.releases === undefined);
  const answers = await claimSeen(vault, first, (keys) => transaction.claim(keys));
  const byItem = new Map(first.map((item, at) => [item, answers[at] as SeenAnswer]));
  const left = new Set(open);
  return items.map((item) => {
    const entry = item.submission.releases?.[item.itemAt];
    return entry === undefined ? (byItem.get(item) ?? 'new') : left.delete(entry) ? 'new' : 'duplicate';
  });
}

function nodesOf(items: readonly HashedItem[]): readonly NodeId[] {
  return items.flatMap(({ identifiers, previous }) =>
    previous === undefined ? identifiers.map(({ node }) => node) : [...identifiers, previous].map(({ node }) => node),
  );
}

async function load(memory: DoorMemory, transaction: AppendTransaction, nodes: readonly NodeId[]): Promise<void> {
  const missing = memory.book.missing(nodes);
  if (missing.length > 0) memory.book.put(await transaction.subjects(missing));
}

function plannedOf(judged: readonly JudgedConsent[]): readonly PlannedRecord[] {
  return judged.flatMap((consent) => (consent.kind === 'accepted' ? [consent.own, ...consent.shared] : []));
}

/**
 * Whom the group's decisions make one look at: whoever is told how they stand now. The rows of a file tell nobody, and
 * no row gives an erased identifier back (S14), so around them the book may wait for somebody to ask.
 */
function decidedOn(judged: readonly JudgedConsent[]): readonly NodeId[] {
  const told = judged.filter((consent) => consent.kind === 'accepted' && !consent.submission.imported);
  return plannedOf(told).flatMap((plan) => plan.nodes);
}

/** Of what is kept: the identifier had a tombstone, so it is somebody's again. */
function wasErased(book: SubjectBook, claim: Claim): boolean {
  if (claim.kind === 'nobody') return false;
  const node = claim.kind === 'node' ? claim.node : claim.identifier.node;
  return book.get(node)?.subject.tombstone !== undefined;
}

/** Writes the consent records and lets the book see the facts they hold. */
async function record(
  memory: DoorMemory,
  transaction: AppendTransaction,
  ring: KeyRing,
  planned: readonly PlannedRecord[],
): Promise<{ readonly head: Head; readonly records: readonly ConsentRecord[] }> {
  if (planned.length === 0) return { head: transaction.head, records: [] };
  await ring.prepare(
    transaction,
    planned.map(({ claim }) => claim),
  );
  let position = transaction.head.ledgerPosition;
  const records = planned.map((plan) => {
    ring.renew(plan.claim);
    const record = plan.toRecord(position + 1, ring.keyOf(plan.claim));
    plan.position = position + 1;
    position += record.decisions.length;
    return record;
  });
  await transaction.record(records, planned.map(({ receivedAt }) => receivedAt).reduce(later));
  memory.book.learn(records);
  return { head: { ...transaction.head, ledgerPosition: position }, records };
}

function latestReceipt(group: readonly Submission[]): Submission['receivedAt'] {
  return group.reduce((latest, { receivedAt }) => later(latest, receivedAt), (group[0] as Submission).receivedAt);
}

/** What became of every item: what was sealed or left, in its order, between the duplicates. */
function withDuplicates(answers: readonly SeenAnswer[], fresh: readonly ItemOutcome[]): readonly ItemOutcome[] {
  let next = 0;
  return answers.map((answer) => {
    if (answer === 'duplicate') return { kind: 'duplicate' };
    next += 1;
    return fresh[next - 1] as ItemOutcome;
  });
}

function bySubmission(
  group: readonly HashedSubmission[],
  outcomes: readonly ItemOutcome[],
): readonly (readonly ItemOutcome[])[] {
  let from = 0;
  return group.map(({ items }) => {
    from += items.length;
    return outcomes.slice(from - items.length, from);
  });
}

function withConsents(
  items: readonly (readonly ItemOutcome[])[],
  judged: readonly JudgedConsent[],
  consents: readonly SubmissionOutcome['consents'][number][],
  runOf: (submissionAt: number) => Pick<SubmissionOutcome, 'run'>,
): readonly SubmissionOutcome[] {
  return items.map((outcomes, at) => ({
    ...runOf(at),
    items: outcomes,
    consents: consents.filter((_, i) => judged[i]?.submissionAt === at),
  }));
}
