import type { Instant } from '@filrouge/domain/base';
import { DEFAULT_PURPOSES } from '@filrouge/domain/consent';
import type { JournalEntry, MessageKey } from '@filrouge/ports';
import { readConsents } from '../../consents/read-consents.ts';
import { isBalanced } from '../../flow-balance.ts';
import { decodeJournaledItem, type JournaledItem } from '../../journaled-item.ts';
import { createProjector } from '../../projector/projector.ts';
import { openQuarantined } from '../../quarantine/release-entry.ts';
import { ATELIER, MAISON } from '../example-deployment.ts';
import { identifier } from '../told-items.ts';
import { DECIDED, NAMES } from './script.ts';
import type { SimWorld } from './sim-world.ts';
import { isNo, isOfPerson } from './told-facts.ts';

type Kept = { readonly item: JournaledItem; readonly position: number };

/** What must hold once everything has come to rest; each sentence begins with the number of its invariant. */
export async function checkEnd(world: SimWorld): Promise<void> {
  const kept = keptItems(world);
  checkPlaces(world, kept);
  checkLedger(world);
  checkPersons(world);
  checkErasures(world, kept);
  await checkRequests(world);
  await checkNoes(world);
  const { projection, events, reading } = world.engines;
  const flow = await reading.flow();
  if (flow.pending !== 0 || !isBalanced(flow)) world.violations.push(`4: the sums are ${JSON.stringify(flow)}`);
  if (flow.kept !== kept.length)
    world.violations.push(`4: ${flow.kept} are counted kept, the journal holds ${kept.length}`);
  world.database.projectorLease = undefined;
  const before = { ...(await projection.digest()), ...(await events.digest()) };
  const projector = createProjector({
    store: projection,
    events,
    vault: world.vault,
    purposes: DEFAULT_PURPOSES,
    now: () => world.time.now as Instant,
  });
  try {
    await projector.replay();
  } catch (fault) {
    world.violations.push(`3: nothing can be built again: ${fault instanceof Error ? fault.message : 'unknown'}`);
    return;
  }
  const after: Readonly<Record<string, string>> = { ...(await projection.digest()), ...(await events.digest()) };
  for (const [part, digest] of Object.entries(before)) {
    // What an erasure leaves of consents told to reports goes with its workflow, which is not played here.
    if (part === 'consents' && world.facts.erasures.length > 0) continue;
    if (after[part] !== digest) world.violations.push(`3: after a replay ${part} differ`);
  }
}

function keptItems({ database, pruned, vault }: SimWorld): readonly Kept[] {
  const rows = new Map<number, Pick<JournalEntry, 'position' | 'body'>>(pruned);
  for (const row of database.view.journal.values()) rows.set(row.position, row);
  return [...rows.values()].flatMap(({ position, body }) =>
    [...vault.openBatch(position, body)].flatMap(({ plaintext }) =>
      plaintext.ok ? [{ item: decodeJournaledItem(plaintext.value), position }] : [],
    ),
  );
}

/** Invariant 1: what was acknowledged is in exactly one place, and nothing is anywhere twice. */
function checkPlaces(world: SimWorld, kept: readonly Kept[]): void {
  const { database, facts, vault, violations } = world;
  const undone = new Set(
    [...database.view.importRun.values()].flatMap((run) => (run.state === 'open' ? [] : [run.number])),
  );
  const journal = new Map<string, { standing: number; all: number }>();
  for (const { item } of kept) {
    const key = vault.messageKey(item.brand, item.source, item.messageId);
    const count = journal.get(key) ?? { standing: 0, all: 0 };
    count.all += 1;
    if (item.run === undefined || !undone.has(item.run)) count.standing += 1;
    journal.set(key, count);
  }
  const withheld = Map.groupBy(database.view.withheld.values(), ({ header }) => header.message);
  const held = heldIds(world);
  const bodies = Map.groupBy(facts.items, ({ source, item }) =>
    vault.messageKey(source.brand, source.id, item.messageId),
  );
  for (const [key, told] of bodies) {
    const messageId = told[0]?.item.messageId;
    const { standing, all } = journal.get(key) ?? { standing: 0, all: 0 };
    const left = withheld.get(key as MessageKey)?.length ?? 0;
    if (standing > 1) violations.push(`1: ${messageId} is in the journal ${standing} times`);
    const isOnce = told.length === 1;
    if (isOnce && standing + left > 1)
      violations.push(`1: ${messageId} is in the journal ${standing} times, withheld ${left}`);
    for (const { outcome } of told) {
      if (outcome?.kind === 'pending' && all === 0) violations.push(`1: ${messageId} was taken and is nowhere`);
      if (outcome?.kind === 'withheld' && left === 0) violations.push(`1: ${messageId} was withheld and is nowhere`);
      if (outcome?.kind === 'withheld' && isOnce && all > 0)
        violations.push(`1: ${messageId} was withheld and is kept`);
      if (outcome?.kind === 'duplicate' && all + left === 0 && !held.has(messageId ?? ''))
        violations.push(`1: ${messageId} was known and is nowhere`);
      if (outcome?.kind === 'quarantined' && all + left === 0 && !held.has(messageId ?? ''))
        violations.push(`1: ${messageId} was quarantined and is nowhere`);
    }
  }
  for (const { source, messageId, entry } of facts.releases.values()) {
    const standing = journal.get(vault.messageKey(source.brand, source.id, messageId))?.standing ?? 0;
    if (standing > 1) violations.push(`1: ${messageId}, which left quarantine, is in the journal ${standing} times`);
    if (database.view.quarantine.get(entry)?.state === 'open' && standing > 0 && messageId.includes('~'))
      violations.push(`1: ${messageId} is in the journal and in quarantine`);
  }
}

