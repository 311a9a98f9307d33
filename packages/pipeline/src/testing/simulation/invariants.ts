import type { Instant } from '@filrouge/domain/base';
import { DEFAULT_PURPOSES } from '@filrouge/domain/consent';
import { readConsents } from '../../consents/read-consents.ts';
import { isBalanced } from '../../flow-balance.ts';
import { decodeJournaledItem, type JournaledItem } from '../../journaled-item.ts';
import { createProjector } from '../../projector/projector.ts';
import { MAISON } from '../example-deployment.ts';
import { identifier } from '../told-items.ts';
import { NAMES } from './script.ts';
import type { SimWorld } from './sim-world.ts';
import { isOfPerson } from './told-facts.ts';

type Kept = { readonly item: JournaledItem; readonly position: number };

/** What must hold once everything has come to rest; each sentence begins with the number of its invariant. */
export async function checkEnd(world: SimWorld): Promise<void> {
  const kept = keptItems(world);
  checkPlaces(world, kept);
  checkLedger(world);
  checkPersons(world);
  checkErasures(world, kept);
  await checkRequests(world);
  const { projection, events, reading } = world.engines;
  const flow = await reading.flow();
  if (flow.pending !== 0 || !isBalanced(flow)) world.violations.push(`4: the sums are ${JSON.stringify(flow)}`);
  if (flow.kept !== kept.length)
    world.violations.push(`4: ${flow.kept} are counted kept, the journal holds ${kept.length}`);
  world.database.projectorLease = undefined;
  const before = { ...(await projection.digest()), ...(await events.digest()) };
  await createProjector({
    store: projection,
    events,
    vault: world.vault,
    purposes: DEFAULT_PURPOSES,
    now: () => world.time.now as Instant,
  }).replay();
  const after: Readonly<Record<string, string>> = { ...(await projection.digest()), ...(await events.digest()) };
  for (const [part, digest] of Object.entries(before)) {
    // What an erasure leaves of consents told to reports goes with its workflow, which is not played here.
    if (part === 'consents' && world.facts.erasures.length > 0) continue;
    if (after[part] !== digest) world.violations.push(`3: after a replay ${part} differ`);
  }
}

function keptItems({ database, vault }: SimWorld): readonly Kept[] {
  return [...database.view.journal.values()].flatMap(({ position, body }) =>
    [...vault.openBatch(position, body)].flatMap(({ plaintext }) =>
      plaintext.ok ? [{ item: decodeJournaledItem(plaintext.value), position }] : [],
    ),
  );
}

/** Invariant 1: what was acknowledged is in exactly one place, and nothing is anywhere twice. */
function checkPlaces({ database, facts, vault, violations }: SimWorld, kept: readonly Kept[]): void {
  const places = new Map<string, string[]>();
  const put = (message: string, place: string): void => {
    places.set(message, [...(places.get(message) ?? []), place]);
  };
  for (const { item } of kept) put(vault.messageKey(item.brand, item.source, item.messageId), 'journal');
  for (const { header } of database.view.withheld.values()) put(header.message, 'withheld');
  for (const [messageId, { source, outcome }] of facts.items) {
    const found = places.get(vault.messageKey(source.brand, source.id, messageId)) ?? [];
    if (found.length > 1) violations.push(`1: ${messageId} is ${found.join(' and ')}`);
    if (outcome === undefined) continue;
    const [place] = found;
    if (place === undefined) violations.push(`1: ${messageId} was answered ${outcome.kind} and is nowhere`);
    if (outcome.kind === 'pending' && place !== 'journal') violations.push(`1: ${messageId} was taken and is ${place}`);
    if (outcome.kind === 'withheld' && place === 'journal') violations.push(`1: ${messageId} was withheld and is kept`);
  }
}

/** Invariant 19: the ledger has no gap, and what was acknowledged is in it. */
function checkLedger({ database, facts, violations }: SimWorld): void {
  const ledger = [...database.view.fact.values()].sort((a, b) => a.position - b.position);
  for (const [at, { position }] of ledger.entries()) {
    if (position !== at + 1) violations.push(`19: ledger position ${at + 1} holds ${position}`);
  }
  for (const { ackedAt, at, purpose, status } of facts.decisions) {
    const isThere = ledger.some(
      (fact) => fact.indicatedAt === at && fact.purpose === purpose && fact.status === status,
    );
    if (ackedAt !== undefined && !isThere)
      violations.push(`1: ${status} to ${purpose} was acknowledged and is nowhere`);
  }
}

/** Invariants 9 and 12: nobody is joined but by what a secret key said, and not across a separation that stands. */
function checkPersons(world: SimWorld): void {
  const { database, facts, violations } = world;
  const componentOf = new Map(
    NAMES.filter(isOfPerson).map((name) => [name, database.view.node.get(world.node(name, MAISON))?.component]),
  );
  for (const [name, component] of componentOf) {
    const joinable = facts.joinable(name);
    for (const [other, its] of componentOf) {
      if (component !== undefined && its === component && !joinable.has(other)) {
        violations.push(`12: ${name} and ${other} are one person, and nothing said so`);
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