/** Message ids of which a body is, or was, in quarantine. */
function heldIds({ database, facts, vault }: SimWorld): ReadonlySet<string> {
  const open = [...database.view.quarantine.values()].flatMap((entry) => {
    const opened = openQuarantined(vault, entry);
    return opened.ok ? [opened.value.messageId] : [];
  });
  const files = facts.items.filter(({ isOfFile }) => isOfFile).map(({ item }) => item.messageId);
  return new Set([...open, ...[...facts.releases.values()].map(({ sentAs }) => sentAs), ...files]);
}

/** Invariant 19: the ledger has no gap, and what was acknowledged is in it. */
function checkLedger({ database, facts, violations }: SimWorld): void {
  const ledger = [...database.view.fact.values()].sort((a, b) => a.position - b.position);
  for (const [at, { position }] of ledger.entries()) {
    if (position !== at + 1) violations.push(`19: ledger position ${at + 1} holds ${position}`);
  }
  for (const { ackedAt, at, purpose, status } of facts.decisions) {
    // Where the clock of a process is behind, it dates what it takes to when it took it.
    const isThere = ledger.some(
      ({ indicatedAt, receivedAt, ...fact }) =>
        fact.purpose === purpose &&
        fact.status === status &&
        (indicatedAt === at || (indicatedAt === receivedAt && indicatedAt < at)),
    );
    if (ackedAt !== undefined && !isThere)
      violations.push(`1: ${status} to ${purpose} was acknowledged and is nowhere`);
  }
  for (const { position, purpose, status, record } of ledger) {
    const state = record.run === undefined ? 'open' : database.view.importRun.get(String(record.run))?.state;
    const isVoid = database.view.voidFact.get(String(position)) !== undefined;
    if (isVoid && isNo(status)) violations.push(`8: the ${status} to ${purpose} of an import was forgotten with it`);
    if (!isVoid && status === 'given' && state === 'undone')
      violations.push(`10: the yes to ${purpose} of an import that was undone still counts`);
  }
}

/** Invariants 9 and 12: nobody is joined but by what a secret key said, and not across a separation that stands. */
function checkPersons(world: SimWorld): void {
  const { database, facts, violations } = world;
  const componentOf = new Map(
    NAMES.filter(isOfPerson).map((name) => [name, database.view.node.get(world.node(name, MAISON))?.component]),
  );
  for (const [name, component] of componentOf) {
    const joinable = facts.joinable(MAISON, name);
    for (const [other, its] of componentOf) {
      if (component !== undefined && its === component && !joinable.has(other)) {
        const byOther = facts.joinable(ATELIER, name).has(other) ? '22: by what the other brand said, ' : '12: ';
        violations.push(`${byOther}${name} and ${other} are one person, and nothing said so`);
      }
    }
  }
  for (const { a, b, acked } of facts.separations) {
    const component = componentOf.get(a);
    if (acked === true && component !== undefined && component === componentOf.get(b)) {
      violations.push(`9: ${a} and ${b} are one person across a separation`);
    }
  }
}

/** Invariants 6 and 11: what a page asked for somebody whom it only named is a request, and no yes. */
async function checkRequests({ engines, facts, node, time, violations }: SimWorld): Promise<void> {
  const asked = facts.decisions.filter(
    ({ own, status, ackedAt }) => !own && status === 'given' && ackedAt !== undefined,
  );
  for (const { brand, who, purpose } of asked) {
    if (!facts.isUnheard(brand, purpose)) continue;
    const purposes = DEFAULT_PURPOSES.filter(({ id }) => id === purpose);
    const named = { namespace: identifier(who).namespace, id: node(who) };
    const { [purpose]: standing } = await readConsents(engines.reading, named, purposes, time.now as Instant);
    if (standing?.status === 'given') violations.push(`11: a page said yes to ${purpose} for ${who}, and it counts`);
  }
}

/** Invariants 7 and 8: after a no that was acknowledged, and no yes since, nothing stands open. */
async function checkNoes({ database, engines, facts, node, time, violations }: SimWorld): Promise<void> {
  const persons = NAMES.filter(isOfPerson).map((name) => ({
    name,
    component: database.view.node.get(node(name))?.component,
  }));
  for (const { name, component } of persons) {
    if (component === undefined) continue;
    const who = new Set(persons.flatMap((one) => (one.component === component ? [one.name] : [])));
    const closed = DECIDED.filter(({ id }) =>
      facts.isClosed({ brand: MAISON, who, whole: true, purpose: id, since: Number.POSITIVE_INFINITY }),
    );
    const named = { namespace: identifier(name).namespace, id: node(name) };
    const standings =
      closed.length === 0 ? {} : await readConsents(engines.reading, named, closed, time.now as Instant);
    for (const { id } of closed) {
      if (standings[id]?.status === 'given') violations.push(`8: ${name} said no to ${id}, and a yes stands`);
    }
  }
}

/** Invariant 15: whoever was erased is named by nothing that came afterwards. */
function checkErasures({ facts, violations }: SimWorld, kept: readonly Kept[]): void {
  for (const { who, doneAt } of facts.erasures) {
    const value = who.slice(who.indexOf(':') + 1);
    for (const { item, position } of kept) {
      const named = item.brand === MAISON && item.identifiers.some((one) => one.value === value);
      if (named && position > doneAt) violations.push(`15: ${item.messageId} names ${who}, who was erased before`);
    }
  }
}
